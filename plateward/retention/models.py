"""The schedule with what it stands on, and purges with what proves them."""

from plateward.retention.purge_models import Certificate, DayRoot, HeldRead, KeptLeaf, Purge, PurgeDay
from plateward.retention.schedule_models import (
    DestructionAuthority,
    DeviceSource,
    ScheduleSignature,
    VendorAttestation,
    VendorSample,
)

__all__ = (
    "Certificate",
    "DayRoot",
    "DestructionAuthority",
    "DeviceSource",
    "HeldRead",
    "KeptLeaf",
    "Purge",
    "PurgeDay",
    "ScheduleSignature",
    "VendorAttestation",
    "VendorSample",
)

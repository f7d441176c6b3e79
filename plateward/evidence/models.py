"""The tables of evidence; each part's models lie beside it."""

from plateward.evidence.disc_models import Disc, DiscLink, DiscSet
from plateward.evidence.hold_models import Booking, Hold, HoldScope
from plateward.evidence.package_models import Package, PackageKey, PackageRead

__all__ = (
    "Booking",
    "Disc",
    "DiscLink",
    "DiscSet",
    "Hold",
    "HoldScope",
    "Package",
    "PackageKey",
    "PackageRead",
)

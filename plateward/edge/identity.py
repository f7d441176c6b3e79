"""Who the unit is to the server: sealed in the store, replaced by enrolling anew, destroyed when revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from plateward.edge.store import Store
from plateward.unitwire.calls import Enrolled

_IDENTITY: Final = "identity"
_REVOKED: Final = "revoked"
_WHOSE: Final = "whose"
_DISABLED: Final = "disabled identity"


class Identity(Struct, frozen=True, kw_only=True):
    """The device that the unit is, its key, and the public keys it believes, by their ids."""

    device_id: str
    agency: str
    device: str
    key: str
    receiver: str
    keys: dict[str, str]


class Whose(Struct, frozen=True, kw_only=True):
    """Whose the list and the reads of this store are."""

    agency: str
    device_id: str


class Revocation(Struct, frozen=True, kw_only=True):
    """When the unit learned that it is no more the device it was, and what the server said."""

    at: datetime
    told: str


class Identities:
    """The unit's identity in its store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> Identity | None:
        """Who the unit is; None before it is enrolled, and once it was revoked."""
        kept = self._store.kept(_IDENTITY)
        return msgspec.json.decode(kept, type=Identity) if kept else None

    def whose(self) -> Whose | None:
        """As what the unit was enrolled last, also once it was revoked; None for a new unit."""
        kept = self._store.kept(_WHOSE)
        return msgspec.json.decode(kept, type=Whose) if kept else None

    def revocation(self) -> Revocation | None:
        """Whether the unit was revoked since it was enrolled."""
        kept = self._store.kept(_REVOKED)
        return msgspec.json.decode(kept, type=Revocation) if kept else None

    def take(self, enrolled: Enrolled) -> Identity:
        """Be this device from now on."""
        identity = Identity(
            device_id=enrolled.device_id,
            agency=enrolled.agency,
            device=enrolled.device,
            key=enrolled.key,
            receiver=enrolled.receiver,
            keys={enrolled.signing_key_id: enrolled.signing_key},
        )
        with self._store.transaction():
            self._store.forget(_REVOKED, _DISABLED)
            self._store.keep(_IDENTITY, identity)
            self._store.keep(_WHOSE, Whose(agency=identity.agency, device_id=identity.device_id))
        return identity

    def trust(self, identity: Identity, keys: dict[str, str]) -> Identity:
        """The same identity, which believes further keys."""
        wider = msgspec.structs.replace(identity, keys=keys)
        self._store.keep(_IDENTITY, wider)
        return wider

    def disabled(self) -> Identity | None:
        """Who the unit is again once its device is enabled."""
        kept = self._store.kept(_DISABLED)
        return msgspec.json.decode(kept, type=Identity) if kept else None

    def enable(self) -> None:
        """The device was enabled again."""
        if identity := self.disabled():
            with self._store.transaction():
                self._store.forget(_DISABLED, _REVOKED)
                self._store.keep(_IDENTITY, identity)

    def revoke(self, told: str, now: datetime, *, is_disabled: bool = False) -> None:
        """Be nobody from now on; the key of a device that is only disabled is kept to ask by."""
        with self._store.transaction():
            identity = self.now() or self.disabled()
            self._store.forget(_IDENTITY, _DISABLED)
            if is_disabled and identity is not None:
                self._store.keep(_DISABLED, identity)
            self._store.keep(_REVOKED, Revocation(at=now, told=told))

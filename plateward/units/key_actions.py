"""Replacing the key that signs what units are told."""

from datetime import datetime

import msgspec
from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.units import queries
from plateward.unitwire.documents import NextKey
from plateward.unitwire.signing import DocumentKey


@transaction.atomic
def rotate_signing_key(*, old: DocumentKey, new: DocumentKey, by: Who, now: datetime) -> None:
    """Announce the new key, signed by the old one: units follow it. Raises ValueError for the same key."""
    if old == new:
        raise ValueError("The new key must be another one.")
    turn = old.sign(
        NextKey(
            device_id="",
            agency="",
            issued_at=now,
            serial=len(queries.key_changes()) + 1,
            public=new.public,
        )
    )
    audit.record(
        verb="units.key.rotated",
        by=by,
        agency="",
        subject=f"units.SigningKey:{new.id}",
        detail={"old": old.id, "new": new.id, "document": msgspec.json.encode(turn).decode()},
        now=now,
    )

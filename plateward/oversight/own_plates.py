"""Employees' own plates as keyed, salted digests: a list that tells nothing to whoever copies it.

The key follows from the installation's secret key, so a digest is useless elsewhere; each has a salt of its
own, so two equal plates do not look alike. When the secret key is replaced, plates are entered anew.
"""

import hmac
import secrets
from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.utils.crypto import salted_hmac

from plateward.oversight.models import OwnPlate
from plateward.plates.text import plate_key

SALT_BYTES = 16


def digest(plate: str, salt: bytes) -> bytes:
    """HMAC-SHA256 of the plate's matching key under its salt."""
    key = salted_hmac("plateward.oversight.own-plates", "key", algorithm="sha256").digest()
    return hmac.digest(key, salt + plate_key(plate).encode(), "sha256")


def new_salt() -> bytes:
    """A salt of its own for a plate."""
    return secrets.token_bytes(SALT_BYTES)


def owners(agency: str, plates: Collection[str]) -> dict[str, set[UUID]]:
    """Whose of the agency's people each of these whole plates was entered for."""
    found: dict[str, set[UUID]] = defaultdict(set)
    for own in OwnPlate.objects.filter(agency_id=agency):
        kept, salt = bytes(own.digest), bytes(own.salt)
        for plate in plates:
            if hmac.compare_digest(digest(plate, salt), kept):
                found[plate].add(own.person_id)
    return found

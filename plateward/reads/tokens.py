"""Addresses of single reads. They carry why the person looks, so that opening is recorded with a purpose."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

LIFE = timedelta(hours=12)
_SALT = "plateward.reads.read"


@dataclass(frozen=True, slots=True)
class Context:
    """Why one person opens one read: as stated in the search, or following from the alert."""

    purpose: str
    reason: str
    reference: str


def open_url(*, read_id: UUID, purpose: str, reason: str, reference: str, user_id: UUID) -> str:
    """The address of a read's page for this person, for this purpose, for 12 hours (one session)."""
    token = signing.dumps([str(read_id), str(user_id), purpose, reason, reference], salt=_SALT, compress=True)
    return f"{reverse('reads:read', args=[read_id])}?context={token}"


def context_of(token: str, *, read_id: UUID, user_id: UUID) -> Context:
    """Read the reason back. Raises signing.BadSignature: forged, expired, another's, or for another read."""
    signed_read, signed_user, purpose, reason, reference = signing.loads(token, salt=_SALT, max_age=LIFE)
    if (signed_read, signed_user) != (str(read_id), str(user_id)):
        raise signing.BadSignature("The address was made for another person or another read")
    return Context(purpose, reason, reference)

"""The installation's key that signs what units are told."""

import msgspec
from django.conf import settings

from plateward.units import queries
from plateward.unitwire.documents import Document, Signed
from plateward.unitwire.signing import DocumentKey


def signing_key() -> DocumentKey:
    """The key in use; made at the first use where it is not given."""
    return DocumentKey.parse(settings.ENVIRONMENT.unit_key)


def sign(document: Document) -> Signed:
    """The document signed."""
    return signing_key().sign(document)


def turns() -> tuple[Signed, ...]:
    """Every change of the key, each signed by the key before, oldest first."""
    return tuple(msgspec.json.decode(text, type=Signed) for text in queries.key_changes())

"""What the two ends of the inbox agree on: how a waiting payload is bound to its row. No Django, no I/O."""

from datetime import date
from uuid import UUID


def label(agency: str, receipt: UUID, sha256: str) -> str:
    """What a sealed body is authenticated as: nobody can put it into another row or agency."""
    return f"{agency}\n{receipt}\n{sha256}\npayload"


def context(key_id: UUID, agency: str, made: date) -> str:
    """What the wrapped private key of an agency's inbox is bound to."""
    return f"inbox/{agency}/{made.isoformat()}/{key_id}"

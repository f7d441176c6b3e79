"""Who sees the releases: everybody who does some part of them, and nobody else of the agency."""

from typing import Final

from plateward.governance.actor import Actor
from plateward.releases.rules import PARTS

WHY: Final = "Whoever does one part of a release sees them whole; the views ask for any of those parts."


def require_part(actor: Actor) -> None:
    """Raise Refused, with what they lack, unless the person does some part of releases."""
    if not any(actor.may(part) for part in PARTS):
        actor.require(PARTS[0])

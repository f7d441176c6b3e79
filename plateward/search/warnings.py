"""Signs in a reason, told to its writer before anything is run: once, and then it is theirs to decide."""

from collections.abc import Mapping

from plateward.policy import Profile, purpose_allowed
from plateward.policy.screening import Flag, screen_reason

WARNED = "warned"
"""Name of the field that carries the reason its writer was warned of."""


def untold(profile: Profile, sent: Mapping[str, str]) -> list[Flag]:
    """The signs in a sent reason that its writer has not seen yet; another reason is screened anew.

    What is run nevertheless has them in its access record (R45). A purpose that the policy does not permit is
    no matter of signs: the act refuses it at once.
    """
    reason = sent.get("reason", "")
    if not purpose_allowed(profile, sent.get("purpose", "")):
        return []
    return [] if _same(sent.get(WARNED, ""), reason) else screen_reason(profile, reason.strip())


def _same(one: str, other: str) -> bool:
    """Browsers send the ends of lines in different ways."""
    return one.split() == other.split()

"""Numbers of the CJIS Security Policy v6.0 around accounts, beside what an agency's policy says.

Where the policy is silent the standard's number applies and is shown as the standard's; the policy stays
silent. An agency may set a shorter time, never a longer one.
"""

from types import MappingProxyType

from msgspec import Struct

from plateward.policy.parameters import Param, Period, Unit
from plateward.policy.profile import Profile


class Standard(Struct, frozen=True):
    """A number of the standard with the control that sets it."""

    name: str
    control: str
    period: Period


class Limit(Struct, frozen=True):
    """The length of time that applies, and the clause or control that it comes from.

    `is_standard` tells that the policy says nothing, or something longer than the standard lets it.
    """

    period: Period
    source: str
    is_standard: bool

    @property
    def words(self) -> str:
        """The length and its source for people."""
        return f"{self.period} ({self.source})"


STANDARDS = MappingProxyType(
    {
        "inactive_after": Standard("Disuse disables an account after", "CJIS AC-2(3)", Period(90, Unit.DAYS)),
        "closed_after_separation": Standard(
            "Separation disables an account within", "CJIS PS-4", Period(24, Unit.HOURS)
        ),
        "temporary_for": Standard("A temporary account lasts", "CJIS AC-2(2)", Period(72, Unit.HOURS)),
        "transfer_reviewed_within": Standard(
            "A transfer is reviewed within", "CJIS PS-5", Period(24, Unit.HOURS)
        ),
        "reviewed_every": Standard("Accounts are reviewed every", "CJIS AC-2j", Period(1, Unit.YEARS)),
    }
)


def account_limit(profile: Profile, name: str) -> Limit:
    """Return what applies of `accounts.<name>`; KeyError for one that no standard sets."""
    standard = STANDARDS[name]
    rule: Param[Period] = getattr(profile.accounts, name)
    if rule.settled is None or rule.settled.exceeds(standard.period):
        return Limit(standard.period, standard.control, is_standard=True)
    return Limit(rule.settled, profile.citation(rule), is_standard=False)

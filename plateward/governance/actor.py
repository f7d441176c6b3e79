"""The person behind a request, with everything a rule needs to decide about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from plateward.audit.who import Who
from plateward.governance.portal import partner_barred
from plateward.governance.standing import ORDINARY, Standing
from plateward.policy import (
    AuthorizationFact,
    CertificationFact,
    Decision,
    DelegationFact,
    PersonFact,
    Profile,
    emergency_gives,
    is_vendor,
    may,
    may_see,
    vendor_may,
    window_missing,
)
from plateward.policy.clearance import ClearanceFact, admitted

SEARCHING = "search.run"
"""The capability that a violation may suspend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A logged-in person under their agency's profile in force.

    `agency` is the agency's slug. `positions` are those held at this moment; `certifications` the
    training and `clearance` the outcome of the screening on file. `delegations` and `authorizations` count
    now; `standing` holds for a short time. `token` is the id of the API token of a program that asks for
    them, `unit` the name of the unit in a car on which they did what it sends in later.
    `organization` is a partner's own, whom nothing but the portal is open to; "" for everybody else.
    """

    user_id: UUID
    username: str
    name: str
    title: str
    agency: str
    agency_name: str
    positions: frozenset[str]
    certifications: Sequence[CertificationFact]
    clearance: ClearanceFact | None = None
    delegations: tuple[DelegationFact, ...] = ()
    authorizations: tuple[AuthorizationFact, ...] = ()
    profile: Profile
    today: date
    address: str = ""
    standing: Standing = ORDINARY
    token: str = ""
    unit: str = ""
    organization: str = ""

    @property
    def who(self) -> Who:
        """The name this person leaves in the journal."""
        return Who(
            username=self.username,
            name=self.name,
            title=self.title,
            organization=self.organization or self.agency_name,
            address=self.address,
            emergency=self.standing.emergency.id if self.standing.emergency else "",
            token=self.token,
            unit=self.unit,
        )

    @property
    def roles(self) -> str:
        """Title and positions in a line: who this is changes with it, and is asked anew (CJIS IA-11)."""
        return f"{self.title}: {', '.join(sorted(self.positions))}"

    @property
    def title_name(self) -> str:
        """The job title as the policy names it."""
        return self.profile.title_name(self.title)

    @property
    def person(self) -> PersonFact:
        """What approval rules need to know about this person."""
        return PersonFact(str(self.user_id), self.title, self.positions, self.delegations)

    @property
    def admission(self) -> Decision:
        """Whether title, training and, where demanded, clearance open the system to this person.

        Vendor staff get in only while a maintenance window is open for them, partners never.
        """
        if self.organization:
            return partner_barred(self.organization)
        if is_vendor(self.profile, self.title) and not self.standing.window:
            return window_missing(self.profile, self.title)
        return admitted(self.profile, self.title, self.certifications, self.clearance, self.today)

    def decide(self, capability: str) -> Decision:
        """Whether the profile gives the capability, and training and clearance let this person use it.

        A real emergency gives what the profile names for it, never instead of training and clearance.
        """
        if not (enters := self.admission):
            return enters
        if (kept_out := vendor_may(self.profile, self.title, capability)) is not None:
            return kept_out
        if capability == SEARCHING and self.standing.searching is not None:
            return self.standing.searching
        given = may(self.profile, self.title, capability, self.positions, self.delegations)
        emergency = self.standing.emergency
        if given or emergency is None:
            return given
        return emergency_gives(self.profile, capability, emergency.until_at) or given

    def acting(self, capability: str) -> Who:
        """The name an act by this capability leaves in the journal: a delegate's says for whom it is done."""
        return replace(self.who, capacity=self.decide(capability).capacity)

    def sees(self, origin: str) -> Decision:
        """Whether this person may see data of this origin: the department's, the state's, the federal one."""
        return may_see(self.profile, origin, self.authorizations, self.today)

    def may(self, capability: str) -> bool:
        """True when `require` would pass; screens show only what can be done."""
        return self.decide(capability).allowed

    def require(self, capability: str) -> None:
        """Raise Refused, with clause, reason and remedy, unless the person may."""
        self.decide(capability).require()

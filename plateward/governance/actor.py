"""The person behind a request, with everything a rule needs to decide about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from plateward.audit.who import Who
from plateward.policy import (
    AuthorizationFact,
    CertificationFact,
    Decision,
    DelegationFact,
    PersonFact,
    Profile,
    may,
    may_see,
)
from plateward.policy.clearance import ClearanceFact, admitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A logged-in person under their agency's profile in force.

    `agency` is the agency's slug. `positions` are those held at this moment; `certifications` the
    training and `clearance` the outcome of the screening on file. `delegations` and `authorizations` count
    now.
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

    @property
    def who(self) -> Who:
        """The name this person leaves in the journal."""
        return Who(
            username=self.username,
            name=self.name,
            title=self.title,
            organization=self.agency_name,
            address=self.address,
        )

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
        """Whether title, training and, where demanded, clearance open the system to this person."""
        return admitted(self.profile, self.title, self.certifications, self.clearance, self.today)

    def decide(self, capability: str) -> Decision:
        """Whether the profile gives the capability, and training and clearance let this person use it."""
        enters = self.admission
        if not enters:
            return enters
        return may(self.profile, self.title, capability, self.positions, self.delegations)

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

"""The request as the accounts' pages see it: governance's Actor fits, but accounts lie below governance."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from django.http import HttpRequest

from plateward.accounts.models import LoginSession, User
from plateward.audit.who import Who
from plateward.policy import CertificationFact, Decision, PersonFact, Profile


class ActingPerson(Protocol):
    """The logged-in person under the agency's profile in force."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def agency(self) -> str: ...
    @property
    def positions(self) -> frozenset[str]: ...
    @property
    def certifications(self) -> Sequence[CertificationFact]: ...
    @property
    def admission(self) -> Decision: ...
    @property
    def profile(self) -> Profile: ...
    @property
    def today(self) -> date: ...
    @property
    def who(self) -> Who: ...
    @property
    def person(self) -> PersonFact: ...
    def decide(self, capability: str) -> Decision:
        """Whether training, title and positions allow the capability."""
        ...

    def require(self, capability: str) -> None:
        """Raise Refused unless they do."""
        ...


class PersonRequest(HttpRequest):
    """A request that passed the gate."""

    actor: ActingPerson
    user: User
    login_session: LoginSession


class SessionRequest(HttpRequest):
    """A request of a session that is open: `login_session` is its record."""

    user: User
    login_session: LoginSession


def address_of(request: HttpRequest) -> str:
    """The network address a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))

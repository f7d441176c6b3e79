"""API tokens, looked up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.api import rules
from plateward.api.models import Token
from plateward.governance.queries import actor_for


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token and why it opens nothing any more; empty while it counts."""

    token: Token
    ended: str


def token_with(text: str) -> Token | None:
    """The token with this text, its person and their agency, whatever became of it."""
    found = Token.objects.select_related("user__agency").filter(sha256=rules.digest(text))
    return found.first()


def owner_facts(user: User, roles: str) -> rules.OwnerFacts:
    """What of a person may end their tokens; `roles` are those of now."""
    return rules.OwnerFacts(
        is_active=user.state == AccountState.ACTIVE,
        state_since_at=user.state_since_at,
        password_changed_at=user.password_changed_at,
        roles=roles,
    )


def tokens_of(user: User, now: datetime) -> list[ListedToken]:
    """A person's tokens, the newest first."""
    owner = owner_facts(user, actor_for(user, at=now).roles)
    tokens: QuerySet[Token] = Token.objects.filter(user=user, agency_id=user.agency_id)
    return [ListedToken(token, rules.why_ended(token.facts, owner, now)) for token in tokens]


def note_use(token_id: UUID, used_at: datetime, address: str) -> None:
    """Keep when and from where a token was last used."""
    Token.objects.filter(pk=token_id).update(used_at=used_at, used_from=address[:60])

"""Whom an agency's provider may let in: the configured providers, and the accounts linked to identities."""

from datetime import datetime

from django.conf import settings

from plateward.accounts.factor_rules import PROVIDERS_FACTOR, may_enroll
from plateward.accounts.models import Agency, Identity, LoginSession, User
from plateward.accounts.providers import Provider
from plateward.accounts.rules import AccountState
from plateward.walls import scope


def provider_of(agency: str) -> Provider | None:
    """The agency's provider; None if it has none."""
    found: Provider | None = settings.LOGIN_PROVIDERS.get(agency)
    return found


def provider_for(user: User) -> Provider | None:
    """The provider at which this person has a linked identity; None if there is none."""
    provider = provider_of(user.agency_id)
    return provider if provider and user.identities.filter(issuer=provider.issuer).exists() else None


def log_in_names() -> list[tuple[Agency, Provider]]:
    """The agencies with a provider, for the log-in page."""
    if not settings.LOGIN_PROVIDERS:
        return []
    with scope.as_system("Nobody is logged in on the log-in page; it names agencies only."):
        agencies = list(Agency.objects.filter(pk__in=settings.LOGIN_PROVIDERS))
    return [(agency, settings.LOGIN_PROVIDERS[agency.pk]) for agency in agencies]


def linked_to(provider: Provider, subject: str) -> Identity | None:
    """The identity, if somebody linked it to an account of the provider's agency."""
    return (
        Identity.objects.select_related("user__agency")
        .filter(issuer=provider.issuer, subject=subject, user__agency_id=provider.agency)
        .first()
    )


def why_not(user: User, *, gives_factor: bool, has_session_factor: bool, now: datetime) -> str:
    """Why a linked identity opens nothing now, for the journal; empty if it does."""
    if user.state != AccountState.ACTIVE:
        return "inactive account"
    if user.locked_at is not None:
        return "locked account"
    if gives_factor or user.factors.exists():
        return ""
    if has_session_factor or not may_enroll(user.enroll_until_at, now):
        return "no second factor"
    return ""


def only_by_provider(user: User) -> bool:
    """Whether the agency lets this person in through its provider only."""
    provider = provider_for(user)
    return provider is not None and not provider.passwords


def may_use_password(user: User, session: LoginSession) -> bool:
    """Whether this person may unlock or confirm an open session by password.

    Not where the provider is the only way in, nor where the provider gave the only second factor there is:
    then a password would stand alone.
    """
    if only_by_provider(user):
        return False
    return session.factor != PROVIDERS_FACTOR or user.factors.exists()

"""Identities at an agency's provider linked to accounts and taken away again; never by a log-in itself."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import rules
from plateward.accounts.http import ActingPerson
from plateward.accounts.identities import provider_of
from plateward.accounts.models import Identity, User
from plateward.accounts.rules import AccountState
from plateward.accounts.session_actions import end_sessions
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.walls import scope


@transaction.atomic
def link_identity(*, user: User, subject: str, by: ActingPerson, now: datetime) -> None:
    """Let an identity at the agency's provider open somebody's account, as an account manager (CJIS IA-4).

    Raises Refused (not an account manager, one's own account) and ValidationError (no provider, a closed
    account, one that is linked already, an identity that is another account's).
    """
    known = _managed(user, by)
    provider = provider_of(by.agency)
    if provider is None:
        raise ValidationError("Your agency has no provider. Whoever runs the system sets one up.")
    if known.state == AccountState.DEACTIVATED:
        raise ValidationError("The account is deactivated. Reinstate it first.")
    if known.identities.filter(issuer=provider.issuer).exists():
        raise ValidationError("The account has an identity at this provider already. Unlink that one first.")
    with scope.as_system("An identity is one account's in the whole installation."):
        is_taken = Identity.objects.filter(issuer=provider.issuer, subject=subject).exists()
    if is_taken:
        raise ValidationError(
            {"subject": "This identity is linked to another account; one identity, one account. Check it."}
        )
    Identity.objects.create(
        agency=known.agency,
        user=known,
        issuer=provider.issuer,
        subject=subject,
        linked_by=by.who.name,
        linked_at=now,
    )
    detail = {"issuer": provider.issuer, "identity": subject}
    _journal("accounts.identity.linked", known, by.who, now, detail, by.profile.version)


@transaction.atomic
def unlink_identity(*, user: User, reason: str, by: ActingPerson, now: datetime) -> None:
    """Let no identity open this account any more, and end its sessions; raises Refused, ValidationError."""
    known = _managed(user, by)
    if not known.identities.exists():
        raise ValidationError("No identity is linked; somebody took it away already.")
    forget_identities(user=known, reason=reason, by=by.who, now=now, profile_version=by.profile.version)
    end_sessions(user=known, sessions=known.sessions.all(), now=now)


@transaction.atomic
def forget_identities(*, user: User, reason: str, by: Who, now: datetime, profile_version: str) -> None:
    """Take the identities of an account away that its caller closes or has locked; people unlink them."""
    for identity in user.identities.all():
        identity.delete()
        detail = {"issuer": identity.issuer, "identity": identity.subject, "reason": reason}
        _journal("accounts.identity.unlinked", user, by, now, detail, profile_version)


def _managed(user: User, by: ActingPerson) -> User:
    """The account, locked for this transaction, if this person may act on it."""
    by.require("accounts.manage")
    rules.may_manage(by.profile, by.person, str(user.pk)).require()
    chosen = User.objects.select_for_update(of=("self",)).select_related("agency")
    return chosen.get(pk=user.pk, agency_id=by.agency)


def _journal(
    verb: str, user: User, by: Who, now: datetime, detail: Mapping[str, object], profile_version: str
) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=user.agency_id,
        subject=f"accounts.User:{user.pk}",
        detail={"username": user.username, **detail},
        profile_version=profile_version,
        now=now,
    )

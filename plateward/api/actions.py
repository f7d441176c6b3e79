"""API tokens made, ended and refused."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts import rules as account_rules
from plateward.accounts.models import Agency, User
from plateward.api import rules
from plateward.api.models import Token
from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actor import Actor
from plateward.policy import purpose_allowed


@transaction.atomic
def make_token(
    *, by: Actor, use: str, purpose: str, capabilities: Collection[str], days: int, now: datetime
) -> tuple[Token, str]:
    """Make oneself a token for one purpose of the policy; it is returned with its text, shown once.

    Raises Refused: vendor staff, a purpose that the policy does not permit, a capability one does not have.
    """
    rules.may_hold(by.profile, by.title).require()
    purpose_allowed(by.profile, purpose).require()
    for capability in capabilities:
        by.require(capability)
    text = f"{rules.PREFIX}{secrets.token_urlsafe(32)}"
    token = Token(
        agency=Agency(pk=by.agency),
        user=User(pk=by.user_id),
        use=use,
        purpose=purpose,
        capabilities=sorted(capabilities),
        roles=by.roles,
        sha256=rules.digest(text),
        made_at=now,
        expires_at=now + rules.LASTS[days],
    )
    token.save(force_insert=True)
    _journal(
        "api.token.made",
        token,
        by.who,
        now,
        {"purpose": purpose, "use": use, "capabilities": token.capabilities, "expires_at": _utc(token)},
        by.profile.version,
    )
    return token, text


@transaction.atomic
def revoke_token(*, by: Actor, token_id: UUID, now: datetime) -> Token:
    """End one's own token, or as an account manager anybody's; raises Token.DoesNotExist and Refused.

    Raises ValidationError for one that was revoked already.
    """
    tokens = Token.objects.select_for_update(of=("self",)).select_related("user")
    token = tokens.get(pk=token_id, agency_id=by.agency)
    if token.user_id != by.user_id:
        by.require("accounts.manage")
        account_rules.may_manage(by.profile, by.person, str(token.user_id)).require()
    if token.revoked_at is not None:
        raise ValidationError("This token was revoked already.")
    token.revoked_at, token.revoked_by = now, by.name
    token.save(update_fields=["revoked_at", "revoked_by"])
    detail = {"username": token.user.username, "use": token.use}
    _journal("api.token.revoked", token, by.who, now, detail, by.profile.version)
    return token


@transaction.atomic
def refuse_token(*, token: Token | None, why: str, address: str, now: datetime) -> None:
    """Record that a token opened nothing (CJIS AU-2); None is one that nobody ever made.

    What was sent is not kept. Of no agency, it is seen by every agency's overseers.
    """
    by = Who(username="", name="Somebody", title="", organization="", address=address)
    if token is not None:
        user = token.user
        by = Who(user.username, user.full_name, user.title, user.agency.name, address, token=str(token.pk))
    audit.record(
        verb="api.token.refused",
        by=by,
        agency=token.agency_id if token else "",
        subject=f"api.Token:{token.pk if token else ''}",
        detail={"why": why},
        now=now,
    )


def _utc(token: Token) -> str:
    return token.expires_at.isoformat()


def _journal(
    verb: str, token: Token, by: Who, now: datetime, detail: Mapping[str, object], version: str
) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=token.agency_id,
        subject=f"api.Token:{token.pk}",
        detail=dict(detail),
        profile_version=version,
        now=now,
    )

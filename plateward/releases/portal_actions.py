"""What happens through the partners' portal: people are invited, submit requests and withdraw their own."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.partner_actions import invite_partner, reopen_partner_account
from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.policy import enforces
from plateward.releases.partner_actions import REGISTER
from plateward.releases.partner_models import Partner
from plateward.releases.portal import account_of, own
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.requesting import Asked, keep, take_back
from plateward.releases.rules import recipient_stops


@enforces("B-466.7")
@transaction.atomic
def invite(
    *, partner: Partner, username: str, full_name: str, by: Actor, now: datetime
) -> tuple[PartnerAccount, str]:
    """Give somebody of a partner an account of the portal; returns it and the one-time password, shown once.

    Raises Refused (not who keeps the register or creates accounts, a partner that may receive nothing) and
    ValidationError.
    """
    by.require(REGISTER)
    known = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk, agency_id=by.agency)
    for stop in recipient_stops(by.profile, known.fact, by.today):
        stop.decision.require()
    user, password = invite_partner(
        username=username, full_name=full_name, organization=known.name, by=by, now=now
    )
    account = PartnerAccount.objects.create(
        agency_id=by.agency, partner=known, user=user, invited_by_id=by.user_id, invited_at=now
    )
    audit.record(
        verb="releases.account.invited",
        by=by.acting(REGISTER),
        agency=by.agency,
        subject=f"releases.Partner:{known.pk}",
        detail={"username": user.username, "name": full_name, "partner": known.name},
        profile_version=by.profile.version,
        now=now,
    )
    return account, password


@enforces("B-466.7")
@transaction.atomic
def reopen_account(*, account: PartnerAccount, reason: str, by: Actor, now: datetime) -> str:
    """Open a suspended or closed account of a partner again, under the conditions of an invitation.

    Returns its one-time password, shown once. Raises Refused and ValidationError.
    """
    by.require(REGISTER)
    known = Partner.objects.select_for_update(of=("self",)).get(pk=account.partner_id, agency_id=by.agency)
    for stop in recipient_stops(by.profile, known.fact, by.today):
        stop.decision.require()
    password = reopen_partner_account(user=account.user, reason=reason, by=by, now=now)
    audit.record(
        verb="releases.account.reopened",
        by=by.acting(REGISTER),
        agency=by.agency,
        subject=f"releases.Partner:{known.pk}",
        detail={"username": account.user.username, "partner": known.name, "reason": reason.strip()},
        profile_version=by.profile.version,
        now=now,
    )
    return password


@enforces("B-466.7(a)", "B-466.7(a)(1)", "B-466.7(a)(2)")
@transaction.atomic
def submit(*, asked: Asked, by: Actor, now: datetime) -> ReleaseRequest:
    """Submit a request through the portal: agency and person are those of the account, never typed.

    Raises Refused (no partner's account, a partner off the register) and ValidationError.
    """
    account = account_of(by)
    if not asked.is_acknowledged:
        raise ValidationError({"is_acknowledged": "Without this acknowledgement nothing can be released."})
    return keep(asked=own(asked, account), by=by, now=now, through_portal=True)


@transaction.atomic
def withdraw_own(*, request: ReleaseRequest, reason: str, by: Actor, now: datetime) -> ReleaseRequest:
    """Withdraw a request that one submitted oneself; raises Refused."""
    account_of(by)
    mine = ReleaseRequest.objects.get(pk=request.pk, agency_id=by.agency, asked_by_id=by.user_id)
    return take_back(request=mine, reason=reason, by=by, now=now, capability="")

"""Whose portal it is, and which requests a person sees in it: their own and what is left for them."""

from dataclasses import replace

from django.db.models import Q, QuerySet

from plateward.accounts.rules import AccountState
from plateward.audit.models import AccessRecord
from plateward.governance.actor import Actor
from plateward.governance.portal import portal_only
from plateward.policy import Refused
from plateward.releases.portal_models import PartnerAccount
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.requesting import Asked


def account_of(by: Actor) -> PartnerAccount:
    """The partner's account behind a person; raises Refused for everybody else."""
    known = PartnerAccount.objects.select_related("partner", "user").filter(user_id=by.user_id)
    account = known.filter(agency_id=by.agency).first() if by.organization else None
    if account is None:
        raise Refused(portal_only(by.agency_name))
    return account


def own(asked: Asked, account: PartnerAccount) -> Asked:
    """A request in the name of the account: the partner's, and the person's."""
    return replace(
        asked,
        partner=account.partner,
        agency_name=account.partner.name,
        person=account.user.full_name,
        contact="",
        is_immigration=False,
    )


def own_requests(by: Actor) -> QuerySet[ReleaseRequest]:
    """Requests that this person submitted, or whose data are left for them, the latest first."""
    theirs = Q(asked_by_id=by.user_id) | Q(fulfillment__collector_id=by.user_id)
    mine = ReleaseRequest.objects.filter(theirs, agency_id=by.agency)
    return mine.select_related("partner", "asked_by", "recorded_by", "fulfillment__package").prefetch_related(
        "decisions"
    )


def own_accesses(by: Actor) -> QuerySet[AccessRecord]:
    """The access records that this person left, the latest first."""
    return AccessRecord.objects.filter(agency=by.agency, username=by.username).order_by("-accessed_at")


def people_of(request: ReleaseRequest) -> list[PartnerAccount]:
    """Active accounts of the partner that asked, who asked through the portal first."""
    known = PartnerAccount.objects.filter(partner=request.partner, user__state=AccountState.ACTIVE)
    return sorted(known.select_related("user"), key=lambda one: one.user_id != request.asked_by_id)

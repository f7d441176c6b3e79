"""What runs out soon: evidence of what partners are, approvals of shares, packages in the portal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from django.db.models import QuerySet

from plateward.policy import Profile
from plateward.releases import queries, rules
from plateward.releases.fulfilling_models import Fulfillment, Way
from plateward.releases.last_day_rules import step_of
from plateward.releases.partner_models import Partner
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.rules import RequestState
from plateward.releases.share_models import StandingShare
from plateward.releases.share_rules import ShareState

_OPEN: Final = (RequestState.RECORDED, RequestState.APPROVED)


def open_requests(partner: Partner) -> QuerySet[ReleaseRequest]:
    """Requests on which the partner's review still has an effect, the oldest first."""
    return partner.requests.filter(state__in=_OPEN).order_by("recorded_at")


def uncollected(partner: Partner, today: date) -> QuerySet[Fulfillment]:
    """Packages that the partner could still collect."""
    left = Fulfillment.objects.filter(request__partner=partner, way=Way.PORTAL, collect_by_date__gte=today)
    return left.select_related("request", "package").order_by("collect_by_date")


def reviews_due(agency: str, profile: Profile, today: date) -> Iterator[tuple[Partner, int]]:
    """Partners whose review runs out, with the reminder due; not who may receive nothing anyway."""
    for partner in queries.partners(agency).filter(ended_at__isnull=True):
        fact = partner.fact
        step = step_of(fact.again_date, today, profile)
        lasting = replace(fact, again_date=today + timedelta(days=1))
        if step is not None and not rules.recipient_stops(profile, lasting, today):
            yield partner, step


def shares_due(agency: str, profile: Profile, today: date) -> Iterator[tuple[StandingShare, int]]:
    """Shares whose approval runs out, with the reminder that is due."""
    for share in queries.shares(agency).filter(state=ShareState.ACTIVE):
        step = step_of(share.expires_date, today, profile)
        if step is not None:
            yield share, step


def left_behind(agency: str, today: date) -> QuerySet[Fulfillment]:
    """Packages that nobody collected until their last day was over."""
    late = Fulfillment.objects.filter(
        agency_id=agency, way=Way.PORTAL, collected_at__isnull=True, collect_by_date__lt=today
    )
    return late.select_related("request", "handed_by").order_by("collect_by_date")

"""Requests, partners, and how many disclosures there were."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce

from plateward.devices.models import Device
from plateward.policy import Profile
from plateward.releases.count_rules import RequestDays
from plateward.releases.partner_models import Partner, PartnerReview
from plateward.releases.request_models import ReleaseRequest, Verdict
from plateward.releases.share_models import InformationAgreement, StandingShare, VendorShareList


def partners(agency: str) -> QuerySet[Partner]:
    """Everybody who is or was on the register, with their reviews."""
    known = Partner.objects.filter(agency_id=agency).select_related("entered_by", "ended_by")
    return known.prefetch_related("reviews__reviewed_by", "accounts__user", "steps__made_by")


def reviews(agency: str) -> QuerySet[PartnerReview]:
    """Every review, the latest first."""
    return PartnerReview.objects.filter(agency_id=agency)


def requests(agency: str) -> QuerySet[ReleaseRequest]:
    """Every request that ever came, the latest first."""
    people = ("partner", "asked_by", "recorded_by", "withdrawn_by")
    known = ReleaseRequest.objects.filter(agency_id=agency).select_related(*people, "fulfillment__package")
    return known.prefetch_related("decisions__decided_by", "partner__reviews")


def shares(agency: str) -> QuerySet[StandingShare]:
    """Every standing share that was ever on record, with its log."""
    known = StandingShare.objects.filter(agency_id=agency).select_related("partner", "proposed_by")
    return known.prefetch_related("partner__reviews", "events__made_by")


def share_lists(agency: str) -> QuerySet[VendorShareList]:
    """Every vendor's list that was compared, the latest first."""
    known = VendorShareList.objects.filter(agency_id=agency).select_related("imported_by")
    return known.prefetch_related("answers__made_by")


def agreements(agency: str) -> QuerySet[InformationAgreement]:
    """Every agreement to exchange information, the latest first."""
    return InformationAgreement.objects.filter(agency_id=agency).select_related("partner", "entered_by")


def cameras(agency: str) -> list[tuple[UUID, str]]:
    """Every camera that is or was the agency's, by name."""
    return list(Device.objects.filter(agency_id=agency).order_by("name").values_list("pk", "name"))


def request_days(agency: str, zone: ZoneInfo) -> list[RequestDays]:
    """On which days of the agency's calendar what happened to each of its requests."""
    refused = Max("decisions__decided_at", filter=Q(decisions__verdict=Verdict.REFUSED))
    rows = (
        ReleaseRequest.objects.filter(agency_id=agency)
        .order_by("recorded_at")
        .annotate(of=Coalesce("partner__name", "agency_name"), refused_at=refused)
        .values_list(
            *("of", "purpose", "received_date", "approved_at", "refused_at", "withdrawn_at"),
            *("fulfillment__handed_at", "fulfillment__package"),
        )
    )
    return [
        RequestDays(
            agency=of,
            purpose=purpose,
            received=received,
            approved=_day(approved, zone),
            refused=_day(refused_at, zone),
            withdrawn=_day(withdrawn, zone),
            fulfilled=_day(handed, zone),
            has_data=package is not None,
        )
        for of, purpose, received, approved, refused_at, withdrawn, handed, package in rows
    ]


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None


def purpose_name(profile: Profile, purpose: str) -> str:
    """A request's purpose as the policy names it."""
    known = profile.purposes.get(purpose)
    return known.name if known else "None of the policy’s purposes"

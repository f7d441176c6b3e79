"""Requests, partners, and how many disclosures there were."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from plateward.devices.models import Device
from plateward.policy import Profile
from plateward.releases.partner_models import Partner, PartnerReview
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.rules import RequestState
from plateward.releases.share_models import InformationAgreement, StandingShare, VendorShareList


def partners(agency: str) -> QuerySet[Partner]:
    """Everybody who is or was on the register, with their reviews."""
    known = Partner.objects.filter(agency_id=agency).select_related("entered_by", "ended_by")
    return known.prefetch_related("reviews__reviewed_by", "accounts__user")


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
    return VendorShareList.objects.filter(agency_id=agency).select_related("imported_by")


def agreements(agency: str) -> QuerySet[InformationAgreement]:
    """Every agreement to exchange information, the latest first."""
    return InformationAgreement.objects.filter(agency_id=agency).select_related("partner", "entered_by")


def cameras(agency: str) -> list[tuple[UUID, str]]:
    """Every camera that is or was the agency's, by name."""
    return list(Device.objects.filter(agency_id=agency).order_by("name").values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests one agency made for one purpose in a year, and what became of them (R112).

    `approved` counts those of which the data have not been handed over.
    """

    agency: str
    purpose: str
    asked: int
    waiting: int
    approved: int
    refused: int
    withdrawn: int
    fulfilled: int


def tallies(agency: str, year: int) -> list[Tally]:
    """A year's requests by agency and purpose, the year of the day they were received."""
    of_year = ReleaseRequest.objects.filter(agency_id=agency, received_date__year=year).order_by()
    named = of_year.annotate(of=Coalesce("partner__name", "agency_name"))
    rows = named.values_list("of", "purpose").annotate(
        asked=Count("pk"),
        waiting=_in_state(RequestState.RECORDED),
        approved=_in_state(RequestState.APPROVED),
        refused=_in_state(RequestState.REFUSED),
        withdrawn=_in_state(RequestState.WITHDRAWN),
        fulfilled=_in_state(RequestState.FULFILLED),
    )
    return [Tally(*row) for row in rows.order_by("of", "purpose")]


def _in_state(state: RequestState) -> Count:
    return Count("pk", filter=Q(state=state))


def years(agency: str) -> list[int]:
    """The years in which requests were received, the latest first."""
    dates = ReleaseRequest.objects.filter(agency_id=agency).dates("received_date", "year", order="DESC")
    return [one.year for one in dates]


def purpose_name(profile: Profile, purpose: str) -> str:
    """A request's purpose as the policy names it."""
    known = profile.purposes.get(purpose)
    return known.name if known else "None of the policy’s purposes"

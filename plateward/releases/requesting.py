"""What every act on a request shares: what was asked, keeping it, and how the journal names it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.devices.models import Device
from plateward.governance.actor import Actor
from plateward.governance.queries import file_store
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.plates.pattern import PatternError, PlatePattern
from plateward.policy import Decision
from plateward.releases import rules
from plateward.releases.filing import kept_as
from plateward.releases.fulfilling import require_searchable
from plateward.releases.partner_models import Partner
from plateward.releases.request_models import ReleaseRequest
from plateward.releases.rules import Act, RequestState

RECORD, APPROVE = "releases.record", "releases.approve"
MOST_PLATES = 20
KIND = "release-decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The data asked for: reads of `plates` (none: all) at `cameras` (none: all) captured in that time."""

    plates: Sequence[str]
    cameras: Sequence[UUID]
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A written request as it came; `form` holds the bytes of the letter or form itself."""

    agency_name: str
    person: str
    purpose: str
    intended: str
    data: Described
    received_date: date
    contact: str = ""
    reference: str = ""
    partner: Partner | None = None
    further: Mapping[str, str] = field(default_factory=dict)
    form: bytes = b""
    is_acknowledged: bool = False
    is_immigration: bool = False


def keep(*, asked: Asked, by: Actor, now: datetime, through_portal: bool) -> ReleaseRequest:
    """Keep a request in the caller's transaction, and tell who decides."""
    if asked.received_date > by.today:
        raise ValidationError({"received_date": "The request came today at the latest."})
    request = ReleaseRequest(
        agency_id=by.agency,
        number=_next_number(by),
        partner=asked.partner,
        agency_name=asked.agency_name.strip(),
        person=asked.person.strip(),
        contact=asked.contact,
        purpose=asked.purpose,
        intended=asked.intended.strip(),
        further=dict(asked.further),
        reference=asked.reference,
        plates=_plates(asked.data),
        cameras=_cameras(by.agency, asked.data),
        from_at=asked.data.from_at,
        until_at=asked.data.until_at,
        is_acknowledged=asked.is_acknowledged,
        is_immigration=asked.is_immigration,
        received_date=asked.received_date,
        asked_by_id=by.user_id if through_portal else None,
        recorded_by_id=None if through_portal else by.user_id,
        recorded_at=now,
    )
    if asked.form:
        request.form_type, request.form_sha256 = kept_as(asked.form, "form")
    _require_contents(request, by)
    request.full_clean()
    require_searchable(request)
    if asked.form:
        file_store().put(request.form_path, asked.form)
    request.save(force_insert=True)
    detail = {
        "number": request.number,
        "of": request.agency_name,
        "person": request.person,
        "purpose": request.purpose,
        "data": request.data,
        "sha256": request.form_sha256,
    }
    journal(
        "releases.request.recorded", request, by, now, detail, capability="" if through_portal else RECORD
    )
    _call_for_decision(request, by, now)
    return request


FIELDS: Final = {
    rules.AGENCY: "agency_name",
    rules.PERSON: "person",
    rules.PURPOSE: "intended",
    "form": "form",
}
"""By what a request must contain, its field."""


def _require_contents(request: ReleaseRequest, by: Actor) -> None:
    missing = rules.missing_contents(by.profile, request.fact)
    if missing:
        raise ValidationError(
            {
                FIELDS.get(what, what): f"{why.reason} {why.remedy} ({why.clause})"
                for what, why in missing.items()
            }
        )


def _plates(data: Described) -> list[str]:
    if len(data.plates) > MOST_PLATES:
        raise ValidationError({"plates": f"{MOST_PLATES} plates at most: record further requests for more."})
    if not data.plates and not data.cameras:
        raise ValidationError({"plates": "Name plates, or choose cameras: nobody receives everything."})
    if data.until_at - data.from_at <= timedelta():
        raise ValidationError({"until_at": "The time must end after it begins. Choose a later end."})
    try:
        return [PlatePattern.parse(plate).text for plate in data.plates]
    except PatternError as error:
        raise ValidationError({"plates": str(error)}) from error


def _cameras(agency: str, data: Described) -> list[list[str]]:
    known = {device.pk: device.name for device in Device.objects.filter(agency_id=agency)}
    if unknown := [str(one) for one in data.cameras if one not in known]:
        raise ValidationError({"cameras": f"Not one of your cameras: {', '.join(unknown)}."})
    return [[str(one), known[one]] for one in data.cameras]


def _next_number(by: Actor) -> str:
    """The next number of the agency's year; who records at the same moment waits for this to end."""
    Agency.objects.select_for_update(no_key=True).get(pk=by.agency)
    year = f"{by.today.year}-"
    mine = ReleaseRequest.objects.filter(agency_id=by.agency, number__startswith=year)
    last = max(
        (int(number.removeprefix(year)) for number in mine.values_list("number", flat=True)), default=0
    )
    return f"{year}{last + 1:04}"


def _call_for_decision(request: ReleaseRequest, by: Actor, now: datetime) -> None:
    """Tell the position that decides; where the policy names none, the list of requests is where it waits."""
    if deciders := rules.deciders(by.profile):
        notices.raise_notice(
            agency=request.agency_id,
            key=f"{KIND}:{request.pk}",
            kind=KIND,
            to=to_position(deciders[0]),
            text=f"Decide on the request {request.number} of {request.agency_name} for data.",
            link=reverse("releases:request", args=[request.pk]),
            subject=subject_of(request),
            is_task=True,
            by=by.who,
            now=now,
        )


def take_back(
    *, request: ReleaseRequest, reason: str, by: Actor, now: datetime, capability: str
) -> ReleaseRequest:
    """Withdraw in the caller's transaction, by somebody who may."""
    known = locked(request, by)
    rules.may_move(RequestState(known.state), Act.WITHDRAW).require()
    known.state, known.withdrawn_at = RequestState.WITHDRAWN, now
    known.withdrawn_by_id, known.withdrawn_reason = by.user_id, reason.strip()
    known.save()
    notices.settle(agency=known.agency_id, key=f"{KIND}:{known.pk}", by=by.who, now=now)
    detail = {"number": known.number, "of": known.agency_name, "reason": reason}
    journal("releases.request.withdrawn", known, by, now, detail, capability=capability)
    return known


def stops_of(request: ReleaseRequest, by: Actor) -> list[rules.Stop]:
    """What stands against a request now."""
    fact = request.partner.fact if request.partner else None
    return rules.stops(by.profile, fact, request.fact, by.today)


def locked(request: ReleaseRequest, by: Actor) -> ReleaseRequest:
    """The request as it is now, held for this transaction."""
    return ReleaseRequest.objects.select_for_update(of=("self",)).get(pk=request.pk, agency_id=by.agency)


def may_decide(request: ReleaseRequest, by: Actor) -> Decision:
    """Whether this person decides on this request: the capability, the position, and not their own."""
    return by.decide(APPROVE) and rules.may_decide(by.profile, by.person, request.askers)


def may_approve(request: ReleaseRequest, by: Actor, found: list[rules.Stop]) -> Decision:
    """Whether this person may approve it too, given what stands against it."""
    if request.partner is None or rules.is_override(found):
        return may_decide(request, by)
    reviewer = str(request.partner.latest.reviewed_by_id)
    return may_decide(request, by) and rules.may_rely_on_own_review(by.profile, str(by.user_id), reviewer)


def subject_of(request: ReleaseRequest) -> str:
    """How the journal names a request."""
    return f"releases.ReleaseRequest:{request.pk}"


def journal(
    verb: str,
    request: ReleaseRequest,
    by: Actor,
    now: datetime,
    detail: Mapping[str, object],
    *,
    capability: str = "",
) -> None:
    """Write the row of an act on a request."""
    audit.record(
        verb=verb,
        by=by.acting(capability) if capability else by.who,
        agency=request.agency_id,
        subject=subject_of(request),
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )

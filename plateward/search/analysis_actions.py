"""Analyses of reads: what they find is returned only after its access record is committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.governance.actor import Actor
from plateward.policy import enforces
from plateward.policy.screening import Flag, screen_reason
from plateward.search import analysis_queries
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.incidents import (
    IncidentsQuery,
    Suspect,
    check_incidents_cost,
    suspects,
)
from plateward.search.meetings import SHOWN, AnalysisError, analysis_permitted
from plateward.search.travel import (
    Companion,
    Pass,
    TravelQuery,
    check_travel_cost,
    companions,
    looks_of,
    passes_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelResult:
    """Who traveled with a vehicle, as it may be shown: `access` is already committed.

    `companions` holds the first of `count`; `cameras` names the devices of the passes.
    """

    analysis: Analysis
    query: TravelQuery
    passes: tuple[Pass, ...]
    companions: tuple[Companion, ...]
    count: int
    cameras: dict[UUID, str]
    access: AccessRecord
    flags: list[Flag]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsResult:
    """Which plates were at several incidents, as it may be shown: `access` is already committed.

    `suspects` holds the first of `count`; `reads` names plate and device of each of their reads; `looked`
    counts the devices looked through for each incident; `cameras` names all of these.
    """

    analysis: Analysis
    query: IncidentsQuery
    suspects: tuple[Suspect, ...]
    count: int
    reads: dict[UUID, tuple[str, UUID]]
    looked: tuple[int, ...]
    cameras: dict[UUID, str]
    access: AccessRecord
    flags: list[Flag]


Query = TravelQuery | IncidentsQuery


@enforces("B-466.3", "H-426.2", "B-466.3.1(d)", "H-426.2.1(d)", "B-466.6(a)", "H-426.5(a)")
def run_travel(*, by: Actor, query: TravelQuery, now: datetime) -> TravelResult:
    """Find the vehicles that traveled with another.

    Raises Refused when the person may not search or the policy does not permit crime analysis or what is
    stated, AnalysisError when it would cost too much, and SearchTooBroad when it takes too long.
    """
    return _travel(by, _asked(by, AnalysisKind.TRAVEL, query, now), query, now, is_new=True)


@enforces("B-466.3", "H-426.2", "B-466.3.1(d)", "H-426.2.1(d)", "B-466.6(a)", "H-426.5(a)")
def run_incidents(*, by: Actor, query: IncidentsQuery, now: datetime) -> IncidentsResult:
    """Find the plates that were at several incidents.

    Raises what `run_travel` does, and Device.DoesNotExist for another agency's camera.
    """
    return _incidents(by, _asked(by, AnalysisKind.INCIDENTS, query, now), query, now, is_new=True)


@enforces("B-466.6(a)", "H-426.5(a)")
def show_analysis(*, by: Actor, analysis_id: UUID, now: datetime) -> TravelResult | IncidentsResult:
    """Run one of the person's own analyses again, under a record of its own and today's policy.

    Raises Analysis.DoesNotExist for somebody else's, and whatever running it first does.
    """
    by.require("search.run")
    analysis = analysis_queries.own_analysis(by.agency, by.user_id, analysis_id)
    if analysis.kind == AnalysisKind.TRAVEL:
        return _travel(by, analysis, travel_query(analysis), now, is_new=False)
    return _incidents(by, analysis, incidents_query(analysis), now, is_new=False)


def travel_query(analysis: Analysis) -> TravelQuery:
    """The query a kept analysis of companions was made with."""
    return TravelQuery.from_json(analysis.asked, **_stated(analysis))


def incidents_query(analysis: Analysis) -> IncidentsQuery:
    """The query a kept analysis of incidents was made with."""
    return IncidentsQuery.from_json(analysis.asked, **_stated(analysis))


def _stated(analysis: Analysis) -> dict[str, str]:
    return {"purpose": analysis.purpose, "reason": analysis.reason, "reference": analysis.reference}


def _asked(by: Actor, kind: AnalysisKind, query: Query, now: datetime) -> Analysis:
    return Analysis(
        id=uuid4(),
        agency=Agency(pk=by.agency),
        kind=kind,
        asked_by=User(pk=by.user_id),
        asked_at=now,
        asked=query.as_json(),
        purpose=query.purpose,
        reason=query.reason,
        reference=query.reference,
        profile_version=by.profile.version,
    )


def _require_permitted(by: Actor, query: Query) -> None:
    by.require("search.run")
    analysis_permitted(by.profile, query.purpose, query.reason, query.reference).require()


def _travel(
    by: Actor, analysis: Analysis, query: TravelQuery, now: datetime, *, is_new: bool
) -> TravelResult:
    _require_permitted(by, query)
    try:
        return _found(by, analysis, query, now, is_new=is_new)
    except AnalysisError as error:
        # Its words tell how often the vehicle passed cameras: that too is an access.
        flags = screen_reason(by.profile, query.reason)
        with transaction.atomic(durable=True):
            _record(by, analysis, query, 0, (), flags, now, told=str(error))
        raise


def _found(by: Actor, analysis: Analysis, query: TravelQuery, now: datetime, *, is_new: bool) -> TravelResult:
    """What `run_travel` gives, its record committed. Raises AnalysisError, before anything is kept."""
    with transaction.atomic(durable=True):
        seen = analysis_queries.sightings(by.agency, query.plate_key, query.from_at, query.until_at)
        passes = passes_of(seen)
        looks = looks_of(passes, query.within)
        check_travel_cost(looks, query)
        found = companions(
            passes,
            analysis_queries.meetings(by.agency, looks, fewest=query.fewest, without=query.plate_key),
            query,
            ZoneInfo(by.profile.agency.time_zone),
        )
        shown = tuple(found[:SHOWN])
        flags = screen_reason(by.profile, query.reason)
        access = _record(by, analysis, query, len(found), [one.plate for one in shown], flags, now)
        if is_new:
            _keep(analysis, len(found), access)
        cameras = analysis_queries.camera_names(by.agency, {one.device_id for one in passes})
    return TravelResult(
        analysis=analysis,
        query=query,
        passes=tuple(passes),
        companions=shown,
        count=len(found),
        cameras=cameras,
        access=access,
        flags=flags,
    )


def _incidents(
    by: Actor, analysis: Analysis, query: IncidentsQuery, now: datetime, *, is_new: bool
) -> IncidentsResult:
    _require_permitted(by, query)
    with transaction.atomic(durable=True):
        devices = [analysis_queries.devices_at(by.agency, one) for one in query.incidents]
        check_incidents_cost(query, [len(one) for one in devices])
        pairs = zip(query.incidents, devices, strict=True)
        reads = [analysis_queries.reads_at(by.agency, one, looked) for one, looked in pairs]
        found = suspects(query, reads)
        shown = tuple(found[:SHOWN])
        keys = {one.plate_key for one in shown}
        details = analysis_queries.details(
            by.agency, [key for place in reads for key in place if key[2] in keys]
        )
        plates = sorted({plate for plate, _ in details.values()})
        flags = screen_reason(by.profile, query.reason)
        access = _record(by, analysis, query, len(found), plates, flags, now)
        if is_new:
            _keep(analysis, len(found), access)
        cameras = analysis_queries.camera_names(by.agency, {pk for looked in devices for pk in looked})
    return IncidentsResult(
        analysis=analysis,
        query=query,
        suspects=shown,
        count=len(found),
        reads=details,
        looked=tuple(len(one) for one in devices),
        cameras=cameras,
        access=access,
        flags=flags,
    )


def _record(
    by: Actor,
    analysis: Analysis,
    query: Query,
    count: int,
    shown: Sequence[str],
    flags: Sequence[Flag],
    now: datetime,
    told: str = "",
) -> AccessRecord:
    """The access record also names the plates shown: nobody asked for them, yet they are looked at.

    `told` is what the person was told instead of a result.
    """
    return audit.record_access(
        by=by.who,
        agency=by.agency,
        elements={
            "analysis": AnalysisKind(analysis.kind).label,
            "plate": "",  # all plates of the incidents; of companions, the one whose they are
            **query.as_json(),
            "shown": list(shown),
        }
        | ({"told": told} if told else {}),
        purpose=query.purpose,
        reason=query.reason,
        reference=query.reference,
        result_count=count,
        flags=[f"{flag.name}: {flag.matched}" for flag in flags],
        subject=f"search.Analysis:{analysis.pk}",
        profile_version=by.profile.version,
        now=now,
    )


def _keep(analysis: Analysis, count: int, access: AccessRecord) -> None:
    analysis.match_count = count
    analysis.access_record_id = access.pk
    analysis.save(force_insert=True)

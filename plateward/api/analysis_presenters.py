"""Between the API's formats of analyses and the searching subject's own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from msgspec import UNSET

from plateward.api import problems
from plateward.api.analysis_formats import (
    CommonPassFacts,
    CompanionFacts,
    IncidentRequest,
    IncidentsAnalysis,
    IncidentsRequest,
    OwnAnalyses,
    OwnAnalysis,
    PresenceFacts,
    SeenRead,
    SuspectFacts,
    TravelAnalysis,
    TravelRequest,
)
from plateward.api.presenters import area_of, flags_told, in_known_times, stated
from plateward.api.problems import Problem
from plateward.search.analysis_actions import IncidentsResult, TravelResult
from plateward.search.analysis_models import Analysis
from plateward.search.areas import AreaError
from plateward.search.incidents import Incident, IncidentsQuery, Presence, Suspect
from plateward.search.meetings import AnalysisError
from plateward.search.travel import Companion, TravelQuery

USUAL_SPAN: Final = timedelta(days=7)


def travel_query(asked: TravelRequest, now: datetime) -> TravelQuery:
    """Whose companions are asked for. Raises Problem."""
    until_at = now if asked.until_at is UNSET else asked.until_at
    from_at = until_at - USUAL_SPAN if asked.from_at is UNSET else asked.from_at
    in_known_times(from_at, until_at)
    try:
        return TravelQuery(
            plate=asked.plate,
            within=timedelta(seconds=asked.within_s),
            fewest=asked.fewest_cameras,
            from_at=from_at,
            until_at=until_at,
            **stated(asked),
        )
    except AnalysisError as error:
        raise Problem(problems.QUERY, str(error)) from error


def incidents_query(asked: IncidentsRequest) -> IncidentsQuery:
    """Which incidents are to be compared. Raises Problem."""
    try:
        incidents = tuple(_incident(one) for one in asked.incidents)
        return IncidentsQuery(incidents=incidents, fewest=asked.fewest_incidents, **stated(asked))
    except (AnalysisError, AreaError) as error:
        raise Problem(problems.QUERY, str(error)) from error


def _incident(asked: IncidentRequest) -> Incident:
    in_known_times(asked.from_at, asked.until_at)
    return Incident(
        name=asked.name,
        from_at=asked.from_at,
        until_at=asked.until_at,
        area=area_of(asked.area),
        device_ids=tuple(sorted(set(asked.device_ids))),
    )


def result_of(result: TravelResult | IncidentsResult) -> TravelAnalysis | IncidentsAnalysis:
    """What an analysis found."""
    return _travel(result) if isinstance(result, TravelResult) else _incidents(result)


def _travel(result: TravelResult) -> TravelAnalysis:
    return TravelAnalysis(
        analysis_id=result.analysis.pk,
        access_record=result.access.pk,
        plate=result.query.plate,
        passes=len(result.passes),
        count=result.count,
        flags=flags_told(result.flags),
        companions=tuple(_companion(result, one) for one in result.companions),
    )


def _companion(result: TravelResult, companion: Companion) -> CompanionFacts:
    passes = tuple(
        CommonPassFacts(
            read=_seen(result.cameras, one.read_id, one.captured_at, one.plate, one.own.device_id),
            own_read_id=one.own.sightings[0].read_id,
            seconds=one.seconds,
            vehicles=one.vehicles,
        )
        for one in companion.passes
    )
    return CompanionFacts(
        plate=companion.plate,
        cameras=companion.cameras,
        days=companion.days,
        surprise_bits=companion.bits,
        passes=passes,
    )


def _incidents(result: IncidentsResult) -> IncidentsAnalysis:
    return IncidentsAnalysis(
        analysis_id=result.analysis.pk,
        access_record=result.access.pk,
        looked=result.looked,
        count=result.count,
        flags=flags_told(result.flags),
        plates=tuple(_suspect(result, one) for one in result.suspects),
    )


def _suspect(result: IncidentsResult, suspect: Suspect) -> SuspectFacts:
    presences = tuple(_presence(result, one) for one in suspect.presences)
    return SuspectFacts(plate=presences[0].reads[0].plate, surprise_bits=suspect.bits, presences=presences)


def _presence(result: IncidentsResult, presence: Presence) -> PresenceFacts:
    reads = tuple(
        _seen(result.cameras, read_id, at, *result.reads[read_id])
        for at, read_id in zip(presence.times, presence.read_ids, strict=True)
    )
    return PresenceFacts(incident=presence.incident.name, vehicles=presence.vehicles, reads=reads)


def _seen(cameras: dict[UUID, str], read_id: UUID, at: datetime, plate: str, device_id: UUID) -> SeenRead:
    return SeenRead(id=read_id, captured_at=at, plate=plate, device_id=device_id, device=cameras[device_id])


def own_analyses(analyses: Sequence[Analysis], size: int) -> OwnAnalyses:
    """A page of one's own analyses; one more than fits says that there is another page."""
    shown = analyses[:size]
    following = f"{reverse('api:analyses')}?after={shown[-1].pk}" if len(analyses) > size else None
    return OwnAnalyses(analyses=tuple(_own_analysis(one) for one in shown), next=following)


def _own_analysis(analysis: Analysis) -> OwnAnalysis:
    asked: dict[str, Any] = analysis.asked
    return OwnAnalysis(
        analysis_id=analysis.pk,
        kind=analysis.kind,
        asked_at=analysis.asked_at,
        asked=asked,
        purpose=analysis.purpose,
        reason=analysis.reason,
        reference=analysis.reference,
        count=analysis.match_count,
        result=reverse("api:analysis", args=[analysis.pk]),
    )

"""Between the API's formats of canvasses and the searching subject's own."""

from collections.abc import Iterable, Sequence

from django.urls import reverse

from plateward.api import problems
from plateward.api.canvass_formats import (
    AssignmentFacts,
    CanvassDetails,
    Canvasses,
    CanvassFacts,
    CanvassRequest,
    ComparisonRequest,
    CoverageFacts,
    CoveringFacts,
    NearbyCarFacts,
    OpenedCanvass,
    OwnAssignments,
)
from plateward.api.presenters import area_of, device_problems, flags_told, in_known_times, stated
from plateward.api.problems import Problem
from plateward.policy.screening import Flag
from plateward.search.areas import AreaError
from plateward.search.canvass_queries import Coverage, Covering, names_of
from plateward.search.canvass_rules import AssignmentState, CrimeKind
from plateward.search.incidents import Incident, IncidentsQuery
from plateward.search.meetings import AnalysisError
from plateward.search.models import Canvass, CanvassAssignment
from plateward.search.rules import QueryError, SearchQuery


def query_of(asked: CanvassRequest) -> SearchQuery:
    """Where, when and why a canvass is opened. Raises Problem."""
    in_known_times(asked.from_at, asked.until_at)
    if not asked.place.strip():
        raise Problem(problems.QUERY, "place: say in words where it was, as on the report.")
    try:
        return SearchQuery(
            pattern=None,
            area=area_of(asked.area),
            from_at=asked.from_at,
            until_at=asked.until_at,
            **stated(asked),
        )
    except (QueryError, AreaError) as error:
        raise Problem(problems.QUERY, str(error)) from error


def comparison_of(asked: ComparisonRequest, canvasses: Sequence[Canvass]) -> IncidentsQuery:
    """These canvasses as the incidents to compare. Raises Problem."""
    try:
        incidents = tuple(
            Incident(name=name, from_at=one.from_at, until_at=one.until_at, area=one.searched)
            for name, one in zip(names_of(canvasses), canvasses, strict=True)
        )
        return IncidentsQuery(incidents=incidents, fewest=asked.fewest_incidents, **stated(asked))
    except AnalysisError as error:
        raise Problem(problems.QUERY, str(error)) from error


def opened_canvass(found: Canvass, flags: Iterable[Flag]) -> OpenedCanvass:
    """A canvass just opened."""
    return OpenedCanvass(canvass=canvass_facts(found), flags=flags_told(flags))


def canvass_facts(found: Canvass) -> CanvassFacts:
    """A canvass as it is."""
    return CanvassFacts(
        id=found.pk,
        crime=CrimeKind(found.crime),
        is_major=found.is_major,
        place=found.place,
        area=found.area,
        from_at=found.from_at,
        until_at=found.until_at,
        purpose=found.purpose,
        reason=found.reason,
        reference=found.reference,
        opened_by=found.opened_by.full_name,
        opened_at=found.opened_at,
        closed_by=found.closed_by.full_name if found.closed_by else None,
        closed_at=found.closed_at,
        closing_note=found.closing_note,
    )


def canvasses(found: Sequence[Canvass], size: int) -> Canvasses:
    """A page of canvasses; one more than fits says that there is another page."""
    shown = found[:size]
    following = f"{reverse('api:canvasses')}?after={shown[-1].pk}" if len(found) > size else None
    return Canvasses(canvasses=tuple(map(canvass_facts, shown)), next=following)


def canvass_details(found: Canvass, assignments: Iterable[CanvassAssignment]) -> CanvassDetails:
    """A canvass with who was sent to it."""
    return CanvassDetails(canvass=canvass_facts(found), assignments=tuple(map(assignment_facts, assignments)))


def own_assignments(found: Iterable[CanvassAssignment]) -> OwnAssignments:
    """What one is oneself sent to."""
    return OwnAssignments(assignments=tuple(map(assignment_facts, found)))


def assignment_facts(found: CanvassAssignment) -> AssignmentFacts:
    """An assignment as it is."""
    return AssignmentFacts(
        id=found.pk,
        canvass_id=found.canvass_id,
        username=found.assigned_to.username,
        name=found.assigned_to.full_name,
        device_id=found.device_id,
        device=found.device.name if found.device else None,
        from_at=found.from_at,
        until_at=found.until_at,
        state=AssignmentState(found.state),
        assigned_by=found.assigned_by.full_name,
        assigned_at=found.assigned_at,
        acknowledged_at=found.acknowledged_at,
        ended_by=found.ended_by.full_name if found.ended_by else None,
        ended_at=found.ended_at,
        note=found.note,
    )


def coverage_facts(coverage: Coverage) -> CoverageFacts:
    """What covers a canvass."""
    near = tuple(
        NearbyCarFacts(
            device_id=one.device.pk,
            device=one.device.name,
            seen_at=one.seen_at,
            distance_m=round(one.distance_m),
        )
        for one in coverage.near
    )
    return CoverageFacts(devices=tuple(map(_covering, coverage.devices)), cars_near=near)


def _covering(one: Covering) -> CoveringFacts:
    return CoveringFacts(
        device_id=one.device.pk,
        device=one.device.name,
        is_standing=one.is_standing,
        has_read=one.has_read,
        problems=device_problems(one.problems),
    )

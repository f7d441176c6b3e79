"""Analyses for test_every_act."""

from collections.abc import Callable
from datetime import timedelta

from plateward.search import analysis_actions as analyses
from plateward.search.incidents import Incident, IncidentsQuery
from plateward.search.travel import TravelQuery
from tests.stage import Act, Stage


def travel_query(s: Stage) -> TravelQuery:
    return TravelQuery(
        plate="6XYZ789",
        within=timedelta(minutes=2),
        fewest=3,
        from_at=s.now - timedelta(days=1),
        until_at=s.now,
        purpose="crime-analysis",
        reason="Burglary series on Main Street",
    )


def incidents_query(s: Stage) -> IncidentsQuery:
    begun = [s.now - timedelta(days=days) for days in (1, 2)]
    camera = (s.town.camera.pk,)
    return IncidentsQuery(
        incidents=tuple(
            Incident(name=f"{at}", from_at=at, until_at=at + timedelta(hours=1), device_ids=camera)
            for at in begun
        ),
        fewest=2,
        purpose="crime-analysis",
        reason="Burglary series on Main Street",
    )


def show_analysis(s: Stage) -> Act:
    made = analyses.run_travel(query=travel_query(s), **s.by("diaz")).analysis
    return lambda: analyses.show_analysis(analysis_id=made.pk, **s.by("diaz"))


ANALYSES: dict[str, Callable[[Stage], Act]] = {
    "search.run_travel": lambda s: lambda: analyses.run_travel(query=travel_query(s), **s.by("diaz")),
    "search.run_incidents": lambda s: (
        lambda: analyses.run_incidents(query=incidents_query(s), **s.by("diaz"))
    ),
    "search.show_analysis": show_analysis,
}

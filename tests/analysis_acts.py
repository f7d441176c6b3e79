"""Analyses and kept searches for test_every_act."""

from collections.abc import Callable
from datetime import timedelta

from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.search import analysis_actions as analyses
from plateward.search import kept_actions as keeping
from plateward.search.incidents import Incident, IncidentsQuery
from plateward.search.kept import Wanted
from plateward.search.kept_models import KeptSearch
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


def kept(s: Stage) -> KeptSearch:
    wanted = Wanted(
        pattern=PlatePattern.parse("6XYZ789"),
        tolerance=Tolerance.AS_WRITTEN,
        area=None,
        purpose="stolen-plate",
        reason="Plate taken overnight from the lot",
        reference="26-01234",
    )
    until_at = s.now + timedelta(days=7)
    return keeping.keep(wanted=wanted, until_at=until_at, **s.by("diaz"))


def kept_act(name: str, **given: object) -> Callable[[Stage], Act]:
    """An act on a kept search."""

    def prepared(s: Stage) -> Act:
        made = kept(s)
        return lambda: getattr(keeping, name)(kept_id=made.pk, **given, **s.by("diaz"))

    return prepared


def mark_seen(s: Stage) -> Act:
    made = kept(s)
    access = keeping.look(kept_id=made.pk, **s.by("diaz")).access
    return lambda: keeping.mark_seen(kept_id=made.pk, access_id=access.pk, **s.by("diaz"))


def renew(s: Stage) -> Act:
    made, until_at = kept(s), s.now + timedelta(days=14)
    return lambda: keeping.renew(kept_id=made.pk, until_at=until_at, **s.by("diaz"))


def hand_over(s: Stage) -> Act:
    made = kept(s)
    return lambda: keeping.hand_over(kept_id=made.pk, to=s.town.users["ortiz"], **s.by("diaz"))


def end_due(s: Stage) -> Act:
    kept(s)
    return lambda: keeping.end_due(now=s.now + timedelta(days=8))


ANALYSES: dict[str, Callable[[Stage], Act]] = {
    "search.run_travel": lambda s: lambda: analyses.run_travel(query=travel_query(s), **s.by("diaz")),
    "search.run_incidents": lambda s: (
        lambda: analyses.run_incidents(query=incidents_query(s), **s.by("diaz"))
    ),
    "search.show_analysis": show_analysis,
    "search.keep": lambda s: lambda: kept(s),
    "search.look": kept_act("look"),
    "search.mark_seen": mark_seen,
    "search.renew": renew,
    "search.hand_over": hand_over,
    "search.end": kept_act("end"),
    "search.end_due": end_due,
    "search.inspect": lambda s: lambda: keeping.inspect(shown=3, **s.by("cole")),
}

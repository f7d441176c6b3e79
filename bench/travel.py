"""Milliseconds per analysis over a generated city, against one plain statement each, in the same run.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/travel.py [--days 40] [--runs 40] [--plain 5]
           [--reads-a-day 250000] [--cameras 200] [--seed 1] [--kept]

Makes the city of bench/city.py first (`--kept`: takes the one kept there). The owner must be a member of the
application's role, in whose place analyses run, so behind the walls. "Travel" looks for companions of plates
of the city, frequent ones more often, over its newest 30 days within two minutes at three cameras: the
vehicle's passes, the statement, the ranking; journal and page are not included. Those refused by the guard of
costs are counted and left out. "Incidents" compares three of one hour at five cameras. Each is the best of
three, and so warm. The plain way is a self-join, and an intersection, as one would write them first.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.db import OperationalError, connection

from bench.city import AGENCY, acting_as, build, parser, scratch_database, sizes, told
from bench.search import TIME_LIMIT_MS, best, known_plates, spread, timed
from plateward.devices.models import Device
from plateward.search import analysis_queries
from plateward.search.incidents import Incident, IncidentsQuery, suspects
from plateward.search.meetings import AnalysisError
from plateward.search.travel import (
    LONGEST_SPAN,
    USUAL_WITHIN,
    TravelQuery,
    check_travel_cost,
    companions,
    looks_of,
    passes_of,
)
from plateward.walls import rights, scope

PLAIN_TRAVEL = """
SELECT other.plate_key, count(DISTINCT own.device_id)
FROM reads_searched AS own JOIN reads_searched AS other
  ON other.device_id = own.device_id AND other.plate_key <> own.plate_key
 AND other.captured_at BETWEEN own.captured_at - %(within)s AND own.captured_at + %(within)s
WHERE own.plate_key = %(key)s AND own.captured_at >= %(first)s AND own.captured_at < %(last)s
GROUP BY other.plate_key HAVING count(DISTINCT own.device_id) >= 3
"""
PLAIN_INCIDENTS = """
SELECT plate_key, count(DISTINCT incident)
FROM unnest(%(begins)s::timestamptz[], %(devices)s::uuid[], %(numbers)s::int[])
     AS asked (at, device, incident)
JOIN reads_searched ON device_id = device AND captured_at >= at AND captured_at < at + interval '1 hour'
GROUP BY plate_key HAVING count(DISTINCT incident) >= 2
"""
STATED = {"purpose": "crime-analysis", "reason": "bench"}


def last_read() -> datetime:
    """Right after the newest read of the city."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(captured_at) FROM reads_read")
        (last,) = cursor.fetchone()
    return last + timedelta(seconds=1)  # type: ignore[no-any-return]  # a city has reads


def travel(query: TravelQuery) -> int:
    """What `run_travel` does but for journal and names; returns the number of passes."""
    seen = analysis_queries.sightings(AGENCY, query.plate_key, query.from_at, query.until_at)
    passes = passes_of(seen)
    looks = looks_of(passes, query.within)
    check_travel_cost(looks, query)
    met = analysis_queries.meetings(AGENCY, looks, fewest=query.fewest, without=query.plate_key)
    companions(passes, met, query, UTC)
    return len(passes)


def incidents(query: IncidentsQuery) -> None:
    """What `run_incidents` does but for journal and names."""
    reads = [
        analysis_queries.reads_at(AGENCY, one, analysis_queries.devices_at(AGENCY, one))
        for one in query.incidents
    ]
    suspects(query, reads)


def plainly(statement: str, values: dict[str, Any]) -> float:
    """Milliseconds of one plain statement, which is stopped at its limit."""

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {TIME_LIMIT_MS}")
            cursor.execute(statement, values)
            cursor.fetchall()

    try:
        return timed(ask)
    except OperationalError:
        return float(TIME_LIMIT_MS)


def row(label: str, took: Sequence[float], plain: Sequence[float]) -> None:
    """Print median, 95th percentile and the plain way's median with its ratio."""
    p50, p95 = spread(took)
    other, _ = spread(plain)
    print(f"{label:40}{len(took):6}{p50:10.1f}{p95:10.1f}{other:12.0f}{other / p50:9.1f}×")


def travel_queries(runs: int, chance: random.Random) -> list[TravelQuery]:
    """Of plates that were read, frequent ones more often."""
    last = last_read()
    return [
        TravelQuery(
            plate=plate, within=USUAL_WITHIN, fewest=3, from_at=last - LONGEST_SPAN, until_at=last, **STATED
        )
        for plate in known_plates(runs, chance)
    ]


def incident_queries(runs: int, chance: random.Random) -> list[IncidentsQuery]:
    """Three hours of the newest week, each at five cameras."""
    last = last_read()
    devices: list[UUID] = list(Device.objects.filter(agency_id=AGENCY).values_list("pk", flat=True))
    begins = [[last - timedelta(hours=chance.randint(2, 160)) for _ in range(3)] for _ in range(runs)]
    return [
        IncidentsQuery(
            incidents=tuple(
                Incident(
                    name=f"{number}",
                    from_at=at,
                    until_at=at + timedelta(hours=1),
                    device_ids=tuple(chance.sample(devices, 5)),
                )
                for number, at in enumerate(times)
            ),
            fewest=2,
            **STATED,
        )
        for times in begins
    ]


def plain_incidents(query: IncidentsQuery) -> float:
    """The plain way to the same plates."""
    asked = [
        (one.from_at, device, number)
        for number, one in enumerate(query.incidents)
        for device in one.device_ids
    ]
    begins, devices, numbers = (list(column) for column in zip(*asked, strict=True))
    return plainly(PLAIN_INCIDENTS, {"begins": begins, "devices": devices, "numbers": numbers})


def own_figures(queries: Sequence[TravelQuery]) -> tuple[list[float], list[int], int]:
    """Milliseconds and passes of each that the guard of costs lets run, and how many it refused."""
    took: list[float] = []
    passes: list[int] = []
    refused = 0
    for query in queries:
        told(f"companions of {query.plate}")
        try:
            passes.append(travel(query))
        except AnalysisError:
            refused += 1
        else:
            took.append(best(lambda query=query: travel(query)))
    return took, passes, refused


def measure(given: argparse.Namespace) -> None:
    """Measure in the city that is there, behind the walls."""
    chance = random.Random(given.seed)  # noqa: S311  plates, not secrets
    asked, compared = travel_queries(given.runs, chance), incident_queries(given.runs, chance)
    with acting_as(rights.APPLICATION), scope.as_agency(AGENCY):
        took, passes, refused = own_figures(asked)
        plain = [
            plainly(
                PLAIN_TRAVEL,
                {
                    "key": query.plate_key,
                    "within": query.within,
                    "first": query.from_at,
                    "last": query.until_at,
                },
            )
            for query in asked[: given.plain]
        ]
        at_scenes = [best(lambda query=query: incidents(query)) for query in compared]
        plain_scenes = [plain_incidents(query) for query in compared[: given.plain]]
    told("")
    span = min(given.days, LONGEST_SPAN.days)
    print(f"\n{'ms':40}{'runs':>6}{'p50':>10}{'p95':>10}{'plain p50':>12}{'ratio':>10}")
    row(f"companions over {span} days", took, plain)
    row("three incidents of an hour", at_scenes, plain_scenes)
    middle, most = spread(passes)
    print(f"passes of a vehicle: p50 {middle:.0f}, p95 {most:.0f}; refused as too costly: {refused}")


def main() -> None:
    """Make the city, measure, print."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("--plain", type=int, default=5)
    options.add_argument("--kept", action="store_true")
    given = options.parse_args()
    scope.become_system("The bench makes its agency and looks through its rows.")
    began = time.monotonic()
    if given.kept:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM reads_read")
            sizes(cursor.fetchone()[0])
        measure(given)
    else:
        with scratch_database():
            build(given)
            measure(given)
    print(f"in all {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()

"""Milliseconds per search over a generated city, against plain ways to ask the same, in the same run.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/search.py [--days 40] [--runs 40] [--plain 5]
           [--reads-a-day 250000] [--cameras 200] [--seed 1] [--kept] [--shapes exact,ending,travel]

`--days 365` is the year of a city. Makes the city of bench/city.py first (`--kept`: takes the one kept
there) and removes it afterwards. The owner must be a member of the application's role, in whose place
searches run, so behind the walls. "Found" is `search.finding.newest`, which finds the keys of the first
page of 200, newest first; "with its reads" is `search.queries.find`, which also fetches the page's rows;
journal and page are not included. Each search is the best of three, and so warm; "first" is the first of
its shape as it came; "processors" is what client and database together took of them for one, which other
work changes less (Linux, database on this machine). "No hit" are patterns of the same shape that no plate of
the city agrees with, made of what is frequent. "Rare make" and "rare state" are what no vehicle of the city
has: every read that the plate finds is looked at, and where those are too many the limit of time ends it,
which counts as that long. A canvass takes all plates of an hour within 1 km of a camera, or at five cameras.
Travel looks for what passed three of the same cameras within two minutes of a plate, over the last 30 days,
for at least 200 plates: how long it takes is a matter of how often a vehicle passed, and of twenty plates
the 95th percentile would be the one seen most. `--shapes` measures those only whose names hold one of these
words; what no vehicle has takes up to a minute each.
The plain ways ask for the same keys in one statement, each once: by LIKE alone, by Django's regular
expressions with a count for the pages, and with pg_trgm's index over every read where the server has it;
`--plain 0` leaves them out. Database and client share this machine's processors, so the ratios matter, not
the absolutes.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from bench.city import (
    AGENCY,
    START,
    acting_as,
    build,
    parser,
    raise_walls,
    scratch_database,
    sizes,
    told,
)
from bench.intake import backend_pid, processors
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.reads.models import SearchedRead
from plateward.search.analysis_queries import meetings, sightings
from plateward.search.areas import Circle
from plateward.search.finding import newest, plates_seen
from plateward.search.queries import SearchTooBroad, devices_of, find, limits
from plateward.search.rules import PAGE_SIZE, SearchQuery
from plateward.search.travel import TravelQuery, companions, looks_of, passes_of
from plateward.walls import rights, scope

TIME_LIMIT_MS = 120_000
"""A plain way that takes longer is counted as that long."""
FEW = 3
"""So many searches for what no vehicle has: some take until they are stopped."""
SLOW_MS = 2_000
"""What takes longer is not tried again."""
TRAVELERS = 200
"""So many plates' companions are looked for."""
TRIES = 400
"""So many patterns are tried to find some without a hit."""
PLAIN_SQL = """
SELECT captured_at, id, plate_key FROM reads_searched
WHERE agency_id = %s AND captured_at >= %s AND captured_at < %s AND plate LIKE %s
ORDER BY captured_at DESC, id DESC LIMIT %s
"""

Shapes = dict[str, list[SearchQuery]]


def known_plates(count: int, chance: random.Random) -> list[str]:
    """Plates of the city as its reads have them: frequent ones more often."""
    reads = SearchedRead.objects.order_by().values_list("plate", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(captured_at), max(captured_at) FROM reads_read")
        first, last = cursor.fetchone()
    found: list[str] = []
    while len(found) < count:
        at = first + (last - first) * chance.random()
        found += reads.filter(captured_at__gte=at, captured_at__lt=at + timedelta(minutes=2))[:5]
    return found[:count]


def shapes(known: Sequence[str], days: int) -> Shapes:
    """Searches of each shape, made from plates that exist."""
    written = {
        "exact": list(known),
        "three    ?ABC*": [f"?{plate[1:4]}*" for plate in known],
        "three    *BC1*": [f"*{plate[2:5]}*" for plate in known],
        "ending   *123": [f"*{plate[-3:]}" for plate in known],
        "scattered 7??B?3?": [f"{plate[0]}??{plate[3]}?{plate[5]}?" for plate in known],
        "two      *BC*": [f"*{plate[2:4]}*" for plate in known],
        "two      7B*": [f"{plate[:2]}*" for plate in known],
        "vague    ?A*3*": [f"?{plate[1]}*{plate[5]}*" for plate in known],
    }
    made: Shapes = {shape: [asked(text, days) for text in texts] for shape, texts in written.items()}
    scattered = written["scattered 7??B?3?"]
    made["look-alike, whole"] = [asked(text, days, tolerance=Tolerance.LOOK_ALIKES) for text in known]
    made["look-alike, scattered"] = [asked(text, days, tolerance=Tolerance.LOOK_ALIKES) for text in scattered]
    made["one character"] = [asked(text, days, tolerance=Tolerance.ONE_CHARACTER) for text in known]
    few = {shape: texts[:FEW] for shape, texts in written.items()}
    for shape in ("three    *BC1*", "scattered 7??B?3?", "two      *BC*"):
        made[f"{shape}, rare make"] = [asked(text, days, make="Rivian") for text in few[shape]]
    made["two      *BC*, rare state"] = [asked(text, days, region="US-NV") for text in few["two      *BC*"]]
    return made


def canvasses(runs: int, chance: random.Random, days: int) -> Shapes:
    """All plates of some hours, around a camera and at five of them."""
    devices = list(devices_of(AGENCY))
    made: Shapes = {"canvass, 1 hour, 1 km": [], "canvass, 1 hour, 5 cameras": []}
    for _ in range(runs):
        from_at = START + timedelta(hours=chance.randrange(days * 24))
        around = chance.choice(devices)
        if around.latitude is not None and around.longitude is not None:
            circle = Circle(around.latitude, around.longitude, 1000)
            made["canvass, 1 hour, 1 km"].append(hour_from(from_at, area=circle))
        five = tuple(device.pk for device in chance.sample(devices, 5))
        made["canvass, 1 hour, 5 cameras"].append(hour_from(from_at, device_ids=five))
    return made


def hour_from(from_at: datetime, **place: Any) -> SearchQuery:
    """A canvass of an hour."""
    until_at = from_at + timedelta(hours=1)
    return SearchQuery(
        pattern=None, from_at=from_at, until_at=until_at, purpose="active-warrant", reason="bench", **place
    )


def without_hit(
    known: Sequence[str], runs: int, chance: random.Random, days: int, wanted: Sequence[str]
) -> Shapes:
    """Patterns that no plate agrees with, made of parts of plates that exist; fewer where few are found."""

    def mixed() -> str:
        return "".join(chance.choice(known)[place] for place in range(7))

    makers: dict[str, Callable[[str], str]] = {
        "exact, no hit": lambda plate: plate,
        "three    *BC1*, no hit": lambda plate: f"*{plate[1:3]}{chance.choice('IOQ')}*",
        "scattered 7??B?3?, no hit": lambda plate: f"{plate[0]}?{plate[2]}{plate[3]}?{plate[5]}?",
        "scattered, more known, no hit": lambda plate: (
            f"{plate[0]}?{plate[2]}{plate[3]}?{plate[5]}{plate[6]}"
        ),
        "two      *BC*, no hit": lambda plate: f"*{plate[2]}{chance.choice('IOQ')}*",
    }
    found: Shapes = {}
    for shape, maker in makers.items():
        if not is_wanted(shape, wanted):
            continue
        texts: list[str] = []
        for _ in range(TRIES):
            if len(texts) == runs:
                break
            text = maker(mixed())
            if not is_seen(asked(text, days)):
                texts.append(text)
            told(f"{shape}: {len(texts)} of {runs}")
        found[shape] = [asked(text, days) for text in texts]
    told("")
    return found


def is_wanted(shape: str, wanted: Sequence[str]) -> bool:
    """Whether a shape was asked for: all are where none is."""
    return not wanted or any(word in shape for word in wanted)


def is_seen(query: SearchQuery) -> bool:
    """Whether any plate agrees; one whose search is stopped counts as seen."""
    with suppress(SearchTooBroad), transaction.atomic(), limits():
        return any(True for _ in plates_seen(AGENCY, query, query.until_at, 1))
    return True


def asked(text: str, days: int, **facts: Any) -> SearchQuery:
    """A search over the whole time of the city."""
    return SearchQuery(
        pattern=PlatePattern.parse(text),
        from_at=START,
        until_at=START + timedelta(days=days),
        purpose="active-warrant",
        reason="bench",
        **facts,
    )


def timed(search: Callable[[], Any]) -> float:
    """Milliseconds of one search in a transaction, as the product runs it, also where its time is up."""
    began = time.perf_counter()
    with suppress(SearchTooBroad), transaction.atomic():
        search()
    return (time.perf_counter() - began) * 1000


def spread(took: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    ordered = sorted(took)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)]


def by_sql(query: SearchQuery) -> None:
    """One plain statement; an index it may use is the planner's choice."""
    with connection.cursor() as cursor:
        like = PlatePattern.parse(query.plate).sql_like
        values: list[Any] = [AGENCY, query.from_at, query.until_at, like, PAGE_SIZE + 1]
        cursor.execute(PLAIN_SQL, values)
        cursor.fetchall()


def by_django(query: SearchQuery) -> None:
    """The framework's everyday way: a regular expression, newest first, with a count for the pages."""
    regex = "^" + query.plate.replace("?", "[A-Z0-9]").replace("*", "[A-Z0-9]*") + "$"
    reads = SearchedRead.objects.filter(
        agency_id=AGENCY, captured_at__gte=query.from_at, captured_at__lt=query.until_at, plate__regex=regex
    )
    list(reads.order_by("-captured_at", "-id").values_list("captured_at", "id")[: PAGE_SIZE + 1])
    reads.count()


def plainly(way: Callable[[SearchQuery], None], queries: Sequence[SearchQuery]) -> float:
    """The median in milliseconds of a plain way, which is stopped at its limit."""
    took = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(TIME_LIMIT_MS)])
    for query in queries:
        try:
            took.append(timed(partial(way, query)))
        except OperationalError:
            took.append(TIME_LIMIT_MS)
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    return statistics.median(took)


@contextmanager
def trigrams() -> Iterator[bool]:
    """An index of trigrams over every read, where the server has that extension; gone afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone() != (1,):
            yield False
            return
        told("index of trigrams over every read")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm; SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX bench_trigrams ON reads_read USING gin (plate gin_trgm_ops)")
        cursor.execute(
            "SELECT sum(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = %s::regclass",
            ["bench_trigrams"],
        )
        (size,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM reads_read")
        (reads,) = cursor.fetchone()
        print(f"{'pg_trgm over reads, for comparison':50}{float(size) / 1e6:9.1f}{float(size) / reads:14.1f}")
        try:
            yield True
        finally:
            cursor.execute("DROP INDEX bench_trigrams; RESET maintenance_work_mem")


def measure(searches: Shapes, days: int, plain: int) -> None:
    """Print p50 and p95 of each shape and the medians of the plain ways, with their ratio to the median."""
    asked_for = {shape: queries for shape, queries in searches.items() if queries}
    if not asked_for:
        return
    heads = f"{'first':>23}{'found p50':>11}{'p95':>8}{'processors':>12}{'with its reads':>16}{'p95':>8}"
    print(f"\nover {days} days, ms {heads}  full page", flush=True)
    own: dict[str, float] = {}
    with acting_as(rights.APPLICATION), scope.as_agency(AGENCY):
        for shape, queries in asked_for.items():
            told(shape)
            own[shape], figures = own_figures(queries)
            told("")
            print(f"{shape:32}{figures}", flush=True)
    if plain:
        measure_plain(asked_for, own, plain)


def measure_plain(asked_for: Shapes, own: dict[str, float], plain: int) -> None:
    """Print the medians of the plain ways, with their ratio to Plateward's."""
    ways: dict[str, dict[str, float]] = {
        "LIKE": by_way(by_sql, asked_for, plain),
        "Django": by_way(by_django, asked_for, plain),
    }
    with trigrams() as is_there:
        if is_there:
            ways["pg_trgm"] = by_way(by_sql, asked_for, plain)
    told("")
    print(f"\nplainly, ms{'':21}{''.join(f'{way:>19}' for way in ways)}")
    for shape in filter(ways["LIKE"].get, asked_for):
        cells = (compared(took.get(shape), own[shape]) for took in ways.values())
        print(f"{shape:32}{''.join(cells)}")


def own_figures(queries: Sequence[SearchQuery]) -> tuple[float, str]:
    """Plateward's median of finding a page, and its figures as a row shows them."""
    first = timed(partial(keys_of, queries[0]))
    backend = backend_pid()
    before = processors(backend)
    for query in queries:
        timed(partial(keys_of, query))
    spent = (processors(backend) - before) / len(queries) * 1000
    found = spread([best(partial(keys_of, query)) for query in queries])
    fetched = spread([best(partial(find, AGENCY, query)) for query in queries])
    full = f"{sum(find_once(query) == PAGE_SIZE for query in queries)}/{len(queries)}"
    own = f"{first:10.1f}{found[0]:11.1f}{found[1]:8.1f}{spent:12.1f}"
    return found[0], f"{own}{fetched[0]:16.1f}{fetched[1]:8.1f}{full:>11}"


def keys_of(query: SearchQuery) -> None:
    """Find the first page as `find` does, without fetching its reads."""
    with limits():
        newest(AGENCY, query, None, PAGE_SIZE + 1)


def best(search: Callable[[], Any]) -> float:
    """The shortest of three times: what the others of this machine took is not counted."""
    took = timed(search)
    return took if took > SLOW_MS else min(took, timed(search), timed(search))


def by_way(
    way: Callable[[SearchQuery], None], asked_for: dict[str, list[SearchQuery]], plain: int
) -> dict[str, float]:
    """The median of a plain way for each shape that it can ask."""
    took = {}
    with acting_as(rights.APPLICATION), scope.as_agency(AGENCY):
        for shape, queries in asked_for.items():
            if is_plain(queries[0]):
                told(f"{shape}, {way.__name__}")
                took[shape] = plainly(way, queries[:plain])
    return took


def is_plain(query: SearchQuery) -> bool:
    """Whether the plain ways can ask this: a plate as written and nothing else."""
    return bool(query.plate) and query.tolerance is Tolerance.AS_WRITTEN and not query.make + query.region


def compared(took: float | None, own: float) -> str:
    """A plain way's median, and how many times Plateward's it is."""
    return f"{'–':>19}" if took is None else f"{took:9.0f} {took / own:8.1f}×"


def find_once(query: SearchQuery) -> int:
    """How many reads the first page shows; none where its time is up."""
    with suppress(SearchTooBroad), transaction.atomic():
        return len(find(AGENCY, query).reads)
    return 0


def measure_travel(known: Sequence[str], days: int) -> None:
    """Print how long it takes to find who travels with a plate."""
    until_at = START + timedelta(days=days)
    asked_for = [
        TravelQuery(
            plate=plate,
            within=timedelta(minutes=2),
            fewest=3,
            from_at=until_at - timedelta(days=min(days, 30)),
            until_at=until_at,
            purpose="crime-analysis",
            reason="bench",
        )
        for plate in known
    ]
    with acting_as(rights.APPLICATION), scope.as_agency(AGENCY):
        first = timed(partial(traveled_with, asked_for[0]))
        took = [best(partial(traveled_with, query)) for query in asked_for]
        passes = [traveled_with(query) for query in asked_for]
    middle, tail = spread(took)
    usual, often = spread(passes)
    print(
        f"travel, 30 days{'':17}{first:10.1f}{middle:11.1f}{tail:8.1f}   of {len(passes)} plates; passes: "
        f"median {usual:.0f}, p95 {often:.0f}; longest took {max(took):.1f}, most passes {max(passes)}"
    )


def traveled_with(query: TravelQuery) -> int:
    """Find a plate's companions as the product does; returns how often it passed a camera."""
    with transaction.atomic():
        passes = passes_of(sightings(AGENCY, query.plate_key, query.from_at, query.until_at))
        met = meetings(AGENCY, looks_of(passes, query.within), fewest=query.fewest, without=query.plate_key)
    companions(passes, met, query, UTC)
    return len(passes)


def main() -> None:
    """Make the city, measure, print."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("--plain", type=int, default=5)
    options.add_argument("--kept", action="store_true")
    options.add_argument("--shapes", type=lambda text: text.split(","), default=[])
    given = options.parse_args()
    scope.become_system("The bench makes its agency and searches its rows.")
    if given.kept:
        run(given)
        return
    with scratch_database():
        build(given)
        run(given)


def run(given: argparse.Namespace) -> None:
    """Measure in the city that is there."""
    chance = random.Random(given.seed)  # noqa: S311  patterns, not secrets
    print(f"load {os.getloadavg()[0]:.1f}")
    if given.kept:
        call_command("migrate", verbosity=0)
        raise_walls()
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(reltuples) FROM pg_class WHERE relname ~ '^reads_read_[0-9]+$'")
            sizes(cursor.fetchone()[0])
    known = known_plates(given.runs, chance)
    if is_wanted("travel", given.shapes):
        # The same plates as above come first.
        measure_travel(known_plates(max(TRAVELERS, given.runs), random.Random(given.seed)), given.days)  # noqa: S311  plates
    searches = canvasses(given.runs, chance, given.days) | shapes(known, given.days)
    wanted = {shape: asked for shape, asked in searches.items() if is_wanted(shape, given.shapes)}
    measure(wanted, given.days, given.plain)
    mixed = known_plates(500, chance)
    nothing = without_hit(mixed, given.runs, chance, given.days, given.shapes)
    measure(nothing, given.days, given.plain)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

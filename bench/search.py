"""Milliseconds per search over a generated city, against plain ways to ask the same, in the same run.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/search.py [--days 40] [--runs 40] [--plain 5]
           [--reads-a-day 250000] [--cameras 200] [--seed 1] [--kept]

`--days 365` is the year of a city. Makes the city of bench/city.py first (`--kept`: takes the one kept
there) and removes it afterwards. The owner must be a member of the application's role, in whose place
searches run, so behind the walls. "Found" is `search.finding.newest`, which finds the keys of the first
page of 200, newest first; "with its reads" is `search.queries.find`, which also fetches the page's rows;
journal and page are not included. Each search is the best of three, and so warm; "first" is the first of
its shape as it came. "No hit" are patterns of the same shape that no plate of the city agrees with, made
of what is frequent. The plain ways ask for the same keys in one statement, each once: by LIKE alone, by
Django's regular expressions with a count for the pages, and with pg_trgm's index over every read where
the server has it. Database and client share this machine's processors, so the ratios matter, not the
absolutes.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.db import OperationalError, connection, transaction

from bench.city import AGENCY, START, acting_as, build, parser, scratch_database, sizes, told
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.reads.models import SearchedRead
from plateward.search.finding import newest, plates_seen
from plateward.search.queries import find, limits
from plateward.search.rules import PAGE_SIZE, SearchQuery
from plateward.walls import rights, scope

TIME_LIMIT_MS = 120_000
"""A plain way that takes longer is counted as that long."""
TRIES = 4_000
"""So many patterns are tried to find some without a hit."""
PLAIN_SQL = """
SELECT captured_at, id, plate_key FROM reads_searched
WHERE agency_id = %s AND captured_at >= %s AND captured_at < %s AND plate LIKE %s
ORDER BY captured_at DESC, id DESC LIMIT %s
"""

Shapes = dict[str, tuple[Tolerance, list[str]]]


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


def shapes(known: Sequence[str]) -> Shapes:
    """Patterns of each shape, made from plates that exist."""
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
    made: Shapes = {shape: (Tolerance.AS_WRITTEN, texts) for shape, texts in written.items()}
    made["look-alike, whole"] = (Tolerance.LOOK_ALIKES, list(known))
    made["look-alike, scattered"] = (Tolerance.LOOK_ALIKES, written["scattered 7??B?3?"])
    made["one character"] = (Tolerance.ONE_CHARACTER, list(known))
    return made


def without_hit(known: Sequence[str], runs: int, chance: random.Random, days: int) -> Shapes:
    """Patterns that no plate agrees with, made of parts of plates that exist; fewer where few are found."""

    def mixed() -> str:
        return "".join(chance.choice(known)[place] for place in range(7))

    makers: dict[str, Callable[[str], str]] = {
        "exact, no hit": lambda plate: plate,
        "three    *BC1*, no hit": lambda plate: f"*{chance.choice(plate)}{plate[2:4]}*",
        "scattered 7??B?3?, no hit": lambda plate: f"{plate[0]}?{plate[2]}{plate[3]}?{plate[5]}?",
        "scattered, more known, no hit": lambda plate: (
            f"{plate[0]}?{plate[2]}{plate[3]}?{plate[5]}{plate[6]}"
        ),
        "two      *BC*, no hit": lambda plate: f"*{plate[2]}{chance.choice('IOQ')}*",
    }
    found: Shapes = {}
    for shape, maker in makers.items():
        texts: list[str] = []
        for _ in range(TRIES):
            if len(texts) == runs:
                break
            text = maker(mixed())
            if not any(True for _ in plates_seen(AGENCY, asked(text, days), START + timedelta(days=days), 1)):
                texts.append(text)
            told(f"{shape}: {len(texts)} of {runs}")
        found[shape] = (Tolerance.AS_WRITTEN, texts)
    told("")
    return found


def asked(text: str, days: int, tolerance: Tolerance = Tolerance.AS_WRITTEN) -> SearchQuery:
    """A search over the whole time of the city."""
    return SearchQuery(
        pattern=PlatePattern.parse(text),
        tolerance=tolerance,
        from_at=START,
        until_at=START + timedelta(days=days),
        purpose="active-warrant",
        reason="bench",
    )


def timed(search: Callable[[], Any]) -> float:
    """Milliseconds of one search in a transaction, as the product runs it."""
    began = time.perf_counter()
    with transaction.atomic():
        search()
    return (time.perf_counter() - began) * 1000


def spread(took: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    ordered = sorted(took)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)]


def by_sql(query: SearchQuery) -> None:
    """One plain statement; an index it may use is the planner's choice."""
    with connection.cursor() as cursor:
        values = [AGENCY, query.from_at, query.until_at, query.pattern.sql_like, PAGE_SIZE + 1]
        cursor.execute(PLAIN_SQL, values)
        cursor.fetchall()


def by_django(query: SearchQuery) -> None:
    """The framework's everyday way: a regular expression, newest first, with a count for the pages."""
    regex = "^" + query.pattern.text.replace("?", "[A-Z0-9]").replace("*", "[A-Z0-9]*") + "$"
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
            took.append(timed(lambda query=query: way(query)))
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


def measure(patterns: Shapes, days: int, plain: int) -> None:
    """Print p50 and p95 of each shape and the medians of the plain ways, with their ratio to the median."""
    asked_for = {
        shape: [asked(text, days, tolerance) for text in texts]
        for shape, (tolerance, texts) in patterns.items()
        if texts
    }
    own: dict[str, float] = {}
    rows: dict[str, str] = {}
    with acting_as(rights.APPLICATION), scope.as_agency(AGENCY):
        for shape, queries in asked_for.items():
            told(shape)
            own[shape], rows[shape] = own_figures(queries)
    ways: dict[str, dict[str, float]] = {
        "LIKE": by_way(by_sql, asked_for, plain),
        "Django": by_way(by_django, asked_for, plain),
    }
    with trigrams() as is_there:
        if is_there:
            ways["pg_trgm"] = by_way(by_sql, asked_for, plain)
    told("")
    heads = "".join(f"{way:>19}" for way in ways)
    print(
        f"\nover {days} days, ms {'first':>23}{'found p50':>11}{'p95':>8}{'with its reads':>16}{'p95':>8}",
        end="",
    )
    print(f"  full page{heads}")
    for shape, figures in rows.items():
        cells = (compared(took.get(shape), own[shape]) for took in ways.values())
        print(f"{shape:32}{figures}{''.join(cells)}")


def own_figures(queries: Sequence[SearchQuery]) -> tuple[float, str]:
    """Plateward's median of finding a page, and its figures as a row shows them."""
    first = timed(lambda: keys_of(queries[0]))
    found = spread([best(lambda query=query: keys_of(query)) for query in queries])
    fetched = spread([best(lambda query=query: find(AGENCY, query)) for query in queries])
    full = f"{sum(find_once(query) == PAGE_SIZE for query in queries)}/{len(queries)}"
    figures = f"{first:10.1f}{found[0]:11.1f}{found[1]:8.1f}{fetched[0]:16.1f}{fetched[1]:8.1f}{full:>11}"
    return found[0], figures


def keys_of(query: SearchQuery) -> None:
    """Find the first page as `find` does, without fetching its reads."""
    with limits():
        newest(AGENCY, query, None, PAGE_SIZE + 1)


def best(search: Callable[[], Any]) -> float:
    """The shortest of three times: what the others of this machine took is not counted."""
    return min(timed(search) for _ in range(3))


def by_way(
    way: Callable[[SearchQuery], None], asked_for: dict[str, list[SearchQuery]], plain: int
) -> dict[str, float]:
    """The median of a plain way for each shape that it can ask."""
    took = {}
    with acting_as(rights.APPLICATION), scope.as_agency(AGENCY):
        for shape, queries in asked_for.items():
            if plain and queries[0].tolerance is Tolerance.AS_WRITTEN:
                told(f"{shape}, {way.__name__}")
                took[shape] = plainly(way, queries[:plain])
    return took


def compared(took: float | None, own: float) -> str:
    """A plain way's median, and how many times Plateward's it is."""
    return f"{'–':>19}" if took is None else f"{took:9.0f} {took / own:8.1f}×"


def find_once(query: SearchQuery) -> int:
    """How many reads the first page shows."""
    with transaction.atomic():
        return len(find(AGENCY, query).reads)


def main() -> None:
    """Make the city, measure, print."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("--plain", type=int, default=5)
    options.add_argument("--kept", action="store_true")
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
    if given.kept:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM reads_read")
            sizes(cursor.fetchone()[0])
    known = known_plates(given.runs, chance)
    patterns = shapes(known) | without_hit(known_plates(500, chance), given.runs, chance, given.days)
    measure(patterns, given.days, given.plain)


if __name__ == "__main__":
    main()

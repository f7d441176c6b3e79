"""Milliseconds per search over N synthetic reads, against LIKE without the index of grams, in the same run.

Usage: DATABASE_URL=postgresql://… python bench/search.py [--reads 1000000] [--days 56] [--runs 60] [--seed 1]

Makes a database `plateward_bench_search` on that server, fills it by COPY, and removes it afterwards. The
figures are those of `search.queries.find`: counting up to 10,000 and fetching a page of 50, journal and page
not included. Database and client share this machine's processors, so the ratios matter, not the absolutes.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import django
import psycopg
from psycopg import sql

SCRATCH = "plateward_bench_search"
SERVER = os.environ.get("DATABASE_URL", "")

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{SCRATCH}"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")
os.environ.setdefault("PLATEWARD_SECRET_KEY", "only-for-the-bench-" * 3)
django.setup()

# ruff: noqa: E402 - models can be imported only after setup
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, QuerySet, Value

from plateward.accounts.models import Agency
from plateward.devices.models import Device
from plateward.devices.rules import DeviceKind
from plateward.plates.pattern import PlatePattern
from plateward.plates.text import plate_key
from plateward.reads.models import SearchedRead
from plateward.reads.storing import ensure_partition
from plateward.search import queries
from plateward.search.queries import find
from plateward.search.rules import SearchQuery
from plateward.walls import scope

AGENCY = "barstow-pd"
CAMERAS = 24
START = datetime(2026, 6, 1, tzinfo=UTC)
COPY = """
COPY reads_read (plate_key, captured_at, id, agency_id, device_id, received_at, stored_at, clock_skew_s,
    plate_raw, plate, confidence, region, direction, vehicle, source_event_id, model, payload) FROM STDIN
"""
REST = (0.97, "US-CA", "RECEDING", json.dumps({"color": "blue"}), "event", "bench", "{}")


@contextmanager
def scratch_database() -> Iterator[None]:
    """A new, migrated database on the given server; gone afterwards."""
    name = sql.Identifier(SCRATCH)
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))

        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connection.close()
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def plates(count: int, chance: random.Random) -> list[str]:
    """California serials, the plates of a town."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    return [
        f"{chance.randrange(4, 10)}{''.join(chance.choices(letters, k=3))}{chance.randrange(1000):03d}"
        for _ in range(count)
    ]


def setup(days: int) -> list[UUID]:
    """An agency, its cameras and the partitions."""
    agency = Agency.objects.create(id=AGENCY, name="Barstow Police Department", short_name="Barstow PD")
    devices = [
        Device.objects.create(
            agency=agency,
            name=f"Camera {number}",
            kind=DeviceKind.FIXED,
            location=f"Intersection {number}",
            owner=agency.name,
            key_sha256=f"{number:064d}",
            key_issued_at=START,
            registered_at=START,
        ).pk
        for number in range(CAMERAS)
    ]
    for week in range(days // 7 + 1):
        ensure_partition(START + timedelta(weeks=week))
    return devices


def fill(
    reads: int, days: int, devices: Sequence[UUID], known: Sequence[str], chance: random.Random
) -> float:
    """COPY the reads, plates by Zipf's law; returns rows per second."""
    weights = [1 / (rank + 10) for rank in range(len(known))]
    span = days * 86_400_000
    began = time.perf_counter()
    with connection.cursor() as cursor:
        with cursor.cursor.copy(COPY) as copy:
            for plate in chance.choices(known, weights, k=reads):
                at = START + timedelta(milliseconds=chance.randrange(span))
                device = devices[chance.randrange(CAMERAS)]
                copy.write_row(
                    (plate_key(plate), at, uuid4(), AGENCY, device, at, at, 0.0, plate, plate, *REST)
                )
        took = time.perf_counter() - began
        cursor.execute("VACUUM ANALYZE reads_read")
    return reads / took


def sizes(reads: int) -> None:
    """Print the bytes a read takes, in the table and in each index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT regexp_replace(part.relname, '^reads_read_[0-9]+_?', ''), sum(pg_relation_size(part.oid)),
                   count(*)
            FROM pg_class AS part
            WHERE part.relname ~ '^reads_read_[0-9]' AND part.relkind IN ('r', 'i')
            GROUP BY 1 ORDER BY 2 DESC
            """
        )
        print(f"\n{'':30}{'MB':>8}{'bytes a read':>14}")
        for name, size, parts in ((name, float(size), parts) for name, size, parts in cursor.fetchall()):
            label = f"{name or 'table'} ({parts})"
            print(f"{label:30}{size / 1e6:8.1f}{size / reads:14.1f}")


def shapes(known: Sequence[str], runs: int, chance: random.Random) -> dict[str, list[str]]:
    """Patterns of each shape, made from plates that exist, frequent and rare ones."""

    def some() -> list[str]:
        return [known[int(len(known) * chance.random() ** 3)] for _ in range(runs)]

    return {
        "exact, in the data": some(),
        "exact, absent": [f"1QQQ{number:03d}" for number in range(runs)],
        "anchored  ?ABC*": [f"?{plate[1:4]}*" for plate in some()],
        "beginning 7AB*": [f"{plate[:3]}*" for plate in some()],
        "anywhere  *BC1*": [f"*{plate[2:5]}*" for plate in some()],
        "ending    *123": [f"*{plate[-3:]}" for plate in some()],
        "scattered 7??C?2?": [f"{plate[0]}??{plate[3]}?{plate[5]}?" for plate in some()],
        "vague     *BC*": [f"*{plate[2:4]}*" for plate in some()],
    }


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


@contextmanager
def without_the_index() -> Iterator[None]:
    """Search by LIKE (or equality of the plate) alone, as if neither grams nor key existed."""

    def by_plate(reads: QuerySet[SearchedRead], pattern: PlatePattern) -> QuerySet[SearchedRead]:
        return reads.filter(queries._Like(F("plate"), Value(pattern.sql_like)))  # noqa: SLF001  its own comparison

    indexed, queries._by_plate = queries._by_plate, by_plate  # noqa: SLF001  put back below
    try:
        yield
    finally:
        queries._by_plate = indexed  # noqa: SLF001  see above


def compare(patterns: dict[str, list[str]], days: int) -> None:
    """Print p50 and p95 of each shape, with and without the index, and their ratio."""
    until_at = START + timedelta(days=days)

    def asked(text: str, span: int) -> SearchQuery:
        return SearchQuery(
            pattern=PlatePattern.parse(text),
            from_at=until_at - timedelta(days=span),
            until_at=until_at,
            purpose="active-warrant",
            reason="bench",
        )

    for span in sorted({min(30, days), days}):
        title = f"over {span} days, ms"
        print(f"\n{title:24}{'p50':>8}{'p95':>8}   LIKE only{'p50':>8}{'p95':>8}   ratio p50  matches")
        for shape, texts in patterns.items():
            searches = [asked(text, span) for text in texts]
            counts = statistics.median(find_count(query) for query in searches[:10])
            own = spread([timed(lambda query=query: find(AGENCY, query)) for query in searches])
            with without_the_index():
                plain = spread([timed(lambda query=query: find(AGENCY, query)) for query in searches[:12]])
            figures = f"{own[0]:8.1f}{own[1]:8.1f}            {plain[0]:8.1f}{plain[1]:8.1f}"
            print(f"{shape:24}{figures}   {plain[0] / own[0]:8.1f}×  {counts:7.0f}", flush=True)


def find_count(query: SearchQuery) -> int:
    """How many reads match, up to the bound."""
    with transaction.atomic():
        return int(find(AGENCY, query).count)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reads", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=56)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311  plates, not secrets
    scope.become_system("The bench makes its agency and searches its rows.")
    with scratch_database():
        devices = setup(given.days)
        known = plates(max(given.reads // 8, 1000), chance)
        rate = fill(given.reads, given.days, devices, known, chance)
        print(
            f"{given.reads:,} reads of {len(known):,} plates over {given.days} days: COPY {rate:,.0f} rows/s"
        )
        sizes(given.reads)
        compare(shapes(known, given.runs, chance), given.days)


if __name__ == "__main__":
    main()

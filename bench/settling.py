"""Seconds to settle the directory of plates after a day's reads are gone, against a look-up for each plate.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/settling.py [--days 10] [--reads-a-day 30000]
           [--cameras 200] [--seed 1] [--runs 3]

Makes the city of bench/city.py with a partition for each day, deletes the first day, and settles the
directory by the product and by the statements that it used before, in turn; each run is undone. Both must
leave the same directory. Afterwards the city is removed. Client and server share this machine's processors:
the ratio matters, not the seconds.
"""

import argparse
import hashlib
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.city import AGENCY, START, acting_as, fill, found_city, parser, scratch_database, setup
from plateward.reads import directory, partitions
from plateward.reads.rules import Grain
from plateward.walls import rights, scope

DAY = timedelta(days=1)
_LOCK = """
    SELECT FROM reads_plate WHERE first_seen_at < %s AND last_seen_at >= %s
    ORDER BY plate_key, agency_id, plate FOR UPDATE
"""
_LEFT = """
    WITH remaining AS MATERIALIZED (
        SELECT known.plate_key, known.agency_id, known.plate, found.*
        FROM reads_plate AS known CROSS JOIN LATERAL (
            SELECT min(captured_at) AS first_at, max(captured_at) AS last_at, count(*) AS number
            FROM reads_read AS read
            WHERE read.plate_key = known.plate_key AND read.agency_id = known.agency_id
              AND read.plate = known.plate
        ) AS found
        WHERE known.first_seen_at < %s AND known.last_seen_at >= %s
    ), gone AS (
        DELETE FROM reads_plate AS known USING remaining AS now
        WHERE now.number = 0 AND (known.plate_key, known.agency_id, known.plate)
              = (now.plate_key, now.agency_id, now.plate)
        RETURNING 1
    ), kept AS (
        UPDATE reads_plate AS known
        SET first_seen_at = now.first_at, last_seen_at = now.last_at, read_count = now.number
        FROM remaining AS now
        WHERE now.number > 0 AND (known.plate_key, known.agency_id, known.plate)
              = (now.plate_key, now.agency_id, now.plate)
          AND (known.first_seen_at, known.last_seen_at, known.read_count)
              <> (now.first_at, now.last_at, now.number)
    )
    SELECT count(*) FROM gone
"""
"""As `directory.settle` had it until November 2026."""


def one_by_one(*, from_at: datetime, until_at: datetime) -> int:
    """Look each plate of the span up among the reads."""
    from django.db import connection  # noqa: PLC0415  after scratch_database

    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [until_at, from_at])
        cursor.execute(_LEFT, [until_at, from_at])
        (gone,) = cursor.fetchone()
    return int(gone)


def undone(settle: Callable[..., int]) -> tuple[float, int, str]:
    """Seconds of one run, how many plates left, and what the directory then held; all of it is undone."""
    from django.db import connection, transaction  # noqa: PLC0415  the same

    with transaction.atomic():
        began = time.perf_counter()
        gone = settle(from_at=START, until_at=START + DAY)
        took = time.perf_counter() - began
        with connection.cursor() as cursor:
            cursor.execute("SELECT reads_plate::text FROM reads_plate ORDER BY plate_key, agency_id, plate")
            held = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
        transaction.set_rollback(True)
    return took, gone, held


def measured(given: argparse.Namespace) -> dict[str, list[float]]:
    """The seconds of each run, by who settled."""
    from django.db import connection  # noqa: PLC0415  the same

    chance = np.random.default_rng(given.seed)
    times: dict[str, list[float]] = {"one by one": [], "as a set": []}
    with scratch_database(called="plateward_bench_settling"):
        scope.become_system("A bench sees every agency's rows.")
        partitions.ensure((START + number * DAY for number in range(given.days)), START, Grain.DAY)
        devices = setup(given.days, given.cameras)
        reads = given.days * given.reads_a_day
        fill(found_city(devices, reads, chance), given.days, given.reads_a_day, chance)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM reads_read WHERE agency_id = %s AND captured_at >= %s AND captured_at < %s",
                [AGENCY, START, START + DAY],
            )
            cursor.execute(f"VACUUM ANALYZE reads_read_{START:%Y%m%d}")
        results = set()
        with acting_as(rights.APPLICATION):
            for _ in range(given.runs):
                for name, settle in (("one by one", one_by_one), ("as a set", directory.settle)):
                    took, *result = undone(settle)
                    times[name].append(took)
                    results.add(tuple(result))
    ((gone, _),) = results
    print(f"{given.reads_a_day:,} of {reads:,} reads are gone; {gone:,} plates left the directory")
    return times


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.set_defaults(days=10, reads_a_day=30_000)
    options.add_argument("--runs", type=int, default=3)
    times = measured(options.parse_args())
    for name, seconds in times.items():
        print(f"{name:12}{statistics.median(seconds):9.2f} s (median of {len(seconds)})")
    ratio = statistics.median(times["one by one"]) / statistics.median(times["as a set"])
    print(f"as a set it takes 1/{ratio:.1f} of the time; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

"""What row-level security costs: search and intake as the application, and as the owner in the same run.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/walls.py [--reads 100000] [--runs 60] [--payloads 2000]

The owner, whom no policy holds, must be a member of the application's role, to take its place. Makes and
removes the database of bench/city.py. Both work in turns on the same rows and processors, so the ratio
matters, not the milliseconds.
"""

import argparse
import hashlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


import numpy as np

from bench.city import AGENCY, START, acting_as, fill, found_city, scratch_database, setup
from bench.ingest import read_json
from bench.search import known_plates, shapes, spread, timed
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.reads.actions import ensure_partitions, store_waiting
from plateward.reads.models import InboxItem, InboxState
from plateward.reads.store import PictureStore
from plateward.search.queries import find
from plateward.search.rules import SearchQuery
from plateward.walls import rights, scope

DAYS = 28
CAMERAS = 24
TURNS = 6
"""Each role has so many turns of the intake, one after the other."""


def searched(texts: Sequence[str], role: str | None) -> list[float]:
    """Milliseconds of each search."""
    took = []
    with acting_as(role), scope.as_agency(AGENCY):
        for text in texts:
            query = SearchQuery(
                pattern=PlatePattern.parse(text),
                from_at=START,
                until_at=START + timedelta(days=DAYS),
                purpose="active-warrant",
                reason="bench",
            )
            took.append(timed(lambda query=query: find(AGENCY, query)))
    return took


def stored_per_second(role: str | None, device: UUID, count: int, store: PictureStore) -> float:
    """Payloads per second that the intake, which sees every agency's rows, turns into reads."""
    InboxItem.objects.bulk_create(_payload(device, read_json()) for _ in range(count))
    with acting_as(role):
        began, done = time.perf_counter(), 0
        while stored := store_waiting(limit=100, now=datetime.now(UTC), store=store):
            done += stored
        rate = done / (time.perf_counter() - began)
    if left := InboxItem.objects.exclude(state=InboxState.STORED).first():
        raise SystemExit(f"Not every payload was stored ({left.state}: {left.reason}): this is no measure.")
    return rate


def _payload(device: UUID, body: bytes) -> InboxItem:
    return InboxItem(
        id=uuid4(),
        agency_id=AGENCY,
        device_id=device,
        received_at=datetime.now(UTC),
        content_type="application/json",
        idempotency_key=uuid4().hex,
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
        content_sha256=uuid4().hex,
        size=len(body),
    )


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reads", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--payloads", type=int, default=2_000)
    given = parser.parse_args()
    chance = random.Random(1)  # noqa: S311  plates, not secrets
    scope.become_system("The bench makes its agency and stores as the intake does.")
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        devices, numbers = setup(DAYS, CAMERAS), np.random.default_rng(1)
        fill(found_city(devices, given.reads, numbers), DAYS, given.reads // DAYS, numbers)
        print(
            f"search, {given.reads:,} reads, ms{'owner p50':>16}{'p95':>7}{'walled p50':>13}{'p95':>7}  ratio"
        )
        for shape, (tolerance, texts) in shapes(known_plates(given.runs, chance)).items():
            if tolerance is not Tolerance.AS_WRITTEN:
                continue
            searched(texts[:5], None)
            own, walled = (spread(searched(texts, role)) for role in (None, rights.APPLICATION))
            print(
                f"{shape:30}{own[0]:10.1f}{own[1]:7.1f}{walled[0]:13.1f}{walled[1]:7.1f}"
                f"{walled[0] / own[0]:7.2f}"
            )
        ensure_partitions(now=datetime.now(UTC))
        store, rates = PictureStore(Path(folder)), {None: list[float](), rights.APPLICATION: list[float]()}
        for _ in range(TURNS):
            for role, measured in rates.items():
                measured.append(stored_per_second(role, devices[0], given.payloads // TURNS, store))
        own_rate, walled_rate = (statistics.median(one) for one in rates.values())
        print(f"intake, payloads stored: owner {own_rate:.0f}/s, walled {walled_rate:.0f}/s, ", end="")
        print(f"ratio {walled_rate / own_rate:.2f}")


if __name__ == "__main__":
    main()

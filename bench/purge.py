"""Seconds to purge a day of a generated city, some of it held, against plain DELETE of another day.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/purge.py [--days 20] [--reads-a-day 250000]
           [--cameras 200] [--held 0.001] [--seed 1]

Makes the city of bench/city.py with a partition for each day, and removes it afterwards. The owner must be
a member of the application's role, in whose place the purge runs. One day is purged by the product:
committed to (the root over its salted leaves, in production made the night after), then its partition is
emptied and given back what is held, and the directory of plates settled. The next day is deleted from in one
statement, with the same condition, and vacuumed; the directory is settled the same way. Client and server
share this machine's processors: the ratios matter, not the seconds.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench.city import AGENCY, START, acting_as, fill, found_city, scratch_database, setup
from plateward.accounts.models import User
from plateward.devices.models import Device
from plateward.evidence.hold_models import Hold, HoldScope
from plateward.evidence.hold_rules import HoldForm, HoldState, Scope, ScopeKind
from plateward.evidence.holding import held_condition
from plateward.policy import HoldReason
from plateward.reads import directory, partitions
from plateward.reads.models import Read
from plateward.reads.rules import Grain
from plateward.retention import closing_actions, destruction, running_actions, tidying_actions
from plateward.retention.destruction import Span
from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState
from plateward.walls import rights, scope

DAY = timedelta(days=1)
Times = dict[str, float]


@contextmanager
def timed(times: Times, name: str) -> Iterator[None]:
    """Add to the seconds of a step."""
    began = time.perf_counter()
    try:
        yield
    finally:
        times[name] = times.get(name, 0) + time.perf_counter() - began


def watched(times: Times, place: Any, name: str) -> None:
    """Have a function's time noted under its name."""
    real: Callable[..., Any] = getattr(place, name)

    def step(*args: Any, **facts: Any) -> Any:
        with timed(times, name):
            return real(*args, **facts)

    setattr(place, name, step)


def hold_some(day: datetime, share: float) -> int:
    """Hold that share of a day's reads, one by one; returns how many."""
    found = Read.objects.filter(captured_at__gte=day, captured_at__lt=day + DAY).order_by("id")
    count = int(found.count() * share)
    person = User.objects.first() or User.objects.create(
        agency_id=AGENCY,
        username="bench",
        full_name="Bench",
        title="patrol-officer",
        created_at=day,
        admitted_at=day,
        state_since_at=day,
    )
    hold = Hold.objects.create(
        agency_id=AGENCY,
        number=Hold.objects.count() + 1,
        state=HoldState.REQUESTED.value,
        reason=HoldReason.EVIDENCE.value,
        explanation="bench",
        purpose="active-warrant",
        form=HoldForm.PLAIN.value,
        requested_by=person,
        requested_at=day,
    )
    every = max(1, round(1 / share))
    chosen = [
        read for number, read in enumerate(found.only("id", "captured_at").iterator()) if not number % every
    ]
    scopes = (
        Scope(kind=ScopeKind.READ, read_id=read.id, captured_at=read.captured_at) for read in chosen[:count]
    )
    HoldScope.objects.bulk_create(HoldScope.of(hold, one) for one in scopes)
    return count


def purge(day: datetime, times: Times) -> None:
    """Purge a day as the product does."""
    devices = list(Device.objects.values_list("pk", flat=True))
    order = Purge.objects.create(
        agency_id=AGENCY,
        number=1,
        source="server",
        devices=devices,
        from_at=day,
        until_at=day + DAY,
        ground="bench",
        profile_version="1",
        rules_sha256="0" * 64,
        authority="bench",
        state=PurgeState.RUNNING,
        proposed_by="one",
        proposed_by_name="One",
        proposed_at=day,
        decided_by="two",
        decided_by_name="Two",
    )
    span = Span(AGENCY, tuple(devices), day, day + DAY)
    now = datetime.now(day.tzinfo)
    with timed(times, "committing to the day"):
        closing_actions.close_days(agency=AGENCY, span=span, now=now)
    (part,) = destruction.partitions_of(span)
    watched(times, destruction, "replace_partition")
    watched(times, destruction, "hold_back")
    watched(times, running_actions, "_keep_proofs")
    with timed(times, "before it, while intake goes on"):
        running_actions.keep_held_pictures(purge=order, part=part, now=now)
    with timed(times, "purge, whole step"):
        running_actions.purge_part(purge=order, part=part, now=now)
    with timed(times, "purge, directory of plates after it"):
        while tidying_actions.settle_directory(purge=order, now=now):
            pass


_PLAIN = """
DELETE FROM reads_read AS read
WHERE read.agency_id = %s AND read.captured_at >= %s AND read.captured_at < %s AND NOT ({})
"""


def plain(day: datetime, times: Times) -> None:
    """Delete another day's rows in one statement, then vacuum, then settle the directory."""
    from django.db import connection  # noqa: PLC0415  after scratch_database

    with connection.cursor() as cursor:
        with timed(times, "plain DELETE"):
            cursor.execute(_PLAIN.format(held_condition("read")), [AGENCY, day, day + DAY])
        with timed(times, "VACUUM after it"):
            cursor.execute(f"VACUUM reads_read_{day:%Y%m%d}")
    with timed(times, "settling the directory after it"):
        directory.settle(from_at=day, until_at=day + DAY)


def measured(days: int, reads_a_day: int, cameras: int, held: float, seed: int) -> Times:
    """The seconds of each step."""
    chance, times = np.random.default_rng(seed), Times()
    with scratch_database(called="plateward_bench_purge"):
        scope.become_system("A bench sees every agency's rows.")
        partitions.ensure((START + number * DAY for number in range(days)), START, Grain.DAY)
        devices = setup(days, cameras)
        fill(found_city(devices, days * reads_a_day, chance), days, reads_a_day, chance)
        for day in (START, START + DAY):
            print(f"{hold_some(day, held):,} of {reads_a_day:,} reads of {day:%Y-%m-%d} are held")
        with acting_as(rights.APPLICATION):
            purge(START, times)
        plain(START + DAY, times)
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--reads-a-day", type=int, default=250_000)
    parser.add_argument("--cameras", type=int, default=200)
    parser.add_argument("--held", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=1)
    times = measured(**vars(parser.parse_args()))
    for name, seconds in times.items():
        print(f"{name:34}{seconds:9.2f} s")
    plainly = times["plain DELETE"] + times["VACUUM after it"]
    print(f"searches of the day waited for {times['replace_partition']:.2f} s at most,")
    print(f"intake for {times['purge, whole step']:.2f} s")
    print(f"emptying the partition took {times['replace_partition'] / plainly:.3f} of DELETE and VACUUM,")
    print(f"the whole step {times['purge, whole step'] / plainly:.2f} of them")


if __name__ == "__main__":
    main()

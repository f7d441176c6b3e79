"""Milliseconds from the receiver's answer to the alert in a Chromium, while other reads come in.

Usage: python bench/alert_latency.py [--alerts 100] [--background 50]

`plateward up` runs as in production on an embedded PostgreSQL of its own, removed afterwards. So many other
reads a second come from a process of their own; the rate reached is printed, and less than 95 % of it is an
error. Each measured read carries a picture and raises an alert of its own, one after the other; before each,
the bare round trip, NOTIFY to LISTEN between two connections, is measured under the same load. A read is
stored when its transaction was committed, by the database's own note; an event has come when the page was
told to fetch its list; an alert is on the screen when the page's list holds its row (MutationObserver), which
the next frame paints. Everything shares this machine's processors, so the ratio to the bare round trip tells
more than the absolute figures.
"""

import argparse
import asyncio
import logging
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import Event, Process, Value, set_start_method
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event as Stopped
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.consoles import BrowserConsole  # noqa: E402  the repository is on the path only now
from bench.ingest import read_json  # noqa: E402  the same
from bench.soak import Cameras, Sent, plate_of, set_up  # noqa: E402  the same
from bench.standing import Installation, standing  # noqa: E402  the same

PATIENCE_S = 30.0
WARM_UP = 3
"""The first alerts warm every process up and are not counted."""
PAUSE_S = 0.5
"""So long after an alert was closed the next one is sent: the page has fetched its list by then."""
ENOUGH = 0.95
"""The least part of the background that must be reached."""
COMMITTED = """
SELECT plate, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float FROM reads_read WHERE plate = ANY(%s)
"""
STORED_BETWEEN = """
SELECT count(*) FROM reads_read WHERE stored_at >= to_timestamp(%s) AND stored_at < to_timestamp(%s)
"""


@dataclass
class Instants:
    """What happened when, in seconds since 1970, by plate; and the bare round trips."""

    answered: dict[str, float] = field(default_factory=dict)
    stored: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    bare_s: list[float] = field(default_factory=list)

    def between(self, first: str, then: str) -> list[float]:
        """Milliseconds from one to the other."""
        begins: dict[str, float] = getattr(self, first)
        ends: dict[str, float] = getattr(self, then)
        return [(ends[plate] - begins[plate]) * 1000 for plate in begins]


class Bare:
    """A NOTIFY and its LISTEN on two connections."""

    def __init__(self, url: str) -> None:
        self.teller = psycopg.connect(url, autocommit=True)
        self.listener = psycopg.connect(url, autocommit=True)
        self.listener.execute("LISTEN bench")

    def round_trip(self) -> float:
        """Seconds from sending one to its arrival."""
        told = time.perf_counter()
        self.teller.execute(sql.SQL("NOTIFY bench, 'x'"))
        next(self.listener.notifies(timeout=PATIENCE_S, stop_after=1))
        return time.perf_counter() - told


def drive(ingest_url: str, key: str, rate: float, answered: "Synchronized[int]", stopped: Stopped) -> None:
    """Send other reads until stopped, each when it is due, whether or not the one before was answered."""
    asyncio.run(_drive(ingest_url, key, rate, answered, stopped))


async def _drive(
    ingest_url: str, key: str, rate: float, answered: "Synchronized[int]", stopped: Stopped
) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    under_way: set[asyncio.Task[None]] = set()

    async def send(client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/reads", content=read_json())
        if answer.is_success:
            answered.value += 1

    async with httpx.AsyncClient(base_url=ingest_url, headers=headers, timeout=PATIENCE_S) as client:
        began, number = time.monotonic(), 0
        while not stopped.is_set():
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            task = asyncio.create_task(send(client))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
        await asyncio.gather(*under_way)


@contextmanager
def traffic(running: Installation, key: str, rate: float) -> Iterator[Callable[[], int]]:
    """Other reads, so many a second, from a process of their own; how many were answered by now."""
    answered, stopped = Value("i", 0), Event()
    driver = Process(target=drive, args=(running.ingest_url, key, rate, answered, stopped), daemon=True)
    if rate:
        driver.start()
        while not answered.value:
            time.sleep(0.1)
    yield lambda: answered.value
    stopped.set()
    if rate:
        driver.join(PATIENCE_S)


def measured(running: Installation, cameras: Cameras, page: BrowserConsole, alerts: int) -> Instants:
    """One alert after the other, each closed before the next."""
    from django.utils import timezone  # noqa: PLC0415  after Django

    from tests.cameras import body_of, sees  # noqa: PLC0415  the same

    bare, found = Bare(running.database_url), Instants()
    for number in range(alerts + WARM_UP):
        plate = plate_of(number)
        time.sleep(PAUSE_S)
        found.bare_s.append(bare.round_trip())
        read = Sent(plate, plate, body_of(sees(plate, timezone.now(), event=plate)), 0)
        began = time.time()
        cameras.send(read)
        with page.listed:
            if not page.listed.wait_for(lambda: plate in page.showing.plates.values(), PATIENCE_S):  # noqa: B023  waited for here
                raise SystemExit(f"The alert of {plate} did not come.\n{running.last_words()}")
        if number >= WARM_UP:
            pk = next(pk for pk, shown in page.showing.plates.items() if shown == plate)
            found.answered[plate] = read.accepted_at
            found.told[plate] = next(at for at in page.events if at >= began)
            found.shown[plate] = page.showing.first_at[pk]
        close(plate)
    with psycopg.connect(running.database_url) as connection:
        found.stored = dict(connection.execute(COMMITTED, [list(found.answered)]).fetchall())
    return found


def close(plate: str) -> None:
    """Record the disposition of the plate's alert, so that lists stay as short as on an ordinary night."""
    from django.utils import timezone  # noqa: PLC0415  after Django

    from plateward.accounts.models import User  # noqa: PLC0415  the same
    from plateward.alerts.actions import dispose  # noqa: PLC0415  the same
    from plateward.alerts.models import Alert  # noqa: PLC0415  the same
    from plateward.governance.queries import actor_for  # noqa: PLC0415  the same

    now = timezone.now()
    dunn = actor_for(User.objects.get(username="dunn"), at=now, address="127.0.0.1")
    dispose(alert=Alert.objects.get(plate=plate), code="not-located", stop_made=False, by=dunn, now=now)


def report(found: Instants, loads: Sequence[float]) -> None:
    """Print p50, p95 and p99 of each way."""
    rows = {
        "bare NOTIFY to LISTEN": [one * 1000 for one in found.bare_s[WARM_UP:]],
        "receiver's answer to read stored": found.between("answered", "stored"),
        "receiver's answer to event": found.between("answered", "told"),
        "read stored to on screen": found.between("stored", "shown"),
        "receiver's answer to on screen": found.between("answered", "shown"),
    }
    cuts = {name: statistics.quantiles(took, n=100) for name, took in rows.items()}
    bare = cuts["bare NOTIFY to LISTEN"]
    for name, found_cuts in cuts.items():
        p50, p95, p99 = (found_cuts[place] for place in (49, 94, 98))
        ratio = f"   {p50 / bare[49]:4.0f} × the bare p50"
        print(f"{name:34} p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  p99 {p99:7.1f} ms{ratio}")
    print(f"load average {statistics.fmean(loads):.1f} on {os.cpu_count()} processors")


def main() -> None:
    """Measure and print; exit with 1 when the background was not reached."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alerts", type=int, default=100)
    parser.add_argument("--background", type=float, default=50.0)
    options = parser.parse_args()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    set_start_method("spawn")
    with standing(keeps_commit_times=True) as running:
        key, cookies = set_up(options.alerts + WARM_UP)
        ending = threading.Event()
        page = BrowserConsole("dunn", running.base_url, cookies["dunn"], ending, acknowledges=False)
        page.start()
        while not page.showing.lists:
            if page.failed:
                raise SystemExit(f"The page could not be opened: {page.failed}")
            time.sleep(0.2)
        with traffic(running, key, options.background) as answered:
            before, began, loads = answered(), time.time(), [os.getloadavg()[0]]
            found = measured(running, Cameras(running, key), page, options.alerts)
            took, sent = time.time() - began, answered() - before
            loads.append(os.getloadavg()[0])
        ending.set()
        page.join(PATIENCE_S)
        with psycopg.connect(running.database_url) as connection:
            row = connection.execute(STORED_BETWEEN, [began, began + took]).fetchone()
        stored = (row[0] if row else 0) - options.alerts - WARM_UP
        print(
            f"{options.alerts} alerts in {took:.0f} s; other reads a second: {sent / took:.1f} answered, "
            f"{stored / took:.1f} stored; {running.durability()}"
        )
    report(found, loads)
    if page.showing.faults:
        sys.exit("\n".join(page.showing.faults))
    if min(sent, stored) / took < ENOUGH * options.background:
        sys.exit(f"The background of {options.background:g} reads a second was not reached.")


if __name__ == "__main__":
    main()

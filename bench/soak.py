"""Many alerts with several consoles open, the web process killed and the database cut off in mid-stream.

Usage: DATABASE_URL=postgresql://… python bench/soak.py [--alerts 200] [--seconds 120] [--consoles 5]

1,000 alerts in an hour are `--alerts 1000 --seconds 3600`; fewer seconds press the same alerts together. Each
console is what the browser's is: a session, the event stream over HTTP, and the list fetched anew on each
event and after each reconnection. After a third of the alerts the web process gets SIGKILL; after two thirds
every connection to the database is ended and new ones are refused for five seconds. A supervisor starts what
ended, as `plateward up` does. Cameras send again until they have a receipt. An alert that every console has
shown is closed, so that the list stays as long as on a busy night.

Prints what was sent, stored, shown, lost and doubled, and the time from the receiver's receipt to the list of
each console. Exit status 1 when anything was lost or doubled. Makes a database of its own on that server and
removes it.
"""

import argparse
import logging
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.alert_latency import scratch_database  # noqa: E402  the repository is on the path only now

SCRATCH = "plateward_bench_soak"
PEOPLE = ("dunn", "doyle", "lane", "soto", "ortiz")
CUT_S = 5.0
"""So long the database refuses connections."""
AFTERWARDS_S = 90.0
"""So long the consoles may take to show the last alert."""
ROW = re.compile(
    r'data-row data-arrival="([0-9a-f-]{36})".*?<span class="plate">([A-Z0-9]+)</span>', re.DOTALL
)


@dataclass(eq=False)
class Supervisor(threading.Thread):
    """Keeps web pages, receiver and intake running, as `plateward up` does."""

    commands: Sequence[str]
    environment: dict[str, str]
    logs: Path
    ending: threading.Event = field(default_factory=threading.Event)
    running: dict[str, "Popen[bytes]"] = field(default_factory=dict)
    restarts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        """Start what is not running, until the end. Children end with the thread that started them."""
        from plateward.config.processes import spawn  # noqa: PLC0415  after Django
        from tests.servers import COMMAND_LINE  # noqa: PLC0415  the same

        while not self.ending.is_set():
            for name in self.commands:
                if (old := self.running.get(name)) is None or old.poll() is not None:
                    self.restarts[name] += old is not None
                    log = (self.logs / f"{name}.log").open("ab")
                    self.running[name] = spawn(
                        [*COMMAND_LINE, name], env=self.environment, output=log.fileno()
                    )
            time.sleep(0.5)
        for process in self.running.values():
            process.terminate()
            process.wait(timeout=15)

    def kill(self, name: str) -> None:
        """End a process and its children without a word, as a power cut does."""
        os.killpg(self.running[name].pid, signal.SIGKILL)


@dataclass(eq=False)
class Console(threading.Thread):
    """One open console: when each plate first stood on its list, and which stood there twice."""

    base_url: str
    cookies: dict[str, str]
    ending: threading.Event
    shown: dict[str, float] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    doubled: set[str] = field(default_factory=set)
    reconnected: int = -1

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        """Listen and fetch; after an interruption again, and then fetch first of all."""
        with httpx.Client(base_url=self.base_url, cookies=self.cookies, timeout=40) as client:
            while not self.ending.is_set():
                try:
                    self._follow(client)
                except httpx.HTTPError:
                    time.sleep(1)

    def _follow(self, client: httpx.Client) -> None:
        with client.stream("GET", "/live/stream?topics=alerts") as stream:
            if stream.status_code != httpx.codes.OK:
                time.sleep(1)
                return
            self.reconnected += 1
            for line in stream.iter_lines():
                if self.ending.is_set():
                    return
                if line in {"event: alerts", "event: resync"}:
                    self._fetch(client)

    def _fetch(self, client: httpx.Client) -> None:
        answer = client.get("/dispatch/queue")
        answer.raise_for_status()
        now, rows = time.time(), ROW.findall(answer.text)
        twice = {plate for plate, count in Counter(plate for _, plate in rows).items() if count > 1}
        self.doubled |= twice | {plate for pk, plate in rows if self.ids.setdefault(plate, pk) != pk}
        for _, plate in rows:
            self.shown.setdefault(plate, now)


def cut_off(url: str, seconds: float) -> None:
    """Take the database away from everybody for a while."""
    name = SCRATCH
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as owner:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        owner.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        time.sleep(seconds)
        owner.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def receipt(ingest_url: str, key: str, read: dict[str, Any]) -> float:
    """Send a read, again until its receipt comes; returns when it did."""
    from tests.cameras import send  # noqa: PLC0415  after Django

    while True:
        try:
            send(ingest_url, key, read)
        except (OSError, AssertionError):
            time.sleep(0.5)
        else:
            return time.time()


def close_seen(consoles: Sequence[Console], town: Any) -> None:
    """Close what every console has shown."""
    from django.db import Error, connection, connections  # noqa: PLC0415  after Django
    from django.utils import timezone  # noqa: PLC0415  the same

    from plateward.alerts.actions import dispose  # noqa: PLC0415  the same
    from plateward.alerts.models import Alert  # noqa: PLC0415  the same

    seen = set.intersection(*({*one.shown} for one in consoles))
    try:
        for alert in Alert.objects.exclude(status="CLOSED").filter(plate__in=seen)[:50]:
            now = timezone.now()
            dispose(alert=alert, code="not-located", by=town.actor("dunn", now), now=now)
    except Error:
        connection.close()
        connections.close_all()


@dataclass
class Course:
    """What was sent when, and in which stretches something was taken away."""

    sent: dict[str, float] = field(default_factory=dict)
    disturbed: list[tuple[float, float]] = field(default_factory=list)

    def disturb(self, lasts_s: float) -> None:
        """From ten seconds ago until things should have settled again."""
        self.disturbed.append((time.time() - 10, time.time() + lasts_s + 20))

    def is_calm(self, plate: str) -> bool:
        """Whether nothing was taken away about when the plate was sent."""
        return not any(start < self.sent[plate] < end for start, end in self.disturbed)


def started(url: str, logs: Path) -> tuple[Supervisor, str, str]:
    """The running system with the addresses of web pages and receiver."""
    from tests.servers import answers, free_port  # noqa: PLC0415  after Django

    web, ingest = free_port(), free_port()
    addresses = (f"http://127.0.0.1:{web}", f"http://127.0.0.1:{ingest}")
    own = {
        "DATABASE_URL": url,
        "DATABASE_INGEST_URL": url,
        "PLATEWARD_PORT": str(web),
        "PLATEWARD_INGEST_PORT": str(ingest),
    }
    supervisor = Supervisor(("web", "ingest", "intake"), {**os.environ, **own}, logs)
    supervisor.start()
    while not all(answers(address) for address in addresses):
        time.sleep(0.5)
    return supervisor, *addresses


def opened(base_url: str, count: int, ending: threading.Event) -> list[Console]:
    """As many consoles of different people, listening."""
    from django.conf import settings  # noqa: PLC0415  after scratch_database
    from django.test import Client  # noqa: PLC0415  the same

    from tests.personas import open_session  # noqa: PLC0415  the same

    name, screens = settings.SESSION_COOKIE_NAME, []
    for number in range(count):
        session = open_session(Client(), PEOPLE[number % len(PEOPLE)])
        screens.append(Console(base_url, {name: session.cookies[name].value}, ending))
        screens[-1].start()
    while any(screen.reconnected < 0 for screen in screens):
        time.sleep(0.2)
    return screens


def soak(url: str, logs: Path, *, alerts: int, seconds: float, consoles: int) -> bool:
    """Run it and print what happened; True when nothing was lost and nothing doubled."""
    from django.utils import timezone  # noqa: PLC0415  after scratch_database

    from tests.alarms import wanted  # noqa: PLC0415  the same
    from tests.cameras import sees  # noqa: PLC0415  the same
    from tests.dispatchers import joined  # noqa: PLC0415  the same
    from tests.personas import build_barstow  # noqa: PLC0415  the same

    now = timezone.now()
    town = build_barstow(now)
    joined(town, now)
    plates = [f"8AB{number:04d}" for number in range(alerts)]
    for plate in plates:
        wanted(town, plate, now)
    supervisor, base_url, ingest_url = started(url, logs)
    screens, course, begun = opened(base_url, consoles, supervisor.ending), Course(), time.time()
    for number, plate in enumerate(plates):
        time.sleep(max(0.0, begun + number * seconds / alerts - time.time()))
        if number == alerts // 3:
            supervisor.kill("web")
            course.disturb(0)
        if number == 2 * alerts // 3:
            threading.Thread(target=cut_off, args=(url, CUT_S), daemon=True).start()
            course.disturb(CUT_S)
        read = sees(plate, timezone.now(), event=plate)
        course.sent[plate] = receipt(ingest_url, town.camera_key, read)
        if number % 20 == 0:
            close_seen(screens, town)
    deadline = time.time() + AFTERWARDS_S
    while time.time() < deadline and any(len(one.shown) < alerts for one in screens):
        time.sleep(0.5)
    print(f"sent {alerts} in {time.time() - begun:.0f} s; restarts {dict(supervisor.restarts)}")
    supervisor.ending.set()
    supervisor.join(30)
    return reported(course, screens)


def reported(course: Course, screens: Sequence[Console]) -> bool:
    """Print counts and latencies; True when nothing was lost and nothing doubled."""
    from django.db import connection  # noqa: PLC0415  after scratch_database

    from plateward.alerts.models import Alert, Hit  # noqa: PLC0415  the same

    connection.close()  # the one that was cut off
    sent = len(course.sent)
    print(f"alerts {Alert.objects.count()}, hits {Hit.objects.count()}")
    for number, screen in enumerate(screens, start=1):
        print(f"console {number}: shown {len(screen.shown)}, reconnected {screen.reconnected} times")
    took = [(plate, (at - course.sent[plate]) * 1000) for one in screens for plate, at in one.shown.items()]
    figures("receipt to list, undisturbed", [ms for plate, ms in took if course.is_calm(plate)])
    figures("receipt to list, all", [ms for _, ms in took])
    lost = sum(sent - len(one.shown) for one in screens)
    doubled = sum(len(one.doubled) for one in screens) + max(0, Alert.objects.count() - sent)
    print(f"lost {lost}, doubled {doubled}")
    return lost == 0 and doubled == 0


def figures(name: str, took: Sequence[float]) -> None:
    """Print p50, p95 and p99 in milliseconds."""
    if len(took) < 2:  # noqa: PLR2004  no quantiles of fewer
        return
    cuts = statistics.quantiles(took, n=100)
    print(
        f"{name:30} p50 {cuts[49]:7.0f} ms  p95 {cuts[94]:7.0f} ms  p99 {cuts[98]:7.0f} ms  N = {len(took)}"
    )


def main() -> None:
    """Read the options, run, and exit with 1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alerts", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--consoles", type=int, default=5)
    options = parser.parse_args()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # each fetch of each console otherwise
    if "DATABASE_URL" not in os.environ:
        parser.error("set DATABASE_URL to a PostgreSQL server on which a database may be made")
    base = Path("/var/lib/plateward") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    base.mkdir(mode=0o710, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="plateward-bench-", dir=base))
    os.environ["PLATEWARD_DATA"] = str(data)
    try:
        with scratch_database(os.environ["DATABASE_URL"], SCRATCH) as url:
            is_whole = soak(
                url, data, alerts=options.alerts, seconds=options.seconds, consoles=options.consoles
            )
    finally:
        shutil.rmtree(data, ignore_errors=True)
    sys.exit(0 if is_whole else 1)


if __name__ == "__main__":
    main()

"""Milliseconds from the receiver's answer to the alert's event on an open screen, against a bare NOTIFY.

Usage: DATABASE_URL=postgresql://… python bench/alert_latency.py [--alerts 50]

Makes a database `plateward_bench_alerts` on that server and removes it afterwards. Receiver, intake and web
pages run as in production; each read carries a picture and raises an alert of its own, one after the other.
The bare round trip, NOTIFY to LISTEN between two connections, is measured in the same run: everything
shares this machine's processors, so the ratio matters, not the absolute figures. The browser's own fetch of
the fragment comes on top; tests/browser/test_dispatch_journey.py prints the time to the screen.
"""

import argparse
import os
import queue
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SCRATCH = "plateward_bench_alerts"
PATIENCE_S = 20.0


@contextmanager
def scratch_database(url: str, scratch: str = SCRATCH) -> Iterator[str]:
    """Address of a new, migrated database on the server of `url`; gone afterwards."""
    name = sql.Identifier(scratch)
    made = urlunsplit(urlsplit(url)._replace(path=f"/{scratch}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        os.environ["DATABASE_URL"] = made
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")
        os.environ.setdefault("PLATEWARD_SECRET_KEY", "only-for-the-bench-" * 3)
        import django  # noqa: PLC0415  it reads the address set above

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415  the same
        from django.db import connection  # noqa: PLC0415  the same

        call_command("migrate", verbosity=0)
        yield made
        connection.close()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def bare_round_trips(url: str, rounds: int) -> list[float]:
    """Milliseconds from sending a NOTIFY to its arrival at a listener on another connection."""
    took = []
    with psycopg.connect(url, autocommit=True) as teller, psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN bench")
        for number in range(rounds):
            told = time.perf_counter()
            teller.execute(sql.SQL("NOTIFY bench, {}").format(sql.Literal(str(number))))
            next(listener.notifies(timeout=PATIENCE_S, stop_after=1))
            took.append((time.perf_counter() - told) * 1000)
    return took


@contextmanager
def open_screen(base_url: str, username: str) -> Iterator["queue.Queue[float]"]:
    """The instants at which alert events reach a person's open screen."""
    import httpx  # noqa: PLC0415  after Django
    from django.conf import settings  # noqa: PLC0415  after scratch_database
    from django.test import Client  # noqa: PLC0415  the same

    from tests.personas import open_session  # noqa: PLC0415  the same

    session = open_session(Client(), username)
    cookies = {settings.SESSION_COOKIE_NAME: session.cookies[settings.SESSION_COOKIE_NAME].value}
    arrived: queue.Queue[float] = queue.Queue()
    ready = threading.Event()
    with httpx.stream(
        "GET", f"{base_url}/live/stream?topics=alerts", cookies=cookies, timeout=PATIENCE_S
    ) as answer:

        def listen() -> None:
            with suppress(httpx.HTTPError):  # closed from the other side when all is measured
                for line in answer.iter_lines():
                    if line == "event: alerts":
                        arrived.put(time.perf_counter())
                    elif line == "event: resync":
                        ready.set()

        threading.Thread(target=listen, daemon=True).start()
        ready.wait(PATIENCE_S)
        yield arrived


def alert_latencies(url: str, alerts: int, logs: Path) -> list[float]:
    """Milliseconds from the receiver's answer to the alert's event, for as many alerts."""
    from django.utils import timezone  # noqa: PLC0415  after scratch_database

    from tests.alarms import wanted  # noqa: PLC0415  the same
    from tests.cameras import sees, send  # noqa: PLC0415  the same
    from tests.personas import build_barstow  # noqa: PLC0415  the same
    from tests.servers import running_servers  # noqa: PLC0415  the same

    now, took = timezone.now(), []
    town = build_barstow(now)
    plates = [f"8AB{number:04d}" for number in range(alerts + 1)]
    for plate in plates:
        wanted(town, plate, now)
    with running_servers(url, url, logs) as servers, open_screen(servers.base_url, "dunn") as arrived:
        for plate in plates:
            send(servers.ingest_url, town.camera_key, sees(plate, timezone.now(), event=plate))
            answered = time.perf_counter()
            took.append((arrived.get(timeout=PATIENCE_S) - answered) * 1000)
    return took[1:]  # the first one warms every process up


def figures(took: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(took), statistics.quantiles(took, n=20)[-1]


def main() -> None:
    """Measure both and print them with their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alerts", type=int, default=50)
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        parser.error("set DATABASE_URL to a PostgreSQL server on which a database may be made")
    base = Path("/var/lib/plateward") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    base.mkdir(mode=0o710, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="plateward-bench-", dir=base))
    os.environ["PLATEWARD_DATA"] = str(data)
    try:
        with scratch_database(os.environ["DATABASE_URL"]) as url:
            bare_50, bare_95 = figures(bare_round_trips(url, options.alerts))
            alert_50, alert_95 = figures(alert_latencies(url, options.alerts, data))
    finally:
        shutil.rmtree(data, ignore_errors=True)
    print(f"bare NOTIFY to LISTEN        p50 {bare_50:7.2f} ms   p95 {bare_95:7.2f} ms")
    print(
        f"ingest answer to SSE event   p50 {alert_50:7.2f} ms   p95 {alert_95:7.2f} ms   N = {options.alerts}"
    )
    print(f"ratio                        p50 {alert_50 / bare_50:7.0f} ×    p95 {alert_95 / bare_95:7.0f} ×")


if __name__ == "__main__":
    main()

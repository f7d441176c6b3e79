"""Many alerts with five consoles open, while processes and the database are killed in mid-stream.

Usage: python bench/soak.py [--alerts 1000] [--minutes 60]

1,000 alerts in an hour are what it does when nothing is said; fewer minutes press them together, and the
first line says so. `plateward up` runs as in production, on an embedded PostgreSQL of its own; its supervisor
starts again what was killed. One console is the page in a Chromium, four do over HTTP what the page does
(bench/consoles.py). The dispatchers take, work and close what their consoles show, and send again under the
same number whatever got no answer (bench/dispatchers.py); the one before the Chromium acknowledges. Cameras
send the same bytes until they have a receipt; some see a vehicle twice, some send again what they had a
receipt for. Each kill (SIGKILL) falls into a burst of reads: intake, web pages, receiver, the database server
with all its processes, intake and web pages together, the database server's first process alone, and web
pages and receiver together.

In the end three records are compared (bench/soak_records.py): what senders were answered, what the database
keeps, journal included, and what each console showed from list to list. Exit status 1 when anything was lost
or doubled, an act was done twice, an alert was told to the sound twice, or the journal does not verify.
"""

import argparse
import logging
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.consoles import BrowserConsole, Cookie, StreamConsole  # noqa: E402  the path is set only now
from bench.dispatchers import TAKE, WHOLE, Dispatcher  # noqa: E402  the same
from bench.soak_records import Sent, compare, stored  # noqa: E402  the same
from bench.standing import DATABASE, POSTMASTER, Installation, standing  # noqa: E402  the same
from plateward.config.system import own_command  # noqa: E402  the same

PEOPLE = {
    "dunn": "Drew Dunn",
    "doyle": "Dee Doyle",
    "dorsey": "Dana Dorsey",
    "diallo": "Demba Diallo",
    "dufour": "Denise Dufour",
}
KILLS: Sequence[tuple[float, tuple[str, ...]]] = (
    (0.12, ("intake",)),
    (0.24, ("web",)),
    (0.36, ("ingest",)),
    (0.48, (DATABASE,)),
    (0.60, ("intake", "web")),
    (0.72, (POSTMASTER,)),
    (0.84, ("web", "ingest")),
)
"""At which part of the alerts what is killed."""
BURST = 8
"""So many reads are sent in the instant before a kill."""
LEFT_OPEN = 5
"""The last alerts stay open: in the end each list must show them and nothing else."""
AFTERWARDS_S = 240.0
SENDERS = 24
WHOLE_EVERY, TAKEN_EVERY, CONTESTED_EVERY, SEEN_AGAIN_EVERY, SENT_TWICE_EVERY = 10, 3, 10, 4, 12
LOAD_S = 5.0


@dataclass
class Course:
    """How it went: what was killed when and for how long, and what else this machine did."""

    begun: float = field(default_factory=time.time)
    kills: list[tuple[str, float, float]] = field(default_factory=list)
    """Name, when, and seconds until it was back."""
    loads: list[float] = field(default_factory=list)

    def is_calm(self, at: float) -> bool:
        """Whether nothing was away, or had just come back, when something was sent."""
        return not any(when - 10 < at < when + away + 20 for _, when, away in self.kills)


def plate_of(number: int) -> str:
    """The plate of an alert by its number; neither look-alikes nor a pattern."""
    return f"8AC{number:04d}"


def number_of(plate: str) -> int:
    """The other way round."""
    return int(plate[3:])


def events(alerts: int, seconds: float) -> list[Sent]:
    """What cameras will send, in order: a read of each plate, of some two; those beside a kill at once."""
    burst_of = {
        int(share * alerts) + place: int(share * alerts) for share, _ in KILLS for place in range(BURST)
    }
    made = []
    for number in range(alerts):
        due_s = burst_of.get(number, number) * seconds / alerts
        plate, is_twice = plate_of(number), number % SENT_TWICE_EVERY == 0
        made.append(Sent(f"{plate}-1", plate, b"", due_s, is_sent_twice=is_twice))
        if number % SEEN_AGAIN_EVERY == 0:
            made.append(Sent(f"{plate}-2", plate, b"", due_s + 0.5))
    return sorted(made, key=lambda one: one.due_s)


class Cameras:
    """Send events until each has its receipt."""

    def __init__(self, running: Installation, key: str) -> None:
        self.running = running
        self.client = httpx.Client(
            base_url=running.ingest_url,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            timeout=10,
            limits=httpx.Limits(max_connections=SENDERS),
        )

    def send(self, one: Sent) -> None:
        """Once, or again for one whose sender lost the answer."""
        self._until_accepted(one)
        one.accepted_at = time.time()
        if one.is_sent_twice:
            self._until_accepted(one)

    def _until_accepted(self, one: Sent) -> None:
        while True:
            try:
                answer = self.client.post("/v1/reads", content=one.body)
            except httpx.TransportError as error:
                one.answers[type(error).__name__] += 1
            else:
                one.answers[str(answer.status_code)] += 1
                if answer.is_success:
                    one.receipts.add(answer.json()["receipt"])
                    return
                if answer.is_client_error:
                    raise SystemExit(f"{one.event} was refused: {answer.text}")
            if self.running.supervisor.poll() is not None:
                raise SystemExit(f"Plateward ended:\n{self.running.last_words()}")
            time.sleep(0.5)


def set_up(alerts: int) -> tuple[str, dict[str, Cookie]]:
    """A town with so many wanted plates and a dispatcher a console: its camera's key, and their sessions."""
    import django  # noqa: PLC0415  only now is it known which database

    django.setup()
    from django.conf import settings  # noqa: PLC0415  after Django
    from django.db import connection, transaction  # noqa: PLC0415  the same
    from django.test import Client  # noqa: PLC0415  the same
    from django.utils import timezone  # noqa: PLC0415  the same

    from tests.alarms import wanted  # noqa: PLC0415  the same
    from tests.dispatchers import joined  # noqa: PLC0415  the same
    from tests.personas import build_barstow, open_session  # noqa: PLC0415  the same

    now = timezone.now()
    town = build_barstow(now)
    for username, full_name in list(PEOPLE.items())[1:]:
        joined(town, now, username=username, full_name=full_name)
    with transaction.atomic():
        for number in range(alerts):
            wanted(town, plate_of(number), now)
    name = settings.SESSION_COOKIE_NAME
    cookies = {one: (name, open_session(Client(), one).cookies[name].value) for one in PEOPLE}
    connection.close()
    return town.camera_key, cookies


def opened(
    base_url: str, cookies: dict[str, Cookie], ending: threading.Event
) -> tuple[BrowserConsole, list[StreamConsole]]:
    """The five consoles, listening."""
    first, *others = cookies
    browser = BrowserConsole(f"{first} (Chromium)", base_url, cookies[first], ending)
    streams = [StreamConsole(one, base_url, cookies[one], ending) for one in others]
    for console in (browser, *streams):
        console.start()
    while any(console.showing.lists == 0 for console in (browser, *streams)):
        if browser.failed:
            raise SystemExit(f"The page could not be opened: {browser.failed}")
        time.sleep(0.2)
    return browser, streams


def dispatchers(
    browser: BrowserConsole, streams: Sequence[StreamConsole], expected: Counter[str]
) -> list[Dispatcher]:
    """Who works what: each plate one of them, every so-manieth two at once."""
    showings, last = [browser.showing, *(one.showing for one in streams)], len(expected) - LEFT_OPEN

    def may_close(pk: str) -> bool:
        plate = streams[0].showing.plates.get(pk, "")
        is_seen = all(one.hits.get(pk) == expected[plate] for one in showings)
        return is_seen and number_of(plate) < last

    def takes(place: int, plate: str) -> bool:
        number = number_of(plate)
        is_second = number % CONTESTED_EVERY == 0 and (number + 1) % len(streams) == place
        return number % len(streams) == place or is_second

    def works(plate: str) -> Sequence[str]:
        number = number_of(plate)
        return WHOLE if number % WHOLE_EVERY == 0 else TAKE if number % TAKEN_EVERY == 0 else ()

    return [
        Dispatcher(
            console,
            is_mine=lambda plate, place=place: takes(place, plate),  # type: ignore[misc]  # bound now
            works=works,
            may_close=may_close,
        )
        for place, console in enumerate(streams)
    ]


def kill_all(
    running: Installation, course: Course, alerts: int, seconds: float
) -> Iterator[threading.Thread]:
    """Start a thread for each kill, which waits for its moment."""

    def kill(name: str, at: float) -> None:
        time.sleep(max(0.0, at - time.time()))
        when = time.time()
        away = running.kill(name)
        course.kills.append((name, when, away))
        print(f"{when - course.begun:6.0f} s  {name} killed, there again after {away:.1f} s", flush=True)

    for share, names in KILLS:
        at = course.begun + int(share * alerts) * seconds / alerts + random.uniform(0.02, 0.3)  # noqa: S311  no secret
        for name in names:
            one = threading.Thread(target=kill, args=(name, at), daemon=True)
            one.start()
            yield one


def watch_load(course: Course, ending: threading.Event) -> None:
    """Keep how busy this machine was."""
    while not ending.wait(LOAD_S):
        course.loads.append(os.getloadavg()[0])


def soak(running: Installation, alerts: int, seconds: float) -> list[str]:
    """Run it and print how it went; returns what the records disagree about."""
    key, cookies = set_up(alerts)
    from django.utils import timezone  # noqa: PLC0415  after Django

    from tests.cameras import body_of, sees  # noqa: PLC0415  the same

    ending, sent = threading.Event(), events(alerts, seconds)
    browser, streams = opened(running.base_url, cookies, ending)
    print(f"{len(cookies)} consoles are open, {alerts} plates are wanted", flush=True)
    workers = dispatchers(browser, streams, Counter(one.plate for one in sent))
    cameras, course = Cameras(running, key), Course()
    for worker in workers:
        worker.start()
    threading.Thread(target=watch_load, args=(course, ending), daemon=True).start()
    kills = [*kill_all(running, course, alerts, seconds)]
    with ThreadPoolExecutor(SENDERS) as senders:
        sending = []
        for one in sent:
            time.sleep(max(0.0, course.begun + one.due_s - time.time()))
            one.body = body_of(sees(one.plate, timezone.now(), event=one.event))
            sending.append(senders.submit(cameras.send, one))
    for future in sending:
        future.result()
    for thread in kills:
        thread.join()
    settle(browser, streams, workers, alerts)
    took = time.time() - course.begun
    ending.set()
    for console in (browser, *streams, *workers):
        console.join(40)
    kept = stored(running.database_url)
    report(course, sent, browser, streams, workers, took)
    found = compare(sent, kept, [browser, *streams], workers)
    print(
        f"database: {len(kept.inbox)} payloads, {sum(kept.reads.values())} reads, {len(kept.alerts)} alerts, "
        f"{sum(sum(verbs.values()) for verbs in kept.journal.values())} journal rows about alerts, "
        f"{sum(map(len, kept.delivered.values()))} showings on record"
    )
    return found


def settle(
    browser: BrowserConsole, streams: Sequence[StreamConsole], workers: Sequence[Dispatcher], alerts: int
) -> None:
    """Wait until everything was shown and worked, no longer than it may take."""
    deadline = time.time() + AFTERWARDS_S
    showings = [browser.showing, *(one.showing for one in streams)]

    def is_done() -> bool:
        is_shown = all(len(one.first_at) >= alerts and len(one.current) == LEFT_OPEN for one in showings)
        return is_shown and all(one.is_idle for one in workers)

    while time.time() < deadline and not is_done():
        if browser.failed:
            raise SystemExit(f"The page could not go on: {browser.failed}")
        time.sleep(0.5)
    time.sleep(3)  # for what comes that should not


def report(
    course: Course,
    sent: Sequence[Sent],
    browser: BrowserConsole,
    streams: Sequence[StreamConsole],
    workers: Sequence[Dispatcher],
    took: float,
) -> None:
    """Print counts, latencies and the machine's load."""
    answers = sum((one.answers for one in sent), Counter[str]())
    print(f"{len(sent)} events sent and answered in {took:.0f} s: {dict(answers)}")
    acts = [act for one in workers for act in one.acts]
    again = sum((one.unanswered for one in workers), Counter[str]())
    said = Counter({204: "done", 409: "refused", 0: "never answered"}.get(act.status, "?") for act in acts)
    print(
        f"{len(acts)} acts: {dict(said)}; sent again after {dict(again) or 'nothing'}, "
        f"{sum(act.sends > 1 for act in acts)} sent twice though answered"
    )
    for console in (browser, *streams):
        one = console.showing
        print(
            f"{one.name:16} showed {len(one.first_at)} alerts on {one.lists} lists, "
            f"{one.reconnected} reconnections, {len(one.current)} open in the end"
        )
    print(
        f"Chromium: {sum(browser.heard.values())} alerts told to the sound once each, {browser.tones} tones, "
        f"acknowledged by key {browser.acknowledged} times"
    )
    accepted = {one.plate: one.accepted_at for one in reversed(sent)}
    for console in (browser, *streams[:1]):
        names = console.showing.plates
        waits = [
            (accepted[names[pk]], at - accepted[names[pk]]) for pk, at in console.showing.first_at.items()
        ]
        figures(f"receipt to {console.showing.name}, calm", [s for at, s in waits if course.is_calm(at)])
        figures(f"receipt to {console.showing.name}, all", [s for _, s in waits])
    print(
        f"load average {statistics.fmean(course.loads):.1f}, at most {max(course.loads):.1f}, "
        f"on {os.cpu_count()} processors"
        if course.loads
        else "load average not measured"
    )


def figures(name: str, took: Sequence[float]) -> None:
    """Print p50, p95 and p99 of seconds, as milliseconds."""
    if len(took) > 1:
        cuts = [cut * 1000 for cut in statistics.quantiles(took, n=100)]
        p50, p95, p99 = cuts[49], cuts[94], cuts[98]
        print(f"{name:36} p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  p99 {p99:6.0f} ms  N = {len(took)}")


def verified() -> list[str]:
    """What `plateward verify` finds wrong with the journal."""
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(  # noqa: S603  ours
        own_command("verify"), env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    print(
        "journal: " + "; ".join(line for line in done.stdout.splitlines() if "PASS" in line or "FAIL" in line)
    )
    return [] if done.returncode == 0 else [f"the journal does not verify: {done.stdout} {done.stderr}"]


def main() -> None:
    """Read the options, run, and exit with 1 when the records disagree."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--alerts", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0)
    options = parser.parse_args()
    if options.alerts < BURST * len(KILLS) * 10 // 8:
        parser.error(f"--alerts must be {BURST * len(KILLS) * 10 // 8} or more, for each kill its burst")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # each fetch of each console otherwise
    rate = options.alerts / options.minutes
    pressed = "" if rate <= 1000 / 60 else f", pressed together: {rate / (1000 / 60):.1f} times 1,000 an hour"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended
    with standing() as running:
        print(
            f"{options.alerts} alerts in {options.minutes:g} minutes{pressed}; {running.durability()}",
            flush=True,
        )
        found = soak(running, options.alerts, options.minutes * 60)
        found += verified()
    for one in found[:40]:
        print(f"WRONG: {one}")
    print(f"{len(found)} disagreements: " + ("nothing lost, nothing doubled" if not found else "see above"))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

"""Comparing what senders were answered, what the database keeps and what consoles showed, after a soak."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.consoles import BrowserConsole, Showing, StreamConsole
from bench.dispatchers import DONE, REFUSED, Act, Dispatcher

Query = psycopg.sql.SQL | str
NUMBERED = {
    "unit": "alerts_unitnote",
    "answer": "alerts_confirmation",
    "close": "alerts_disposition",
}
"""Tables of acts that carry the number they were sent under; all others are steps."""
STEPS = "alerts_steprecord"
RAISED, JOINED = "alerts.alert.raised", "alerts.hit.joined"
HEARD, CLOSED = "alerts.alert.acknowledged", "alerts.alert.closed"
TAKEN, WORKED = "alerts.holding.taken", "alerts.step.worked"


@dataclass(eq=False)
class Sent:
    """One event as its sender knows it. Its bytes are the same each time it is sent."""

    event: str
    plate: str
    body: bytes
    due_s: float
    is_sent_twice: bool = False
    accepted_at: float = 0.0
    receipts: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Stored:
    """What the database keeps, asked for by SQL of this file alone."""

    inbox: dict[str, tuple[str, int]]
    """State and number of reads by receipt."""
    reads: Counter[str]
    alerts: dict[str, tuple[str, str, int, bool]]
    """Plate, status, number of hits and whether it is acknowledged, by alert."""
    journal: dict[str, Counter[str]]
    """How often each act on each alert is in the journal."""
    numbers: dict[str, Counter[str]]
    """Numbers under which acts are kept, by table."""
    steps: Counter[tuple[str, str]]
    holdings: Counter[str]
    delivered: dict[str, set[str]]
    """Alerts that were put on record as shown, by username."""


def stored(url: str) -> Stored:
    """Ask the database at `url`, as who may see everything."""
    with psycopg.connect(url) as connection:

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]  # constants of this file

        journal: dict[str, Counter[str]] = {}
        for subject, verb, count in rows(
            "SELECT substr(subject, 14), verb, count(*) FROM audit_auditrecord "
            "WHERE subject LIKE 'alerts.Alert:%' GROUP BY 1, 2"
        ):
            journal.setdefault(subject, Counter())[verb] = count
        delivered: dict[str, set[str]] = {}
        for name, alert in rows(
            "SELECT u.username, d.alert_id::text FROM alerts_alertdelivery d "
            "JOIN accounts_user u ON u.id = d.user_id"
        ):
            delivered.setdefault(name, set()).add(alert)
        return Stored(
            inbox={
                pk: (state, count)
                for pk, state, count in rows(
                    "SELECT id::text, state, cardinality(read_ids) FROM reads_inboxitem"
                )
            },
            reads=Counter(dict(rows("SELECT plate, count(*) FROM reads_read GROUP BY plate"))),
            alerts={
                pk: (plate, status, hits, is_acknowledged)
                for pk, plate, status, hits, is_acknowledged in rows(
                    "SELECT a.id::text, a.plate, a.status, count(h.id), a.acknowledged_at IS NOT NULL "
                    "FROM alerts_alert a "
                    "LEFT JOIN alerts_hit h ON h.alert_id = a.id GROUP BY a.id"
                )
            },
            journal=journal,
            numbers={
                table: Counter(number for (number,) in rows(f"SELECT id::text FROM {table}"))  # noqa: S608  ours
                for table in (STEPS, *NUMBERED.values())
            },
            steps=Counter(rows("SELECT alert_id::text, step FROM alerts_steprecord")),
            holdings=Counter(alert for (alert,) in rows("SELECT alert_id::text FROM alerts_holding")),
            delivered=delivered,
        )


def compare(
    sent: Sequence[Sent],
    kept: Stored,
    consoles: Sequence[StreamConsole | BrowserConsole],
    dispatchers: Sequence[Dispatcher],
) -> list[str]:
    """Whatever was lost, doubled or said wrongly anywhere, in words; empty when all records agree."""
    found = [*_accepted(sent, kept), *_raised(sent, kept), *_acted(kept, dispatchers)]
    for console in consoles:
        found += [f"{console.showing.name}: {fault}" for fault in _shown(console.showing, kept)]
        if isinstance(console, BrowserConsole):
            found += [f"{console.showing.name}: {fault}" for fault in _announced(console)]
    return found


def _accepted(sent: Sequence[Sent], kept: Stored) -> Iterator[str]:
    """Senders' receipts against the inbox."""
    receipts = Counter(receipt for one in sent for receipt in one.receipts)
    for one in sent:
        if len(one.receipts) != 1:
            yield f"{one.event} has {len(one.receipts)} receipts"
    for receipt, count in receipts.items():
        if count > 1:
            yield f"receipt {receipt} was given for {count} events"
        if kept.inbox.get(receipt) != ("MATCHED", 1):
            yield f"receipt {receipt}: {kept.inbox.get(receipt, 'lost')}"
    yield from (f"{pk} was stored and never sent" for pk in kept.inbox.keys() - receipts.keys())


def _raised(sent: Sequence[Sent], kept: Stored) -> Iterator[str]:
    """Events against reads, hits, alerts and what the journal says of them."""
    events = Counter(one.plate for one in sent)
    if kept.reads != events:
        yield f"reads: lost {dict(events - kept.reads)}, doubled {dict(kept.reads - events)}"
    alerts = Counter(plate for plate, *_ in kept.alerts.values())
    yield from (f"{plate} has {alerts[plate]} alerts" for plate in events if alerts[plate] != 1)
    yield from (f"{plate} has an alert and was never sent" for plate in alerts.keys() - events.keys())
    for pk, (plate, status, hits, is_heard) in kept.alerts.items():
        said = kept.journal.get(pk, Counter())
        expected = {
            RAISED: 1,
            JOINED: events[plate] - 1,
            HEARD: int(is_heard),
            CLOSED: int(status == "CLOSED"),
        }
        if hits != events[plate]:
            yield f"{plate} has {hits} hits of {events[plate]} events"
        for verb, count in expected.items():
            if said[verb] != count:
                yield f"{plate}: {verb} {said[verb]} times in the journal, not {count}"


def _acted(kept: Stored, dispatchers: Sequence[Dispatcher]) -> Iterator[str]:
    """What dispatchers were answered against what is kept of it."""
    acts = [act for one in dispatchers for act in one.acts]
    yield from (fault for one in dispatchers for fault in one.faults)
    for act in acts:
        yield from _one_act(act, kept)
    known = {str(act.number) for act in acts}
    for table, numbers in kept.numbers.items():
        yield from (f"{table} holds {number}, which nobody sent" for number in numbers.keys() - known)
    yield from (
        f"{step} of {pk} was worked {count} times" for (pk, step), count in kept.steps.items() if count > 1
    )
    worked = Counter[str]()
    for (pk, _), count in kept.steps.items():
        worked[pk] += count
    for pk in kept.alerts:
        said = kept.journal.get(pk, Counter())
        if kept.holdings[pk] > 1 or said[TAKEN] != kept.holdings[pk] or said[WORKED] != worked[pk]:
            yield f"{pk}: held {kept.holdings[pk]}, worked {worked[pk]} times; the journal says {dict(said)}"


def _one_act(act: Act, kept: Stored) -> Iterator[str]:
    if act.kind == "take":
        return
    is_kept = kept.numbers[NUMBERED.get(act.kind, STEPS)][str(act.number)] == 1
    if act.status == DONE and not is_kept:
        yield f"{act.kind} of {act.alert} was answered as done and is lost"
    if act.status == REFUSED and is_kept:
        yield f"{act.kind} of {act.alert} was answered as refused and is kept"


def _shown(showing: Showing, kept: Stored) -> Iterator[str]:
    """A console's lists against the alerts, and against what the server put on record as shown there."""
    yield from showing.faults
    yield from (f"never showed {kept.alerts[pk][0]}" for pk in kept.alerts.keys() - showing.first_at.keys())
    yield from (
        f"showed {showing.plates[pk]}, which is no alert"
        for pk in showing.first_at.keys() - kept.alerts.keys()
    )
    username = showing.name.split()[0]
    for pk in showing.first_at.keys() ^ kept.delivered.get(username, set()):
        yield f"{showing.plates.get(pk, pk)} is shown and not on record, or the other way round"
    for pk, plate in showing.plates.items():
        if pk in kept.alerts and (plate, showing.hits[pk]) != (kept.alerts[pk][0], kept.alerts[pk][2]):
            yield f"showed {plate} with {showing.hits[pk]} hits, kept is {kept.alerts[pk]}"
    still_open = {pk for pk, (_, status, *_) in kept.alerts.items() if status != "CLOSED"}
    if showing.current != still_open:
        yield f"shows {len(showing.current)} alerts in the end, open are {len(still_open)}"


def _announced(console: BrowserConsole) -> Iterator[str]:
    """Each alert was told to the page's sound once, but those that stood there when the page was loaded."""
    names = console.showing.plates
    yield from (f"{names[pk]} was new {count} times" for pk, count in console.heard.items() if count > 1)
    unsaid: Iterable[str] = console.showing.first_at.keys() - console.heard.keys() - console.found_there
    yield from (f"{names[pk]} came without a word" for pk in unsaid)

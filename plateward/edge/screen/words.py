"""How the unit stands, in sentences that are read at arm's length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from plateward.edge.listing import Freshness
from plateward.edge.spool import Standing
from plateward.edge.state import LinkState, Snapshot, Source, SourceState
from plateward.edge.thinning import Level
from plateward.unitwire.documents import Configuration

Tone = Literal["good", "warn", "bad"]
_FIRST: Final[tuple[Tone, ...]] = ("bad", "warn", "good")
CLOCK_OFF_S: Final = 2.0
"""From this difference to the server's clock on it is told."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence of the status line; `tone` says whether somebody has to do something."""

    name: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Times:
    """Instants as the agency's people read them; UTC while the unit does not know its agency."""

    zone: ZoneInfo
    now: datetime

    @classmethod
    def of(cls, configuration: Configuration | None, now: datetime) -> Times:
        return cls(ZoneInfo(configuration.time_zone if configuration else "UTC"), now)

    def clock(self, at: datetime) -> str:
        """The time of day, with seconds."""
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def short(self, at: datetime) -> str:
        """The time of day; with the day where that is not today's."""
        here = at.astimezone(self.zone)
        day = "" if here.date() == self.now.astimezone(self.zone).date() else here.strftime("%b %-d, ")
        return day + here.strftime("%H:%M")

    def full(self, at: datetime) -> str:
        """Day and time with the offset."""
        here = at.astimezone(self.zone)
        offset = here.strftime("%z")
        return f"{here:%b} {here.day}, {here:%H:%M:%S} {offset[:3]}:{offset[3:]}".replace("-", "\u2212")


def facts(snapshot: Snapshot, times: Times) -> list[Fact]:
    """The list always first; then network, spool, clock and cameras, what is wrong before what is well."""
    rest = [
        _network(snapshot, times),
        _spool(snapshot.spool, times),
        _clock(snapshot.clock_offset_s),
        *(_camera(one) for one in snapshot.sources),
    ]
    if snapshot.refused:
        rest.append(Fact("Answers", "bad", f"The server did not take what was done here: {snapshot.refused}"))
    return [_list(snapshot, times), *sorted(rest, key=lambda fact: _FIRST.index(fact.tone))]


def spoken(seconds: int) -> str:
    """A period: "72 h", "30 min"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _list(snapshot: Snapshot, times: Times) -> Fact:
    listed, configuration = snapshot.listed, snapshot.configuration
    if listed.as_of is None:
        return Fact("List", "warn", listed.told or "No list: reads are matched by the server alone.")
    as_of = f"List as of {times.short(listed.as_of)}"
    if listed.freshness is Freshness.FRESH and configuration and configuration.list_fresh_for_s is not None:
        period = spoken(configuration.list_fresh_for_s)
        return Fact("List", "good", f"{as_of}, fresh for {period} by {listed.clause}.")
    word = "STALE: " if listed.freshness is Freshness.STALE else ""
    return Fact("List", "warn" if listed.is_used else "bad", f"{word}{as_of}. {listed.told}")


def _network(snapshot: Snapshot, times: Times) -> Fact:
    link = snapshot.link
    since = f" since {times.short(link.since)}" if link.since else ""
    match link.state:
        case LinkState.UP:
            return Fact(
                "Network", "warn" if link.told else "good", f"The server is reached. {link.told}".strip()
            )
        case LinkState.AWAY:
            told = f"No server{since}: everything is kept and handed over later. {link.told}"
            return Fact("Network", "warn", told.strip())
        case LinkState.CONNECTING:
            return Fact("Network", "warn", "Looking for the server.")
        case LinkState.NOT_ENROLLED:
            told = "Not enrolled: nothing is captured. Enroll the unit with a code from its device's page."
            return Fact("Network", "bad", told)
    return Fact(
        "Network",
        "bad",
        f"The server refuses this unit{since}: list, sign-ins and assignments are gone, nothing is captured, "
        f"reads that were not handed over are kept. {link.told}".strip(),
    )


def _spool(spool: Standing | None, times: Times) -> Fact:
    if spool is None:
        return Fact("Reads", "warn", "Not known yet.")
    waiting = "Every read is handed over."
    if spool.waiting and spool.oldest_at:
        reads = "1 read waits" if spool.waiting == 1 else f"{spool.waiting} reads wait"
        waiting = f"{reads} to be handed over, the oldest of {times.short(spool.oldest_at)}."
    if spool.refused:
        waiting += f" The server refused {spool.refused}: tell the IT manager."
    if spool.level is Level.ENOUGH:
        return Fact("Reads", "warn" if spool.refused else "good", waiting)
    room = {
        Level.THIN: "The disc fills up: pictures of old reads are given up.",
        Level.READS_ONLY: "The disc is nearly full: reads are kept without pictures.",
        Level.STOP: "The disc is full: nothing is captured.",
    }[spool.level]
    return Fact("Reads", "bad" if spool.level is Level.STOP else "warn", f"{room} {waiting}")


def _clock(offset_s: float | None) -> Fact:
    if offset_s is None:
        return Fact("Clock", "warn", "Not yet compared with the server's.")
    if abs(offset_s) < CLOCK_OFF_S:
        return Fact("Clock", "good", "Agrees with the server's.")
    way = "behind" if offset_s > 0 else "ahead of"
    return Fact(
        "Clock", "warn", f"{abs(offset_s):.0f} s {way} the server's; each read carries the difference."
    )


def _camera(source: Source) -> Fact:
    match source.state:
        case SourceState.RUNNING:
            return Fact(source.name, "good", f"{source.frames_per_s:.0f} frames a second.")
        case SourceState.CONNECTING:
            return Fact(source.name, "warn", f"Connecting. {source.told}".strip())
        case SourceState.ENDED:
            return Fact(source.name, "good", "Its file is done.")
    return Fact(source.name, "bad", f"Gives nothing. {source.told}".strip())

"""The running unit: its parts, its threads, and what happens when it is revoked.

Threads: one for each source; one that recognizes and keeps; one that hands reads over; one that talks with
the server; one that looks after disc and clock. Whatever ends one of them ends the process, so that systemd
starts it again: nothing that was taken in is lost, because it is on the disc before it counts.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from math import inf
from typing import Final, Literal

import msgspec

from plateward.edge.alerts import Alerts
from plateward.edge.answers import Answers
from plateward.edge.backoff import asked, pause
from plateward.edge.belief import Belief
from plateward.edge.capturing import Capturing, Parts, Recognizing
from plateward.edge.clock import Clock
from plateward.edge.handling import HANDLED, Handling
from plateward.edge.identity import Identities, Identity
from plateward.edge.journal import Journal
from plateward.edge.keys import UnitKey
from plateward.edge.link import Away, Link, Revoked, Unwilling
from plateward.edge.listing import COMING, HEAD, Listing, is_too_old, state_of
from plateward.edge.people import People, forget_people
from plateward.edge.reports import report_of
from plateward.edge.sender import Sender
from plateward.edge.settings import Settings
from plateward.edge.sources import Feeder, Waiting
from plateward.edge.spool import Spool
from plateward.edge.state import Link as LinkShown
from plateward.edge.state import LinkState, State
from plateward.edge.store import NoRoomError, Store, StoreError
from plateward.edge.talking import ASSIGNMENTS, CONFIGURATION, Talk
from plateward.edge.thinning import Level
from plateward.unitwire.calls import HealthReport
from plateward.unitwire.documents import Assignments, Configuration
from plateward.unitwire.signing import DocumentError

log = logging.getLogger(__name__)

LOOK_S: Final = 2.0
"""How often disc and clock are looked at."""
LOG_KEPT: Final = timedelta(days=90)
"""Reported lines of the log of deletions are kept this long."""
TIDY_S: Final = 600.0
ENABLED_S: Final = 300.0
"""How often a disabled unit asks whether it is enabled again."""
RETRY_S: Final = 86_400.0
"""What the server refused is offered again once a day."""
_FIRST_ASK_S: Final = 30.0


def program_version() -> str:
    """The version of what runs."""
    try:
        return version("plateward")
    except PackageNotFoundError:
        return "unknown"


@dataclass(slots=True)
class Unit:
    """Everything of a unit that is not a thread; the screen and the commands use it too."""

    settings: Settings
    store: Store
    spool: Spool
    listing: Listing
    alerts: Alerts
    journal: Journal
    answers: Answers
    people: People
    identities: Identities
    clock: Clock
    state: State
    link: Link
    belief: Belief

    @classmethod
    def opened(cls, settings: Settings, clock: Clock | None = None) -> Unit:
        """Open the unit's store with its key. Raises UnitKeyError, StoreError."""
        store = Store(settings.data, UnitKey.read(settings.key_file), reserve=settings.reserve)
        clock, state, identities = clock or Clock(), State(), Identities(store)
        configuration = _kept_configuration(store)
        thin_below = configuration.keep_pictures_bytes if configuration else None
        spool = Spool(store, stop_below=settings.stop_below, thin_below=thin_below)
        link = Link(settings.server, version=program_version(), ca_file=settings.ca_file)
        alerts, journal = Alerts(store, spool), Journal(store, clock)
        answers = Answers(store)
        alerts.on_change = lambda: state.tell(alerts=tuple(alerts.all()))
        named = (alerts.renumber, answers.renumber, Handling(store).renumber, state.renumber)
        spool.on_renumbering = lambda renamed: [rename(renamed) for rename in named]
        kept = store.kept(ASSIGNMENTS)
        assignments = msgspec.json.decode(kept, type=Assignments).assignments if kept else ()
        state.tell(configuration=configuration, assignments=assignments, alerts=tuple(alerts.all()))
        return cls(
            settings=settings,
            store=store,
            spool=spool,
            listing=Listing(store),
            alerts=alerts,
            journal=journal,
            answers=answers,
            people=People(store, journal, clock),
            identities=identities,
            clock=clock,
            state=state,
            link=link,
            belief=Belief(store, identities, link),
        )

    def revoke(self, revoked: Revoked) -> None:
        """The server no longer knows this unit: destroy list, sign-ins and assignments, keep the reads."""
        told = str(revoked)
        # What must go has to go on a full disc as well.
        self.store.release_reserve()
        with self.store.transaction():
            self.identities.revoke(told, self.clock.now(), is_disabled=revoked.is_disabled)
            forget_agency(self.store)
        with suppress(NoRoomError):
            self.journal.write("unit.revoked", detail={"told": told[:500]})
        self.store.scrub()
        self.listing.reload()
        self.state.forget()
        self.state.tell(link=LinkShown(LinkState.REVOKED, self.clock.now(), told))

    def close(self) -> None:
        self.link.close()
        self.store.close()


def forget_agency(store: Store) -> None:
    """Destroy what an agency gave the unit: list, alerts, assignments and sign-ins."""
    with store.transaction() as db:
        for table in ("wanted", "alert"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours
        store.forget(HEAD, COMING, ASSIGNMENTS, HANDLED)
        forget_people(store)


def _kept_configuration(store: Store) -> Configuration | None:
    kept = store.kept(CONFIGURATION)
    return msgspec.json.decode(kept, type=Configuration) if kept else None


class Agent:
    """Runs a unit until it is told to stop."""

    def __init__(self, unit: Unit, recognizer: Recognizing) -> None:
        self.unit, self._stop, self._broken = unit, threading.Event(), ""
        self._waiting, self._health_at, self._untold = Waiting(), -inf, ""
        self._retry_at = -inf
        self._feeders = [
            Feeder(source, self._waiting, unit.clock, unit.spool) for source in unit.settings.sources
        ]
        meters = {feeder.meter.name: feeder.meter for feeder in self._feeders}
        parts = Parts(
            unit.store,
            unit.spool,
            unit.listing,
            unit.alerts,
            unit.clock,
            unit.state,
            unit.settings.jpeg_quality,
        )
        self._capturing = Capturing(parts, recognizer, meters)
        self._sender = Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state)
        self._talk = Talk(
            store=unit.store,
            spool=unit.spool,
            listing=unit.listing,
            alerts=unit.alerts,
            journal=unit.journal,
            answers=unit.answers,
            people=unit.people,
            belief=unit.belief,
            link=unit.link,
            clock=unit.clock,
            state=unit.state,
            report=self._report,
        )

    def stop(self) -> None:
        """Let everything end; what is in hand is finished."""
        self._stop.set()

    def run(self) -> str:
        """Work until told to stop; gives what went wrong, "" when nothing did."""
        unit = self.unit
        if not unit.store.claim():
            return f"another unit runs in {unit.settings.data} already: stop that first"
        with suppress(NoRoomError):
            unit.journal.write("unit.started", detail={"version": unit.link.version})
        self._look()
        loops = (self._capture, self._send, self._converse, self._look_after)
        threads = [threading.Thread(target=self._guarded, args=(loop,), name=loop.__name__) for loop in loops]
        for thread in (*threads, *self._feeders):
            thread.start()
        self._stop.wait()
        for feeder in self._feeders:
            feeder.stop()
        self._waiting.close()
        for thread in threads:
            thread.join()
        return self._broken

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except Exception as error:
            log.exception("The unit cannot go on")
            self._broken = f"{type(error).__name__}: {error}"
        finally:
            self._stop.set()

    def _capture(self) -> None:
        """Recognize and keep, as far as there is leave and room for it."""
        while not self._stop.is_set():
            told = self._why_not()
            if not told:
                try:
                    self._capturing.keep_pending()
                    self.unit.state.tell(stopped="")
                    item = self._waiting.take(0.5)
                    if item is not None:
                        self._capturing.take(item)
                    continue
                except NoRoomError as full:
                    told = (
                        f"Nothing is captured: {full} Bring the unit to where it can send, or free its disc; "
                        "no read that was kept is lost."
                    )
            self.unit.state.tell(stopped=told)
            self._stop.wait(LOOK_S)

    def _why_not(self) -> str:
        if self.unit.identities.now() is not None:
            return ""
        if self.unit.identities.revocation() is not None:
            return (
                "Nothing is captured: the agency's server disabled this unit. What waits stays sealed here."
            )
        return "Nothing is captured: this unit is not enrolled. Run `plateward edge enroll`."

    def _send(self) -> None:
        while not self._stop.is_set():
            try:
                wait = self._sender.step()
            except Revoked as revoked:
                self.unit.revoke(revoked)
                wait = LOOK_S
            except NoRoomError:
                # A receipt cannot be written down: the read stays, and is sent again as a duplicate.
                self.unit.store.release_reserve()
                wait = LOOK_S
            if wait:
                self._stop.wait(wait)

    def _converse(self) -> None:
        failures = 0
        while not self._stop.is_set():
            who = self.unit.identities.now()
            if who is None:
                self._show_no_identity()
                self._ask_whether_enabled()
                self._stop.wait(LOOK_S)
                continue
            wait = 0.0
            try:
                self._round(who)
                failures = failures + 1 if self._untold else 0
                wait = min(pause(failures, random.random), self._every("ask_every_s"))
                self._show_link(LinkState.UP, self._sender.problem or self._untold)
            except Revoked as revoked:
                self.unit.revoke(revoked)
            except (Away, Unwilling, DocumentError, NoRoomError) as problem:
                failures += 1
                wait = asked(getattr(problem, "retry_after", ""), pause(failures, random.random))
                self._show_link(LinkState.AWAY, str(problem))
            self._apply()
            self._stop.wait(wait or self._every("ask_every_s"))

    def _round(self, who: Identity) -> None:
        if self.unit.clock.steady() >= self._health_at + self._every("health_every_s"):
            self._talk.health(who)
            self._health_at = self.unit.clock.steady()
        problems = []
        for step in self._talk.steps():
            try:
                step(who)
            except (Unwilling, DocumentError) as problem:
                problems.append(str(problem))
        self._untold = " ".join(problems)

    def _every(self, name: Literal["ask_every_s", "health_every_s"]) -> float:
        """Seconds as the agency's configuration has them."""
        configuration = self.unit.state.snapshot().configuration
        return float(getattr(configuration, name)) if configuration is not None else _FIRST_ASK_S

    def _ask_whether_enabled(self) -> None:
        """Of a disabled device: now and then, whether it is enabled again."""
        who = self.unit.identities.disabled()
        if who is None or self.unit.clock.steady() < self._health_at + ENABLED_S:
            return
        self._health_at = self.unit.clock.steady()
        with suppress(Away, Unwilling):
            try:
                self._talk.health(who)
                self.unit.identities.enable()
            except Revoked as revoked:
                self.unit.identities.revoke(
                    str(revoked), self.unit.clock.now(), is_disabled=revoked.is_disabled
                )

    def _show_no_identity(self) -> None:
        revoked = self.unit.identities.revocation()
        state = LinkState.REVOKED if revoked else LinkState.NOT_ENROLLED
        self._show_link(state, revoked.told if revoked else "Run `plateward edge enroll`.")

    def _show_link(self, state: LinkState, told: str) -> None:
        before = self.unit.state.snapshot().link
        since = before.since if before.state is state and before.since else self.unit.clock.now()
        self.unit.state.tell(link=LinkShown(state, since, told))

    def _apply(self) -> None:
        """Let the agency's configuration hold."""
        configuration = self.unit.state.snapshot().configuration
        if configuration is not None:
            self.unit.spool.thin_below = configuration.keep_pictures_bytes
        self._look()

    def _look_after(self) -> None:
        tidy_due = 0.0
        while not self._stop.is_set():
            unit = self.unit
            try:
                if jump := unit.clock.jump():
                    unit.journal.write(
                        "unit.clock_jumped",
                        detail={"seconds": jump.seconds, "now": jump.now.isoformat(timespec="seconds")},
                    )
                if unit.spool.maintain(unit.clock.now()) is Level.ENOUGH and unit.clock.steady() >= tidy_due:
                    tidy_due = unit.clock.steady() + TIDY_S
                    self._tidy()
            except NoRoomError:
                unit.store.release_reserve()
            if unit.store.is_moved():
                raise StoreError("The unit was enrolled with another agency: it starts anew.")
            self._look()
            configuration = unit.state.snapshot().configuration
            if is_too_old(unit.listing.head, configuration, unit.clock.true_now()):
                unit.listing.destroy_entries()
            self._stop.wait(LOOK_S)

    def _tidy(self) -> None:
        unit = self.unit
        now = unit.clock.true_now()
        unit.listing.forget_expired(now)
        unit.alerts.forget_past(now)
        if unit.clock.steady() >= self._retry_at:
            unit.spool.retry_refused()
            self._retry_at = unit.clock.steady() + RETRY_S
        unit.spool.prune_log(unit.clock.now() - LOG_KEPT)

    def _look(self) -> None:
        """Tell the screen how everything stands."""
        unit = self.unit
        shown = unit.state.snapshot()
        unit.state.tell(
            listed=state_of(unit.listing.head, shown.configuration, unit.clock.true_now()),
            spool=unit.spool.standing(),
            sources=tuple(feeder.meter.shown() for feeder in self._feeders),
            clock_offset_s=unit.clock.offset_s(),
            recognition_ms=self._capturing.milliseconds(),
        )

    def _report(self) -> HealthReport:
        return report_of(
            self.unit.state.snapshot(), self.unit.clock, self.unit.link.version, self._capturing.model
        )

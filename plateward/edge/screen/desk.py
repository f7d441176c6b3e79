"""The one screen of the unit: locked, or opened by one person; what it shows is in the journal first.

One browser has it open at a time, known by a random token in its cookie. A restart of the agent locks it.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID, uuid4

import msgspec

from plateward.edge import handling
from plateward.edge.agent import Unit
from plateward.edge.alerts import Alerts, LocalAlert, Verdict
from plateward.edge.answers import Answers
from plateward.edge.belief import Belief
from plateward.edge.clock import Clock
from plateward.edge.handling import Act, Handled, Handling, Quiet
from plateward.edge.identity import Identities
from plateward.edge.journal import Journal
from plateward.edge.link import Link
from plateward.edge.people import NotOpenedError, People, Person, Standing, hindrance
from plateward.edge.pins import PinError
from plateward.edge.screen.signing_in import SignIn, Step
from plateward.edge.state import LinkState, RecentRead, Snapshot, State
from plateward.edge.store import NoRoomError, Store
from plateward.unitwire.calls import Acknowledged, PictureCompared, RecordTold, Sameness
from plateward.unitwire.documents import Assignment
from plateward.unitwire.journal import Said

READS: Final = "reads.view"
ALERTS: Final = "alerts.view"
DISPOSE: Final = "alerts.dispose"
DETAILS: Final = "hotlists.view"
LIST_S: Final = 300.0
"""For so long one entry of the journal covers the running list of reads; then the next one is written."""
LISTED: Final = 20
"""Alerts in the list of those that came before."""
LONGEST_WORD: Final = 300


_VERDICTS: Final[Mapping[Sameness, Verdict]] = {"YES": "CONFIRMED", "NO": "MISREAD"}


class RefusedError(Exception):
    """An act is not done; the message says why and what to do."""


class JournalError(Exception):
    """The access journal cannot be written, so nothing may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the screen works on."""

    store: Store
    journal: Journal
    alerts: Alerts
    answers: Answers
    identities: Identities
    link: Link
    belief: Belief
    clock: Clock
    state: State
    people: People

    @classmethod
    def of(cls, unit: Unit) -> Self:
        """Those of an opened unit."""
        return cls(**{one.name: getattr(unit, one.name) for one in fields(cls)})


@dataclass(slots=True)
class Opened:
    """The screen while a person has it open. Times are the steady clock's."""

    token: str
    person: Person
    touched: float
    reads_until: float = 0.0
    listed: set[UUID] = field(default_factory=set)
    shown: set[tuple[UUID, str]] = field(default_factory=set)
    opened_reads: set[int] = field(default_factory=set)
    read: int | None = None
    chosen: UUID | None = None

    @property
    def user(self) -> str:
        return self.person.grant.user

    def may(self, capability: str) -> bool:
        """Whether the grant names it."""
        return capability in self.person.grant.capabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All that one look at the screen shows, each sight of it already in the journal.

    `front` is the alert that fills the screen; `ringing` are those that call for somebody, the first to be
    seen first. `reads` and `earlier` are empty for who may not see them, and while the screen is locked.
    """

    snapshot: Snapshot
    now: datetime
    people: tuple[Person, ...]
    standing: Standing
    opened: Opened | None
    sign_in: SignIn | None
    ringing: tuple[LocalAlert, ...]
    handled: Mapping[UUID, Handled]
    front: LocalAlert | None = None
    earlier: tuple[LocalAlert, ...] = ()
    reads: tuple[RecentRead, ...] = ()
    assignments: tuple[Assignment, ...] = ()


class Desk:
    """What can be done at the screen; threads share it."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._handling, self._quiet = parts, Handling(parts.store), Quiet()
        self._lock = threading.RLock()
        self._opened: Opened | None = None
        self._sign_in: SignIn | None = None
        self._sign_in_token = ""
        self._version = 0

    def version(self) -> str:
        """Another word whenever something else is to be seen; locks the screen when it is time."""
        with self._lock:
            with _journaled():
                self._lock_when_due()
            return f"{self._parts.state.snapshot().version}.{self._version}"

    def look(self, token: str) -> Look:
        """What the browser with this token may see. Raises JournalError."""
        with self._lock, _journaled():
            self._lock_when_due()
            found, opened = self._nothing(), self._mine(token)
            if opened is None:
                own = self._sign_in if token and token == self._sign_in_token else None
                return replace(found, sign_in=own)
            return self._seen(found, opened)

    def _nothing(self) -> Look:
        """A look that gives nothing away."""
        parts, snapshot, now = self._parts, self._parts.state.snapshot(), self._parts.clock.true_now()
        handled = self._handling.all()
        ringing = self._quiet.ringing(snapshot.alerts, handled, now, parts.clock.steady())
        ringing.sort(key=lambda a: (a.entry.information_only, a.entry.priority, -a.captured_at.timestamp()))
        return Look(
            snapshot=snapshot,
            now=now,
            people=parts.people.all(),
            standing=self._standing(snapshot),
            opened=None,
            sign_in=None,
            ringing=tuple(ringing),
            handled={a.id: handling.of(a, handled) for a in snapshot.alerts},
        )

    def _seen(self, found: Look, opened: Opened) -> Look:
        """Write down what is about to be shown, then show it."""
        snapshot = found.snapshot
        alerts = snapshot.alerts if opened.may(ALERTS) else ()
        chosen = next((one for one in alerts if one.id == opened.chosen), None)
        front = chosen or (found.ringing[0] if alerts and found.ringing else None)
        earlier = () if front else alerts[:LISTED]
        reads = snapshot.reads if opened.may(READS) and not front else ()
        mine = tuple(one for one in snapshot.assignments if one.username == opened.user)
        covers = (
            self._parts.clock.steady() + LIST_S if self._is_list_due(opened, reads) else opened.reads_until
        )
        with self._parts.store.transaction():
            if front and _sight(front) not in opened.shown:
                detail = {"event_id": front.event_id, "entry": front.entry.id, "plate": front.plate}
                self._write("unit.alert_shown", opened, f"alert:{front.id}", detail)
            if any(one.id not in opened.listed for one in earlier):
                ids = " ".join(str(one.id) for one in earlier)
                self._write("unit.alert_shown", opened, "alerts:list", {"alerts": ids, "count": len(earlier)})
            if self._is_list_due(opened, reads):
                span: dict[str, Said] = {"from": reads[-1].sequence, "to": reads[0].sequence}
                span |= {"count": len(reads), "and_for_s": int(LIST_S)}
                self._write("unit.read_opened", opened, "reads:current", span)
        opened.shown.update([_sight(front)] if front else [])
        opened.listed.update(one.id for one in earlier)
        opened.reads_until = covers
        return replace(found, opened=opened, front=front, earlier=earlier, reads=reads, assignments=mine)

    def _is_list_due(self, opened: Opened, reads: Sequence[RecentRead]) -> bool:
        """Whether the running list needs its next entry before it is shown."""
        return bool(reads) and self._parts.clock.steady() >= opened.reads_until

    def begin_sign_in(self) -> str:
        """Ask the server for a code; gives the token of the browser that waits for it."""
        with self._lock:
            self.cancel_sign_in(self._sign_in_token)
            parts = self._parts
            self._sign_in = SignIn(parts.link, parts.identities, parts.belief, parts.clock, self._changed)
            self._sign_in_token = secrets.token_urlsafe(32)
            self._sign_in.start()
            self._changed()
            return self._sign_in_token

    def cancel_sign_in(self, token: str) -> None:
        """Give the sign-in up; a grant that came is given back."""
        with self._lock, _journaled():
            if self._sign_in is None or token != self._sign_in_token:
                return
            self._sign_in.cancel()
            if grant := self._sign_in.progress.grant:
                self._parts.people.decline(grant, "given up before a PIN was set")
            self._sign_in, self._sign_in_token = None, ""
            self._changed()

    def sign_in_address(self, token: str) -> str:
        """Where the waiting sign-in is confirmed, its code in the address."""
        sign_in = self._sign_in if token and token == self._sign_in_token else None
        if sign_in is None or sign_in.progress.begun is None:
            raise RefusedError("No sign-in waits.")
        return sign_in.progress.begun.verification_uri_complete

    def set_pin(self, token: str, pin: str, again: str) -> str:
        """The person who signed in chooses the PIN; the screen is open then. Gives its token."""
        with self._lock, _journaled():
            sign_in = self._sign_in if token and token == self._sign_in_token else None
            if sign_in is None or sign_in.progress.step is not Step.GRANTED or not sign_in.progress.grant:
                raise RefusedError("No sign-in waits for a PIN. Start anew.")
            if pin != again:
                raise RefusedError("The two PINs are not the same. Enter both again.")
            try:
                person = self._parts.people.add(sign_in.progress.grant, pin)
            except PinError as problem:
                raise RefusedError(str(problem)) from problem
            self._sign_in, self._sign_in_token = None, ""
            return self._open(person.grant.session, pin)

    def unlock(self, session: UUID, pin: str) -> str:
        """Open the screen by PIN; gives its token. Raises RefusedError."""
        with self._lock, _journaled():
            return self._open(session, pin)

    def _open(self, session: UUID, pin: str) -> str:
        try:
            person = self._parts.people.open(session, pin, self._standing(self._parts.state.snapshot()))
        except NotOpenedError as refused:
            self._changed()
            raise RefusedError(str(refused)) from refused
        self._close("somebody else opened it")
        self._opened = Opened(secrets.token_urlsafe(32), person, self._parts.clock.steady())
        self._changed()
        return self._opened.token

    def lock(self, token: str) -> None:
        """Lock the screen."""
        with self._lock, _journaled():
            if self._mine(token):
                self._close("by hand")

    def sign_out(self, token: str) -> None:
        """The person's sign-in is over."""
        with self._lock, _journaled():
            opened = self._need(token)
            self._parts.people.end(opened.person.grant.session, "by hand")
            self._opened = None
            self._changed()

    def touch(self, token: str) -> None:
        """Somebody is there: the screen stays open."""
        with self._lock:
            self._need(token).touched = self._parts.clock.steady()

    def open_read(self, token: str, sequence: int) -> None:
        """Look at one read from near; its sight is written first."""
        with self._lock, _journaled():
            opened = self._need(token, READS)
            read = next((one for one in self._parts.state.snapshot().reads if one.sequence == sequence), None)
            if read is None:
                raise RefusedError(
                    "This read is not among the current ones any more. Look it up in Plateward."
                )
            if sequence not in opened.opened_reads:
                self._write("unit.read_opened", opened, f"read:{read.event_id}", {"plate": read.plate})
                opened.opened_reads.add(sequence)
            opened.read = sequence
            self._changed()

    def close_read(self, token: str) -> None:
        """Back to the running list."""
        with self._lock:
            self._need(token, READS).read = None
            self._changed()

    def plate_picture(self, token: str, sequence: int) -> bytes:
        """The picture of a read in the running list, whose sight the journal has."""
        with self._lock:
            opened = self._need(token, READS, is_touch=False)
            reads = self._parts.state.snapshot().reads
            is_covered = self._parts.clock.steady() < opened.reads_until or sequence in opened.opened_reads
            found = next((one.picture for one in reads if one.sequence == sequence), None)
            if found is None or not is_covered:
                raise RefusedError("This picture is not shown any more.")
            return found

    def alert_picture(self, token: str, name: UUID, role: str) -> bytes:
        """A picture ("plate" or "scene") of an alert that this person was shown."""
        with self._lock:
            opened = self._need(token, ALERTS, is_touch=False)
            alert = self._alert(name)
            if _sight(alert) not in opened.shown:
                raise RefusedError("Open the alert first.")
            return alert.picture if role == "plate" else self._parts.alerts.scene(alert.id)

    def choose(self, token: str, name: UUID | None) -> None:
        """Bring an alert to the front, or go back to the reads."""
        with self._lock:
            opened = self._need(token, ALERTS)
            opened.chosen, opened.read = self._alert(name).id if name else None, None
            self._changed()

    def acknowledge(self, token: str, name: UUID) -> None:
        """The tone ends: somebody has seen the alert."""
        with self._lock, _journaled():
            opened, alert = self._need_shown(token, name)
            act = Act(opened.user, self._parts.clock.true_now())
            self._answer(opened, alert, {"acknowledged": True}, acknowledged=act)
            opened.chosen = alert.id

    def compare(self, token: str, name: UUID, sameness: Sameness) -> None:
        """The person compared the picture with the characters; the server hears it when there is network."""
        with self._lock, _journaled():
            opened, alert = self._need_shown(token, name, DISPOSE)
            now = self._parts.clock.true_now()
            act = Act(opened.user, now)
            told = PictureCompared(
                id=uuid4(),
                session=opened.person.grant.session,
                at=self._parts.clock.now(),
                clock_offset_s=self._parts.clock.offset_s(),
                event_id=alert.event_id,
                entry=UUID(alert.entry.id),
                characters=sameness,
            )
            detail: dict[str, Said] = {"compared": sameness}
            with self._parts.store.transaction():
                self._answer(opened, alert, detail, acknowledged=act, compared=sameness, comparing=act)
                self._parts.answers.add(told)
                if sameness in _VERDICTS:
                    self._parts.alerts.answer(alert.id, _VERDICTS[sameness], opened.user, now)
            opened.chosen = alert.id

    def told_by_dispatch(
        self, token: str, name: UUID, *, is_confirmed: bool, said: str, channel: str
    ) -> None:
        """The person records what they were told of the entry; the server hears it when there is network.

        `channel` is one of the configuration's; where the policy names none, it stays in the journal alone.
        """
        with self._lock, _journaled():
            opened, alert = self._need_shown(token, name, DISPOSE)
            words = " ".join(said.split())
            if len(words) > LONGEST_WORD:
                raise RefusedError(f"Write what you were told in at most {LONGEST_WORD} characters.")
            clock, configuration = self._parts.clock, self._parts.state.snapshot().configuration
            channels = {one.id for one in configuration.channels} if configuration else set()
            if channels and channel not in channels:
                raise RefusedError("Choose how you were told.")
            act = Act(opened.user, clock.true_now())
            detail: dict[str, Said] = {"dispatch_confirmed": is_confirmed, "dispatch_said": words}
            changes = {"is_confirmed": is_confirmed, "said": words, "telling": act}
            with self._parts.store.transaction():
                self._answer(opened, alert, detail | {"by": channel}, acknowledged=act, **changes)
                if channels:
                    told = RecordTold(
                        id=uuid4(),
                        session=opened.person.grant.session,
                        at=clock.now(),
                        clock_offset_s=clock.offset_s(),
                        event_id=alert.event_id,
                        entry=UUID(alert.entry.id),
                        channel=channel,
                        is_active=is_confirmed,
                        said=words,
                    )
                    self._parts.answers.add(told)
            opened.chosen = alert.id

    def acknowledge_assignment(self, token: str, name: UUID) -> None:
        """The person has read where they are sent."""
        with self._lock, _journaled():
            opened, parts = self._need(token), self._parts
            mine = (one for one in parts.state.snapshot().assignments if one.username == opened.user)
            if (found := next((one for one in mine if one.id == name), None)) is None:
                raise RefusedError("This assignment is over or somebody else's.")
            now, session = parts.clock.true_now(), opened.person.grant.session
            with parts.store.transaction():
                self._write("unit.assignment_acknowledged", opened, f"assignment:{found.id}", {})
                told = Acknowledged(
                    id=uuid4(),
                    session=session,
                    at=parts.clock.now(),
                    clock_offset_s=parts.clock.offset_s(),
                    assignment=found.id,
                )
                parts.answers.add(told)
            read = msgspec.structs.replace(found, acknowledged_at=now)
            given = parts.state.snapshot().assignments
            parts.state.tell(assignments=tuple(read if one.id == name else one for one in given))

    def _answer(
        self, opened: Opened, alert: LocalAlert, detail: Mapping[str, Said], **changes: object
    ) -> None:
        before = handling.of(alert, self._handling.all())
        after = msgspec.structs.replace(before, event_id=alert.event_id, **changes)
        said: dict[str, Said] = {"event_id": alert.event_id, "entry": alert.entry.id, **detail}
        with self._parts.store.transaction():
            self._write("unit.alert_answered", opened, f"alert:{alert.id}", said)
            self._handling.keep(alert, after, self._parts.state.snapshot().alerts)
        self._quiet.acknowledged(alert, self._parts.clock.steady())
        self._changed()

    def _need_shown(self, token: str, name: UUID, capability: str = ALERTS) -> tuple[Opened, LocalAlert]:
        opened, alert = self._need(token, capability), self._alert(name)
        if _sight(alert) not in opened.shown:
            raise RefusedError("The plate passed again meanwhile. Look at the new picture, then answer.")
        return opened, alert

    def _alert(self, name: UUID) -> LocalAlert:
        alerts = self._parts.state.snapshot().alerts
        if (found := next((one for one in alerts if one.id == name), None)) is None:
            raise RefusedError("This alert is not on the unit any more. Look it up in Plateward.")
        return found

    def _need(self, token: str, capability: str = "", *, is_touch: bool = True) -> Opened:
        """The screen as this browser has it open; what the page fetches by itself is no touch."""
        self._lock_when_due()
        if (opened := self._mine(token)) is None:
            raise RefusedError("The screen is locked.")
        if capability and not opened.may(capability):
            told = f"Your sign-in does not include {capability}. Ask the ALPR administrator."
            self._write("unit.refused", opened, f"session:{opened.person.grant.session}", {"why": told})
            raise RefusedError(told)
        if is_touch:
            opened.touched = self._parts.clock.steady()
        return opened

    def _mine(self, token: str) -> Opened | None:
        opened = self._opened
        return opened if opened and token and secrets.compare_digest(opened.token, token) else None

    def _lock_when_due(self) -> None:
        """Lock the screen once its time is over, or its person's sign-in."""
        if (opened := self._opened) is None:
            return
        snapshot, clock = self._parts.state.snapshot(), self._parts.clock
        kept = self._parts.people.get(opened.person.grant.session)
        if kept is None:
            self._close("the sign-in is over")
        elif told := hindrance(kept, self._standing(snapshot), clock.true_now()):
            self._close(told)
        elif (
            snapshot.configuration and clock.steady() >= opened.touched + snapshot.configuration.lock_after_s
        ):
            self._close("nobody touched it")

    def _close(self, why: str) -> None:
        """Lock first: a journal that cannot be written must not keep the screen open."""
        opened, self._opened = self._opened, None
        self._changed()
        if opened is not None:
            self._write("unit.locked", opened, f"session:{opened.person.grant.session}", {"why": why[:300]})

    def _standing(self, snapshot: Snapshot) -> Standing:
        who, state = self._parts.identities.now(), snapshot.link.state
        unit = (who.device_id, who.agency) if who and state is not LinkState.REVOKED else None
        return Standing(snapshot.configuration, state is LinkState.UP, unit)

    def _write(self, verb: str, opened: Opened, subject: str, detail: Mapping[str, Said]) -> None:
        grant = opened.person.grant
        self._parts.journal.write(verb, subject, detail, user=grant.user, session=grant.session)

    def _changed(self) -> None:
        self._version += 1


def _sight(alert: LocalAlert) -> tuple[UUID, str]:
    return alert.id, alert.event_id


@contextmanager
def _journaled() -> Iterator[None]:
    """What the journal cannot keep is not shown and not done."""
    try:
        yield
    except (NoRoomError, sqlite3.Error) as error:
        raise JournalError(
            "The access journal cannot be written, so nothing can be shown. Have the unit's disc looked at "
            f"({error})."
        ) from error

"""Who is signed in on the unit: grants of the server, each with its person's PIN, kept sealed (B-466.6(a)).

A grant opens the screen without network until it ends: by its time, by training that lapses, by a sign-out,
by the server, or by five wrong PINs. Every opening and refusal is in the journal before it has an effect.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from plateward.edge.clock import Clock
from plateward.edge.journal import Journal
from plateward.edge.pins import Verifier
from plateward.edge.store import Store
from plateward.unitwire.documents import Configuration, Grant

WRONG_PINS: Final = 5
PAUSE_S: Final = 2.0
"""Between a wrong PIN and the next try."""
_PEOPLE: Final = "people"
_SIGNED_OUT: Final = "signed-out"
_BEHIND: Final = timedelta(minutes=5)
"""By so much a clock may go back before it is said to have been set back."""


class Person(Struct, frozen=True, kw_only=True):
    """A person's grant and PIN; `wrong` PINs since the last right one, `seen_at` the latest time seen."""

    grant: Grant
    verifier: Verifier
    wrong: int = 0
    seen_at: datetime


class NotOpenedError(Exception):
    """The screen stays locked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an opening depends on beside the PIN."""

    configuration: Configuration | None
    is_online: bool
    unit: tuple[str, str] | None
    """The device and the agency that the unit is; None where the server refuses it, or never knew it."""


def forget_people(store: Store) -> None:
    """Forget everybody who is signed in in this store."""
    store.forget(_PEOPLE, _SIGNED_OUT)


class People:
    """The people in the unit's store; threads may share it, but for `open`, which one calls at a time."""

    def __init__(self, store: Store, journal: Journal, clock: Clock) -> None:
        self._store, self._journal, self._clock = store, journal, clock
        self._not_before: dict[UUID, float] = {}

    def all(self) -> tuple[Person, ...]:
        """Everybody signed in, the newest sign-in first."""
        kept = self._store.kept(_PEOPLE)
        return msgspec.json.decode(kept, type=tuple[Person, ...]) if kept else ()

    def get(self, session: UUID) -> Person | None:
        """Who signed in under this name."""
        return next((one for one in self.all() if one.grant.session == session), None)

    def add(self, grant: Grant, pin: str) -> Person:
        """Sign a person in; their own earlier sign-in is over. Raises PinError."""
        person = Person(grant=grant, verifier=Verifier.of(pin), seen_at=self._clock.true_now())
        with self._store.transaction():
            for other in self.all():
                if other.grant.user == grant.user:
                    self._end(other, "signed in anew")
            self._keep((person, *self.all()))
            self._write("unit.signed_in", grant, {"until": grant.valid_until.isoformat()})
        return person

    def open(self, session: UUID, pin: str, standing: Standing) -> Person:
        """The person, once the PIN and everything else holds. Raises NotOpenedError."""
        person = self.get(session)
        if person is None:
            raise NotOpenedError("This sign-in is over. Sign in again.")
        if told := hindrance(person, standing, self._clock.true_now()):
            self._refuse(person.grant, told)
            raise NotOpenedError(told)
        self._try(person, pin)
        opened = msgspec.structs.replace(person, wrong=0, seen_at=max(person.seen_at, self._clock.true_now()))
        with self._store.transaction():
            self._replace(opened)
            self._write("unit.unlocked", person.grant, {"online": standing.is_online})
        return opened

    def _try(self, person: Person, pin: str) -> None:
        """Count the try before it is judged, so that cutting the power gives nobody another one."""
        session = person.grant.session
        if self._clock.steady() < self._not_before.get(session, 0.0):
            raise NotOpenedError("Wait two seconds, then enter the PIN again.")
        counted = msgspec.structs.replace(person, wrong=person.wrong + 1)
        self._replace(counted)
        if counted.wrong <= WRONG_PINS and person.verifier.fits(pin):
            return
        self._not_before[session] = self._clock.steady() + PAUSE_S
        left = WRONG_PINS - counted.wrong
        if left > 0:
            self._refuse(person.grant, "wrong PIN")
            tries = "one try is left" if left == 1 else f"{left} tries are left"
            raise NotOpenedError(f"The PIN is wrong; {tries}.")
        with self._store.transaction():
            self._refuse(person.grant, "five wrong PINs")
            self._end(person, "five wrong PINs")
        raise NotOpenedError("Five PINs were wrong: this sign-in is over. Sign in again.")

    def end(self, session: UUID, why: str) -> None:
        """A sign-in is over; nothing where it was."""
        with self._store.transaction():
            if person := self.get(session):
                self._end(person, why)

    def decline(self, grant: Grant, why: str) -> None:
        """A grant that nobody set a PIN for is over before it began."""
        with self._store.transaction():
            self._store.keep(_SIGNED_OUT, (*self.signed_out(), grant.session))
            self._refuse(grant, why)

    def keep_only(self, sessions: Collection[UUID], issued_at: datetime) -> None:
        """End what the server does not count any more; a later grant than its document stays."""
        with self._store.transaction():
            for one in self.all():
                if one.grant.session not in sessions and one.grant.issued_at < issued_at:
                    self.end(one.grant.session, "the server ended it")

    def destroy(self) -> None:
        """Forget everybody: the unit was revoked."""
        forget_people(self._store)

    def signed_out(self) -> tuple[UUID, ...]:
        """Sign-ins that ended here and of which the server has not been told."""
        kept = self._store.kept(_SIGNED_OUT)
        return msgspec.json.decode(kept, type=tuple[UUID, ...]) if kept else ()

    def told(self, session: UUID) -> None:
        """The server knows that this one ended."""
        with self._store.transaction():
            self._store.keep(_SIGNED_OUT, tuple(one for one in self.signed_out() if one != session))

    def _end(self, person: Person, why: str) -> None:
        session = person.grant.session
        with self._store.transaction():
            self._keep(tuple(one for one in self.all() if one.grant.session != session))
            self._store.keep(_SIGNED_OUT, (*self.signed_out(), session))
            self._write("unit.signed_out", person.grant, {"why": why})

    def _keep(self, people: tuple[Person, ...]) -> None:
        self._store.keep(_PEOPLE, people)

    def _replace(self, person: Person) -> None:
        session = person.grant.session
        with self._store.transaction():
            self._keep(tuple(person if one.grant.session == session else one for one in self.all()))

    def _refuse(self, grant: Grant, why: str) -> None:
        self._write("unit.refused", grant, {"why": why[:300]})

    def _write(self, verb: str, grant: Grant, detail: dict[str, str | int | float | bool | None]) -> None:
        subject = f"session:{grant.session}"
        self._journal.write(verb, subject, detail, user=grant.user, session=grant.session)


def hindrance(person: Person, standing: Standing, now: datetime) -> str:
    """Why a grant opens nothing at `now`, and what to do; "" where it does."""
    configuration = standing.configuration
    if configuration is None:
        return "The unit has no configuration yet. Wait until it has reached the server."
    if standing.unit != (person.grant.device_id, person.grant.agency):
        return "The server does not know this unit as the one of the sign-in. Tell the IT manager."
    if configuration.grant_s is None and not standing.is_online:
        return (
            "The agency's policy does not say how long a sign-in lasts without network. It opens when the "
            "unit has reached the server."
        )
    return _over(person, configuration, now)


def _over(person: Person, configuration: Configuration, now: datetime) -> str:
    """Whether the grant's time is over, or nobody can say."""
    grant = person.grant
    if now < max(person.seen_at, grant.issued_at) - _BEHIND:
        return "The unit's clock was set back: nobody can say whether the sign-in still lasts. Sign in again."
    if now >= grant.valid_until:
        return f"The sign-in ended at {_clock(grant.valid_until, configuration)}. Sign in again."
    if grant.training_ok_until is not None and now >= grant.training_ok_until:
        return "Your ALPR training has lapsed. Have it renewed, then sign in again."
    return ""


def _clock(at: datetime, configuration: Configuration) -> str:
    return at.astimezone(ZoneInfo(configuration.time_zone)).strftime("%H:%M on %b %-d")

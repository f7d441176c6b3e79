"""What the page is told: everything in words, so that the page decides nothing."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from plateward.edge.alerts import LocalAlert
from plateward.edge.handling import Act, Handled, is_wanted
from plateward.edge.people import Person, hindrance
from plateward.edge.screen import words
from plateward.edge.screen.desk import DETAILS, DISPOSE, Desk, Look
from plateward.edge.screen.signing_in import SignIn, Step
from plateward.edge.screen.words import Fact, Times
from plateward.edge.state import RecentRead
from plateward.plates import Certainty, certainty, compare
from plateward.recognition import CharacterReading
from plateward.unitwire.documents import Assignment, Channel

Stage = Literal["LOCKED", "SIGN_IN", "PIN", "OPEN", "BLOCKED"]
_COMPARED: Final = {
    "YES": "the picture shows what was read",
    "NO": "the picture shows another plate: a misread",
    "CANNOT_TELL": "the picture does not tell",
}


class Character(Struct, frozen=True):
    """A character as read, how sure it is, and whether it `differs` from the entry's."""

    char: str
    doubt: Certainty
    differs: bool = False
    percent: str = ""


class ReadShown(Struct, frozen=True, kw_only=True):
    """A read in the running list; `picture` is its address, `said` the plate as it is read aloud."""

    sequence: int
    characters: tuple[Character, ...]
    said: str
    region: str
    at: str
    source: str
    direction: str
    confidence: str
    picture: str
    alert: UUID | None


class AlertRow(Struct, frozen=True, kw_only=True):
    """An alert in the list of those before."""

    id: UUID
    plate: str
    category: str
    at: str
    state: str


class AlertShown(Struct, frozen=True, kw_only=True):
    """The alert that fills the screen, every sentence of it."""

    id: UUID
    event_id: str
    characters: tuple[Character, ...]
    said: str
    region: str
    plate_picture: str
    scene_picture: str
    entry_plate: str
    category: str
    priority: str
    is_information_only: bool
    why: str
    source: str
    expires: str
    explanation: str
    at: str
    camera: str
    seen: str
    list_told: str
    standing: str
    standing_tone: str
    acknowledged: str
    compared: str
    dispatch: str
    channels: tuple[Channel, ...]
    is_acknowledged: bool
    may_answer: bool


class AssignmentShown(Struct, frozen=True, kw_only=True):
    """Where the person is sent."""

    id: UUID
    incident: str
    place: str
    window: str
    instruction: str
    sent_by: str
    acknowledged: str


class PersonShown(Struct, frozen=True, kw_only=True):
    """Who can open the screen; `told` says why they cannot."""

    session: UUID
    name: str
    title: str
    until: str
    told: str


class SignInShown(Struct, frozen=True, kw_only=True):
    """The code to confirm elsewhere, or what went wrong."""

    step: Step
    user_code: str
    address: str
    until: str
    told: str
    name: str


class Shown(Struct, frozen=True, kw_only=True):
    """The whole screen."""

    version: str
    stage: Stage
    told: str = ""
    agency: str = ""
    device: str = ""
    now: str = ""
    stopped: str = ""
    facts: tuple[Fact, ...] = ()
    people: tuple[PersonShown, ...] = ()
    sign_in: SignInShown | None = None
    note: str = ""
    name: str = ""
    lock_after_s: int = 0
    ringing: int = 0
    front: AlertShown | None = None
    more: int = 0
    earlier: tuple[AlertRow, ...] = ()
    reads: tuple[ReadShown, ...] = ()
    read: ReadShown | None = None
    assignments: tuple[AssignmentShown, ...] = ()


def shown(desk: Desk, token: str) -> Shown:
    """What the browser with this token may see. Raises JournalError."""
    version = desk.version()
    return of(desk.look(token), version)


def of(look: Look, version: str) -> Shown:
    """A look in words."""
    snapshot, configuration = look.snapshot, look.snapshot.configuration
    times = Times.of(configuration, look.now)
    opened = look.opened
    return Shown(
        version=version,
        stage=_stage(look),
        agency=configuration.agency_name if configuration else "",
        device=configuration.device_name if configuration else "",
        now=times.short(look.now),
        stopped=snapshot.stopped,
        facts=tuple(words.facts(snapshot, times)),
        people=() if opened else tuple(_person(one, look, times) for one in look.people),
        sign_in=_sign_in(look.sign_in, times) if look.sign_in else None,
        note=_note(look),
        name=opened.person.grant.name if opened else "",
        lock_after_s=configuration.lock_after_s if configuration else 0,
        ringing=len(look.ringing),
        front=_alert(look.front, look, times) if look.front else None,
        more=sum(1 for one in look.ringing if look.front and one.id != look.front.id),
        earlier=tuple(_row(one, look, times) for one in look.earlier),
        reads=tuple(_read(one, times) for one in look.reads),
        read=next((_read(one, times) for one in look.reads if opened and one.sequence == opened.read), None),
        assignments=tuple(_assignment(one, times) for one in look.assignments),
    )


def _stage(look: Look) -> Stage:
    if look.opened:
        return "OPEN"
    if look.sign_in is None:
        return "LOCKED"
    return "PIN" if look.sign_in.progress.step is Step.GRANTED else "SIGN_IN"


def _note(look: Look) -> str:
    """What a person must know before they sign in."""
    configuration = look.snapshot.configuration
    if configuration is None or look.opened:
        return ""
    if configuration.grant_s is None:
        return (
            "The agency's policy does not say how long a sign-in lasts without network: this screen opens "
            "only while the server is reached."
        )
    by = f" by {configuration.grant_clause}" if configuration.grant_clause else ""
    return f"A sign-in lasts {words.spoken(configuration.grant_s)}{by}, also without network."


def _person(person: Person, look: Look, times: Times) -> PersonShown:
    return PersonShown(
        session=person.grant.session,
        name=person.grant.name,
        title=person.grant.title,
        until=f"until {times.short(person.grant.valid_until)}",
        told=hindrance(person, look.standing, look.now),
    )


def _sign_in(sign_in: SignIn, times: Times) -> SignInShown:
    progress = sign_in.progress
    begun = progress.begun
    return SignInShown(
        step=progress.step,
        user_code=begun.user_code if begun else "",
        address=begun.verification_uri if begun else "",
        until=times.short(progress.until) if progress.until else "",
        told=progress.told,
        name=progress.grant.name if progress.grant else "",
    )


def _read(read: RecentRead, times: Times) -> ReadShown:
    characters = _characters(read.characters, read.plate)
    return ReadShown(
        sequence=read.sequence,
        characters=characters,
        said=_said(characters),
        region=read.region or "",
        at=times.clock(read.captured_at),
        source=read.source,
        direction=read.direction or "",
        confidence=f"{read.confidence:.0%}",
        picture=f"/reads/{read.sequence}/plate",
        alert=read.alert,
    )


def _characters(read: tuple[CharacterReading, ...], plate: str, entry: str = "") -> tuple[Character, ...]:
    """The plate's characters with their doubts; without any where they are not known any more."""
    differing = {place for place, _, _ in compare(plate, entry).differences} if entry else set()
    if "".join(one.char for one in read) != plate:
        return tuple(Character(char, "sure", place in differing) for place, char in enumerate(plate))
    return tuple(
        Character(one.char, certainty(one.confidence), place in differing, f"{one.confidence:.0%}")
        for place, one in enumerate(read)
    )


def _said(characters: tuple[Character, ...]) -> str:
    """The plate letter by letter, as a screen reader should say it."""
    plate = " ".join(one.char for one in characters)
    doubtful = ", ".join(one.char for one in characters if one.doubt == "doubtful")
    return f"{plate}; doubtful: {doubtful}" if doubtful else plate


def _row(alert: LocalAlert, look: Look, times: Times) -> AlertRow:
    return AlertRow(
        id=alert.id,
        plate=alert.plate,
        category=alert.entry.category,
        at=times.short(alert.captured_at),
        state=_standing(alert, look.handled[alert.id], look)[0],
    )


def _alert(alert: LocalAlert, look: Look, times: Times) -> AlertShown:
    entry, handled, opened = alert.entry, look.handled[alert.id], look.opened
    read = next((one for one in look.snapshot.reads if one.event_id == alert.event_id), None)
    characters = _characters(read.characters if read else (), alert.plate, entry.plate)
    standing, tone = _standing(alert, handled, look)
    calls = any(one.id == alert.id for one in look.ringing)
    address, newest = f"/alerts/{alert.id}", f"?of={alert.sequence}"
    return AlertShown(
        id=alert.id,
        event_id=alert.event_id,
        characters=characters,
        said=_said(characters),
        region=alert.region or "",
        plate_picture=f"{address}/plate{newest}",
        scene_picture=f"{address}/scene{newest}",
        entry_plate=entry.plate + (f" ({entry.region})" if entry.region else ""),
        category=entry.category,
        priority=f"Priority {entry.priority}",
        is_information_only=entry.information_only,
        why=entry.detail if entry.detail and opened and opened.may(DETAILS) else "Withheld: ask dispatch.",
        source=entry.source,
        expires=f"Entry ends {times.short(entry.expires_at)}",
        explanation=alert.explanation[:1].upper() + alert.explanation[1:],
        at=times.full(alert.captured_at),
        camera=" ".join(filter(None, (alert.source, read.direction if read else ""))),
        seen="" if alert.seen == 1 else f"Seen {alert.seen} times; this is the newest.",
        list_told=alert.list_told,
        standing=standing,
        standing_tone=tone,
        acknowledged=_by("Acknowledged", None if calls else handled.acknowledged, times),
        compared=_by(_COMPARED[handled.compared], handled.comparing, times) if handled.compared else "",
        dispatch=_by(_told(handled), handled.telling, times),
        channels=look.snapshot.configuration.channels if look.snapshot.configuration else (),
        is_acknowledged=not calls,
        may_answer=bool(opened and opened.may(DISPOSE)),
    )


def _standing(alert: LocalAlert, handled: Handled, look: Look) -> tuple[str, str]:
    """How much anybody may believe the alert, and what to do; never that a vehicle is stolen."""
    configuration = look.snapshot.configuration
    clause = f" ({configuration.verify_clause})" if configuration and configuration.verify_clause else ""
    if not is_wanted(alert, look.now):
        return "The entry is not on the list any more. No stop for it.", "warn"
    if handled.compared == "NO":
        return "MISREAD – the picture shows another plate. No stop for it.", "warn"
    if handled.is_confirmed is False:
        return "NOT CONFIRMED by dispatch. No stop for it.", "warn"
    if alert.entry.information_only:
        return "INFORMATION ONLY – no stop for it.", "warn"
    if handled.is_confirmed:
        return "VERIFIED by dispatch, as recorded here.", "good"
    return f"UNVERIFIED – confirm by dispatch before any stop{clause}.", "bad"


def _told(handled: Handled) -> str:
    what = "Dispatch confirms the record" if handled.is_confirmed else "Dispatch knows no such active record"
    return f"{what}: “{handled.said}”" if handled.said else what


def _by(what: str, act: Act | None, times: Times) -> str:
    return f"{what[:1].upper()}{what[1:]} ({act.by}, {times.clock(act.at)})" if act else ""


def _assignment(one: Assignment, times: Times) -> AssignmentShown:
    return AssignmentShown(
        id=one.id,
        incident=one.incident,
        place=one.place,
        window=f"{times.short(one.from_at)} to {times.short(one.until_at)}",
        instruction=one.instruction,
        sent_by=one.sent_by,
        acknowledged=f"Acknowledged {times.short(one.acknowledged_at)}" if one.acknowledged_at else "",
    )

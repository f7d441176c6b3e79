"""A unit in a car: enrolled, signed in on, with reads that came in and some that did not, and its journal."""

import random
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from plateward.accounts.models import Agency, User
from plateward.audit.who import Who
from plateward.config.demo.arrivals import receiving
from plateward.config.demo.cast import BARSTOW
from plateward.config.demo.drives import plate_of
from plateward.devices import actions as devices
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.governance.queries import actor_for, profile_for
from plateward.reads.adapters.unit import UNIT
from plateward.units import actions, editions, journal_actions, sign_in_actions, transfer_actions
from plateward.units.models import ListEdition, Unit
from plateward.unitwire.calls import (
    Enroll,
    HealthReport,
    JournalPortion,
    Recognition,
    Source,
    Spool,
    Thinned,
    TransferReport,
    Verdicts,
    event_id,
)
from plateward.unitwire.journal import BEGINNING, Entry, linked

CAR: Final = "Car 14"
SPOOL: Final = UUID("5f0c7d9e-3b1a-4a56-9a1f-7c1c0d2e4b14")
JOURNAL: Final = UUID("9a6f0f1d-6a0e-4f5c-8a55-2f5d0b7c1e14")
SENT: Final = (*range(1, 15), *range(18, 25))
"""Numbers that arrived: 15 to 17 never did, and 25 to 27 still wait in the car."""
HIGHEST: Final = 27
THINNED: Final = (5, 6, 7)
VERSION: Final = "0.1.0"
MODEL: Final = "plateward reader"


def seed_unit(now: datetime, by: Who) -> None:
    """Enroll the car and let its shift of this morning come in; once, and not where none may be enrolled."""
    if Unit.objects.filter(device__name=CAR, agency_id=BARSTOW.agency).exists():
        return
    began = now - timedelta(hours=5)
    device = _car(by, began)
    manager = actor_for(User.objects.get(username="imani"), at=began)
    try:
        code = actions.make_code(device=device, by=manager, now=began)
    except actions.NoUnitError:
        return
    sent = Enroll(code=code, name="mdt-14", version=VERSION)
    actions.enroll(sent=sent, address="10.20.0.14", now=began)
    unit = Unit.objects.select_related("device", "agency").get(pk=device.pk)
    session = _signed_in(unit, began + timedelta(minutes=5))
    _reads(began + timedelta(minutes=20))
    told = timedelta(minutes=50)
    thinned = tuple(
        Thinned(sequence=one, what="pictures", why="scene: less than 500 MB of room", at=began + told)
        for one in THINNED
    )
    report = TransferReport(spool=SPOOL, highest_sequence=HIGHEST, thinned=thinned)
    transfer_actions.announce(unit=unit, report=report, now=now - timedelta(minutes=2))
    portion = JournalPortion(journal=JOURNAL, entries=tuple(_journal(began, session)))
    profile = profile_for(BARSTOW.agency)
    journal_actions.merge(unit=unit, portion=portion, profile=profile, now=now - timedelta(minutes=2))
    heard = now - timedelta(minutes=1)
    listed = editions.current(BARSTOW.agency, profile, heard)
    actions.take_health(unit=unit, report=_health(listed, now), now=heard)


def _car(by: Who, now: datetime) -> Device:
    agency = Agency.objects.get(pk=BARSTOW.agency)
    if (known := Device.objects.filter(agency=agency, name=CAR).first()) is not None:
        return known
    facts = DeviceFacts(name=CAR, kind=DeviceKind.MOBILE, location="Patrol car 14", owner=agency.name)
    return devices.register(agency=agency, facts=facts, by=by, now=now)[0]


def _signed_in(unit: Unit, at: datetime) -> UUID:
    begun = sign_in_actions.begin(unit=unit, now=at)
    ortiz = actor_for(User.objects.get(username="ortiz"), at=at)
    found = sign_in_actions.find(typed=begun.user_code, by=ortiz, now=at)
    sign_in_actions.decide(sign_in=found, is_confirmed=True, by=ortiz, now=at)
    sign_in_actions.take_up(unit=unit, device_code=begun.device_code, now=at + timedelta(seconds=6))
    return found.pk


def _reads(began: datetime) -> None:
    chance = random.Random(14)  # noqa: S311  invented traffic, no secret
    with receiving() as receiver:
        for sequence in SENT:
            at = began + timedelta(minutes=9 * sequence)
            name = event_id(SPOOL, sequence)
            receiver.send(BARSTOW.agency, CAR, _read(sequence, plate_of(chance), at), at, UNIT.id, name)


def _read(sequence: int, plate: str, at: datetime) -> bytes:
    step = sequence / 1000
    read = {
        "event_id": event_id(SPOOL, sequence),
        "captured_at": at - timedelta(seconds=3),
        "plate": plate,
        "confidence": 0.93,
        "region": "US-CA",
        "latitude": 34.895 + step / 2,
        "longitude": -117.03 + step,
        "model": MODEL,
        "unit": {
            "spool": SPOOL,
            "sequence": sequence,
            "list_version": 1,
            "clock_offset_s": 0.4,
            "source": "front",
        },
    }
    return msgspec.json.encode(read)


def _journal(began: datetime, session: UUID) -> list[Entry]:
    person = {"user": "ortiz", "session": session}
    seen = {"plate": "7XAN204", "purpose": "stolen-plate", "event_id": event_id(SPOOL, 9)}
    acts: tuple[tuple[int, str, dict[str, Any], dict[str, Any]], ...] = (
        (1, "unit.started", {}, {}),
        (6, "unit.signed_in", person, {}),
        (44, "unit.read_opened", person, seen),
        (50, "unit.pictures_thinned", {}, {"count": len(THINNED), "range": "5 to 7"}),
        (75, "unit.locked", person, {}),
        (96, "unit.unlocked", person, {}),
        (240, "unit.copy_cleared", {}, {"count": 14, "range": "1 to 14"}),
    )
    made: list[Entry] = []
    for minutes, verb, who, detail in acts:
        entry = {
            "n": len(made) + 1,
            "at": began + timedelta(minutes=minutes),
            "clock_offset_s": 0.4,
            "user": None,
            "session": None,
            "verb": verb,
            "subject": "",
            "detail": detail,
            "previous": made[-1].hash if made else BEGINNING,
            "hash": BEGINNING,
        }
        made.append(linked(msgspec.convert(entry | who, Entry)))
    return made


def _health(listed: ListEdition, now: datetime) -> HealthReport:
    return HealthReport(
        at=now - timedelta(minutes=1, seconds=0.4),
        sent_monotonic=17_940.0,
        version=VERSION,
        model=MODEL,
        list_version=listed.number,
        list_as_of=listed.compared_at,
        spool=Spool(
            waiting=HIGHEST - SENT[-1],
            oldest_at=now - timedelta(minutes=9),
            bytes=3_400_000,
            room_bytes=61_000_000_000,
        ),
        sources=(
            Source(name="front", state="RUNNING", frames_per_s=9.8, reads_last_hour=11, last_frame_at=now),
            Source(name="left", state="RUNNING", frames_per_s=9.7, reads_last_hour=4, last_frame_at=now),
        ),
        recognition=Recognition(ms_p50=71, ms_p95=118),
        checked=Verdicts(right=6, wrong=1),
    )

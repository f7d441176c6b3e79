from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID, uuid4

import msgspec
import pytest
from django.http import HttpResponse
from django.test import Client

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.unitwire.calls import JournalPortion
from plateward.unitwire.journal import Entry
from plateward.units.models import SignIn, Unit, UnitJournal
from plateward.units.rules import SignInState
from tests.personas import Town
from tests.units import Car, act, chain, enrolled

Login = Callable[[str], Client]
pytestmark = pytest.mark.clause("B-466.6(a)", "H-426.5(a)")


def send(mine: Car, journal: UUID, entries: Sequence[Entry]) -> HttpResponse:
    return mine.post("journal", JournalPortion(journal=journal, entries=tuple(entries)))


def merged_to(response: HttpResponse) -> int:
    return int(msgspec.json.decode(response.content)["merged_to"])


def signed_in(mine: Car, town: Town, now: datetime) -> UUID:
    """Officer Ortiz, as a row alone."""
    return SignIn.objects.create(
        agency=town.agency,
        device=mine.device,
        device_code_sha256=uuid4().hex,
        user_code_sha256=uuid4().hex,
        state=SignInState.GRANTED,
        begun_at=now,
        expires_at=now,
        interval_s=5,
        user=town.users["ortiz"],
        decided_at=now,
        valid_until_at=now + timedelta(hours=12),
    ).pk


def opened(mine: Car, session: UUID, at: datetime, user: str = "ortiz") -> list[Entry]:
    detail = {"plate": "8ABC123", "event_id": "spool-4", "purpose": "stolen-plate"}
    first = act(at, verb="unit.started")
    look = act(at, verb="unit.read_opened", user=user, session=session, clock_offset_s=2.0, detail=detail)
    return chain(first, look)


@pytest.mark.clause("B-466.4(d)")
def test_what_was_opened_on_a_unit_stands_in_the_journal_and_with_who_looked(
    barstow: Town, now: datetime, login: Login
) -> None:
    mine, journal = enrolled(barstow, now), uuid4()
    at = mine.unit.enrolled_at
    Unit.objects.update(enrolled_at=now + timedelta(hours=1))  # enrolled anew since
    entries = opened(mine, signed_in(mine, barstow, now), at - timedelta(seconds=2))
    entries = chain(*(msgspec.structs.replace(one, clock_offset_s=2.0) for one in entries))
    assert merged_to(send(mine, journal, entries)) == 2
    assert merged_to(send(mine, journal, entries)) == 2
    row = AuditRecord.objects.get(verb="units.read.opened")
    assert (row.username, row.name, row.detail["name"]) == ("ortiz", "Olivia Ortiz", "Car 12")
    assert row.detail["recorded"] == "on a unit"
    assert abs(row.recorded_at - at) < timedelta(seconds=1)
    access = AccessRecord.objects.get(plate="8ABC123")
    assert (access.username, access.purpose, access.elements["unit"]) == ("ortiz", "stolen-plate", "Car 12")
    page = login("imani").get(f"/devices/{mine.device.pk}/").content.decode()
    assert "On record up to entry 2" in page


def test_an_entry_of_a_sign_in_that_we_never_granted_says_so(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    send(mine, uuid4(), opened(mine, uuid4(), now, user="cole"))
    send(mine, uuid4(), chain(act(now, detail={"is_sign_in_unknown": False, "name": "Car 99"})))
    assert AuditRecord.objects.filter(verb="units.program.started", detail__name="Car 12").exists()
    row = AuditRecord.objects.get(verb="units.read.opened")
    assert row.detail["is_sign_in_unknown"]
    assert row.name == "cole (sign-in not known)"


@pytest.mark.parametrize(
    ("broken", "good", "told"),
    [
        (lambda e: [e[0], e[2]], 1, "Entry 2 is missing"),
        (lambda e: [e[0], msgspec.structs.replace(e[1], user="cole"), e[2]], 1, "is not what was written"),
    ],
)
def test_a_broken_chain_is_on_record_and_taken_no_further(
    barstow: Town,
    now: datetime,
    login: Login,
    broken: Callable[[list[Entry]], list[Entry]],
    good: int,
    told: str,
) -> None:
    mine, journal = enrolled(barstow, now), uuid4()
    entries = chain(act(now), act(now, verb="unit.locked"), act(now, verb="unit.locked"))
    response = send(mine, journal, broken(entries))
    assert response.status_code == HTTPStatus.CONFLICT
    assert merged_to(response) == good
    assert told in AuditRecord.objects.get(verb="units.journal.broken").detail["told"]
    assert send(mine, journal, entries).status_code == HTTPStatus.CONFLICT
    assert "Chain broken" in login("imani").get(f"/devices/{mine.device.pk}/").content.decode()
    assert merged_to(send(mine, uuid4(), entries)) == 3


def test_another_units_journal_is_not_taken_for_this_ones(barstow: Town, now: datetime) -> None:
    first, second, journal = enrolled(barstow, now), enrolled(barstow, now, "Car 13"), uuid4()
    entries = chain(act(now))
    send(first, journal, entries)
    response = send(second, journal, entries)
    assert response.status_code == HTTPStatus.CONFLICT
    assert "another unit's" in UnitJournal.objects.get(device=second.device).broken


def test_a_replay_with_other_words_is_found(barstow: Town, now: datetime) -> None:
    mine, journal = enrolled(barstow, now), uuid4()
    send(mine, journal, chain(act(now)))
    response = send(mine, journal, chain(act(now, verb="unit.locked")))
    assert response.status_code == HTTPStatus.CONFLICT
    assert "another content" in msgspec.json.decode(response.content)["detail"]


def test_a_sign_in_that_was_over_speaks_for_nobody(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    session = signed_in(mine, barstow, now)
    SignIn.objects.update(decided_at=now - timedelta(hours=3), ended_at=now - timedelta(hours=2))
    send(mine, uuid4(), opened(mine, session, now))
    assert AuditRecord.objects.get(verb="units.read.opened").detail["is_sign_in_unknown"]


def test_an_access_says_how_many_were_shown_and_that_more_came(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    detail = {"from": 3, "to": 14, "count": 12, "and_for_s": 300}
    entries = chain(act(now, verb="unit.read_opened", subject="reads:current", detail=detail))
    send(mine, uuid4(), entries)
    access = AccessRecord.objects.get(subject=f"units.Unit:{mine.device.pk}")
    assert (access.result_count, access.is_count_bounded) == (12, True)
    assert access.elements["shown"]["to"] == 14


def test_an_entry_of_a_later_release_waits_and_breaks_no_chain(barstow: Town, now: datetime) -> None:
    mine, journal = enrolled(barstow, now), uuid4()
    told = msgspec.to_builtins(JournalPortion(journal=journal, entries=tuple(chain(act(now)))))
    told["entries"][0]["place"] = "unheard of"
    response = mine.post("journal", told)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "place" in msgspec.json.decode(response.content)["detail"]
    assert not UnitJournal.objects.exists()

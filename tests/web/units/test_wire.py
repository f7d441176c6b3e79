from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from plateward.audit.models import AuditRecord
from plateward.devices import actions as devices
from plateward.hotlists import actions as hotlists
from plateward.units import editions
from plateward.units.models import EnrollmentCode, ListEdition, Unit, WrongTry
from plateward.unitwire.calls import (
    Enroll,
    HealthReport,
    Recognition,
    Spool,
    Thinned,
    TransferReport,
    Verdicts,
)
from plateward.unitwire.documents import Assignments, Configuration, HotList, ListChanges
from tests.canvasses import sent as sent_to_canvass
from tests.personas import SETUP, Town
from tests.stage import Stage
from tests.units import arrived, car, code_for, enrolled, thinned

Login = Callable[[str], Client]


def try_code(code: str) -> HttpResponse:
    told = msgspec.json.encode(Enroll(code=code, name="mdt-12", version="0.1"))
    return Client().post("/unit/v1/enroll", told, "application/json")


def said(response: HttpResponse) -> str:
    return str(msgspec.json.decode(response.content)["detail"])


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_a_code_makes_a_unit_once_and_its_key_opens_the_door(barstow: Town, now: datetime) -> None:
    device = car(barstow, now)
    code = code_for(device, barstow, now)
    first, again = try_code(code.lower().replace("-", " ")), try_code(code)
    assert first.status_code == HTTPStatus.CREATED
    assert again.status_code == HTTPStatus.FORBIDDEN
    assert "used or replaced" in said(again)
    unit = Unit.objects.get(device=device)
    assert (unit.host, unit.agency_id) == ("mdt-12", "barstow-pd")
    device.refresh_from_db()
    assert device.format == "plateward-unit"
    verbs = set(AuditRecord.objects.values_list("verb", flat=True))
    assert {"units.code.made", "units.unit.enrolled", "units.code.refused"} <= verbs


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "is over"),
        ({"replaced_at": timezone.now()}, "used or replaced"),
    ],
)
def test_a_code_that_is_over_enrolls_nothing(
    barstow: Town, now: datetime, change: dict[str, datetime], told: str
) -> None:
    device = car(barstow, now)
    code = code_for(device, barstow, now)
    EnrollmentCode.objects.update(**change)
    response = try_code(code)
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert told in said(response)
    assert not Unit.objects.exists()


def test_five_wrong_codes_shut_an_address_out_for_a_while(barstow: Town, now: datetime) -> None:
    code = code_for(car(barstow, now), barstow, now)
    for _ in range(5):
        assert try_code("0000-0000-0000").status_code == HTTPStatus.FORBIDDEN
    shut = try_code(code)
    assert shut.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Wait 15 minutes" in said(shut)
    WrongTry.objects.update(tried_at=now - timedelta(minutes=16))
    assert try_code(code).status_code == HTTPStatus.CREATED


def test_a_replaced_key_is_unknown_and_a_disabled_unit_is_told_so(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    devices.set_enabled(device=mine.device, enabled=False, by=SETUP, now=now)
    revoked = mine.get("configuration")
    assert revoked.status_code == HTTPStatus.FORBIDDEN
    assert msgspec.json.decode(revoked.content)["type"].endswith("/revoked")
    devices.set_enabled(device=mine.device, enabled=True, by=SETUP, now=now)
    assert mine.get("configuration").status_code == HTTPStatus.OK
    devices.rotate_key(device=mine.device, by=SETUP, now=now)
    assert mine.get("configuration").status_code == HTTPStatus.UNAUTHORIZED
    assert mine.post("health").status_code == HTTPStatus.UNAUTHORIZED


def test_a_camera_that_is_no_unit_is_not_let_in(barstow: Town) -> None:
    headers = {"Authorization": f"Bearer {barstow.camera_key}"}
    assert Client().get("/unit/v1/configuration", headers=headers).status_code == HTTPStatus.UNAUTHORIZED
    assert Client().get("/unit/v1/configuration").status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("transfers", b"{", HTTPStatus.BAD_REQUEST),
        ("transfers", {"spool": "none", "highest_sequence": 1}, HTTPStatus.BAD_REQUEST),
        ("transfers", b"[" + b" " * 1024 * 1024 + b"]", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ("configuration", {}, HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
def test_what_cannot_be_used_is_answered_with_what_to_do(
    barstow: Town, now: datetime, address: str, body: object, status: HTTPStatus
) -> None:
    response = enrolled(barstow, now).post(address, body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert said(response)


@pytest.mark.clause("B-466.11¶3", "B-466.5", "H-426.4")
def test_the_configuration_says_what_the_policy_says_and_what_it_does_not(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    mine, theirs = enrolled(barstow, now), enrolled(huntington_park, now)
    first = mine.get("configuration")
    told = mine.told(first, Configuration)
    assert (told.list_fresh_for_s, told.list_fresh_clause) == (72 * 3600, "B-466.11¶3")
    assert told.verify_clause == "B-466.4(f)"
    assert told.grant_clause == "", "a decision of the agency is dressed as no clause"
    assert (told.list_may_be_used_stale, told.grant_s, told.keep_pictures_bytes) == (
        False,
        43200,
        500_000_000,
    )
    assert theirs.told(theirs.get("configuration"), Configuration).keep_pictures_bytes is None
    assert (
        mine.get("configuration", **{"If-None-Match": first["ETag"]}).status_code == HTTPStatus.NOT_MODIFIED
    )


def listed(town: Town, now: datetime) -> None:
    s = Stage(town, now)
    hotlists.approve(entry=s.requested(), **s.by("lane"))


def test_the_list_comes_whole_then_as_what_changed(
    barstow: Town, huntington_park: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "COMPARED_EVERY", timedelta(0))
    mine, theirs = enrolled(barstow, now), enrolled(huntington_park, now)
    empty = mine.told(mine.get("list"), HotList)
    assert (empty.entries, empty.part, empty.parts) == ((), 1, 1)
    listed(barstow, now)
    changes = mine.told(mine.get(f"list?since={empty.version}"), ListChanges, after=empty.serial)
    assert [one.plate for one in changes.added] == ["6XYZ789"]
    assert changes.added[0].detail == "Plate taken overnight"
    same = mine.told(mine.get(f"list?since={changes.version}"), ListChanges)
    assert (same.version, same.added, same.removed) == (changes.version, (), ())
    assert same.as_of >= changes.as_of
    assert mine.told(mine.get("list?since=999"), HotList).entries == changes.added
    assert theirs.told(theirs.get("list"), HotList).entries == ()


def test_a_part_that_is_not_there_is_gone(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    whole = mine.told(mine.get("list"), HotList)
    assert mine.told(mine.get(f"list?version={whole.version}&part=1"), HotList).entries == whole.entries
    assert mine.get(f"list?version={whole.version}&part=2").status_code == HTTPStatus.NOT_FOUND
    assert mine.get("list?since=yesterday").status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.clause("B-466.5", "H-426.4")
def test_the_transfer_log_shows_gaps_and_what_was_thinned(barstow: Town, now: datetime, login: Login) -> None:
    mine, spool = enrolled(barstow, now), uuid4()
    arrived(mine.device, spool, 1, 2, 3, 7, now=now)
    report = thinned(spool, now, 5, 6, highest=9)
    assert mine.post("transfers", report).status_code == HTTPStatus.NO_CONTENT
    assert mine.post("transfers", report).status_code == HTTPStatus.NO_CONTENT
    assert AuditRecord.objects.filter(verb="units.pictures.thinned").count() == 1
    arrived(mine.device, spool, 8, now=now)
    page = login("imani").get(f"/units/{mine.device.pk}/transfers").content.decode()
    assert "4 reads have not arrived" in page
    assert "Number 4 to 6 (3): a gap, with later numbers arrived" in page
    assert "Number 9 (1): after everything that arrived" in page
    assert "5 of 9: number 1 to 3, 7 to 8" in page
    assert page.count("No room.") == 2


@pytest.mark.clause("B-466.5", "H-426.4")
def test_reads_that_a_disc_lost_and_that_go_on_elsewhere_are_told_as_such(
    barstow: Town, now: datetime, login: Login
) -> None:
    mine, spool, next_spool = enrolled(barstow, now), uuid4(), uuid4()
    arrived(mine.device, spool, 1, 2, now=now)
    given = (
        Thinned(sequence=3, what="read", why="read: the disc has damaged the read itself", at=now),
        *(Thinned(sequence=n, what="number", why=f"it goes on as {n - 3} of {next_spool}", at=now) for n in (4, 5)),
    )
    report = TransferReport(spool=spool, highest_sequence=5, thinned=given)
    for _ in range(2):
        assert mine.post("transfers", report).status_code == HTTPStatus.NO_CONTENT
    verbs = AuditRecord.objects.filter(verb__startswith="units.reads.").values_list("verb", flat=True)
    assert sorted(verbs) == ["units.reads.lost", "units.reads.renumbered"]
    page = login("imani").get(f"/units/{mine.device.pk}/transfers").content.decode()
    assert "1 read is lost" in page
    assert "Number 4 to 5: the server had other reads under these numbers" in page
    assert "1 read has not arrived" in page
    assert "Pictures given up" not in page


@pytest.mark.usefixtures("barstow")
def test_another_agencys_transfer_log_does_not_exist(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    theirs = enrolled(huntington_park, now)
    assert login("imani").get(f"/units/{theirs.device.pk}/transfers").status_code == HTTPStatus.NOT_FOUND


def report(now: datetime, ahead: timedelta) -> HealthReport:
    return HealthReport(
        at=now + ahead,
        sent_monotonic=1.5,
        version="0.2",
        model="plates-3",
        list_version=1,
        list_as_of=now,
        spool=Spool(waiting=4, oldest_at=now, bytes=2_000_000, room_bytes=9_000_000),
        sources=(),
        recognition=Recognition(ms_p50=42, ms_p95=70),
        checked=Verdicts(right=3, wrong=1),
    )


def test_a_health_report_stands_on_the_devices_page(barstow: Town, now: datetime, login: Login) -> None:
    mine = enrolled(barstow, now)
    told = mine.post("health", report(timezone.now(), timedelta(seconds=90)))
    assert msgspec.json.decode(told.content)["server_time"]
    offset = mine.unit.clock_offset_s
    assert offset is not None
    assert -95 < offset < -85
    page = login("imani").get(f"/devices/{mine.device.pk}/").content.decode()
    assert "mdt-12" in page
    assert "4 reads" in page
    assert "42 ms a picture" in page


def test_who_is_sent_to_canvass_is_told_to_the_car(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    assert mine.told(mine.get("assignments"), Assignments).assignments == ()
    assignment = sent_to_canvass(barstow)
    assignment.device, assignment.until_at = mine.device, now + timedelta(hours=1)
    assignment.save()
    (told,) = mine.told(mine.get("assignments"), Assignments).assignments
    assert (told.id, told.username) == (assignment.pk, assignment.assigned_to.username)


def test_how_fast_a_unit_sends_is_set_on_its_page(barstow: Town, now: datetime, login: Login) -> None:
    mine, imani = enrolled(barstow, now), login("imani")
    assert mine.told(mine.get("configuration"), Configuration).upload_bytes_per_s is None
    address = f"/units/{mine.device.pk}/rate"
    assert imani.post(address, {"kilobytes": "0"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert imani.post(address, {"kilobytes": "250"}).status_code == HTTPStatus.FOUND
    assert mine.told(mine.get("configuration"), Configuration).upload_bytes_per_s == 250_000
    assert login("ortiz").get(address).status_code == HTTPStatus.FORBIDDEN


def test_a_restored_database_goes_on_above_what_units_have(barstow: Town, now: datetime) -> None:
    mine = enrolled(barstow, now)
    before = mine.told(mine.get("list"), HotList)
    Unit.objects.update(serial=3)
    ListEdition.objects.all().delete()
    after = mine.told(mine.get(f"list?since={before.version}"), HotList, after=before.serial)
    assert after.version > before.version


def test_a_spool_goes_on_when_its_unit_becomes_another_device(
    barstow: Town, now: datetime, login: Login
) -> None:
    first, second, spool = enrolled(barstow, now), enrolled(barstow, now, "Car 13"), uuid4()
    arrived(first.device, spool, 1, 2, now=now)
    arrived(second.device, spool, 3, 4, now=now)
    for one in (first, second):
        one.post("transfers", TransferReport(spool=spool, highest_sequence=4))
    for one in (first, second):
        page = login("imani").get(f"/units/{one.device.pk}/transfers").content.decode()
        assert "4 of 4: number 1 to 4" in page


def test_units_are_not_made_where_they_would_send_in_clear(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_way = replace(settings.ENVIRONMENT, base_url="https://plateward.city.example")
    monkeypatch.setattr(settings, "ENVIRONMENT", open_way)
    device = car(barstow, now)
    page = login("imani").post(f"/units/{device.pk}/code", follow=True).content.decode()
    assert "PLATEWARD_RECEIVER_URL" in page
    assert not EnrollmentCode.objects.exists()

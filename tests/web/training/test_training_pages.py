"""One's own training, the trainer's board, sessions, and what is put on file."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.audit.models import AuditRecord
from plateward.governance.organization import actions as organization
from plateward.governance.queries import file_store
from plateward.training.models import Assignment, ProofFile, Session
from tests.personas import CONTENT, Town
from tests.days import day_of
from tests.teaching import DAMAGED, PDF, assigned, planned, taught

Login = Callable[[str], Client]


def page(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"training:{name}", args=args), query)
    assert answer.status_code == HTTPStatus.OK, answer.status_code
    return str(answer.content.decode())


@pytest.mark.clause("B-466.4(d)")
def test_officer_kept_out_sees_what_is_missing_assigned_and_coming(
    barstow: Town, login: Login, now: datetime
) -> None:
    planned(barstow, now, "ruiz")
    assigned(barstow, "ruiz", now)
    shown = page(login("ruiz"), "mine")
    assert "You cannot use the system" in shown
    assert "ask the Administrative Training Corporal" in shown
    assert "Briefing room" in shown
    assert "New hire" in shown


@pytest.mark.clause("B-466.8")
def test_board_counts_narrows_and_downloads(barstow: Town, login: Login, now: datetime) -> None:
    today = day_of(now)
    barstow.users["quinn"].certifications.update(expires_date=today - timedelta(days=1))
    cruz = login("cruz")
    assert "Olivia Ortiz" in page(cruz, "board")
    expired = page(cruz, "board", show="expired")
    assert "Quentin Quinn" in expired
    assert "Olivia Ortiz" not in expired
    assert "Rey Ruiz" in page(cruz, "board", show="never", title="patrol-officer")
    lines = page(cruz, "board-csv", show="expired").splitlines()
    assert lines[0].startswith("name,username,title")
    assert [line.split(",")[1] for line in lines[1:]] == ["quinn"]


def test_board_is_narrowed_to_a_unit_with_its_parts(barstow: Town, login: Login, now: datetime) -> None:
    cole = barstow.actor("cole", now)
    operations = organization.create_unit(name="Operations", part_of=None, by=cole, now=now)
    patrol = organization.create_unit(name="Patrol", part_of=operations, by=cole, now=now)
    organization.place_in_unit(
        user=barstow.users["quinn"], unit=patrol, is_supervisor=False, by=cole, now=now
    )
    cruz = login("cruz")
    narrowed = page(cruz, "board", unit=str(operations.pk))
    assert "Quentin Quinn" in narrowed
    assert "Olivia Ortiz" not in narrowed
    lines = page(cruz, "board-csv", unit=str(patrol.pk)).splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["quinn"]
    assert "Nobody stands so" in page(cruz, "board", unit="unknown")


def test_menu_marks_training_on_its_further_pages(barstow: Town, login: Login) -> None:
    shown = page(login("cruz"), "person", barstow.users["quinn"].pk)
    assert f'<a href="{reverse("training:board")}" aria-current="true">Training</a>' in shown
    assert f'<a href="{reverse("training:mine")}">My training</a>' in shown


@pytest.mark.clause("B-466.8-record")
@pytest.mark.usefixtures("barstow")
@pytest.mark.parametrize("username", ["ortiz", "cole", "imani"])
def test_board_is_the_certifiers(login: Login, username: str) -> None:
    assert login(username).get(reverse("training:board")).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("B-466.8", "B-466.8-content", "B-466.8-record")
def test_a_session_from_plan_to_certified_completions(barstow: Town, login: Login, now: datetime) -> None:
    cruz, ruiz = login("cruz"), barstow.users["ruiz"]
    begins = timezone.localtime(now - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    form = {"course": "alpr-basic", "held_at": begins, "place": "Briefing room", "instructor": "Celia Cruz"}
    cruz.post(reverse("training:plan"), form | {"invited": [ruiz.pk]})
    session = Session.objects.get()
    assert "Rey Ruiz" in page(cruz, "sheet", session.pk)

    record = reverse("training:act", args=[session.pk, "record"])
    cruz.post(record, {"topics": CONTENT[1:], "present": [ruiz.pk]})
    assert "leaves out: ALPR policy" in page(cruz, "session", session.pk)
    certify = reverse("training:act", args=[session.pk, "certify"])
    refused = cruz.post(certify, {"expires_date": ""})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "B-466.8-content" in refused.content.decode()

    cruz.post(record, {"topics": CONTENT, "present": [ruiz.pk]})
    assert cruz.post(certify, {"expires_date": ""}).status_code == HTTPStatus.FOUND
    shown = page(cruz, "session", session.pk)
    assert "Completed" in shown
    held = ruiz.certifications.get()
    certificate = page(login("ruiz"), "certificate", held.pk)
    assert "Guidelines, Procedures" in certificate
    assert "Briefing room" in certificate


@pytest.mark.usefixtures("huntington_park")
def test_courses_page_leaves_unsaid_what_huntington_park_does_not_say(login: Login) -> None:
    shown = page(login("hart"), "courses")
    assert "not addressed by this policy" in shown
    assert "Guidelines" not in shown


@pytest.mark.usefixtures("barstow")
def test_courses_page_tells_both_syllabi_with_their_ground(login: Login) -> None:
    shown = page(login("ortiz"), "courses")
    assert "Further topics for operators" in shown
    assert "B-466.8-content" in shown
    assert "local decision" in shown
    assert "Training Corporal" in shown
    assert "training-corporal" not in shown


def upload(client: Client, pk: object, data: bytes) -> int:
    file = SimpleUploadedFile("scan.exe", data)
    return client.post(reverse("training:attach", args=[pk]), {"file": file}).status_code


@pytest.mark.clause("B-466.8-record", "H-426.7")
def test_scan_of_a_certificate_is_kept_downloaded_and_missed_when_damaged(
    barstow: Town, login: Login
) -> None:
    held = barstow.users["ortiz"].certifications.get()
    cruz = login("cruz")
    assert upload(cruz, held.pk, b"MZ a program") == HTTPStatus.UNPROCESSABLE_ENTITY
    assert upload(cruz, held.pk, DAMAGED) == HTTPStatus.FOUND
    assert upload(cruz, held.pk, DAMAGED) == HTTPStatus.UNPROCESSABLE_ENTITY
    proof = ProofFile.objects.get()
    address = reverse("training:proof", args=[proof.pk])

    answer = login("ortiz").get(address)
    assert (answer.content, answer["Content-Type"]) == (DAMAGED, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    assert login("quinn").get(address).status_code == HTTPStatus.FORBIDDEN
    (file_store().root / proof.path).write_bytes(b"%PDF another")
    assert login("ortiz").get(address).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    (file_store().root / proof.path).unlink()


def test_others_certificates_take_the_right_to_certify(barstow: Town, login: Login) -> None:
    held = barstow.users["ortiz"].certifications.get()
    address = reverse("training:certificate", args=[held.pk])
    assert login("ortiz").get(address).status_code == HTTPStatus.OK
    assert login("cruz").get(address).status_code == HTTPStatus.OK
    assert login("quinn").get(address).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("B-466.8-record")
def test_wrong_certification_is_withdrawn_with_a_reason_and_stays_in_sight(
    barstow: Town, login: Login
) -> None:
    ortiz, cruz = barstow.users["ortiz"], login("cruz")
    address = reverse("training:withdraw", args=[ortiz.certifications.get().pk])
    assert cruz.post(address, {"reason": ""}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert cruz.post(address, {"reason": "Another Ortiz."}).status_code == HTTPStatus.FOUND
    assert "Another Ortiz." in page(cruz, "person", ortiz.pk)
    assert login("ortiz").get(reverse("search:new")).status_code == HTTPStatus.FORBIDDEN
    assert AuditRecord.objects.latest("id").verb == "governance.access.refused"
    own = barstow.users["cruz"].certifications.get()
    refused = cruz.post(reverse("training:withdraw", args=[own.pk]), {"reason": "Mine."})
    assert refused.status_code == HTTPStatus.FORBIDDEN


def test_assigning_after_an_incident_holds_to_thirty_days(barstow: Town, login: Login, now: datetime) -> None:
    cruz, today = login("cruz"), day_of(now)
    address = reverse("training:assign", args=[barstow.users["soto"].pk])
    form = {
        "course": "alpr-basic",
        "reason": "INCIDENT",
        "incident_date": (today - timedelta(days=10)).isoformat(),
        "due_date": (today + timedelta(days=25)).isoformat(),
        "note": "",
    }
    late = cruz.post(address, form)
    assert late.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "CJIS AT-2" in late.content.decode()
    kept = cruz.post(address, form | {"due_date": (today + timedelta(days=20)).isoformat()})
    assert kept.status_code == HTTPStatus.FOUND
    made = Assignment.objects.get()
    assert "Incident of" in page(cruz, "person", barstow.users["soto"].pk)
    taken = cruz.post(reverse("training:withdraw-assignment", args=[made.pk]), {"reason": "Not involved."})
    assert taken.status_code == HTTPStatus.FOUND
    assert "Not involved." in page(cruz, "person", barstow.users["soto"].pk)


@pytest.mark.clause("H-426.7")
def test_training_manager_has_the_board_in_huntington_park(
    huntington_park: Town, login: Login, now: datetime
) -> None:
    session, _, _ = taught(huntington_park, now)
    howe = login("howe")
    assert "Hana Hart" in page(howe, "board")
    assert "the policy does not say what the training covers" in page(howe, "session", session.pk)
    for task in ("invite", "record", "cancel"):
        assert howe.get(reverse("training:act", args=[session.pk, task])).status_code == HTTPStatus.OK
    assert howe.get(reverse("training:act", args=[session.pk, "burn"])).status_code == HTTPStatus.NOT_FOUND

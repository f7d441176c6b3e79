"""Proposing and adopting versions in the browser, the dry run, the checklist and what SB 34 asks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.governance import queries
from plateward.governance.models import Adoption, Draft
from plateward.hotlists import actions as hotlists
from tests.personas import POLICIES, Town
from tests.versions import WITHOUT_CRIME_ANALYSIS, policy_text, proposed

Login = Callable[[str], Client]
PROPOSE = "/policy/drafts/new"


def page(client: Client, name: str, **named: object) -> str:
    return client.get(reverse(f"governance:{name}", kwargs=named)).content.decode()


def send(client: Client, text: bytes, do: str = "propose", **more: object) -> tuple[int, str]:
    given = {"text": text.decode(), "why": "The council asked for it.", "do": do}
    answer = client.post(PROPOSE, given | more, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
@pytest.mark.usefixtures("barstow")
def test_commander_checks_in_plain_words_what_a_text_changes_before_proposing_it(login: Login) -> None:
    cole = login("cole")
    begun = cole.get(PROPOSE).content.decode()
    assert "version: &quot;2026.2&quot;" in begun

    text = policy_text("barstow-pd", "2026.3", WITHOUT_CRIME_ANALYSIS)
    status, checked = send(cole, text.replace(b"\n", b"\r\n"), do="check")

    assert status == HTTPStatus.OK
    assert "Purpose “Crime analysis” is removed." in checked
    assert not Draft.objects.exists()
    _, shown = send(cole, text.replace(b"\n", b"\r\n"))
    assert "Waiting for a second person" in shown
    assert bytes(Draft.objects.get().profile) == text


@pytest.mark.usefixtures("barstow")
def test_mistakes_are_told_with_line_and_place_and_nothing_is_lost(login: Login) -> None:
    wrong = ("purpose_required: {clause: B-466.4, value: true}", "purpose_required: {clause: B-9, value: true}")
    text = policy_text("barstow-pd", "2026.3", wrong)
    line = text[: text.index(b"purpose_required:")].count(b"\n") + 1
    status, shown = send(login("cole"), text)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f"Line {line}: at `search.purpose_required.clause`: there is no clause `B-9`" in shown
    assert "purpose_required: {clause: B-9, value: true}" in shown


@pytest.mark.usefixtures("barstow")
def test_a_version_on_file_a_missing_reason_and_broken_yaml_are_refused(login: Login) -> None:
    cole = login("cole")
    assert "on file already" in send(cole, policy_text("barstow-pd", "2026.2"))[1]
    assert "Give the reason" in send(cole, policy_text("barstow-pd", "2026.3"), why=" ")[1]
    assert "not readable as YAML" in send(cole, b"id: [")[1]
    assert "top level" in send(cole, b"")[1]
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("barstow")
def test_uploaded_files_replace_the_text_and_come_back_where_they_can_be_corrected(login: Login) -> None:
    files = {
        "profile_file": SimpleUploadedFile("profile.yaml", b"id: barstow-pd\nwishes: many\n"),
        "clauses_file": SimpleUploadedFile("clauses.yaml", (POLICIES / "barstow-pd/clauses.yaml").read_bytes()),
    }
    status, shown = send(login("cole"), b"unused", **files)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "wishes: many\n\n---\n" in shown

    whole = SimpleUploadedFile("profile.yaml", policy_text("barstow-pd", "2026.3"))
    assert send(login("cole"), b"unused", profile_file=whole)[0] == HTTPStatus.OK
    assert Draft.objects.get().version == "2026.3"


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_chief_adopts_the_commander_sees_why_he_cannot_and_everybody_works_under_the_new_version(
    barstow: Town, now: datetime, login: Login
) -> None:
    draft = proposed(barstow, now, "2026.3", WITHOUT_CRIME_ANALYSIS)
    address = reverse("governance:adopt", args=[draft.pk])

    own = page(login("cole"), "draft", pk=draft.pk)
    assert "Nobody decides on a version they proposed" in own
    refused = login("cole").post(address, {"adopt-compared_with": "2026.2"})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert AuditRecord.objects.filter(verb="governance.access.refused", username="cole").exists()
    assert login("lane").post(address).status_code == HTTPStatus.FORBIDDEN

    assert "Put this version in force" in page(login("chen"), "draft", pk=draft.pk)
    done = login("chen").post(address, {"adopt-compared_with": "2026.2", "adopt-note": "Agreed."}, follow=True)

    assert "Adopted. It decides from its effective date on." in done.content.decode()
    assert queries.profile_for("barstow-pd").version == "2026.3"
    assert "Crime analysis" not in page(login("ortiz"), "policy")
    decided = page(login("ortiz"), "draft", pk=draft.pk)
    assert "What it changes against version 2026.2<" in decided, "not against itself"
    assert "Nothing differs" not in decided
    history = page(login("ortiz"), "versions")
    for said in ("In force", "Earlier", "Cora Chen", "Proposed by Carl Cole", draft.profile_sha256):
        assert said in history


def test_chief_who_compared_with_an_older_version_is_told_and_nothing_happens(
    barstow: Town, now: datetime, login: Login
) -> None:
    draft = proposed(barstow, now)
    address = reverse("governance:adopt", args=[draft.pk])
    answer = login("chen").post(address, {"adopt-compared_with": "2025.7"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "came in force since you compared" in answer.content.decode()
    assert Adoption.objects.count() == 1


def test_a_refusal_needs_its_reason_and_a_withdrawal_none(barstow: Town, now: datetime, login: Login) -> None:
    first, second = proposed(barstow, now), proposed(barstow, now, "2026.4")
    refuse = reverse("governance:refuse", args=[first.pk])
    assert login("chen").post(refuse).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    login("chen").post(refuse, {"refuse-note": "Not before January."})
    login("cole").post(reverse("governance:withdraw", args=[second.pk]))
    assert "What it changes against version 2026.2<" in page(login("cole"), "draft", pk=first.pk)
    shown = page(login("cole"), "versions")
    assert "Not before January." in shown
    assert "Withdrawn" in shown


def test_every_version_stays_readable_and_leaves_byte_by_byte(
    barstow: Town, now: datetime, login: Login
) -> None:
    first = queries.adoption_in_force("barstow-pd")
    draft = proposed(barstow, now, "2026.3", WITHOUT_CRIME_ANALYSIS)
    login("chen").post(reverse("governance:adopt", args=[draft.pk]), {"adopt-compared_with": "2026.2"})
    second = queries.adoption_in_force("barstow-pd")

    assert "The first version" in page(login("ortiz"), "version", pk=first.pk)
    assert "Purpose “Crime analysis” is removed." in page(login("ortiz"), "version", pk=second.pk)
    for adoption in (first, second):
        file = login("ortiz").get(reverse("governance:download", args=[adoption.pk]))
        assert file.content == bytes(adoption.profile)
        assert f'filename="barstow-pd-{adoption.version}.yaml"' in file["Content-Disposition"]


def test_dry_run_shows_single_people_only_to_who_may_see_accesses(
    barstow: Town, now: datetime, login: Login
) -> None:
    hotlists.request_entry(
        plate="6XYZ789",
        region="US-CA",
        vehicle_description="",
        purpose="crime-analysis",
        reason="Seen at three burglaries",
        by=barstow.actor("diaz", now),
        now=now - timedelta(days=1),
    )
    draft = proposed(barstow, now, "2026.3", WITHOUT_CRIME_ANALYSIS)

    full = page(login("cole"), "dry-run", pk=draft.pk)
    assert "1 of 1 hotlist requests would have been refused" in full
    assert "No searches in these days" in full
    assert "Dolores Diaz" in full
    counts = page(login("chen"), "dry-run", pk=draft.pk)
    assert "1 of 1 hotlist requests would have been refused" in counts
    assert "Dolores Diaz" not in counts
    assert "6XYZ789" not in full + counts
    assert login("ortiz").get(reverse("governance:dry-run", args=[draft.pk])).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.usefixtures("barstow", "huntington_park")
def test_checklist_shows_every_open_point_with_what_it_affects(login: Login) -> None:
    theirs = page(login("hart"), "checklist")
    assert "Which job titles may use or access the ALPR system?" in theirs
    assert "To be confirmed" in theirs
    assert "Silent" in theirs
    assert "Delegated" in theirs
    assert "Sharing with other agencies: procedure" in theirs
    assert "Title “Chief of Police”: what it may do" in theirs
    assert "B-466" not in theirs


@pytest.mark.clause("CC-1798.90.51", "CC-1798.90.53")
@pytest.mark.usefixtures("barstow", "huntington_park")
def test_sb_34_page_shows_both_agencies_gaps(login: Login) -> None:
    barstow, huntington_park = page(login("ortiz"), "completeness"), page(login("hart"), "completeness")
    for shown in (barstow, huntington_park):
        assert "Reasonable measures to ensure accuracy: <strong>missing</strong>" in shown
    assert "Job titles of the employees who are authorized: said" in barstow
    assert "Job titles of the employees who are authorized: <strong>missing</strong>" in huntington_park
    assert "The process for sharing or transfer: <strong>missing</strong>" in huntington_park
    assert "The process for sharing or transfer: said" in barstow


def test_draft_whose_bytes_were_changed_says_so_and_cannot_be_adopted(
    barstow: Town, now: datetime, login: Login
) -> None:
    draft = proposed(barstow, now)
    Draft.objects.update(profile=bytes(draft.profile) + b"\n# one byte more\n")
    shown = page(login("chen"), "draft", pk=draft.pk)
    assert "This version cannot be read" in shown
    assert "This version cannot be read" in page(login("chen"), "dry-run", pk=draft.pk)
    answer = login("chen").post(
        reverse("governance:adopt", args=[draft.pk]), {"adopt-compared_with": "2026.2"}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert Adoption.objects.count() == 1

"""Meetings, reviews and contracts on record beside the policy."""

import html
from collections.abc import Callable
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from msgspec.structs import replace

from plateward.audit.models import AuditRecord
from plateward.governance import queries, register_actions
from plateward.governance.models import PublicComment, Review, VendorContract
from plateward.governance.registers import Promise, contract_conflicts, sources_lacking_comment
from plateward.notices.models import Notice
from plateward.policy import Param, Period, Unit, load_profile
from tests.personas import POLICIES, Town
from tests.teaching import DAMAGED, PDF

Login = Callable[[str], Client]
ENTER = reverse("governance:register-enter")
LIST = reverse("governance:registers")
MEETING = {
    "held_date": "2026-10-05",
    "body": "City Council",
    "agenda_item": "7b",
    "covers": "DEVICE_KIND",
    "what": "FIXED",
}
CONTRACT = {
    "vendor": "Flock Safety Group Inc.",
    "layer": "vendor-contract",
    "signed_date": "2026-01-05",
    "retention_amount": "21",
    "retention_unit": "DAYS",
    "disclosure": "To nobody without written consent.",
}


def enter(client: Client, register: str, values: dict[str, Any]) -> tuple[int, str]:
    answer = client.post(f"{ENTER}?register={register}", values, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.clause("CC-1798.90.55")
def test_a_meeting_is_entered_and_then_devices_of_its_kind_are_covered(barstow: Town, login: Login) -> None:
    profile = queries.profile_for("barstow-pd")
    assert "1798.90.55(a)" in queries.missing_comment(profile, "barstow-pd", "FIXED")
    status, page = enter(login("cole"), "comment", MEETING)
    assert (status, "City Council, 7b" in page) == (HTTPStatus.OK, True)
    assert queries.missing_comment(profile, "barstow-pd", "FIXED") == ""
    assert queries.missing_comment(profile, "barstow-pd", "MOBILE")
    assert AuditRecord.objects.filter(verb="governance.comment.entered").count() == 1


@pytest.mark.clause("B-466.3.1(f)", "H-426.2.1(f)")
def test_a_review_that_is_due_waits_for_the_designee_until_it_is_entered(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    assert register_actions.remind_of_reviews(now=now) == 0
    later = now + timedelta(days=370)
    assert register_actions.remind_of_reviews(now=later) == 2
    assert register_actions.remind_of_reviews(now=now + timedelta(days=740)) == 4
    waiting = Notice.objects.filter(agency="barstow-pd", kind="policy-review", done_at__isnull=True)
    assert waiting.count() == 2
    done = Review(subject="POLICY", done_date=later.date(), finding="Kept as it is.")
    register_actions.enter(entry=done, by=barstow.actor("cole", later), now=later)
    assert waiting.all().count() == 1


@pytest.mark.clause("B-466.5¶2-cloud")
def test_a_contract_that_contradicts_the_policy_is_shown_and_nothing_is_resolved(
    barstow: Town, login: Login
) -> None:
    _, page = enter(login("cole"), "contract", CONTRACT)
    assert "the profile quotes 30 days from the contract, Flock Safety Group Inc. promises 21 days" in page
    assert "the policy asks for at least 30 days, Flock Safety Group Inc. keeps 21 days" in page
    assert "Nothing is resolved here" in page
    profile = queries.profile_for("barstow-pd")
    agreed = Promise("Somebody", "another-layer", Period(1, Unit.DAYS))
    assert list(contract_conflicts(profile, agreed)) == []


@pytest.mark.clause("CC-1798.90.55")
def test_a_vendor_and_a_hosted_source_without_a_meeting_are_warned_about_until_one_is_entered(
    barstow: Town, login: Login
) -> None:
    cole = login("cole")
    cloud = "covers the vendor's cloud, hosted by Flock Safety Group Inc."
    before = html.unescape(cole.get(LIST).content.decode())
    assert cloud in before
    assert "covers the vendor Flock" not in before
    _, entered = enter(cole, "contract", CONTRACT)
    assert "covers the vendor Flock Safety Group Inc. (Civil Code" in entered
    about = MEETING | {"covers": "VENDOR", "what": "Flock Safety Group Inc."}
    _, heard = enter(cole, "comment", about)
    assert "No public-comment meeting on record" not in heard


def test_an_agency_that_hosts_its_data_itself_lacks_no_meeting_about_a_source() -> None:
    folder = POLICIES / "barstow-pd"
    profile = load_profile(*((folder / name).read_bytes() for name in ("profile.yaml", "clauses.yaml")))
    own = replace(profile.sources["vendor-cloud"], host=Param(clause="B-466.6¶2", value="Barstow PD"))
    alone = replace(profile, sources={"vendor-cloud": own})
    assert sources_lacking_comment(alone, []) == []
    assert len(sources_lacking_comment(profile, [])) == 1


def test_a_contract_keeps_its_document_and_asks_for_the_next_attestation(
    barstow: Town, login: Login, now: datetime
) -> None:
    cole = login("cole")
    values = CONTRACT | {"attestations": "No sale of data.", "attested_date": "2026-01-05"}
    again = values | {"attested_until_date": "2026-02-01", "document": SimpleUploadedFile("c.exe", DAMAGED)}
    _, page = enter(cole, "contract", again)
    assert "The attestation was to be renewed by" in page
    contract = VendorContract.objects.get()
    address = reverse("governance:contract-document", args=[contract.pk])
    answer = cole.get(address)
    assert (answer.content, answer["Content-Type"]) == (DAMAGED, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    (queries.file_store().root / contract.document_path).write_bytes(b"%PDF another")
    assert cole.get(address).status_code == HTTPStatus.SERVICE_UNAVAILABLE
    detail = AuditRecord.objects.get(verb="governance.contract.entered").detail
    assert detail["sha256"] == contract.document_sha256


def test_what_is_no_document_and_an_attestation_without_its_day_are_refused(
    barstow: Town, login: Login
) -> None:
    cole = login("cole")
    script = SimpleUploadedFile("contract.pdf", b"<script>")
    assert "no whole PDF" in enter(cole, "contract", CONTRACT | {"document": script})[1]
    late = CONTRACT | {"attested_date": "2026-02-01", "attested_until_date": "2026-01-01"}
    assert "Give the day of the attestation" in enter(cole, "contract", late)[1]
    assert not VendorContract.objects.exists()


def test_half_a_retention_and_an_end_before_the_beginning_are_refused(barstow: Town, login: Login) -> None:
    cole = login("cole")
    half = {key: value for key, value in CONTRACT.items() if key != "retention_unit"}
    assert "both the number and the unit" in enter(cole, "contract", half)[1]
    assert "ends before it was signed" in enter(cole, "contract", CONTRACT | {"ends_date": "2025-01-01"})[1]
    assert not VendorContract.objects.exists()


def test_who_does_not_answer_for_the_policy_reads_and_enters_nothing(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    assert enter(login("ortiz"), "comment", MEETING)[0] == HTTPStatus.FORBIDDEN
    assert not PublicComment.objects.exists()
    theirs = Review(subject="POLICY", done_date=date(2026, 1, 2), finding="Only theirs.")
    register_actions.enter(entry=theirs, by=huntington_park.actor("hayes", now), now=now)
    assert "Only theirs" not in login("ortiz").get(LIST).content.decode()
    assert login("cole").get(f"{ENTER}?register=other").status_code == HTTPStatus.NOT_FOUND

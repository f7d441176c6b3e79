"""Evidence that the policy is posted: who records it, what it says, and who is reminded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.governance.queries import adoption_in_force
from plateward.notices.models import Notice
from plateward.transparency import actions, pages, tasks
from plateward.transparency.fetching import FetchError, Fetched
from plateward.transparency.models import Posting
from tests.personas import POLICIES, Town

Login = Callable[[str], Client]
ADDRESS = "https://barstow.example/police/alpr"
RECORD = reverse("transparency:record") + "?document=policy"


def posted_text(agency: str = "barstow-pd") -> str:
    return (POLICIES / agency / "policy.txt").read_text()


@pytest.mark.clause("B-466.3.1(g)")
def test_the_commander_records_what_is_posted_and_sees_that_it_is_the_version_in_force(
    barstow: Town, login: Login
) -> None:
    answer = login("cole").post(RECORD, {"url": ADDRESS, "text": posted_text()}, follow=True)
    posting = Posting.objects.get()
    assert (posting.outcome, posting.version, len(posting.sha256)) == ("SAME", "2026.2", 64)
    assert "Every clause stands there word for word" in answer.content.decode()
    row = AuditRecord.objects.get(verb="transparency.posting.checked")
    assert row.detail["sha256"] == posting.sha256


@pytest.mark.clause("B-466.3.1(g)")
def test_plateward_own_pdf_is_known_as_the_version_in_force(barstow: Town, now: datetime, login: Login) -> None:
    source = pages.source_of("barstow-pd", None, now)
    assert source is not None
    saved = SimpleUploadedFile("policy.pdf", pages.document(source))
    login("cole").post(RECORD, {"url": ADDRESS, "file": saved})
    assert Posting.objects.get().outcome == "SAME"


@pytest.mark.clause("B-466.3.1(g)")
def test_an_outdated_posting_is_shown_with_the_clauses_it_lacks(barstow: Town, login: Login) -> None:
    older = posted_text().replace("more than 72 hours", "more than 30 days")
    page = login("cole").post(RECORD, {"url": ADDRESS, "text": older}, follow=True).content.decode()
    assert "Differs" in page
    assert "B-466.11¶3" in page


@pytest.mark.clause("B-466.3.1(g)")
def test_who_does_not_answer_for_the_policy_records_nothing(barstow: Town, login: Login) -> None:
    assert login("ortiz").post(RECORD, {"url": ADDRESS, "text": "x"}).status_code == HTTPStatus.FORBIDDEN
    assert not Posting.objects.exists()
    assert "Never checked" in login("ortiz").get(reverse("transparency:postings")).content.decode()


def test_nothing_both_or_a_file_that_is_no_text_is_told_at_the_field(barstow: Town, login: Login) -> None:
    cole = login("cole")
    neither = cole.post(RECORD, {"url": ADDRESS})
    assert neither.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "one of the three" in neither.content.decode()
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 broken")
    assert "The PDF cannot be read" in cole.post(RECORD, {"url": ADDRESS, "file": scan}).content.decode()
    assert cole.post(reverse("transparency:record") + "?document=gov-34090-6").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)")
def test_a_check_that_is_due_waits_for_the_designee_until_it_is_made(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    assert actions.remind_of_checks(now=now) == 4
    actions.remind_of_checks(now=now + timedelta(hours=1))
    waiting = Notice.objects.filter(agency="barstow-pd", kind="posting-check", done_at__isnull=True)
    assert {notice.position for notice in waiting} == {"administrative-division-commander"}
    assert waiting.count() == 2
    for document in ("policy", "procedures"):
        actions.record_posting(
            document=document, url=ADDRESS, body=posted_text().encode(), note="", by=barstow.actor("cole", now), now=now
        )
    assert not waiting.all().exists()
    assert actions.remind_of_checks(now=now + timedelta(days=80)) == 2
    assert actions.remind_of_checks(now=now + timedelta(days=95)) == 4


@pytest.mark.clause("B-466.3.1(g)")
def test_the_worker_looks_again_where_it_was_and_records_also_that_nothing_answers(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = adoption_in_force("barstow-pd").effective_at
    Posting.objects.create(
        agency=barstow.agency, document="policy", url=ADDRESS, checked_at=begun - timedelta(days=1),
        checked_by="x", way="BY_HAND", outcome="SAME", version="2026.1", sha256="0" * 64,
    )
    monkeypatch.setattr(tasks, "fetch", lambda url, **_: Fetched(url, posted_text().encode()))
    assert tasks.fetch_due(allow_private=False) == 1
    found = Posting.objects.latest("checked_at")
    assert (found.way, found.outcome, found.checked_by) == ("FETCHED", "SAME", "Plateward")
    assert tasks.fetch_due(allow_private=False) == 0


@pytest.mark.clause("B-466.3.1(g)")
def test_a_website_that_does_not_answer_is_evidence_too(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = adoption_in_force("barstow-pd").effective_at
    Posting.objects.create(
        agency=barstow.agency, document="policy", url=ADDRESS, checked_at=begun - timedelta(days=1),
        checked_by="x", way="BY_HAND", outcome="SAME", version="2026.1", sha256="0" * 64,
    )

    def silent(url: str, **_: object) -> Fetched:
        raise FetchError(f"{url} answered 503.")

    monkeypatch.setattr(tasks, "fetch", silent)
    tasks.fetch_due(allow_private=False)
    found = Posting.objects.latest("checked_at")
    assert (found.outcome, found.note) == ("NOT_FOUND", f"{ADDRESS} answered 503.")


@pytest.mark.clause("B-466.3.1(g)")
def test_what_is_no_text_is_not_the_policy_and_the_others_are_looked_at_all_the_same(
    barstow: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = adoption_in_force("barstow-pd").effective_at
    Posting.objects.create(
        agency=barstow.agency, document="policy", url=ADDRESS, checked_at=begun - timedelta(days=1),
        checked_by="x", way="BY_HAND", outcome="SAME", version="2026.1", sha256="0" * 64,
    )
    monkeypatch.setattr(tasks, "fetch", lambda url, **_: Fetched(url, b"%PDF-1.7 broken"))
    assert tasks.fetch_due(allow_private=False) == 1
    found = Posting.objects.latest("checked_at")
    assert found.outcome == "NOT_FOUND"
    assert found.note

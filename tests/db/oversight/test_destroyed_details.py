"""Where plate details were destroyed by order, answers say so, and never that nobody looked (R54, R137)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit import sealing_actions
from plateward.oversight.actions import answer_inquiry, view_own_record
from plateward.oversight.inquiry import Inquiry, Subject
from plateward.oversight.presenters import as_csv
from tests.db.audit.test_every_column import look
from tests.db.audit.test_pruning import OLD, YEAR, pruned
from tests.personas import Town

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.fixture
def emptied(barstow: Town, now: datetime) -> Town:
    """Ortiz looked at three plates two years ago; the order of two people went through since."""
    for number in range(OLD):
        look(now - 2 * YEAR, f"7ABC00{number}")
    sealing_actions.seal(now=now)
    pruned(now)
    return barstow


def asked(subject: Subject, wanted: str, from_at: datetime | None = None) -> Inquiry:
    return Inquiry(
        subject=subject,
        wanted=wanted,
        purpose="oversight-discovery",
        reason="Subpoena 26-118",
        from_at=from_at,
    )


@pytest.mark.parametrize(("subject", "wanted"), [(Subject.PLATE, "7ABC001"), (Subject.CASE, "26-1")])
def test_the_answer_counts_the_records_that_no_longer_tell(
    emptied: Town, now: datetime, subject: Subject, wanted: str
) -> None:
    cole = emptied.actor("cole", now)
    answer = answer_inquiry(by=cole, inquiry=asked(subject, wanted), now=now)
    (gone,) = answer.destroyed
    assert (answer.entries, gone.count, gone.order.decided_by_name) == ([], OLD, "Cora Chen")
    recent = asked(subject, wanted, now - timedelta(days=30))
    assert answer_inquiry(by=cole, inquiry=recent, now=now).destroyed == []


def test_the_file_names_each_of_them_with_who_looked(emptied: Town, now: datetime) -> None:
    cole = emptied.actor("cole", now)
    answer = answer_inquiry(by=cole, inquiry=asked(Subject.PLATE, "7ABC001"), now=now, as_file=True)
    rows = as_csv(cole.profile, answer.entries).splitlines()[1:]
    assert len(rows) == OLD
    assert all("Olivia Ortiz" in row and "destroyed by order of Cora Chen" in row for row in rows)


def test_what_a_person_looked_at_says_which_details_are_gone(emptied: Town, now: datetime) -> None:
    entries, _ = view_own_record(by=emptied.actor("ortiz", now), now=now)
    assert len(entries) == OLD
    assert all("destroyed by order of Cora Chen" in entry.why for entry in entries)


@pytest.mark.usefixtures("emptied")
def test_no_page_says_that_nobody_looked(login: Login) -> None:
    cole = login("cole")
    question = {
        "subject": "PLATE",
        "wanted": "7ABC001",
        "purpose": "oversight-discovery",
        "reason": "Subpoena 26-118",
    }
    pages = [
        cole.post(reverse("oversight:inquire"), question).content.decode(),
        cole.get(reverse("audit:accesses"), {"plate": "7ABC001"}).content.decode(),
    ]
    for page in pages:
        assert "no longer say which plate or case they were about" in page
        assert "by order of Carl Cole and Cora Chen" in page
        assert "obody looked" not in page

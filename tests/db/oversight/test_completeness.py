"""Known acts are done and looked for; what is missing raises an alarm; nothing made up is ever counted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.audit import queries as journal
from plateward.audit.models import AccessRecord, LedgerAlarm
from plateward.oversight import actions, self_test
from plateward.oversight.inquiry import Inquiry, Subject
from plateward.policy import Refused
from tests.personas import Town
from tests.reviewing import reviewed, searched

pytestmark = pytest.mark.django_db


@pytest.mark.clause("B-466.6(c)", "B-466.3.1(c)")
def test_every_known_act_is_wholly_on_record(barstow: Town, now: datetime) -> None:
    tested = actions.check_record(by=barstow.actor("cole", now), now=now)

    assert [(result["name"], result["missing"]) for result in tested.results] == [
        (act.name, ()) for act in self_test.ACTS
    ]
    assert tested.is_complete
    assert not LedgerAlarm.objects.exists()


@pytest.mark.clause("H-426.5(c)", "H-426.2.1(c)")
def test_the_clock_tests_every_agency_under_its_own_policy(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    assert {barstow.agency.pk, huntington_park.agency.pk} == set(Agency.objects.values_list("pk", flat=True))
    assert actions.check_every_record(now=now) == 2
    assert actions.check_every_record(now=now + timedelta(days=30)) == 2


def test_an_act_that_left_no_row_raises_an_alarm(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(**given: Any) -> None:
        del given

    monkeypatch.setattr("plateward.governance.actions.journal_refusal", silent)
    tested = actions.check_record(by=barstow.actor("cole", now), now=now)

    missing = {result["name"]: result["missing"] for result in tested.results if result["missing"]}
    assert missing == {"A refused search": ("no journal row",)}
    assert "A refused search: no journal row" in LedgerAlarm.objects.get().told[0]


def test_an_access_record_that_lacks_an_element_of_the_statute_raises_an_alarm(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = audit.record_access

    def without_plate(**given: Any) -> AccessRecord:
        return whole(**given | {"elements": {}})

    monkeypatch.setattr("plateward.search.actions.audit.record_access", without_plate)
    tested = actions.check_record(by=barstow.actor("cole", now), now=now)

    assert "(a)(2) data elements of the query" in tested.results[0]["missing"]
    assert LedgerAlarm.objects.get().kind == "MISSING"


def test_an_unsealed_row_is_missed(barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plateward.oversight.self_test.sealing_actions.seal", lambda *, now: 0)  # noqa: ARG005  as sealed
    tested = actions.check_record(by=barstow.actor("cole", now), now=now)
    assert {tuple(result["missing"]) for result in tested.results} == {("a place in the ledger",)}


def test_nothing_made_up_is_in_any_answer_review_journal_or_list(barstow: Town, now: datetime) -> None:
    cole = barstow.actor("cole", now)
    actions.check_record(by=cole, now=now)
    later = now + timedelta(hours=1)

    asked = Inquiry(
        subject=Subject.PLATE, wanted=self_test.PLATE, purpose="oversight-audit", reason="Is it in?"
    )
    assert actions.answer_inquiry(by=cole, inquiry=asked, now=later).entries == []
    searched(barstow, "ortiz", self_test.PLATE, later)
    assert AccessRecord.objects.get(username="ortiz").result_count == 0
    assert {item.person.username for item in reviewed(barstow, later).items.all()} <= {"ortiz"}
    shown = journal.journal(barstow.agency.pk, journal.JournalFilter())
    assert self_test.USERNAME not in {row.username for row in shown.rows}
    assert list(Agency.objects.all()) == [barstow.agency]


def test_a_patrol_officer_may_not_test(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused):
        actions.check_record(by=barstow.actor("ortiz", now), now=now)

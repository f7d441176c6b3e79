"""Notices raised, settled, noted and passed on."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from plateward.audit.models import AuditRecord
from plateward.notices import actions, queries
from plateward.notices.actions import NotDoneBySeeingError
from plateward.notices.models import Notice
from plateward.notices.rules import NoticeState, to_person, to_position
from tests.personas import SETUP, Town

CHIEF = "chief-of-police"


def raised(now: datetime, **changed: Any) -> Notice:
    facts: dict[str, Any] = {
        "agency": "barstow-pd",
        "key": "review:1",
        "kind": "review-due",
        "to": to_position("administrative-division-commander"),
        "text": "The account review is due.",
        "by": SETUP,
        "now": now,
    }
    return actions.raise_notice(**(facts | changed))


def test_a_notice_reaches_the_holder_of_the_position_and_nobody_else(barstow: Town, now: datetime) -> None:
    notice = raised(now)
    assert list(queries.waiting_for(barstow.actor("cole", now))) == [notice]
    assert not queries.waiting_for(barstow.actor("lane", now)).exists()


def test_the_same_occasion_raises_one_notice_even_after_its_end(barstow: Town, now: datetime) -> None:
    first = raised(now)
    assert actions.settle(agency="barstow-pd", key="review:1", by=SETUP, now=now)
    assert raised(now + timedelta(days=1)) == first
    assert AuditRecord.objects.filter(verb="notices.notice.raised").count() == 1
    assert not queries.waiting_for(barstow.actor("cole", now)).exists()
    assert not actions.settle(agency="barstow-pd", key="review:1", by=SETUP, now=now), "once is enough"


def test_a_persons_own_notice_ends_when_they_have_seen_it(barstow: Town, now: datetime) -> None:
    ortiz = barstow.actor("ortiz", now)
    notice = raised(now, to=to_person(ortiz.user_id, ortiz.name))
    with pytest.raises(Notice.DoesNotExist):
        actions.note(notice_id=notice.pk, by=barstow.actor("quinn", now), now=now)
    assert actions.note(notice_id=notice.pk, by=ortiz, now=now).state is NoticeState.DONE
    with pytest.raises(Notice.DoesNotExist):
        actions.note(notice_id=notice.pk, by=ortiz, now=now)


def test_a_task_is_not_done_by_seeing_it(barstow: Town, now: datetime) -> None:
    task = raised(now, is_task=True)
    with pytest.raises(NotDoneBySeeingError, match="until it is done"):
        actions.note(notice_id=task.pk, by=barstow.actor("cole", now), now=now)


def test_what_is_overdue_waits_for_the_next_position_too(barstow: Town, now: datetime) -> None:
    notice = raised(now, due_at=now + timedelta(days=1), escalates_to=CHIEF, is_task=True)
    raised(now, key="review:2", due_at=now + timedelta(days=1))
    assert actions.escalate_due(now=now + timedelta(hours=23)) == 0
    later = now + timedelta(days=1)
    assert actions.escalate_due(now=later) == 1
    assert actions.escalate_due(now=later) == 0
    for person in ("cole", "chen"):
        assert notice in queries.waiting_for(barstow.actor(person, later))
    counted = queries.counted(barstow.actor("cole", later), later)
    assert (counted.number, counted.overdue) == (2, 2)


def test_another_agencys_position_of_the_same_name_is_not_reached(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    raised(now, agency=huntington_park.agency.pk)
    assert not queries.waiting_for(barstow.actor("cole", now)).exists()


def test_everything_open_about_an_object_is_settled_at_once(barstow: Town, now: datetime) -> None:
    for key in ("a", "b"):
        raised(now, key=key, subject="accounts.User:1")
    raised(now, key="c", subject="accounts.User:2")
    about = {"agency": barstow.agency.pk, "subject": "accounts.User:1", "kind": "review-due"}
    assert actions.settle_about(**about, by=SETUP, now=now)
    assert not queries.open_about(**about).exists()
    assert [notice.key for notice in queries.waiting_for(barstow.actor("cole", now))] == ["c"]

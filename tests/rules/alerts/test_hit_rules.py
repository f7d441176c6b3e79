"""Hit confirmation with the entering agency: NCIC's times, second requests, answers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from plateward.alerts.hit_rules import (
    SOURCE,
    HitResult,
    Reply,
    Request,
    Urgency,
    check_reply,
    check_request,
    due_at,
)
from plateward.alerts.rules import AlertFacts, AlertStatus, Closing
from plateward.policy import Decision, load_profile

FOLDER = Path(__file__).parents[3] / "policies" / "barstow-pd"
BARSTOW = load_profile((FOLDER / "profile.yaml").read_bytes(), (FOLDER / "clauses.yaml").read_bytes())
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


def asked(urgency: Urgency, *replies: Reply) -> Request:
    return Request(
        id=uuid4(),
        number=1,
        entering_agency="Reno PD",
        urgency=urgency,
        at=NOON,
        by="Drew Dunn",
        due_at=due_at(urgency, NOON),
        replies=replies,
    )


def ask(*requests: Request, urgency: Urgency = Urgency.URGENT, now: datetime = NOON) -> Decision:
    return check_request(BARSTOW, AlertFacts(), requests, urgency, own_entry=False, now=now)


def test_urgent_is_ten_minutes_and_routine_an_hour_by_ncic_and_by_no_agencys_policy() -> None:
    assert due_at(Urgency.URGENT, NOON) - NOON == TEN
    assert due_at(Urgency.ROUTINE, NOON) - NOON == timedelta(hours=1)
    assert ask().clause == SOURCE
    assert not any("10 minutes" in clause.text for clause in BARSTOW.clauses.values())


def test_a_second_request_waits_until_the_first_is_overdue_or_becomes_urgent() -> None:
    first = asked(Urgency.URGENT)
    refusal = ask(first, now=NOON + TEN - timedelta(seconds=1))
    assert refusal.reason == "Drew Dunn asked Reno PD at 12:00; the answer is due at 12:10."
    assert first.is_overdue(NOON + TEN)
    assert ask(first, now=NOON + TEN)
    assert ask(asked(Urgency.ROUTINE), now=NOON + TEN)
    assert not ask(asked(Urgency.ROUTINE), urgency=Urgency.ROUTINE, now=NOON + TEN)


def test_a_promise_moves_the_time_and_a_yes_or_no_ends_it() -> None:
    promise = Reply(HitResult.WILL_ANSWER, NOON, "Drew Dunn", NOON + timedelta(minutes=30))
    promised = asked(Urgency.URGENT, promise)
    assert not promised.is_overdue(NOON + TEN)
    assert promised.is_overdue(NOON + timedelta(minutes=30))
    done = asked(Urgency.URGENT, promise, Reply(HitResult.CONFIRMED, NOON + TEN, "Drew Dunn"))
    assert not done.is_overdue(NOON + timedelta(days=1))
    again = check_reply(BARSTOW, done, HitResult.NOT_CONFIRMED, None, NOON + TEN)
    assert again.reason == "Already recorded at 12:10 by Drew Dunn: Confirmed: the record holds."


@pytest.mark.parametrize(
    ("result", "promised_at"),
    [
        (HitResult.WILL_ANSWER, None),
        (HitResult.CONFIRMED, NOON + TEN),
        (HitResult.WILL_ANSWER, NOON - TEN),
    ],
)
def test_a_promise_names_a_time_to_come_and_nothing_else_does(
    result: HitResult, promised_at: datetime | None
) -> None:
    assert not check_reply(BARSTOW, asked(Urgency.URGENT), result, promised_at, NOON)


def test_nobody_is_asked_about_the_departments_own_entry_or_a_closed_alert() -> None:
    own = check_request(BARSTOW, AlertFacts(), (), Urgency.URGENT, own_entry=True, now=NOON)
    assert "The department itself entered this plate" in own.reason
    closed = AlertFacts(status=AlertStatus.CLOSED, closing=Closing("arrest", NOON, "Drew Dunn"))
    assert not check_request(BARSTOW, closed, (), Urgency.URGENT, own_entry=False, now=NOON)

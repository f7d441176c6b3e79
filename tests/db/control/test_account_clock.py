"""The clock over accounts: disuse, planned ends, threats, changed duties."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from plateward.accounts import actions as accounts
from plateward.accounts.models import LoginSession, User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.control import actions, queries, tasks
from plateward.control.models import PlannedEnd
from plateward.control.rules import EndKind, EndState
from plateward.notices.queries import waiting_for
from plateward.policy import Decision, Refused
from tests.personas import Town, open_session


def clock(town: Town, now: datetime) -> int:
    return actions.run_clock(agency=town.agency.pk, profile=town.actor("cole", now).profile, now=now)


def state(username: str) -> str:
    return User.objects.get(username=username).state


def told(town: Town, username: str, at: datetime) -> list[str]:
    return [notice.text for notice in waiting_for(town.actor(username, at))]


def test_ninety_days_of_disuse_disable_an_account_after_two_warnings(barstow: Town, now: datetime) -> None:
    User.objects.exclude(username="ortiz").update(last_login=now + timedelta(days=80))
    for days in (76, 87):
        later = now + timedelta(days=days)
        assert clock(barstow, later) == 0
        assert clock(barstow, later) == 0, "again is no more"
    assert len(told(barstow, "ortiz", later)) == 2
    assert any("Olivia Ortiz" in text for text in told(barstow, "imani", later))

    assert clock(barstow, now + timedelta(days=90)) == 1
    assert state("ortiz") == AccountState.SUSPENDED
    row = AuditRecord.objects.get(verb="accounts.user.suspended")
    assert (row.username, row.detail["reason"]) == ("system:clock", "Not used for 90 days (CJIS AC-2(3)).")


def test_days_in_notices_are_the_agencys_own(barstow: Town, now: datetime) -> None:
    used = (now + timedelta(days=1)).replace(hour=4, minute=30)  # UTC: the evening before in California
    User.objects.filter(username="ortiz").update(last_login=used, state_since_at=used)
    clock(barstow, used + timedelta(days=87))
    ends = used + timedelta(days=90)
    evening_before = (ends - timedelta(days=1)).date()
    assert told(barstow, "ortiz", ends) == [
        f"Your account is disabled on {evening_before} unless you use it."
    ]

    cole = barstow.actor("cole", used)
    quinn = barstow.users["quinn"]
    actions.plan_end(user=quinn, kind=EndKind.SEPARATION, ends_at=ends, reason="Leaves.", by=cole, now=used)
    assert f"The account of Quentin Quinn ends on {evening_before}." in told(barstow, "imani", used)


def test_using_the_account_takes_the_warnings_back(barstow: Town, now: datetime) -> None:
    User.objects.exclude(username="ortiz").update(last_login=now + timedelta(days=80))
    later = now + timedelta(days=76)
    clock(barstow, later)
    User.objects.filter(username="ortiz").update(last_login=later)
    clock(barstow, later)
    assert told(barstow, "ortiz", later) == []
    assert clock(barstow, now + timedelta(days=90)) == 0


def test_who_leaves_on_a_day_to_come_is_shut_out_at_that_time(barstow: Town, now: datetime) -> None:
    open_session(Client(), "quinn")
    leaves = now + timedelta(days=2)
    actions.plan_end(
        user=barstow.users["quinn"],
        kind=EndKind.SEPARATION,
        ends_at=leaves,
        reason="Retires.",
        by=barstow.actor("imani", now),
        now=now,
    )
    assert any("Quentin Quinn" in text for text in told(barstow, "cole", now))
    assert clock(barstow, leaves - timedelta(seconds=1)) == 0
    assert LoginSession.objects.filter(user__username="quinn").exists()
    assert clock(barstow, leaves) == 1
    assert state("quinn") == AccountState.DEACTIVATED
    assert not LoginSession.objects.filter(user__username="quinn").exists()
    assert PlannedEnd.objects.get().state is EndState.EXECUTED


def test_who_has_left_already_is_shut_out_at_once(barstow: Town, now: datetime) -> None:
    open_session(Client(), "quinn")
    actions.plan_end(
        user=barstow.users["quinn"],
        kind=EndKind.SEPARATION,
        ends_at=now - timedelta(hours=3),
        reason="Dismissed.",
        by=barstow.actor("cole", now),
        now=now,
    )
    assert state("quinn") == AccountState.DEACTIVATED
    assert not LoginSession.objects.filter(user__username="quinn").exists()


def test_one_end_at_a_time_is_planned_and_can_be_withdrawn(barstow: Town, now: datetime) -> None:
    quinn, cole = barstow.users["quinn"], barstow.actor("cole", now)
    plan = {"user": quinn, "kind": EndKind.EXPIRY, "ends_at": now + timedelta(days=9), "reason": "Detail."}
    actions.plan_end(**plan, by=cole, now=now)
    with pytest.raises(ValidationError, match="Withdraw that first"):
        actions.plan_end(**plan, by=cole, now=now)
    actions.withdraw_end(user=quinn, reason="Stays.", by=cole, now=now)
    assert clock(barstow, now + timedelta(days=9)) == 0
    assert state("quinn") == AccountState.ACTIVE
    with pytest.raises(ValidationError, match="No end is planned"):
        actions.withdraw_end(user=quinn, reason="Stays.", by=cole, now=now)


def test_nobody_plans_their_own_end_and_nobody_else_plans_any(barstow: Town, now: datetime) -> None:
    facts = {"kind": EndKind.EXPIRY, "ends_at": now + timedelta(days=9), "reason": "Detail."}
    for planner, target in (("cole", "cole"), ("lane", "quinn")):
        with pytest.raises(Refused):
            actions.plan_end(user=barstow.users[target], **facts, by=barstow.actor(planner, now), now=now)


def test_a_threat_is_shut_out_at_once_and_the_chief_is_told(barstow: Town, now: datetime) -> None:
    open_session(Client(), "quinn")
    actions.disable_for_threat(
        user=barstow.users["quinn"], reason="Stolen laptop.", by=barstow.actor("imani", now), now=now
    )
    assert state("quinn") == AccountState.SUSPENDED
    assert not LoginSession.objects.filter(user__username="quinn").exists()
    assert any("as a threat" in text for text in told(barstow, "chen", now))


def test_changed_duties_are_reviewed_within_a_day_or_go_to_the_chief(barstow: Town, now: datetime) -> None:
    quinn, cole = barstow.users["quinn"], barstow.actor("cole", now)
    accounts.change_title(user=quinn, title="detective", by=cole, now=now)
    clock(barstow, now)
    clock(barstow, now + timedelta(minutes=1))
    (task,) = queries.transfers_to_review(quinn)
    assert (task.due_at, task.escalates_to) == (now + timedelta(hours=24), "chief-of-police")
    assert task.is_task
    actions.review_transfer(user=quinn, note="It fits.", by=cole, now=now)
    clock(barstow, now + timedelta(minutes=2))
    assert not queries.transfers_to_review(quinn).exists()
    with pytest.raises(ValidationError, match="No change of duties"):
        actions.review_transfer(user=quinn, note="It fits.", by=cole, now=now)


def test_who_logs_in_while_the_clock_runs_keeps_the_account(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now + timedelta(days=90)
    User.objects.exclude(username__in=("ortiz", "quinn")).update(last_login=later)
    seen = list(queries.active_accounts(barstow.agency.pk))
    monkeypatch.setattr(queries, "active_accounts", lambda _: seen)
    User.objects.filter(username="ortiz").update(last_login=later)
    accounts.suspend(
        user=barstow.users["quinn"],
        reason="On leave.",
        needs_retraining=False,
        by=barstow.actor("cole", later),
        now=later,
    )
    assert clock(barstow, later) == 0
    assert state("ortiz") == AccountState.ACTIVE
    assert User.objects.get(username="quinn").state_reason == "On leave."


def test_what_fails_in_one_agency_holds_up_no_other_and_is_told(
    barstow: Town, huntington_park: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hayes = huntington_park.actor("hayes", now)
    leaver = next(user for name, user in huntington_park.users.items() if name != "hayes")
    due = now - timedelta(hours=1)
    monkeypatch.setattr(actions, "_execute", lambda *_: None)
    for user, kind, by in (
        (barstow.users["quinn"], EndKind.SEPARATION, barstow.actor("cole", now)),
        (leaver, EndKind.SEPARATION, hayes),
    ):
        actions.plan_end(user=user, kind=kind, ends_at=due, reason="Left.", by=by, now=now)
    monkeypatch.undo()
    close = accounts.close_account

    def refuses_barstow(*, user: User, **given: Any) -> None:
        if user.agency_id == barstow.agency.pk:
            Decision(False, "CJIS AC-2", "A rule refuses.", "Ask.").require()
        close(user=user, **given)

    monkeypatch.setattr(accounts, "close_account", refuses_barstow)
    with pytest.raises(tasks.ClockFailedError, match="barstow-pd"):
        tasks.watch_accounts(timestamp=0)
    monkeypatch.undo()
    assert state("quinn") == AccountState.ACTIVE
    assert state(leaver.username) == AccountState.DEACTIVATED, "the other agency's clock went on"
    failed = "The clock could not end or warn of every account that is due."
    assert [text for text in told(barstow, "imani", now) if text.startswith(failed)]
    assert not [text for text in told(huntington_park, "hayes", now) if text.startswith(failed)]

    tasks.watch_accounts(timestamp=0)
    assert state("quinn") == AccountState.DEACTIVATED
    assert not [text for text in told(barstow, "imani", now) if text.startswith(failed)]

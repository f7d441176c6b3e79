"""From a planned session to certified completions, and what stands in the way."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from plateward.accounts import actions as accounts
from plateward.accounts.models import Agency, Certification
from plateward.accounts.queries import account_facts, certification_facts
from plateward.accounts.rules import ready
from plateward.audit.models import AuditRecord
from plateward.governance.queries import profile_for
from plateward.notices import actions as notices
from plateward.notices.models import Notice
from plateward.policy import Refused
from plateward.training import actions, queries
from plateward.training.models import Assignment, Session
from plateward.training.rules import AssignmentReason, AssignmentState, AttendanceState, SessionState
from plateward.training.tasks import run_clock
from tests.days import days_before, earlier_today
from tests.personas import CONTENT, Town
from tests.teaching import assigned, planned


def held(town: Town, now: datetime, *present: str, topics: tuple[str, ...] = CONTENT) -> Session:
    session = planned(town, now, *present, "soto", held_at=earlier_today(now, timedelta(hours=2)))
    people = [town.users[username] for username in present]
    by = town.actor("cruz", now)
    actions.record_session(session=session, topics=topics, present=people, by=by, now=now)
    session.refresh_from_db()
    return session


def certify(town: Town, session: Session, now: datetime, who: str = "cruz") -> list[Certification]:
    return actions.certify_session(session=session, expires_date=None, by=town.actor(who, now), now=now)


@pytest.mark.clause("B-466.8", "B-466.8-content", "B-466.8-record")
def test_corporal_certifies_who_was_there_and_nobody_else(barstow: Town, now: datetime) -> None:
    session = held(barstow, now, "ruiz")
    assert not barstow.actor("ruiz", now).admission.allowed

    (made,) = certify(barstow, session, now)

    assert (made.user.username, made.certified_by.username, made.instructor) == ("ruiz", "cruz", "Celia Cruz")
    assert made.topics == list(CONTENT)
    assert barstow.actor("ruiz", now).admission.allowed
    session.refresh_from_db()
    assert session.state == SessionState.COMPLETED
    states = dict(session.attendances.values_list("user__username", "state"))
    assert states == {"ruiz": AttendanceState.PRESENT, "soto": AttendanceState.ABSENT}
    verbs = AuditRecord.objects.filter(verb__startswith="training.session.").order_by("id")
    assert [row.verb.rpartition(".")[2] for row in verbs] == ["planned", "recorded", "certified"]
    assert verbs[1].detail["absent"] == ["soto"]


@pytest.mark.clause("B-466.8-content")
def test_a_session_that_left_a_topic_out_is_not_completed(barstow: Town, now: datetime) -> None:
    session = held(barstow, now, "ruiz", topics=CONTENT[1:])
    with pytest.raises(Refused, match=r"B-466\.8-content: .*leaves out: ALPR policy"):
        certify(barstow, session, now)
    assert not barstow.users["ruiz"].certifications.exists()

    people = [barstow.users["ruiz"]]
    actions.record_session(
        session=session, topics=CONTENT, present=people, by=barstow.actor("cruz", now), now=now
    )
    assert certify(barstow, session, now)


@pytest.mark.clause("B-466.8-record")
def test_trainer_who_attended_is_certified_by_nobody_in_that_step(barstow: Town, now: datetime) -> None:
    session = held(barstow, now, "ruiz", "cruz")
    assert [made.user.username for made in certify(barstow, session, now)] == ["ruiz"]
    session.refresh_from_db()
    assert session.state == SessionState.HELD
    with pytest.raises(ValidationError, match="nobody certifies their own training"):
        certify(barstow, session, now)


@pytest.mark.clause("B-466.8-record")
@pytest.mark.parametrize("who", ["cole", "imani", "soto"])
def test_nobody_else_plans_or_certifies(barstow: Town, now: datetime, who: str) -> None:
    session = held(barstow, now, "ruiz")
    with pytest.raises(Refused):
        certify(barstow, session, now, who)


def test_who_came_is_recorded_once_the_session_has_begun(barstow: Town, now: datetime) -> None:
    session, by = planned(barstow, now, "ruiz"), barstow.actor("cruz", now)
    with pytest.raises(ValidationError, match="not begun yet"):
        actions.record_session(session=session, topics=CONTENT, present=[], by=by, now=now)
    actions.cancel_session(session=session, reason="Instructor is ill.", by=by, now=now)
    with pytest.raises(Refused, match="session is cancelled"):
        actions.invite(session=session, invited=[barstow.users["soto"]], by=by, now=now)


@pytest.mark.clause("B-466.4(d)", "H-426.3(d)")
def test_a_withdrawn_certification_counts_no_more_and_its_row_stays(barstow: Town, now: datetime) -> None:
    session = held(barstow, now, "ruiz")
    (made,) = certify(barstow, session, now)
    by = barstow.actor("cruz", now)

    actions.withdraw_certification(certification=made, reason="Left before the end.", by=by, now=now)

    assert not barstow.actor("ruiz", now).admission.allowed
    kept = Certification.objects.get(pk=made.pk)
    assert (kept.withdrawn_reason, kept.withdrawn_by.username) == ("Left before the end.", "cruz")
    session.refresh_from_db()
    assert session.state == SessionState.HELD
    with pytest.raises(ValidationError, match="withdrawn already"):
        actions.withdraw_certification(certification=made, reason="Again.", by=by, now=now)
    assert certify(barstow, session, now), "the same day can be certified anew"


def rows(town: Town, username: str, now: datetime) -> list[queries.AssignmentRow]:
    by = town.actor(username, now)
    return list(queries.trainee(by.profile, town.users[username], by.today).assignments)


@pytest.mark.clause("B-466.8")
def test_an_assignment_is_done_by_a_certification_and_open_again_when_that_is_withdrawn(
    barstow: Town, now: datetime
) -> None:
    assigned(barstow, "ruiz", now)
    assert [row.state for row in rows(barstow, "ruiz", now)] == [AssignmentState.DUE_SOON]
    (made,) = certify(barstow, held(barstow, now, "ruiz"), now)
    assert [row.state for row in rows(barstow, "ruiz", now)] == [AssignmentState.DONE]
    by = barstow.actor("cruz", now)
    actions.withdraw_certification(certification=made, reason="Mixed up.", by=by, now=now)
    assert [row.state for row in rows(barstow, "ruiz", now)] == [AssignmentState.DUE_SOON]


@pytest.mark.clause("B-466.8")
def test_an_assignment_waits_for_its_person_and_when_overdue_for_the_corporal(
    barstow: Town, now: datetime
) -> None:
    made = assigned(barstow, "ruiz", now, due_in=0)
    notice = Notice.objects.get(kind="training-assigned")
    assert (notice.user_id, notice.is_task) == (barstow.users["ruiz"].pk, True)
    assert notice.escalates_to == "training-corporal"
    tomorrow = now + timedelta(days=1)
    assert notices.escalate_due(now=tomorrow) == 1

    actions.withdraw_assignment(
        assignment=made, reason="Not hired.", by=barstow.actor("cruz", tomorrow), now=tomorrow
    )
    notice.refresh_from_db()
    assert notice.done_at == tomorrow


def test_notice_ends_with_the_certified_session(barstow: Town, now: datetime) -> None:
    assigned(barstow, "ruiz", now)
    certify(barstow, held(barstow, now, "ruiz"), now)
    assert Notice.objects.get(kind="training-assigned").done_at == now


def test_the_clock_looks_after_every_agency(barstow: Town, huntington_park: Town, now: datetime) -> None:
    today = barstow.actor("cole", now).today
    for user in (barstow.users["quinn"], huntington_park.users["hart"]):
        user.certifications.update(expires_date=today + timedelta(days=9))
    run_clock.func(timestamp=0)
    assert sorted(username for username, reason in made() if reason == "REFRESHER") == ["hart", "quinn"]
    assert ("ruiz", "NEW_HIRE") in made()


def test_the_clocks_day_is_that_of_the_policy_in_force(
    barstow: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    Agency.objects.filter(pk=barstow.agency.pk).update(time_zone="Pacific/Kiritimati")  # as entered long ago
    days = []
    monkeypatch.setattr(actions, "remind", lambda *, today, **_: days.append(today))
    begun = barstow.actor("cole", timezone.now()).today
    run_clock.func(timestamp=0)
    assert days[0] in {begun, barstow.actor("cole", timezone.now()).today}


def made() -> list[tuple[str, str]]:
    return list(Assignment.objects.values_list("user__username", "reason"))


@pytest.mark.clause("B-466.6(e)")
def test_suspension_assigns_the_course_without_which_the_account_stays_closed(
    barstow: Town, now: datetime
) -> None:
    cole, quinn = barstow.actor("cole", now), barstow.users["quinn"]
    accounts.suspend(user=quinn, reason="Searched for a friend.", needs_retraining=True, by=cole, now=now)

    made = Assignment.objects.get(user=quinn)
    assert (made.course, made.reason) == ("alpr-basic", AssignmentReason.RETRAINING)
    assert made.due_date == cole.today + timedelta(days=30)
    quinn.refresh_from_db()
    needed = ready(cole.profile, account_facts(quinn), cole.today)
    assert "Retraining in “ALPR policy and system use” is required" in needed.reason
    with pytest.raises(ValidationError, match="opens only after this course"):
        actions.withdraw_assignment(assignment=made, reason="Enough.", by=barstow.actor("cruz", now), now=now)

    certify(barstow, held(barstow, now + timedelta(hours=3), "quinn"), now + timedelta(hours=3))
    later = now + timedelta(hours=4)
    assert accounts.reactivate(user=quinn, reason="Retrained.", by=barstow.actor("cole", later), now=later)


def test_suspension_refuses_a_course_that_the_title_does_not_need(barstow: Town, now: datetime) -> None:
    with pytest.raises(ValidationError, match="Choose one of the courses"):
        accounts.suspend(
            user=barstow.users["quinn"],
            reason="Searched for a friend.",
            needs_retraining=True,
            retrain_course="basket-weaving",
            by=barstow.actor("cole", now),
            now=now,
        )
    assert not Assignment.objects.exists()


def test_clock_assigns_one_refresher_for_each_last_day(barstow: Town, now: datetime) -> None:
    today = barstow.actor("cole", now).today
    quinn, soto, diaz = (barstow.users[name] for name in ("quinn", "soto", "diaz"))
    quinn.certifications.update(expires_date=today + timedelta(days=30))
    soto.certifications.update(expires_date=today + timedelta(days=31))
    diaz.certifications.update(expires_date=today - timedelta(days=2))

    assert actions.assign_refreshers(agency="barstow-pd", today=today, now=now) == 2
    assert actions.assign_refreshers(agency="barstow-pd", today=today, now=now) == 0

    due = dict(Assignment.objects.values_list("user__username", "due_date"))
    assert due == {"quinn": today + timedelta(days=30), "diaz": today - timedelta(days=2)}
    assert [row.state for row in rows(barstow, "diaz", now)] == [AssignmentState.OVERDUE]


@pytest.mark.clause("B-466.4(d)", "B-466.8")
def test_a_new_account_is_assigned_what_its_title_needs_once_and_an_old_one_is_not(
    barstow: Town, now: datetime
) -> None:
    ruiz, today = barstow.users["ruiz"], barstow.actor("cole", now).today
    ruiz.created_at = days_before(now, 31)
    ruiz.save()
    assert actions.assign_to_new_hires(agency="barstow-pd", today=today, now=now) == 0
    ruiz.created_at = days_before(now, 3)
    ruiz.save()
    assert actions.assign_to_new_hires(agency="barstow-pd", today=today, now=now) == 1
    given = Assignment.objects.get(user=ruiz)
    assert (given.reason, given.due_date) == (AssignmentReason.NEW_HIRE, today + timedelta(days=27))
    actions.withdraw_assignment(assignment=given, reason="Leaves.", by=barstow.actor("cruz", now), now=now)
    assert actions.assign_to_new_hires(agency="barstow-pd", today=today, now=now) == 0


def test_people_are_reminded_fourteen_days_before_once_and_until_it_is_done(
    barstow: Town, now: datetime
) -> None:
    today = barstow.actor("cole", now).today
    actions.assign_to_new_hires(agency="barstow-pd", today=today, now=now)
    waiting = Notice.objects.filter(kind="training-reminder", done_at__isnull=True)
    actions.remind(agency="barstow-pd", today=today + timedelta(days=15), now=now)
    assert not waiting.exists()
    for day in (16, 17):
        actions.remind(agency="barstow-pd", today=today + timedelta(days=day), now=now)
    assert [notice.user_id for notice in waiting] == [barstow.users["ruiz"].pk]
    certify(barstow, held(barstow, now, "ruiz"), now)
    assert not waiting.all().exists()


@pytest.mark.clause("B-466.4(d)", "H-426.3(d)")
@pytest.mark.parametrize(
    ("at", "allowed"),
    [("2026-12-01T07:59:59+00:00", True), ("2026-12-01T08:00:00+00:00", False)],
)
def test_gate_closes_at_midnight_of_the_agency_after_the_last_day(
    barstow: Town, at: str, *, allowed: bool
) -> None:
    """Nov 30 is the last day; in Barstow it ends at 08:00 UTC of Dec 1."""
    user = barstow.users["ortiz"]
    user.certifications.update(completed_date="2026-01-05", expires_date="2026-11-30")
    decision = barstow.actor("ortiz", datetime.fromisoformat(at)).decide("search.run")
    assert decision.allowed is allowed
    if not allowed:
        assert decision.clause == "B-466.4(d)"
        assert "ended on Nov 30, 2026" in decision.reason
        assert "Administrative Training Corporal" in decision.remedy


def test_training_of_another_agency_is_out_of_reach(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    theirs = huntington_park.users["hart"]
    session = planned(barstow, now)
    by = barstow.actor("cruz", now)
    with pytest.raises(ValidationError, match="not on the list yet"):
        actions.invite(session=session, invited=[theirs], by=by, now=now)
    with pytest.raises(Certification.DoesNotExist):
        actions.withdraw_certification(
            certification=theirs.certifications.get(), reason="No.", by=by, now=now
        )
    assert profile_for("huntington-park-pd").training.certifier.settled == "training-manager"
    assert len(certification_facts(theirs)) == 1

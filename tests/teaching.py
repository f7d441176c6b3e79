"""A session to come, an assignment and a certificate with its scan, as either town's trainer makes them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from plateward.accounts import actions as accounts
from plateward.training import actions
from plateward.training.models import Assignment, ProofFile, Session
from plateward.training.rules import AssignmentReason
from tests.personas import CONTENT, Town

Act = Callable[[], object]

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
DAMAGED = PDF.replace(b"1 0 obj", b"2 0 obj")
"""For a test that damages its file: equal files are kept once, so it would be everybody's."""


def trainer(town: Town) -> str:
    return "cruz" if "cruz" in town.users else "howe"


def planned(town: Town, now: datetime, *invited: str, held_at: datetime | None = None) -> Session:
    return actions.plan_session(
        course="alpr-basic",
        held_at=held_at or now + timedelta(days=7),
        place="Briefing room",
        instructor="Celia Cruz",
        invited=[town.users[username] for username in invited],
        by=town.actor(trainer(town), now),
        now=now,
    )


def assigned(town: Town, username: str, now: datetime, due_in: int = 10) -> Assignment:
    by = town.actor(trainer(town), now)
    return actions.assign(
        user=town.users[username],
        course="alpr-basic",
        reason=AssignmentReason.NEW_HIRE,
        due_date=by.today + timedelta(days=due_in),
        incident_date=None,
        note="",
        by=by,
        now=now,
    )


def taught(town: Town, now: datetime) -> tuple[Session, Assignment, ProofFile]:
    username = "diaz" if "diaz" in town.users else "hale"
    proof = actions.attach_file(
        certification=town.users[username].certifications.get(),
        data=PDF,
        by=town.actor(trainer(town), now),
        now=now,
    )
    return planned(town, now, username), assigned(town, username, now), proof


def corporal(town: Town, now: datetime) -> dict[str, Any]:
    return {"by": town.actor("cruz", now), "now": now}


def begun(town: Town, now: datetime) -> Session:
    return planned(town, now, "ruiz", held_at=now - timedelta(hours=1))


def held(town: Town, now: datetime) -> Session:
    session, present = begun(town, now), [town.users["ruiz"]]
    actions.record_session(session=session, topics=CONTENT, present=present, **corporal(town, now))
    return session


def session_act(
    name: str, prepare: Callable[[Town, datetime], Session] = planned, **given: Any
) -> Callable[[Town, datetime], Act]:
    """An act of the Training Corporal on a session; people are given by username."""

    def ready(town: Town, now: datetime) -> Act:
        session = prepare(town, now)
        people = {
            key: [town.users[username] for username in value] if key in {"invited", "present"} else value
            for key, value in given.items()
        }
        return lambda: getattr(actions, name)(session=session, **people, **corporal(town, now))

    return ready


def assign_refreshers(town: Town, now: datetime) -> Act:
    today = town.actor("cruz", now).today
    town.users["ortiz"].certifications.update(expires_date=today + timedelta(days=3))
    return lambda: actions.assign_refreshers(agency=town.agency.pk, today=today, now=now)


def assign_to_new_hires(town: Town, now: datetime) -> Act:
    today = town.actor("cruz", now).today
    return lambda: actions.assign_to_new_hires(agency=town.agency.pk, today=today, now=now)


def remind(town: Town, now: datetime) -> Act:
    made = assigned(town, "ruiz", now)
    near = made.due_date - timedelta(days=1)
    Assignment.objects.filter(pk=made.pk).update(assigned_date=near - timedelta(days=40))
    return lambda: actions.remind(agency=town.agency.pk, today=near, now=now)


def assign_retraining(town: Town, now: datetime) -> Act:
    by = town.actor("cole", now)
    quinn = town.users["quinn"]
    return lambda: actions.assign_retraining(user=quinn, course="alpr-basic", note="Inquiry.", by=by, now=now)


def attach_file(town: Town, now: datetime) -> Act:
    certification = town.users["ortiz"].certifications.get()
    return lambda: actions.attach_file(certification=certification, data=PDF, **corporal(town, now))


def withdraw_assignment(town: Town, now: datetime) -> Act:
    made = assigned(town, "ruiz", now)
    return lambda: actions.withdraw_assignment(assignment=made, reason="Wrong.", **corporal(town, now))


def withdraw_certification(town: Town, now: datetime) -> Act:
    made = town.users["ortiz"].certifications.get()
    return lambda: actions.withdraw_certification(
        certification=made, reason="Mixed up.", **corporal(town, now)
    )


def settle_fulfilled(town: Town, now: datetime) -> Act:
    assigned(town, "ruiz", now)
    by = town.actor("cruz", now)
    accounts.certify_training(
        user=town.users["ruiz"],
        course="alpr-basic",
        completed_date=by.today,
        expires_date=None,
        topics=CONTENT,
        instructor="Celia Cruz",
        by=by,
        now=now,
    )
    return lambda: actions.settle_fulfilled(agency=town.agency.pk, today=by.today, now=now)


def assign_after_violation(town: Town, now: datetime) -> Act:
    given = {"user": town.users["quinn"], "course": "alpr-basic", "note": "After report V-1"}
    return lambda: actions.assign_after_violation(**given, by=town.actor("cole", now), now=now)


TEACHING: Mapping[str, Callable[[Town, datetime], Act]] = {
    "training.assign": lambda town, now: lambda: assigned(town, "ruiz", now),
    "training.assign_refreshers": assign_refreshers,
    "training.assign_to_new_hires": assign_to_new_hires,
    "training.remind": remind,
    "training.assign_after_violation": assign_after_violation,
    "training.assign_retraining": assign_retraining,
    "training.attach_file": attach_file,
    "training.cancel_session": session_act("cancel_session", reason="Instructor is ill."),
    "training.certify_session": session_act("certify_session", held, expires_date=None),
    "training.invite": session_act("invite", invited=["soto"]),
    "training.plan_session": lambda town, now: lambda: planned(town, now, "ruiz"),
    "training.record_session": session_act("record_session", begun, topics=CONTENT, present=["ruiz"]),
    "training.settle_fulfilled": settle_fulfilled,
    "training.withdraw_assignment": withdraw_assignment,
    "training.withdraw_certification": withdraw_certification,
}
"""Every act of the subject, for tests/db/test_every_act.py; run in Barstow."""

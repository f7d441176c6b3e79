"""How people stand in a course, what an assignment may ask, and what a session must cover."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest

from plateward.policy import (
    CertificationFact,
    Profile,
    Syllabus,
    build_profile,
    content_covered,
    may_use_system,
    required_courses,
    syllabus_of,
    topics_for,
)
from plateward.training import rules
from plateward.training.rules import AssignmentReason, AssignmentState, SessionState, Standing
from tests.rules.policy.shipped import profile_of, raw_profile

BARSTOW, HUNTINGTON_PARK = profile_of("barstow-pd"), profile_of("huntington-park-pd")
TODAY = date(2026, 11, 22)
CONTENT = topics_for(BARSTOW, "alpr-basic", "patrol-officer")


def done(days_ago: int, expires_in: int | None = None, course: str = "alpr-basic") -> CertificationFact:
    ends = None if expires_in is None else TODAY + timedelta(days=expires_in)
    return CertificationFact(course, TODAY - timedelta(days=days_ago), ends)


def with_training(**changes: Any) -> Profile:
    """Barstow's profile with other answers about its course, and a yearly CJIS course from the standard."""
    raw = deepcopy(raw_profile("barstow-pd"))
    raw["layers"]["cjis"] = {
        "name": "CJIS Security Policy",
        "kind": "STANDARD",
        "effective_date": None,
        "on_file": False,
    }
    raw["clauses"]["CJIS-AT-2"] = {
        "title": "Security training before access and yearly",
        "strength": "SHALL",
        "text": "Security training comes before access, and every year from then on.",
        "layer": "cjis",
        "quoted": False,
    }
    silent = {"silent": True}
    raw["training"]["courses"]["cjis-security"] = {
        "name": "CJIS security training",
        "topics": {"clause": "CJIS-AT-2", "value": ["Security"]},
        "operator_topics": silent,
        "end_user_topics": silent,
        "required_of": {"clause": "CJIS-AT-2", "value": ["dispatcher"]},
        "validity": {"clause": "CJIS-AT-2", "value": {"amount": 1, "unit": "YEARS"}},
        "validity_by_title": silent,
    }
    raw["training"]["courses"]["alpr-basic"] |= changes
    return build_profile(raw)


@pytest.mark.clause("B-466.8-content")
def test_a_completion_covers_every_topic_the_policy_names_and_those_of_the_syllabus() -> None:
    assert content_covered(BARSTOW, "alpr-basic", "patrol-officer", CONTENT).allowed
    without = [topic for topic in CONTENT if topic != "Guidelines"]
    refused = content_covered(BARSTOW, "alpr-basic", "patrol-officer", without)
    assert (refused.allowed, refused.clause) == (False, "B-466.8-content")
    assert "leaves out: Guidelines" in refused.reason
    operator = content_covered(BARSTOW, "alpr-basic", "it-manager", CONTENT)
    assert (operator.allowed, operator.local_decision) == (False, "operator-syllabus")
    assert "Installation and maintenance" in operator.reason


def test_operators_and_end_users_have_their_own_syllabus() -> None:
    assert syllabus_of(BARSTOW, "vendor-personnel") is Syllabus.OPERATOR
    assert syllabus_of(BARSTOW, "dispatcher") is Syllabus.END_USER
    assert set(topics_for(BARSTOW, "alpr-basic", "it-manager")) != set(
        topics_for(BARSTOW, "alpr-basic", "dispatcher")
    )


@pytest.mark.clause("H-426.7")
def test_what_huntington_park_does_not_say_of_the_content_is_not_filled_in() -> None:
    assert topics_for(HUNTINGTON_PARK, "alpr-basic", "patrol-officer") == ()
    said = content_covered(HUNTINGTON_PARK, "alpr-basic", "patrol-officer", ())
    assert (said.allowed, said.clause) == (True, "")
    assert "does not say" in said.reason


def test_a_course_of_the_standard_is_needed_by_its_own_titles_and_expires_after_its_own_time() -> None:
    profile = with_training()
    assert required_courses(profile, "dispatcher") == ("alpr-basic", "cjis-security")
    assert required_courses(profile, "patrol-officer") == ("alpr-basic",)
    both = [done(400), done(400, course="cjis-security")]
    assert may_use_system(profile, "patrol-officer", both, TODAY).allowed
    refused = may_use_system(profile, "dispatcher", both, TODAY)
    assert "“CJIS security training” ended" in refused.reason


def test_a_title_may_have_its_own_interval() -> None:
    profile = with_training(
        validity={"clause": "B-466.8", "value": {"amount": 2, "unit": "YEARS"}},
        validity_by_title={
            "clause": "B-466.8",
            "value": {"patrol-officer": {"amount": 1, "unit": "YEARS"}},
        },
    )
    held = [done(400)]
    assert not may_use_system(profile, "patrol-officer", held, TODAY).allowed
    assert may_use_system(profile, "detective", held, TODAY).allowed


@pytest.mark.parametrize(
    ("held", "standing"),
    [
        ([], Standing.NEVER),
        ([done(100)], Standing.VALID),
        ([done(100, 60)], Standing.VALID),
        ([done(100, 30)], Standing.DUE_SOON),
        ([done(100, 0)], Standing.DUE_SOON),
        ([done(100, -1)], Standing.EXPIRED),
        ([done(400, -20), done(10, 300)], Standing.VALID),
    ],
)
def test_standing_follows_from_what_is_on_file(held: list[CertificationFact], standing: Standing) -> None:
    (row,) = rules.standings(BARSTOW, "patrol-officer", held, TODAY)
    assert (row.standing, row.is_required) == (standing, True)


def test_an_assignment_is_overdue_the_day_after_it_was_due() -> None:
    def state(due_in: int, **known: bool) -> AssignmentState:
        facts = {"is_done": False, "is_withdrawn": False} | known
        return rules.assignment_state(due_date=TODAY + timedelta(days=due_in), today=TODAY, **facts)

    assert state(60) is AssignmentState.OPEN
    assert state(0) is AssignmentState.DUE_SOON
    assert state(-1) is AssignmentState.OVERDUE
    assert state(-1, is_done=True) is AssignmentState.DONE
    assert state(-1, is_withdrawn=True) is AssignmentState.WITHDRAWN


def test_only_a_completion_since_the_assignment_fulfills_it() -> None:
    assert rules.fulfilled_on("alpr-basic", TODAY, [done(1)]) is None
    assert rules.fulfilled_on("alpr-basic", TODAY, [done(0)]) == TODAY
    assert rules.fulfilled_on("alpr-basic", TODAY, [done(0, course="other")]) is None


def problem(reason: AssignmentReason, due_in: int, incident_ago: int | None = None) -> str:
    found = rules.assignment_problem(
        BARSTOW,
        course="alpr-basic",
        reason=reason,
        due_date=TODAY + timedelta(days=due_in),
        incident_date=None if incident_ago is None else TODAY - timedelta(days=incident_ago),
        today=TODAY,
    )
    return found[0] if found else ""


def test_those_involved_in_an_incident_are_trained_within_thirty_days() -> None:
    assert problem(AssignmentReason.INCIDENT, 20, incident_ago=10) == ""
    assert problem(AssignmentReason.INCIDENT, 21, incident_ago=10) == "due_date"
    assert problem(AssignmentReason.INCIDENT, 0, incident_ago=90) == ""
    assert problem(AssignmentReason.INCIDENT, 20) == "incident_date"
    assert problem(AssignmentReason.INCIDENT, 20, incident_ago=-1) == "incident_date"
    assert problem(AssignmentReason.NEW_HIRE, 200) == ""
    assert problem(AssignmentReason.NEW_HIRE, -1) == "due_date"


def test_a_session_is_certified_after_it_was_held_only() -> None:
    assert rules.may_move(SessionState.HELD, rules.Act.CERTIFY).allowed
    refused = rules.may_move(SessionState.PLANNED, rules.Act.CERTIFY)
    assert "planned; this needs one that is held" in refused.reason


def test_records_are_kept_three_years() -> None:
    assert rules.kept_until(date(2026, 11, 22)) == date(2029, 11, 22)
    assert rules.kept_until(date(2024, 2, 29)) == date(2027, 3, 1)

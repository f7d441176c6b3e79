"""The way of an incident, its checklist and its clock."""

from datetime import UTC, datetime, timedelta

import pytest

from plateward.incidents import rules
from plateward.incidents.rules import Act, State, Step

AT = datetime(2026, 3, 2, 18, tzinfo=UTC)
WAY = (
    (Act.CONTAIN, State.CONTAINED),
    (Act.ASSESS, State.ASSESSED),
    (Act.NOTIFY, State.NOTIFIED),
    (Act.CLOSE, State.CLOSED),
)


def test_an_incident_goes_from_state_to_state_and_skips_none() -> None:
    state = State.OPEN
    for act, target in WAY:
        assert rules.target_of(act, state) is target
        assert not any(rules.target_of(later, state) for later, end in WAY if end is not target)
        state = target
    assert rules.acts_in(State.CLOSED) == rules.acts_in(State.NO_BREACH) == ()


def test_once_people_are_notified_it_is_a_breach() -> None:
    assert rules.target_of(Act.DISMISS, State.ASSESSED) is State.NO_BREACH
    assert rules.target_of(Act.DISMISS, State.NOTIFIED) is None


@pytest.mark.parametrize(("californians", "asked"), [(None, False), (500, False), (501, True)])
def test_above_five_hundred_californians_the_attorney_general_gets_a_sample(
    californians: int | None,
    asked: bool,  # noqa: FBT001  a case of the table
) -> None:
    assert (Step.REGULATOR in rules.checklist(californians)) is asked


@pytest.mark.clause("CC-1798.90.51")
def test_closing_asks_for_every_step_and_containing_for_its_own() -> None:
    assert rules.missing(Act.CONTAIN, {Step.PRESERVE}, None) == (Step.CONTAIN,)
    assert rules.missing(Act.CLOSE, set(Step) - {Step.REGULATOR}, 501) == (Step.REGULATOR,)
    assert rules.missing(Act.CLOSE, set(Step) - {Step.REGULATOR}, 500) == ()


def test_only_telling_has_a_time_since_no_text_says_another() -> None:
    assert rules.due_at(Step.TELL, AT) == AT + timedelta(hours=1)
    assert [step for step in Step if rules.due_at(step, AT)] == [Step.TELL]


def test_the_clock_counts_whole_hours_from_discovery() -> None:
    assert rules.hours(AT, AT + timedelta(hours=25, minutes=59)) == 25


def test_a_report_says_more_than_a_word_and_nothing_to_come() -> None:
    assert rules.incident_problem("Lost.", AT, AT) == (
        "what",
        "Write what happened, in a sentence or two.",
    )
    found = rules.incident_problem("A laptop was left in a restaurant.", AT + timedelta(hours=1), AT)
    assert found is not None
    assert found[0] == "discovered_at"
    assert rules.incident_problem("A laptop was left in a restaurant.", AT, AT) is None

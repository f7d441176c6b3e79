"""How an alert is worked, by the rules alone: no database, no clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from plateward.alerts.rules import (
    DISPOSED,
    TRANSITIONS,
    AlertFacts,
    AlertStatus,
    Answer,
    Closing,
    ConfirmationResult,
    StepOutcome,
    StepState,
    UnknownStep,
    Worked,
    check_channel,
    check_confirmation,
    check_disposition,
    check_step,
    due_at,
    step_by_id,
    step_views,
)
from plateward.policy import Param, Period, Profile, Strength, Unit, dispatch_steps, load_profile

POLICIES = Path(__file__).parents[3] / "policies"
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def profile_of(agency: str) -> Profile:
    folder = POLICIES / agency
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


BARSTOW = profile_of("barstow-pd")
HUNTINGTON_PARK = profile_of("huntington-park-pd")
ASK, PENDING, DESCRIBE, VERIFIED, UPDATE = (step.id for step in dispatch_steps(BARSTOW))


def facts(*steps: str, answers: tuple[ConfirmationResult, ...] = ()) -> AlertFacts:
    """An alert on which these steps were done, a minute apart, and then these answers came."""
    worked = tuple(
        Worked(step, StepOutcome.DONE, NOON + timedelta(minutes=i), "Drew Dunn")
        for i, step in enumerate(steps)
    )
    came = tuple(Answer(result, NOON + timedelta(hours=1), "Drew Dunn") for result in answers)
    status = (
        AlertStatus(answers[-1]) if answers and answers[-1] == "NOT_CONFIRMED" else AlertStatus.UNVERIFIED
    )
    status = AlertStatus.VERIFIED if answers and answers[-1] == "CONFIRMED" else status
    return AlertFacts(status=status, worked=worked, answers=came)


def states(alert: AlertFacts) -> list[str]:
    return [view.state.value for view in step_views(BARSTOW, alert)]


@pytest.mark.clause("B-466.9(a)")
def test_confirming_in_clets_comes_first_and_everything_else_waits() -> None:
    assert states(facts()) == ["CURRENT", "LOCKED", "LOCKED", "LOCKED", "LOCKED"]
    refusal = check_step(BARSTOW, facts(), step_by_id(BARSTOW, PENDING))
    assert (refusal.clause, refusal.reason) == (
        "B-466.9(b)",
        "First: Confirm the status in CLETS (B-466.9(a)).",
    )


@pytest.mark.clause("B-466.9(a)")
def test_a_step_is_due_only_where_the_policy_states_how_long_it_may_wait() -> None:
    asking, pending = step_by_id(BARSTOW, ASK), step_by_id(BARSTOW, PENDING)
    assert BARSTOW.dispatch.step_limits.silent
    assert due_at(BARSTOW, asking, NOON) is None
    stated = Param[dict[str, Period]](clause="B-466.9(a)", value={ASK: Period(2, Unit.MINUTES)})
    strict = msgspec.structs.replace(
        BARSTOW, dispatch=msgspec.structs.replace(BARSTOW.dispatch, step_limits=stated)
    )
    assert due_at(strict, asking, NOON) == NOON + timedelta(minutes=2)
    assert due_at(strict, asking, None) is None, "it waits for something"
    assert due_at(strict, pending, NOON) is None, "no limit is stated for it"


@pytest.mark.clause("B-466.9(b)", "B-466.9(c)")
def test_units_are_advised_before_they_are_given_the_description() -> None:
    assert states(facts(ASK)) == ["DONE", "CURRENT", "LOCKED", "LOCKED", "LOCKED"]
    assert states(facts(ASK, PENDING)) == ["DONE", "DONE", "CURRENT", "LOCKED", "LOCKED"]


@pytest.mark.clause("B-466.9(d)")
def test_verified_stays_locked_until_the_confirmation_is_recorded() -> None:
    worked = facts(ASK, PENDING, DESCRIBE)
    refusal = check_step(BARSTOW, worked, step_by_id(BARSTOW, VERIFIED))
    assert not refusal
    assert refusal.clause == "B-466.9(d)"
    assert refusal.reason == "No confirmation is recorded, so nobody may be told that it is verified."
    confirmed = facts(ASK, PENDING, DESCRIBE, answers=(ConfirmationResult.CONFIRMED,))
    assert states(confirmed)[3] == "CURRENT"


@pytest.mark.clause("B-466.9(d)")
def test_a_negative_answer_keeps_verified_locked_and_says_so() -> None:
    denied = facts(ASK, PENDING, DESCRIBE, answers=(ConfirmationResult.NOT_CONFIRMED,))
    refusal = check_step(BARSTOW, denied, step_by_id(BARSTOW, VERIFIED))
    assert refusal.reason == "The answer recorded at 13:00 by Drew Dunn did not confirm the record."


@pytest.mark.clause("B-466.9(d)")
def test_a_withdrawn_confirmation_locks_verified_again_and_asks_to_tell_the_units() -> None:
    told = facts(ASK, PENDING, DESCRIBE, answers=(ConfirmationResult.CONFIRMED,))
    told = replace(
        told, worked=(*told.worked, Worked(VERIFIED, StepOutcome.DONE, NOON + timedelta(hours=2), "D"))
    )
    assert states(told)[3] == "DONE"
    later = Answer(ConfirmationResult.NOT_CONFIRMED, NOON + timedelta(hours=3), "Dee Dunlap")
    withdrawn = replace(told, status=AlertStatus.NOT_CONFIRMED, answers=(*told.answers, later))
    lock = step_views(BARSTOW, withdrawn)[3].lock
    assert "did not confirm the record. Tell the units" in lock.reason


@pytest.mark.clause("B-466.9(b)")
def test_advising_in_progress_is_overtaken_only_when_the_answer_came_first() -> None:
    step = step_by_id(BARSTOW, PENDING)
    early = check_step(BARSTOW, facts(ASK), step, StepOutcome.OVERTAKEN)
    assert "can be overtaken" in early.reason
    answered = facts(ASK, answers=(ConfirmationResult.CONFIRMED,))
    assert check_step(BARSTOW, answered, step, StepOutcome.OVERTAKEN)
    assert "cannot be told any more" in check_step(BARSTOW, answered, step).reason
    assert not check_step(BARSTOW, answered, step_by_id(BARSTOW, DESCRIBE), StepOutcome.OVERTAKEN)


@pytest.mark.clause("B-466.9(e)")
def test_direction_is_updated_again_and_again_and_does_not_wait_for_the_answer() -> None:
    described = facts(ASK, PENDING, DESCRIBE)
    assert states(described) == ["DONE", "DONE", "DONE", "LOCKED", "OPEN"]
    updated = facts(ASK, PENDING, DESCRIBE, UPDATE)
    step = step_by_id(BARSTOW, UPDATE)
    assert check_step(BARSTOW, updated, step, seen=1)
    assert check_step(BARSTOW, updated, step, StepOutcome.NOT_POSSIBLE, seen=1)
    twice = check_step(BARSTOW, updated, step, seen=0)
    assert twice.reason == "Another update was recorded at 12:03 by Drew Dunn."


@pytest.mark.clause("B-466.9(c)")
def test_only_steps_asked_for_if_possible_can_be_impossible() -> None:
    refusal = check_step(
        BARSTOW, facts(ASK, PENDING), step_by_id(BARSTOW, DESCRIBE), StepOutcome.NOT_POSSIBLE
    )
    assert not refusal


def test_a_second_click_is_told_who_was_first_and_when() -> None:
    refusal = check_step(BARSTOW, facts(ASK), step_by_id(BARSTOW, ASK))
    assert refusal.reason == "Already done at 12:00 by Drew Dunn."


@pytest.mark.clause("B-466.9(a)", "B-466.4(f)")
def test_an_answer_that_an_officer_obtained_is_taken_before_dispatch_asked_and_shows_that_somebody_did() -> (
    None
):
    assert check_confirmation(BARSTOW, facts())
    answered = facts(answers=(ConfirmationResult.CONFIRMED,))
    assert states(answered) == ["DONE", "OPEN", "CURRENT", "OPEN", "LOCKED"]
    again = check_step(BARSTOW, answered, step_by_id(BARSTOW, ASK))
    assert again.reason == "CLETS was asked: Drew Dunn recorded its answer at 13:00."


@pytest.mark.clause("B-466.9(b)", "B-466.9(d)")
def test_what_units_were_told_and_what_clets_answered_wait_for_nothing_of_each_other() -> None:
    early = facts(ASK, answers=(ConfirmationResult.CONFIRMED,))
    assert check_step(BARSTOW, early, step_by_id(BARSTOW, VERIFIED))
    told = facts(ASK, PENDING, DESCRIBE)
    assert [one.at for one in told.times(step_by_id(BARSTOW, PENDING))] == [NOON + timedelta(minutes=1)]
    assert told.answer is None


@pytest.mark.clause("B-466.9(d)")
def test_no_answer_is_a_fact_that_decides_nothing() -> None:
    silent = facts(ASK, PENDING, DESCRIBE, answers=(ConfirmationResult.NO_ANSWER,))
    assert TRANSITIONS[AlertStatus.UNVERIFIED, ConfirmationResult.NO_ANSWER] is AlertStatus.UNVERIFIED
    assert states(silent)[3] == "LOCKED"
    assert check_confirmation(BARSTOW, silent, ConfirmationResult.NO_ANSWER, seen=1)
    assert check_step(
        BARSTOW, facts(ASK, answers=(ConfirmationResult.NO_ANSWER,)), step_by_id(BARSTOW, PENDING)
    )
    confirmed = facts(ASK, answers=(ConfirmationResult.CONFIRMED,))
    assert not check_confirmation(BARSTOW, confirmed, ConfirmationResult.NO_ANSWER, seen=1)


@pytest.mark.clause("B-466.9(e)")
def test_a_vehicle_seen_again_asks_for_an_update_until_units_are_told() -> None:
    told = facts(ASK, PENDING, DESCRIBE)
    seen_again = replace(told, sighted_at=NOON + timedelta(minutes=5))
    assert states(replace(told, sighted_at=NOON)) == ["DONE", "DONE", "DONE", "LOCKED", "OPEN"]
    assert states(seen_again)[4] == "CURRENT"
    update = Worked(UPDATE, StepOutcome.DONE, NOON + timedelta(minutes=6), "D", sighted_at=NOON)
    behind = replace(seen_again, worked=(*told.worked, update))
    assert step_views(BARSTOW, behind)[4].is_prompted
    of_it = replace(update, sighted_at=seen_again.sighted_at)
    assert not step_views(BARSTOW, replace(seen_again, worked=(*told.worked, of_it)))[4].is_prompted


def test_a_second_click_on_an_answer_is_refused_and_a_changed_one_is_not() -> None:
    confirmed = facts(ASK, answers=(ConfirmationResult.CONFIRMED,))
    again = check_confirmation(BARSTOW, confirmed, ConfirmationResult.CONFIRMED, seen=1)
    assert again.reason == "Already recorded at 13:00 by Drew Dunn: Confirmed: the record is active."
    assert not check_confirmation(BARSTOW, confirmed, ConfirmationResult.NOT_CONFIRMED, seen=0)
    assert check_confirmation(BARSTOW, confirmed, ConfirmationResult.NOT_CONFIRMED, seen=1)


def test_only_the_policys_channels_verify() -> None:
    assert check_channel(BARSTOW, "clets-terminal")
    assert "CLETS terminal" in check_channel(BARSTOW, "hearsay").remedy


@pytest.mark.clause("H-426.3(f)")
def test_a_policy_silent_on_dispatch_has_no_steps_but_still_verifies() -> None:
    assert step_views(HUNTINGTON_PARK, facts()) == ()
    assert check_confirmation(HUNTINGTON_PARK, facts())
    with pytest.raises(UnknownStep):
        step_by_id(HUNTINGTON_PARK, ASK)


@pytest.mark.parametrize(
    ("profile", "clause"),
    [
        pytest.param(BARSTOW, "B-466.4(f)", marks=pytest.mark.clause("B-466.4(f)")),
        pytest.param(HUNTINGTON_PARK, "H-426.3(f)", marks=pytest.mark.clause("H-426.3(f)")),
    ],
    ids=["Barstow", "Huntington Park"],
)
def test_enforcement_on_an_unverified_alert_asks_why_and_is_never_blocked(
    profile: Profile, clause: str
) -> None:
    refusal = check_disposition(profile, facts(), "arrest")
    assert (bool(refusal), refusal.clause) == (False, clause)
    assert "state why verification was not practicable" in refusal.remedy
    assert not check_disposition(profile, facts(), "arrest", not_practicable_reason="   ")
    assert check_disposition(profile, facts(), "arrest", not_practicable_reason="CLETS is down")
    verified = facts(ASK, answers=(ConfirmationResult.CONFIRMED,))
    assert check_disposition(profile, verified, "arrest")


def test_a_policy_that_demands_verification_takes_no_excuse() -> None:
    rule = msgspec.structs.replace(BARSTOW.verification.before_enforcement, value=Strength.SHALL)
    strict = msgspec.structs.replace(
        BARSTOW, verification=msgspec.structs.replace(BARSTOW.verification, before_enforcement=rule)
    )
    assert not check_disposition(strict, facts(), "arrest", not_practicable_reason="CLETS is down")


def test_what_is_for_information_only_ends_with_no_enforcement_verified_or_not() -> None:
    verified = facts(ASK, answers=(ConfirmationResult.CONFIRMED,))
    for alert in (facts(), verified):
        refusal = check_disposition(
            BARSTOW, replace(alert, category="gang"), "arrest", not_practicable_reason="CLETS is down"
        )
        assert (bool(refusal), refusal.clause) == (False, "B-466.3")
        assert "Alerts of its category are for information only" in refusal.reason
        assert "Gang" not in str(refusal)
        assert check_disposition(BARSTOW, replace(alert, category="gang"), "not-located")
    for category in ("", "vehicle", "no-longer-in-the-policy"):
        assert check_disposition(BARSTOW, replace(verified, category=category), "arrest")


def test_a_policy_that_says_nothing_of_a_categorys_use_limits_it_by_nothing() -> None:
    verified = replace(facts(answers=(ConfirmationResult.CONFIRMED,)), category="gang")
    assert check_disposition(HUNTINGTON_PARK, verified, "arrest")


def test_mistakes_are_closed_with_a_note_and_unknown_codes_not_at_all() -> None:
    assert not check_disposition(BARSTOW, facts(), "misread")
    assert check_disposition(BARSTOW, facts(), "misread", note="The third character is a B")
    assert "Choose one of" in check_disposition(BARSTOW, facts(), "went-home").remedy


def test_nothing_is_recorded_on_a_closed_alert() -> None:
    closed = replace(facts(ASK), status=AlertStatus.CLOSED, closing=Closing("arrest", NOON, "Drew Dunn"))
    reasons = {
        check_step(BARSTOW, closed, step_by_id(BARSTOW, PENDING)).reason,
        check_confirmation(BARSTOW, closed).reason,
        check_disposition(BARSTOW, closed, "not-located").reason,
    }
    assert reasons == {"This alert was closed at 12:00 by Drew Dunn: Arrest."}
    asked, *others = step_views(BARSTOW, closed)
    assert asked.state is StepState.DONE
    assert {view.state for view in others} == {StepState.LEFT}


class WorkingAnAlert(RuleBasedStateMachine):
    """Anybody clicks anything at any time; what the rules let through is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.alert = AlertFacts()
        self.now = NOON

    @rule(step=st.sampled_from(dispatch_steps(BARSTOW)), outcome=st.sampled_from(StepOutcome))
    def work(self, step: object, outcome: StepOutcome) -> None:
        self.now += timedelta(minutes=1)
        if check_step(BARSTOW, self.alert, step, outcome):  # type: ignore[arg-type]  # Hypothesis hands objects
            done = Worked(step.id, outcome, self.now, "Drew Dunn")  # type: ignore[attr-defined]  # the same
            self.alert = replace(self.alert, worked=(*self.alert.worked, done))

    @rule(result=st.sampled_from(ConfirmationResult))
    def answer(self, result: ConfirmationResult) -> None:
        self.now += timedelta(minutes=1)
        if check_confirmation(BARSTOW, self.alert, result, seen=len(self.alert.answers)):
            self.alert = replace(
                self.alert,
                status=TRANSITIONS[self.alert.status, result],
                answers=(*self.alert.answers, Answer(result, self.now, "Drew Dunn")),
            )

    @rule(code=st.sampled_from(["arrest", "not-located"]), why=st.sampled_from(["", "CLETS is down"]))
    def close(self, code: str, why: str) -> None:
        self.now += timedelta(minutes=1)
        if check_disposition(BARSTOW, self.alert, code, not_practicable_reason=why):
            assert code != "arrest" or why or self.alert.status is AlertStatus.VERIFIED
            self.alert = replace(
                self.alert,
                status=TRANSITIONS[self.alert.status, DISPOSED],
                closing=Closing(code, self.now, "Drew Dunn"),
            )

    @invariant()
    def verified_means_confirmed(self) -> None:
        if self.alert.status is AlertStatus.VERIFIED:
            assert self.alert.answers[-1].result is ConfirmationResult.CONFIRMED
        for one in self.alert.worked:
            if one.step == VERIFIED:
                assert any(
                    a.result is ConfirmationResult.CONFIRMED and a.at < one.at for a in self.alert.answers
                )

    @invariant()
    def order_is_kept(self) -> None:
        first = {}
        # That the answer overtook a step is said at any time after it.
        done = [one for one in self.alert.worked if one.outcome is not StepOutcome.OVERTAKEN]
        for place, one in enumerate(done):
            first.setdefault(one.step, place)
        waiting_for_nothing = [first.get(step) for step in (ASK, PENDING, DESCRIBE, UPDATE)]
        begun = [place for place in waiting_for_nothing if place is not None]
        assert begun == sorted(begun)
        assert self.alert.answers or waiting_for_nothing[: len(begun)] == begun

    @invariant()
    def at_most_one_step_is_next(self) -> None:
        views = step_views(BARSTOW, self.alert)
        assert sum(view.state is StepState.CURRENT for view in views) <= 1
        assert all(view.lock.reason for view in views if view.state is StepState.LOCKED)
        assert self.alert.closing is None or not any(view.offers for view in views)


TestWorkingAnAlert = WorkingAnAlert.TestCase
TestWorkingAnAlert.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)

"""Who may do what with a proposed version, and when an adopted one begins to decide."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.governance.rules import TRANSITIONS, Act, DraftFacts, DraftState, decide, effective_at
from plateward.policy import PersonFact, Profile, join_documents, load_profile

FOLDER = Path(__file__).parents[3] / "policies" / "barstow-pd"
PROFILE = load_profile(
    join_documents(*((FOLDER / name).read_bytes() for name in ("profile.yaml", "clauses.yaml")))
)
COMMANDER = PersonFact("1", "captain", frozenset({"administrative-division-commander"}))
SUCCESSOR = PersonFact("2", "lieutenant", frozenset({"administrative-division-commander"}))
CHIEF = PersonFact("3", "chief-of-police")
OFFICER = PersonFact("4", "patrol-officer")
WAITING = DraftFacts(DraftState.PROPOSED, proposer="1")
MADE = (act for act in Act if act is not Act.PROPOSE)
NOON = datetime(2026, 11, 22, 20, tzinfo=UTC)


@pytest.mark.clause("B-466.3¶2", "B-466.3.1")
@pytest.mark.parametrize(
    ("act", "person", "allowed", "said"),
    [
        (Act.ADOPT, CHIEF, True, "Chief of Police"),
        (Act.ADOPT, SUCCESSOR, True, "Administrative Division Commander"),
        (Act.ADOPT, COMMANDER, False, "takes two people"),
        (Act.ADOPT, OFFICER, False, "may not put a proposed version"),
        (Act.REFUSE, CHIEF, True, "Chief of Police"),
        (Act.REFUSE, COMMANDER, False, "takes two people"),
        (Act.WITHDRAW, COMMANDER, True, "may propose"),
        (Act.WITHDRAW, SUCCESSOR, False, "Only the person who proposed"),
        (Act.WITHDRAW, CHIEF, False, "may not propose"),
    ],
)
def test_proposer_withdraws_and_somebody_else_decides(
    act: Act, person: PersonFact, *, allowed: bool, said: str
) -> None:
    decision = decide(act, PROFILE, WAITING, person)
    assert decision.allowed is allowed
    assert said in decision.reason
    assert decision.clause.startswith("B-466.")
    assert decision.allowed or decision.remedy


@given(
    st.sampled_from([state for state in DraftState if state is not DraftState.PROPOSED]),
    st.sampled_from(list(MADE)),
    st.sampled_from([COMMANDER, CHIEF, SUCCESSOR]),
)
def test_what_has_ended_stays_as_it_is(state: DraftState, act: Act, person: PersonFact) -> None:
    decision = decide(act, PROFILE, DraftFacts(state, "1"), person)
    assert not decision
    assert "only a waiting one" in decision.reason


@given(st.text(min_size=1, max_size=3), st.sampled_from(["captain", "chief-of-police", "patrol-officer"]))
def test_nobody_ever_decides_on_their_own_proposal(person: str, title: str) -> None:
    somebody = PersonFact(person, title, frozenset({"administrative-division-commander"}))
    own = DraftFacts(DraftState.PROPOSED, person)
    assert not decide(Act.ADOPT, PROFILE, own, somebody)
    assert not decide(Act.REFUSE, PROFILE, own, somebody)


def test_every_state_but_the_waiting_one_is_an_end() -> None:
    assert {t.source for t in TRANSITIONS} == {None, DraftState.PROPOSED}
    assert {t.target for t in TRANSITIONS} == set(DraftState)


def dated(day: date) -> Profile:
    return msgspec.structs.replace(PROFILE, effective_date=day)


@pytest.mark.parametrize(
    ("day", "is_first", "begins"),
    [
        (date(2026, 12, 1), False, datetime(2026, 12, 1, 8, tzinfo=UTC)),  # midnight in Barstow
        (date(2026, 7, 1), False, NOON),
        (date(2026, 11, 22), False, NOON),
        (date(2026, 12, 1), True, NOON),
    ],
)
def test_a_version_begins_with_its_day_never_before_its_adoption_and_the_first_at_once(
    day: date, *, is_first: bool, begins: datetime
) -> None:
    assert effective_at(dated(day), NOON, is_first=is_first) == begins


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), is_first=st.booleans())
def test_no_version_begins_before_it_was_adopted(day: date, *, is_first: bool) -> None:
    begins = effective_at(dated(day), NOON, is_first=is_first)
    assert begins >= NOON
    assert begins - NOON <= max(timedelta(0), timedelta(days=(day - NOON.date()).days + 1))

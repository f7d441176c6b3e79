"""Account states, who acts on accounts, what activation needs, and the locks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.accounts import rules
from plateward.accounts.rules import AccountFacts, AccountState, Act
from plateward.policy import CertificationFact, PersonFact, Profile, load_profile
from plateward.policy.clearance import ClearanceFact, cleared

POLICIES = Path(__file__).parents[3] / "policies"
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def load(agency: str) -> Profile:
    folder = POLICIES / agency
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


BARSTOW, HUNTINGTON_PARK = load("barstow-pd"), load("huntington-park-pd")
COLE = PersonFact("cole", "captain", frozenset({"administrative-division-commander"}))
IMANI = PersonFact("imani", "it-manager", frozenset({"it-manager"}))
CHEN = PersonFact("chen", "chief-of-police", frozenset({"chief-of-police"}))
HAYES = PersonFact("hayes", "captain", frozenset({"administration-division-commander"}))
HURST = PersonFact("hurst", "it-manager", frozenset({"it-manager"}))


def facts(state: AccountState = AccountState.PENDING, **changes: object) -> AccountFacts:
    complete = {
        "certifications": (CertificationFact("alpr-basic", date(2026, 11, 1)),),
        "clearance": ClearanceFact(True, date(2026, 10, 1)),
        "approved": True,
        "agreed": True,
    }
    return AccountFacts(id="ruiz", title="patrol-officer", state=state, **(complete | changes))  # type: ignore[arg-type]  # told apart by name


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", AccountState)
def test_each_act_is_open_in_its_own_states_only(state: AccountState, act: Act) -> None:
    sources = next(t.sources for t in rules.TRANSITIONS if t.act is act)
    of_partner = act is Act.REOPEN
    assert rules.may_move(facts(state, is_partner=of_partner), act).allowed == (state in sources)


@pytest.mark.parametrize("state", AccountState)
def test_no_account_of_the_agencys_own_is_opened_again_without_new_papers(state: AccountState) -> None:
    refused = rules.may_move(facts(state), Act.REOPEN)
    assert not refused
    assert refused.remedy == "Reactivate or reinstate it under People."


@given(st.lists(st.sampled_from([act for act in Act if act is not Act.CREATE]), max_size=12))
def test_no_way_leads_from_deactivated_to_active_but_through_pending(acts: list[Act]) -> None:
    state, been = AccountState.PENDING, [AccountState.PENDING]
    for act in acts:
        if rules.may_move(facts(state), act):
            state = rules.target_of(act)
            been.append(state)
    pairs = list(pairwise(been))
    assert (AccountState.DEACTIVATED, AccountState.ACTIVE) not in pairs


@pytest.mark.clause("B-466.10-accounts", "H-426.2¶2")
def test_only_the_named_positions_create_accounts() -> None:
    assert rules.may_create(BARSTOW, COLE)
    assert rules.may_create(BARSTOW, IMANI)
    refused = rules.may_create(BARSTOW, CHEN)
    assert not refused
    assert refused.clause == "B-466.10-accounts"
    assert refused.remedy == "Ask the Administrative Division Commander or I.T. Manager."
    assert rules.may_create(HUNTINGTON_PARK, HAYES)
    assert rules.may_create(HUNTINGTON_PARK, HURST).local_decision == "account-creators"
    assert not rules.may_create(HUNTINGTON_PARK, HURST)


@pytest.mark.clause("B-466.10-permissions", "H-426.2¶2")
def test_only_the_permission_assigner_decides_and_never_on_themselves() -> None:
    assert rules.may_assign(BARSTOW, COLE, "ruiz")
    assert rules.may_assign(BARSTOW, IMANI, "ruiz").clause == "B-466.10-permissions"
    assert not rules.may_assign(BARSTOW, IMANI, "ruiz")
    assert not rules.may_assign(BARSTOW, COLE, "cole")
    assert rules.may_assign(HUNTINGTON_PARK, HAYES, "hart")


def test_nobody_manages_their_own_account() -> None:
    assert rules.may_manage(BARSTOW, COLE, "ruiz")
    assert not rules.may_manage(BARSTOW, COLE, "cole")


@pytest.mark.clause("B-466.10")
@pytest.mark.parametrize(
    ("missing", "clause"),
    [
        ({"approved": False}, "B-466.10-permissions"),
        ({"clearance": None}, "B-466.10"),
        ({"agreed": False}, "CJIS PS-6"),
        ({"certifications": ()}, "B-466.4(d)"),
    ],
)
def test_activation_needs_everything_on_file(missing: dict[str, object], clause: str) -> None:
    assert rules.ready(BARSTOW, facts(), TODAY)
    refused = rules.ready(BARSTOW, facts(**missing), TODAY)
    assert not refused
    assert refused.clause == clause
    assert refused.remedy


@pytest.mark.clause("B-466.10")
@pytest.mark.parametrize(
    ("fact", "counts"),
    [
        (None, False),
        (ClearanceFact(True, date(2026, 11, 22)), True),
        (ClearanceFact(True, date(2026, 11, 23)), False),
        (ClearanceFact(True, date(2026, 1, 1), date(2026, 11, 22)), True),
        (ClearanceFact(True, date(2026, 1, 1), date(2026, 11, 21)), False),
        (ClearanceFact(False, date(2026, 1, 1)), False),
    ],
)
def test_clearance_counts_until_its_last_day(fact: ClearanceFact | None, *, counts: bool) -> None:
    decision = cleared(BARSTOW, fact, TODAY)
    assert decision.allowed == counts
    assert decision.clause == "B-466.10"
    silent = cleared(HUNTINGTON_PARK, fact, TODAY)
    assert (silent.allowed, silent.reason) == (True, "This policy demands no security clearance.")


@pytest.mark.clause("B-466.6(e)")
def test_violation_demands_training_since_the_suspension() -> None:
    suspended = facts(AccountState.SUSPENDED, retrain_since=date(2026, 11, 10))
    refused = rules.ready(BARSTOW, suspended, TODAY)
    assert "Retraining is required since" in refused.reason
    again = (CertificationFact("alpr-basic", date(2026, 11, 10)),)
    assert rules.ready(BARSTOW, facts(retrain_since=date(2026, 11, 10), certifications=again), TODAY)


@pytest.mark.parametrize(
    ("minutes", "locks"), [((0, 3, 6, 9, 14), True), ((0, 3, 6, 9), False), ((0, 3, 6, 9, 15), False)]
)
def test_five_failures_within_fifteen_minutes_lock(minutes: tuple[int, ...], *, locks: bool) -> None:
    assert rules.locks_account([NOW - timedelta(minutes=m) for m in minutes], NOW) == locks


def test_session_locks_after_half_an_hour_and_one_time_passwords_end() -> None:
    assert not rules.is_idle(NOW - timedelta(minutes=29, seconds=59), NOW)
    assert rules.is_idle(NOW - timedelta(minutes=30), NOW)
    assert rules.opens(None, NOW)
    assert rules.opens(NOW + timedelta(seconds=1), NOW)
    assert not rules.opens(NOW, NOW)

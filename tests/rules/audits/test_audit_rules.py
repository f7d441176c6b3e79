"""Who audits, what is drawn, when the next audit is due."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.audits import rules
from plateward.audits.kinds import CheckKind
from plateward.audits.rules import FindingAct, FindingState
from plateward.policy import PersonFact, Profile
from plateward.policy.oversight import AuditScope
from tests.rules.policy.shipped import profile_of

AT = datetime(2026, 3, 2, 18, tzinfo=UTC)
NUMBERS = st.sets(st.integers(1, 10**9), max_size=60)


@pytest.fixture(scope="module")
def barstow() -> Profile:
    return profile_of("barstow-pd")


@pytest.fixture(scope="module")
def huntington_park() -> Profile:
    return profile_of("huntington-park-pd")


def person(id_: str, *positions: str) -> PersonFact:
    return PersonFact(id_, "captain", frozenset(positions))


@pytest.mark.clause("B-466.6(c)")
def test_barstow_is_audited_each_quarter_by_its_commander_and_late_ones_go_to_the_chief(
    barstow: Profile,
) -> None:
    assert rules.due_at(barstow, AT) == datetime(2026, 6, 2, 17, tzinfo=UTC)  # the same local time in summer
    assert rules.auditing_positions(barstow) == ("administrative-division-commander", "chief-of-police")
    assert rules.position_above(barstow) == "chief-of-police"
    assert rules.may_audit(barstow, person("1", "administrative-division-commander"))
    refused = rules.may_audit(barstow, person("2", "operations-division-commander"))
    assert (refused.allowed, refused.clause) == (False, "B-466.6(c)")


@pytest.mark.clause("H-426.5(c)")
def test_huntington_park_must_choose_when_and_by_whom(huntington_park: Profile) -> None:
    assert rules.due_at(huntington_park, AT) is None
    assert rules.auditing_positions(huntington_park) == ()
    assert "how often audits are made" in rules.unsaid(huntington_park)
    assert rules.may_audit(huntington_park, person("1"))


@pytest.mark.clause("B-466.6(c)", "H-426.5(c)")
def test_nobody_judges_a_search_of_their_own(barstow: Profile, huntington_park: Profile) -> None:
    for profile in (barstow, huntington_park):
        auditor = person("1", "administrative-division-commander")
        assert not rules.may_mark(profile, auditor, "1")
        assert rules.may_mark(profile, auditor, "2")


@given(NUMBERS, NUMBERS, st.integers(0, 20), st.integers(0, 20))
def test_a_draw_is_the_same_in_any_order_and_takes_nobody_twice(
    all_: set[int], some: set[int], random: int, risk: int
) -> None:
    at_risk = sorted(all_ & some)
    drawn = rules.sample("seed", sorted(all_), at_risk, random, risk)
    assert drawn == rules.sample("seed", sorted(all_, reverse=True), at_risk[::-1], random, risk)
    assert len(drawn.random) == min(random, len(all_))
    assert not set(drawn.random) & set(drawn.risk)
    assert set(drawn.risk) <= set(at_risk)
    assert len(drawn.risk) == min(risk, len(set(at_risk) - set(drawn.random)))


def test_every_root_gives_another_seed() -> None:
    assert rules.seed_of("barstow-pd", AT, b"\1" * 32) != rules.seed_of("barstow-pd", AT, b"\2" * 32)


def test_a_finding_is_closed_only_after_it_was_resolved() -> None:
    assert rules.finding_target(FindingAct.PASSED, FindingState.OPEN) is None
    assert rules.finding_target(FindingAct.FAILED, FindingState.RESOLVED) is FindingState.OPEN
    assert rules.finding_target(FindingAct.PASSED, FindingState.RESOLVED) is FindingState.CLOSED


def test_both_scopes_have_checks_and_a_day_ends_in_the_agencys_zone() -> None:
    assert {kind.scope for kind in CheckKind} == set(AuditScope)
    end = rules.end_of(date(2026, 3, 2), "America/Los_Angeles")
    assert end.astimezone(UTC).date() == date(2026, 3, 3)

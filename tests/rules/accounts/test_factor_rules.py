"""Codes, freshness, and when a password must be changed."""

from datetime import UTC, datetime, timedelta

import pytest

from plateward.accounts import factor_rules as rules

NOW = datetime(2026, 11, 22, 12, 0, 15, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code_at(step: int) -> str:
    return f"{step % 1_000_000:06d}"


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_opens_within_a_step_of_the_clock(steps: int, *, opens: bool) -> None:
    accepted = rules.accepted_step(code_at(STEP + steps), code_at, NOW, used=0)
    assert accepted == (STEP + steps if opens else None)


def test_a_code_opens_once_and_none_before_it_does_afterwards() -> None:
    assert rules.accepted_step(code_at(STEP), code_at, NOW, used=STEP) is None
    assert rules.accepted_step(code_at(STEP - 1), code_at, NOW, used=STEP) is None
    assert rules.accepted_step(code_at(STEP + 1), code_at, NOW, used=STEP) == STEP + 1


@pytest.mark.parametrize(
    ("before", "after", "counts"), [(4, 5, True), (5, 5, False), (6, 5, False), (0, 0, True)]
)
def test_a_key_whose_counter_does_not_go_up_is_a_copy(before: int, after: int, *, counts: bool) -> None:
    assert rules.counted_on(before, after) is counts


def test_a_privileged_form_opens_for_fifteen_minutes_and_may_be_sent_for_thirty_more() -> None:
    def fresh(minutes: int, *, is_sent: bool) -> bool:
        return rules.is_fresh(NOW - timedelta(minutes=minutes), NOW, is_sent=is_sent)

    assert fresh(14, is_sent=False)
    assert not fresh(15, is_sent=False)
    assert fresh(44, is_sent=True)
    assert not fresh(45, is_sent=True)


def test_without_a_factor_an_account_opens_for_as_long_as_it_was_given() -> None:
    assert rules.may_enroll(NOW + timedelta(seconds=1), NOW)
    assert not rules.may_enroll(NOW, NOW)
    assert not rules.may_enroll(None, NOW)


def test_a_password_is_compared_each_quarter_and_whenever_the_list_changed() -> None:
    assert rules.must_compare(None, "", "2", NOW)
    assert not rules.must_compare(NOW - timedelta(days=89), "2", "2", NOW)
    assert rules.must_compare(NOW - timedelta(days=90), "2", "2", NOW)
    assert rules.must_compare(NOW, "1", "2", NOW)


def test_a_password_is_changed_when_it_was_issued_listed_or_a_year_old() -> None:
    def why(*, one_time: bool = False, fault: str = "", days: int = 0) -> str:
        return rules.why_change(
            is_one_time=one_time, fault=fault, changed_at=NOW - timedelta(days=days), now=NOW
        )

    assert why(days=364) == ""
    assert "a year old" in why(days=365)
    assert "It is on the list." in why(fault="It is on the list.")
    assert "counts once" in why(one_time=True, days=400)


def test_factors_have_names_of_their_own_and_are_ten_at_most() -> None:
    assert rules.name_problem("Phone", ["Key"]) == ""
    assert "another name" in rules.name_problem("phone", ["Phone"])
    assert "the most" in rules.name_problem("Phone", [f"Key {number}" for number in range(10)])

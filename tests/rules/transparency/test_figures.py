"""Monthly figures: what is counted, what is left out so that nobody can be worked out."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.transparency import figures
from plateward.transparency.figures import Row
from tests.rules.policy.shipped import profile_of

MISREAD = figures.misread_codes(profile_of("barstow-pd"))
PARTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 40), max_size=6)


def search(subject: str, purpose: str = "stolen-plate") -> Row:
    return Row("audit.access.recorded", subject, {"purpose": purpose})


def test_a_search_counts_once_however_many_pages_of_it_were_seen() -> None:
    pages = [search(f"search.Search:{one}") for one in (1, 1, 2)]
    assert figures.counted([*pages, search("reads.Read:9")]).parts["searches"] == {"stolen-plate": 2}


def test_refusals_are_told_by_clause_and_ends_of_alerts_by_how() -> None:
    rows = [
        Row("governance.access.refused", "", {"clause": "B-466.4(d)"}),
        Row("governance.access.refused", "", {}),
        Row("alerts.alert.closed", "", {"disposition": "misread"}),
    ]
    found = figures.counted(rows)
    assert found.parts["refusals"] == {"B-466.4(d)": 1, "no clause": 1}
    assert found.parts["dispositions"] == {"misread": 1}


@given(PARTS)
def test_no_part_left_out_can_be_worked_out(parts: dict[str, int]) -> None:
    told = figures.with_parts(parts)
    out = [name for name, number in told["parts"].items() if number is None]
    assert all(number in {None, parts[name]} for name, number in told["parts"].items())
    assert not [number for number in told["parts"].values() if number is not None and 0 < number < 5]
    if told["total"] is None:
        assert out == sorted(parts)
    elif out:  # two ways at least to make up what is left out: none is nothing, and not all are one
        together = sum(parts[name] for name in out)
        assert len(out) > 1
        assert together > len(out)
        assert together >= 5


@pytest.mark.parametrize(
    ("parts", "total", "out"),
    [
        ({"a": 1, "b": 1, "c": 9, "d": 20}, 31, {"a", "b", "c"}),  # two of one would be worked out
        ({"a": 3, "b": 9, "c": 20}, 32, {"a", "b"}),
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}, None, {"a", "b", "c", "d", "e"}),
        ({"a": 9}, 9, set()),
        ({}, 0, set()),
    ],
)
def test_what_is_left_out_with_the_small_ones(
    parts: dict[str, int], total: int | None, out: set[str]
) -> None:
    told = figures.with_parts(parts)
    assert told["total"] == total
    assert {name for name, number in told["parts"].items() if number is None} == out


@pytest.mark.parametrize(
    ("ends", "misreads"),
    [
        ({"misread": 7, "arrest": 3, "not-located": 40}, None),  # it would tell of the arrests
        ({"misread": 7, "arrest": 8}, 7),
        ({"arrest": 8}, 0),
        ({"misread": 2}, None),
    ],
)
def test_misreads_tell_of_no_end_that_is_left_out(ends: dict[str, int], misreads: int | None) -> None:
    rows = [Row("alerts.alert.closed", "", {"disposition": end}) for end in ends for _ in range(ends[end])]
    assert figures.published(figures.counted(rows), MISREAD)["misreads"] == misreads


def test_nothing_is_told_as_nothing_and_a_few_are_left_out() -> None:
    assert [figures.shown(number) for number in (0, 1, 4, 5)] == [0, None, None, 5]


def test_a_month_is_the_agencys_own_over_the_change_of_clocks_and_the_year() -> None:
    zone = ZoneInfo("America/Los_Angeles")
    first, end = figures.bounds(date(2026, 3, 1), zone)
    assert first.astimezone(UTC) == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 4, 1, 7, tzinfo=UTC)
    assert figures.following(date(2026, 12, 1)) == date(2027, 1, 1)
    assert figures.before(date(2026, 1, 1)) == date(2025, 12, 1)


def test_numbers_of_things_are_always_shown() -> None:
    told = figures.published(figures.counted([Row("audits.audit.signed", "", {})]), MISREAD)
    assert (told["audits_signed"], told["violations_reported"]) == (1, 0)

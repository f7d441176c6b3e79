"""Monthly figures: what is counted, what is left out so that nobody can be worked out."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

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
    found = figures.counted(
        [
            search("search.Search:1"),
            search("search.Search:1"),
            search("search.Search:2"),
            search("reads.Read:9"),
        ],
        MISREAD,
    )
    assert (found.totals["searches"], found.parts["searches"]) == (2, {"stolen-plate": 2})


def test_refusals_are_told_by_clause_and_misreads_by_what_the_policy_calls_so() -> None:
    rows = [
        Row("governance.access.refused", "", {"clause": "B-466.4(d)"}),
        Row("governance.access.refused", "", {}),
        Row("alerts.alert.closed", "", {"disposition": "misread"}),
        Row("alerts.alert.closed", "", {"disposition": "arrest"}),
    ]
    found = figures.counted(rows, MISREAD)
    assert found.parts["refusals_by_clause"] == {"B-466.4(d)": 1, "no clause": 1}
    assert (found.totals["dispositions"], found.totals["misreads"]) == (2, 1)


@given(PARTS)
def test_no_part_left_out_can_be_worked_out(parts: dict[str, int]) -> None:
    total = sum(parts.values())
    told = figures.shown_parts(total, parts)
    out = [name for name, number in told.items() if number is None]
    assert all(parts[name] == number for name, number in told.items() if number is not None)
    assert not [name for name, number in told.items() if number is not None and 0 < number < 5]
    if figures.shown(total) is None:
        assert len(out) == len(parts)
    elif len(out) == 1:  # then nothing else is there that could go with it
        assert parts[out[0]] == total


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
    told = figures.published(figures.counted([Row("audits.audit.signed", "", {})], MISREAD))
    assert (told["audits_signed"], told["violations_reported"]) == (1, 0)

"""What checked reads say of a device: numbers with what they are of, by month and by pair of characters."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from plateward.devices.accuracy import Checked, accuracy_of

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def checked(at: datetime, *pairs: str, wrong_state: bool = False) -> Checked:
    return Checked(captured_at=at, is_misread=bool(pairs), is_wrong_state=wrong_state, pairs=pairs)


def test_nothing_checked_is_not_known_and_not_zero_percent() -> None:
    accuracy = accuracy_of([], {date(2026, 11, 1): 900}, UTC)
    assert accuracy.tally.misread_share is None
    assert accuracy.months[0].unchecked == 900


def test_shares_are_of_the_checked_reads_only() -> None:
    at = datetime(2026, 11, 5, 12, tzinfo=UTC)
    accuracy = accuracy_of(
        [checked(at), checked(at, "8/B"), checked(at, wrong_state=True), checked(at)], {}, UTC
    )
    assert (accuracy.tally.misread_share, accuracy.tally.wrong_state_share) == (0.25, 0.25)
    assert accuracy.months[0].reads is None


def test_months_are_the_agencys_and_the_newest_comes_first() -> None:
    late_october = datetime(2026, 11, 1, 5, tzinfo=UTC)  # still October in California
    accuracy = accuracy_of([checked(late_october)], {date(2026, 11, 1): 10}, LOS_ANGELES)
    assert [month.first for month in accuracy.months] == [date(2026, 11, 1), date(2026, 10, 1)]
    assert accuracy.months[1].tally.checked == 1


def test_pairs_are_counted_the_most_frequent_first() -> None:
    at = datetime(2026, 11, 5, 12, tzinfo=UTC)
    accuracy = accuracy_of([checked(at, "O/0"), checked(at, "8/B", "O/0")], {}, UTC)
    assert accuracy.pairs == (("O/0", 2), ("8/B", 1))

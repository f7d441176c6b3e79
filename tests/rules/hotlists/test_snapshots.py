"""What was committed between two snapshots is known without looking at a row of what still runs."""

import pytest

from plateward.hotlists.snapshots import committed_between


@pytest.mark.parametrize(
    ("earlier", "later", "spans"),
    [
        ("100:100:", "100:100:", []),
        ("100:100:", "104:104:", [(99, 104)]),
        ("100:105:100,103", "103:105:103", [(99, 101)]),
        ("100:105:100", "101:101:", [(99, 101)]),
        ("100:105:100", "100:109:100,106", [(104, 106), (106, 109)]),
        ("100:105:100", "100:107:100,105,106", []),
    ],
    ids=(
        "nothing",
        "begun since",
        "ran then",
        "ran then, and nothing begun",
        "but for running ones",
        "all run",
    ),
)
def test_spans_hold_what_was_committed_since_and_nothing_that_runs(
    earlier: str, later: str, spans: list[tuple[int, int]]
) -> None:
    assert committed_between(earlier, later) == spans


def test_every_transaction_that_only_the_later_snapshot_sees_lies_in_one_span() -> None:
    earlier, later = "90:101:90,92,97", "92:120:92,101,110,119"
    seen_then = {*range(90, 101)} - {90, 92, 97}
    seen_now = {*range(90, 120)} - {92, 101, 110, 119}
    found = [one for after, before in committed_between(earlier, later) for one in range(after + 1, before)]
    assert sorted(found) == sorted(seen_now - seen_then)

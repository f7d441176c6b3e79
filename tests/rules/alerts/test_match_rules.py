"""How much a hit is doubted, and when it is late."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from plateward.alerts.match_rules import doubt, is_late
from plateward.plates import compare
from plateward.policy import Param, Profile, load_profile

FOLDER = Path(__file__).parents[3] / "policies" / "barstow-pd"
BARSTOW = load_profile((FOLDER / "profile.yaml").read_bytes(), (FOLDER / "clauses.yaml").read_bytes())
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def silent_on(name: str) -> Profile:
    rules = msgspec.structs.replace(BARSTOW.dispatch, **{name: Param(silent=True)})
    return msgspec.structs.replace(BARSTOW, dispatch=rules)


def of(read: str, entry: str, *, other_state: str = "", confidence: float | None = None) -> int:
    return doubt(BARSTOW, compare(read, entry), other_state=other_state, confidence=confidence)


def test_each_look_alike_counts_then_a_partial_plate_then_another_state() -> None:
    order = [
        of("8BC123", "8BC123"),
        of("8BC123", "BBC123"),
        of("88C123", "BBC123"),
        of("8BC123", "?BC1*"),
        of("8BC123", "8BC123", other_state="US-NV"),
    ]
    assert order == sorted(set(order))


def test_a_confidence_below_the_profiles_is_doubted_and_an_unknown_one_is_not() -> None:
    assert of("8BC123", "8BC123", confidence=0.79) == 1
    assert of("8BC123", "8BC123", confidence=0.80) == of("8BC123", "8BC123", confidence=None) == 0
    silent = silent_on("unsure_below")
    assert doubt(silent, compare("8BC123", "8BC123"), other_state="", confidence=0.1) == 0


@pytest.mark.clause("B-466.9(c)")
@pytest.mark.parametrize(
    ("minutes", "said_late", "late"), [(9, False, False), (10, False, True), (0, True, True)]
)
def test_a_read_is_late_by_the_profiles_time_or_its_senders_word(
    *, minutes: int, said_late: bool, late: bool
) -> None:
    came_at = NOON + timedelta(minutes=minutes)
    assert is_late(BARSTOW, captured_at=NOON, received_at=came_at, said_late=said_late) is late


def test_where_no_time_is_set_only_its_sender_calls_a_read_late() -> None:
    silent = silent_on("late_after")
    a_day_on = NOON + timedelta(days=1)
    assert not is_late(silent, captured_at=NOON, received_at=a_day_on, said_late=False)
    assert is_late(silent, captured_at=NOON, received_at=NOON, said_late=True)

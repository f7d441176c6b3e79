"""States of windows and emergencies, without a database."""

from datetime import UTC, datetime, timedelta

from plateward.control.rules import (
    EmergencyState,
    WindowState,
    emergency_reason_problem,
    emergency_state,
    window_state,
)

NOW = datetime(2026, 11, 22, 11, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_window_is_open_from_its_beginning_until_its_end_or_its_closing() -> None:
    assert window_state(NOW + HOUR, NOW + 2 * HOUR, None, NOW) is WindowState.PLANNED
    assert window_state(NOW, NOW + HOUR, None, NOW) is WindowState.OPEN
    assert window_state(NOW - HOUR, NOW, None, NOW) is WindowState.CLOSED
    assert window_state(NOW, NOW + HOUR, NOW, NOW) is WindowState.CLOSED


def test_an_emergency_is_unreviewed_until_somebody_reviewed_it() -> None:
    assert emergency_state(NOW + HOUR, None, NOW) is EmergencyState.ACTIVE
    assert emergency_state(NOW, None, NOW) is EmergencyState.UNREVIEWED
    assert emergency_state(NOW, NOW, NOW) is EmergencyState.REVIEWED


def test_a_word_is_no_reason() -> None:
    assert "20 characters" in emergency_reason_problem("urgent            ")
    assert emergency_reason_problem("Abducted child, suspect's car seen.") == ""

"""What a notice is, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plateward.notices.rules import (
    TRANSITIONS,
    Addressee,
    NoticeState,
    is_overdue,
    state_of,
    to_person,
    to_position,
)

NOW = datetime(2026, 11, 22, 11, 14, tzinfo=UTC)
ORTIZ = UUID(int=7)


def test_a_notice_waits_for_one_person_or_one_position() -> None:
    assert to_person(ORTIZ, "Olivia Ortiz").user_id == ORTIZ
    assert to_position("watch-commander").name == "watch-commander"
    for wrong in ({}, {"user_id": ORTIZ, "position": "watch-commander"}):
        with pytest.raises(ValueError, match="exactly one"):
            Addressee("somebody", **wrong)


def test_the_state_follows_from_the_moments() -> None:
    assert state_of(None, None) is NoticeState.WAITING
    assert state_of(None, NOW) is NoticeState.ESCALATED
    assert state_of(NOW, NOW) is NoticeState.DONE
    assert all(NoticeState.DONE not in transition.sources for transition in TRANSITIONS)


def test_overdue_begins_with_the_due_moment_itself() -> None:
    assert is_overdue(NOW, NOW)
    assert not is_overdue(NOW + timedelta(seconds=1), NOW)
    assert not is_overdue(None, NOW)

"""What ends a token, and what it was made for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plateward.api.rules import OwnerFacts, TokenFacts, opens, why_ended

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOKEN = TokenFacts(
    purpose="stolen-plate",
    capabilities=frozenset({"search.run"}),
    roles="patrol-officer: ",
    made_at=NOW - DAY,
    expires_at=NOW + DAY,
)
OWNER = OwnerFacts(
    is_active=True, state_since_at=NOW - 9 * DAY, password_changed_at=NOW - 9 * DAY, roles="patrol-officer: "
)


def test_a_token_counts_until_something_ends_it() -> None:
    assert why_ended(TOKEN, OWNER, NOW) == ""
    assert why_ended(TOKEN, replace(OWNER, password_changed_at=None), NOW) == ""


@pytest.mark.parametrize(
    ("token", "owner", "why"),
    [
        ({"revoked_at": NOW}, {}, "revoked"),
        ({"expires_at": NOW}, {}, "expired"),
        ({}, {"is_active": False}, "not active"),
        ({}, {"state_since_at": NOW}, "closed since"),
        ({}, {"password_changed_at": NOW}, "password changed"),
        ({}, {"roles": "sergeant: "}, "Title or positions"),
    ],
)
def test_each_thing_that_ends_it_is_named(
    token: dict[str, datetime], owner: dict[str, object], why: str
) -> None:
    ended = why_ended(replace(TOKEN, **token), replace(OWNER, **owner), NOW)  # type: ignore[arg-type]  # any facts
    assert why in ended


def test_it_opens_what_it_was_made_for_and_nothing_else() -> None:
    assert opens(TOKEN, "search.run")
    refused = opens(TOKEN, "reads.view")
    assert not refused
    assert "Make a token" in refused.remedy

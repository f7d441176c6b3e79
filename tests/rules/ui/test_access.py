"""Views declare who may reach them, in exactly one way."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from plateward.ui.access import AccessRule, access, rule_of


def view() -> str:
    return "page"


async def async_view() -> str:
    return "page"


@pytest.mark.parametrize("callback", [view, async_view])
def test_a_view_carries_its_rule_and_still_works(callback: Callable[..., Any]) -> None:
    declared = access(capability="search.run")(callback)
    assert declared is callback
    assert rule_of(declared) == AccessRule(capability="search.run")


def test_a_wrapped_view_keeps_its_rule() -> None:
    @access(login=True, why="Everybody may change their own password.")
    def own() -> None: ...

    @functools.wraps(own)
    def wrapped() -> None: ...

    assert rule_of(wrapped) == rule_of(own)


def test_a_view_without_a_rule_has_none() -> None:
    assert rule_of(lambda: None) is None


def test_anything_else_under_the_same_name_is_no_rule() -> None:
    def pretender() -> None: ...

    pretender.access_rule = "everybody"  # type: ignore[attr-defined]  # the forgery is the point
    assert rule_of(pretender) is None


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        {"capability": "", "why": "none"},
        {"login": True, "public": True, "why": "both"},
        {"capability": "search.run", "public": True},
    ],
)
def test_none_or_several_kinds_are_refused(kinds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        access(**kinds)


@pytest.mark.parametrize("kind", [{"login": True}, {"public": True, "why": "  "}])
def test_a_view_open_to_all_must_say_why(kind: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must say why"):
        access(**kind)

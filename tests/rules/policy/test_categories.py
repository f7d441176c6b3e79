"""Which categories of the lists of others are matched, and what no switch changes."""

from collections.abc import Callable
from typing import Any

import pytest

from plateward.policy import (
    IMMIGRATION,
    SB_54,
    UNKNOWN_CATEGORY,
    Profile,
    ProfileError,
    category_codes,
    category_matched,
    category_of,
    category_rank,
    forbidden_categories,
    may_be_switched,
    much_would_end,
)

Change = Callable[..., Profile]
MATCHED = "hotlists/categories/vehicle/matched"
SILENT = {"silent": True}


def local(*, value: bool) -> dict[str, Any]:
    return {"local_decision": "list-categories", "value": value}


@pytest.mark.parametrize(
    ("policy", "switched_on", "matched"),
    [
        (local(value=True), None, True),
        (local(value=True), False, False),
        (local(value=True), True, True),
        (local(value=False), None, False),
        (local(value=False), True, False),
        (SILENT, None, False),
        (SILENT, True, True),
        (SILENT, False, False),
    ],
)
def test_a_switch_counts_where_the_policy_leaves_room_and_silence_is_off(
    changed: Change, policy: dict[str, Any], *, switched_on: bool | None, matched: bool
) -> None:
    profile = changed({MATCHED: policy})
    assert category_matched(profile, "vehicle", switched_on=switched_on).allowed is matched


def test_an_entry_without_a_category_counts_with_its_list(changed: Change) -> None:
    assert category_matched(changed({}), "", switched_on=None)


def test_a_category_that_the_policy_does_not_know_is_off(changed: Change) -> None:
    refused = category_matched(changed({}), "stray-dogs", switched_on=True)
    assert "knows no category “Stray dogs”" in refused.reason


@pytest.mark.parametrize("agency", ["barstow-pd", "huntington-park-pd"])
def test_immigration_violators_are_off_in_california_whatever_the_switch_says(
    changed: Change, agency: str
) -> None:
    profile = changed({}, agency)
    refused = category_matched(profile, IMMIGRATION, switched_on=True)
    assert (refused.allowed, refused.clause) == (False, SB_54)
    assert not may_be_switched(profile, IMMIGRATION, on=True)
    assert "Nobody can switch it on" in may_be_switched(profile, IMMIGRATION, on=True).remedy


def test_a_profile_that_forgets_the_file_does_not_let_it_in(changed: Change) -> None:
    profile = changed({"hotlists/categories": {}}, "huntington-park-pd")
    assert forbidden_categories(profile) == {IMMIGRATION: SB_54}
    assert category_of("immigration violator file", category_codes(profile), {IMMIGRATION}) == IMMIGRATION


@pytest.mark.parametrize("code", ["IMMIGRATION VIOLATOR RECORD", "Immigration Violators", "immigrant, other"])
def test_immigration_violators_are_known_however_they_are_spelled(changed: Change, code: str) -> None:
    profile = changed({})
    codes, forbidden = category_codes(profile), forbidden_categories(profile)
    assert category_of(code, codes, forbidden) == IMMIGRATION
    assert category_of(code, codes, forbidden, "vehicle") == IMMIGRATION


@pytest.mark.parametrize("agency", ["barstow-pd", "huntington-park-pd"])
def test_what_a_code_means_unknown_to_the_policy_is_neither_matched_nor_switched(
    changed: Change, agency: str
) -> None:
    profile = changed({}, agency)
    assert category_of("Gang member", category_codes(profile), ()) == UNKNOWN_CATEGORY
    refused = category_matched(profile, UNKNOWN_CATEGORY, switched_on=True)
    assert not refused
    assert "names no category of the policy" in refused.reason
    assert not may_be_switched(profile, UNKNOWN_CATEGORY, on=True)


def test_a_source_without_codes_has_no_category(changed: Change) -> None:
    assert category_of("", category_codes(changed({})), ()) == ""


def test_the_law_of_california_is_not_that_of_other_states(changed: Change) -> None:
    profile = changed({"hotlists/categories": {}, "agency/state": "MN"}, "huntington-park-pd")
    assert forbidden_categories(profile) == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({f"hotlists/categories/{IMMIGRATION}/matched": local(value=True)}, "`matched` cannot be true"),
        ({"hotlists/categories/vehicle/codes": ["Immigration cases"]}, f"write `{IMMIGRATION}`"),
        ({"hotlists/categories/vehicle/codes": ["Missing person"]}, "keep one"),
        (
            {
                "hotlists/categories/unknown": {
                    "name": "Others",
                    **dict.fromkeys(("matched", "priority", "permits", "detail_needs"), SILENT),
                }
            },
            "kept for codes that name no category",
        ),
        (
            {"hotlists/categories/gang/detail_needs": {"local_decision": "list-categories", "value": "moon"}},
            "no data origin `moon`",
        ),
        (
            {"hotlists/sources/neighbors/shrinks_most": {"local_decision": "list-shrinks", "value": 100}},
            "a percentage from 0 to 99",
        ),
    ],
)
def test_a_profile_that_contradicts_itself_or_the_law_is_refused(
    changed: Change, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ProfileError, match=says):
        changed(changes)


def test_what_the_policy_forbids_nobody_switches_on(changed: Change) -> None:
    refused = may_be_switched(changed({MATCHED: local(value=False)}), "vehicle", on=True)
    assert "the policy does not have it matched" in refused.reason


def test_persons_come_before_things_and_what_nobody_ranked_is_normal(changed: Change) -> None:
    profile = changed({})
    assert category_rank(profile, "amber-alert") < category_rank(profile, "vehicle")
    assert category_rank(profile, "") == category_rank(profile, "vehicle") < category_rank(profile, "gang")


@pytest.mark.parametrize(("ended", "passes"), [(25, True), (26, False), (100, False)])
def test_a_list_that_loses_more_than_the_policy_lets_it_is_stopped(
    changed: Change, ended: int, *, passes: bool
) -> None:
    assert much_would_end(changed({}), "state-federal", standing=100, ended=ended).allowed is passes


def test_where_the_policy_sets_no_share_nothing_is_guarded_and_it_says_so(changed: Change) -> None:
    profile = changed({}, "huntington-park-pd")
    allowed = much_would_end(profile, "state-federal", standing=100, ended=100)
    assert allowed.allowed
    assert "not guarded" in allowed.reason


def test_a_first_list_ends_nothing(changed: Change) -> None:
    assert much_would_end(changed({}), "state-federal", standing=0, ended=0)

import re
from collections.abc import Callable
from typing import Any

import pytest

from plateward.policy import Profile, ProfileError, load_profile

Change = Callable[[dict[str, Any]], Profile]


def test_both_agencies_load(either: Profile) -> None:
    assert either.agency.state == "CA"
    assert all(clause.id == key for key, clause in either.clauses.items())
    assert all(use.id == key for key, use in either.search.prohibited.items())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"a: [", "profile.yaml: not readable as YAML"),
        (b"- a\n- b\n", "the top level must be keys with values"),
        (b"id: x\nversion: '1'\nid: y\n", "`id` is written twice (line 3)"),
        (b"id: x\n---\nid: y\n", "`id` is given in two documents; keep one"),
        (b"", "missing required field `schema`"),
        (b"clauses: 3", "at `clauses`: Expected `object`, got `int`"),
    ],
)
def test_a_text_that_is_no_profile_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        load_profile(text)


def test_an_error_names_the_file() -> None:
    with pytest.raises(ProfileError, match=r"policies/x/profile\.yaml: "):
        load_profile(b"", source="policies/x/profile.yaml")


def test_yaml_cannot_make_objects() -> None:
    with pytest.raises(ProfileError, match="not readable as YAML"):
        load_profile(b"id: !!python/object/apply:os.getcwd []\n")


WRONG_PARTS: list[tuple[str, Any, str]] = [
    ("versoin", "2", "at `top level`: Object contains unknown field `versoin`; remove it or correct"),
    ("titles/captain/rank", 3, "at `titles.captain`: Object contains unknown field `rank`; remove it"),
    ("titles/captain/name", 3, "at `titles.captain.name`: Expected `str`, got `int`"),
    ("clauses/B-466.4(d)/strength", "MUST", "at `clauses.B-466.4(d).strength`: Invalid enum value 'MUST'"),
    ("search/reference_required", {}, "at `search.reference_required`: give exactly one of"),
    ("search/reference_required/value", "no", "at `search.reference_required.value`: Expected `bool"),
    (
        "hotlists/custom/refresh_within",
        {"silent": True, "value": {"amount": 1, "unit": "DAYS"}},
        "no `value`",
    ),
    ("dispatch/steps/0/kind", "SHOUT", "at `dispatch.steps[0].kind`: Invalid enum value 'SHOUT'"),
]


@pytest.mark.parametrize(("path", "value", "says"), WRONG_PARTS)
def test_an_error_names_the_place_and_the_key(changed: Change, path: str, value: Any, says: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        changed({path: value})


CONTRADICTIONS: list[tuple[str, Any, str]] = [
    ("purposes/crime-analysis/clause", "B-466.99", "at `purposes.crime-analysis.clause`: there is no clause"),
    (
        "search/prohibited/personal/clause",
        "B-1",
        "at `search.prohibited.personal.clause`: there is no clause",
    ),
    ("titles/captain/listed/clause", "B-466.10(z)", "at `titles.captain.listed.clause`: there is no clause"),
    ("dispatch/steps/0/clause", "B-466.9(z)", "at `dispatch.steps.confirm.clause`: there is no clause"),
    (
        "decisions/self-approval/clause",
        "B-1",
        "at `decisions.self-approval.clause`: there is no clause `B-1`",
    ),
    (
        "dispatch/step_limits",
        {"clause": "B-466.9(a)", "value": {"confrim": {"amount": 2, "unit": "MINUTES"}}},
        "at `dispatch.step_limits`: there is no step `confrim`",
    ),
    (
        "field/thin_pictures_below",
        {"clause": "B-466.5", "value": 0},
        "at `field.thin_pictures_below`: write megabytes",
    ),
    (
        "hotlists/custom/self_approval/local_decision",
        "nobody",
        "at `hotlists.custom.self_approval.local_decision`: there is no decision `nobody`",
    ),
    (
        "hotlists/custom/self_approval",
        {"clause": "B-466.11", "value": False},
        "at `decisions.self-approval`: nothing rests on this decision",
    ),
    ("positions/watch-commander/capabilities/value", ["fly"], "there is no capability `fly`"),
    (
        "titles/vendor-personnel/capabilities/value",
        ["reads.view"],
        "at `titles.vendor-personnel`: maintenance access shows no plate data",
    ),
    (
        "access/authorized_titles/value",
        ["captain"],
        "at `titles.dispatcher`: not among `access.authorized_titles`",
    ),
    ("training/required_of/value", ["mayor"], "at `training.required_of`: there is no title `mayor`"),
    ("training/certifier/value", "mayor", "at `training.certifier`: there is no position `mayor`"),
    ("access/permission_assigner/value", "mayor", "there is no position `mayor`"),
    ("access/positions_by_title/value", {"mayor": ["it-manager"]}, "there is no title `mayor`"),
    ("access/positions_by_title/value", {"captain": ["mayor"]}, "there is no position `mayor`"),
    (
        "access/account_creators/value",
        ["watch-commander"],
        "position `watch-commander` lacks `accounts.manage`; grant it under `positions.watch-commander`",
    ),
    (
        "hotlists/custom/chains/officers/approver/value",
        "watch-commander",
        "at `hotlists.custom.chains.officers`: position `watch-commander` lacks `hotlists.approve`",
    ),
    (
        "hotlists/custom/chains/officers/approver",
        {"silent": True},
        "at `hotlists.custom.chains.officers.approver`: somebody must approve",
    ),
    (
        "hotlists/custom/chains/officers/if_unavailable/value",
        ["operations-division-commander"],
        "cannot stand in for itself",
    ),
    (
        "hotlists/custom/chains/officers/requesters/value",
        ["detective", "patrol-officer"],
        "`detective` requests under 2 chains; keep one",
    ),
    ("hotlists/custom/chains/officers/requesters/value", ["sergeant"], "give both or neither"),
    ("agency/time_zone", "Mojave/Barstow", "at `agency.time_zone`: `Mojave/Barstow` is no time zone"),
    (
        "training/required_of",
        {"clause": "B-466.8", "delegated_to": "training plan"},
        "at `training.required_of`: training is required, but not of whom",
    ),
    ("training/courses", {}, "at `training.courses`: training is required, but no course is named"),
    ("hotlists/custom/self_approval/value", True, "nobody ever approves their own entry here"),
    ("exports/most_reads/value", 0, "a file holds at least one read"),
    ("exports/most_reads/value", 10_001, "a file holds 10,000 reads at most"),
    (
        "titles/vendor-personnel/capabilities/value",
        ["reads.quarantine"],
        "at `titles.vendor-personnel`: maintenance access shows no plate data",
    ),
    ("hotlists/custom/chains", {}, "give at least one chain of approval"),
    ("dispatch/steps", [], "at `dispatch`: a silent procedure has no steps"),
    (
        "dispatch/steps/3/requires_confirmation",
        False,
        "at `dispatch.steps.advise-verified`: “verified” needs a confirmation first",
    ),
    ("dispatch/steps/0/kind", "DESCRIBE", "a confirmation is required before any step asks for it"),
    ("dispatch/steps/1/radio", "To {unit}: alert", "`{unit}` is not known; use direction, place, plate"),
    ("dispatch/steps/1/radio", "Alert at {place", "write a placeholder as {plate}"),
    ("dispatch/steps/1/id", "confirm", "at `dispatch.steps`: `confirm` is there 2 times"),
]


@pytest.mark.parametrize(("path", "value", "says"), CONTRADICTIONS)
def test_parts_that_contradict_each_other_are_refused(
    changed: Change, path: str, value: Any, says: str
) -> None:
    with pytest.raises(ProfileError, match=re.escape(says)):
        changed({path: value})


def test_all_problems_are_named_at_once(changed: Change) -> None:
    with pytest.raises(ProfileError) as refusal:
        changed({"training/certifier/value": "mayor", "access/permission_assigner/value": "mayor"})
    assert len(refusal.value.problems) == 2
    assert all(line.startswith("profile.yaml: at `") for line in str(refusal.value).splitlines())

"""Two versions in plain words: what differs is named, and nothing that differs is left out."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.policy import Change, Kind, Profile, compare_profiles
from plateward.policy.parameters import Basis
from tests.rules.policy.shipped import AGENCIES, profile_of

Changed = Callable[..., Profile]


def sentences(before: Profile, after: Profile) -> list[str]:
    return [change.sentence for change in compare_profiles(before, after)]


def only(changes: tuple[Change, ...]) -> Change:
    assert len(changes) == 1, changes
    return changes[0]


@pytest.mark.parametrize(
    ("path", "value", "said", "clause"),
    [
        (
            "search/reference_required",
            {"local_decision": "search-reason", "value": True},
            (
                "Searching: case or incident number required: so far not addressed by this policy, now yes; "
                "it rests on the local decision “search-reason”."
            ),
            "B-466.6(b)",
        ),
        (
            "hotlists/custom/refresh_within/value",
            {"amount": 48, "unit": "HOURS"},
            "Hotlists: custom, time until an entry must be re-confirmed changes from 72 hours to 48 hours.",
            "B-466.11¶3",
        ),
        (
            "access/clearance_required",
            {"silent": True},
            (
                "Accounts and permissions: security clearance required: so far yes, "
                "now not addressed by this policy."
            ),
            "",
        ),
        (
            "titles/dispatcher/capabilities",
            {
                "local_decision": "limited-dispatch",
                "value": [
                    "reads.view",
                    "devices.view",
                    "hotlists.view",
                    "alerts.view",
                    "alerts.dispatch",
                    "search.run",
                ],
            },
            (
                "Title “Dispatcher”: what it may do: now also search reads; "
                "no longer record an alert's disposition, see the policy in force and its open questions."
            ),
            "B-466.10(limited)",
        ),
        (
            "hotlists/custom/chains/officers/if_unavailable/value",
            ["chief-of-police", "administrative-division-commander"],
            (
                "Chain of approval “officers”: who approves if the approver is unavailable: "
                "in another order: Chief of Police, Administrative Division Commander."
            ),
            "B-466.11",
        ),
        (
            "training/required_before_use/clause",
            "B-466.8",
            "Training: required before any use stays as it is; it rests on B-466.8 instead of B-466.4(d).",
            "B-466.8",
        ),
        (
            "clauses/B-466.4(f)/strength",
            "SHALL",
            "Clause B-466.4(f): strength changes from should if practicable to shall.",
            "",
        ),
        (
            "decisions/self-approval/status",
            "ADOPTED",
            (
                "Local decision “May somebody who holds an approving position approve an entry "
                "they requested?”: status changes from default to adopted."
            ),
            "",
        ),
    ],
)
def test_a_changed_value_is_one_sentence_with_its_clause(
    barstow: Profile, changed: Changed, path: str, value: object, said: str, clause: str
) -> None:
    change = only(compare_profiles(barstow, changed({path: value})))
    assert (change.kind, change.sentence, change.clause) == (Kind.CHANGED, said, clause)


def test_retention_is_told_from_its_least_to_its_most(barstow: Profile, changed: Changed) -> None:
    after = changed(
        {
            "retention/rules/vendor-cloud/floor": {"silent": True},
            "retention/rules/vendor-cloud/ceiling": {
                "clause": "B-466.5¶2-cloud",
                "value": {"amount": 21, "unit": "DAYS"},
            },
        }
    )
    change = only(compare_profiles(barstow, after))
    assert change.sentence == (
        "Retention of data in the vendor's cloud changes from at least 30 days to at most 21 days; "
        "the most rests on B-466.5¶2-cloud."
    )
    assert change.clause == "B-466.5¶2-cloud"


def test_a_part_that_comes_or_goes_is_shown_in_full(barstow: Profile, changed: Changed) -> None:
    purpose = {"name": "Traffic studies", "clause": "B-466.3"}
    after = changed({"purposes/traffic-studies": purpose})
    added = only(compare_profiles(barstow, after))
    assert (added.kind, added.sentence) == (Kind.ADDED, "Purpose “Traffic studies” is added.")
    assert (added.before, added.after) == ("", "name: Traffic studies; clause: B-466.3")
    removed = only(compare_profiles(after, barstow))
    assert (removed.kind, removed.sentence) == (Kind.REMOVED, "Purpose “Traffic studies” is removed.")
    assert removed.clause == "B-466.3"


def test_a_clause_worded_anew_keeps_both_wordings(barstow: Profile, changed: Changed) -> None:
    change = only(compare_profiles(barstow, changed({"clauses/B-466.1/text": "Words anew."})))
    assert change.sentence == "Clause B-466.1 is worded anew."
    assert change.before == barstow.clauses["B-466.1"].text
    assert change.after == "Words anew."


def test_two_agencies_differ_under_headings_of_their_own(barstow: Profile, huntington_park: Profile) -> None:
    changes = compare_profiles(barstow, huntington_park)
    assert {"Purposes", "Hotlists", "Retention", "Sharing with other agencies", "Clauses"} <= {
        change.part for change in changes
    }
    assert "Purpose “Crime analysis” is removed." in [change.sentence for change in changes]


def test_a_version_does_not_differ_from_itself(either: Profile) -> None:
    assert compare_profiles(either, deepcopy(either)) == ()


def leaves(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every value of a profile that can differ, by the fields and keys that lead to it."""
    if isinstance(part, Basis) or not isinstance(part, msgspec.Struct | dict):
        yield path
        return
    named = (
        part.items() if isinstance(part, dict) else ((n, getattr(part, n)) for n in part.__struct_fields__)
    )
    for name, inner in named:
        yield from leaves(inner, (*path, name))


def with_other(part: Any, path: tuple[str, ...]) -> Any:
    """The part with the value at `path` replaced by a different one."""
    if not path:
        return other(part)
    head, *rest = path
    if isinstance(part, dict):
        return part | {head: with_other(part[head], tuple(rest))}
    return msgspec.structs.replace(part, **{head: with_other(getattr(part, head), tuple(rest))})


def other(value: Any) -> Any:
    """A value that differs as little as possible: of a ground its note, of a list its order or length."""
    if isinstance(value, Basis):
        return msgspec.structs.replace(value, note=f"{value.note}!")
    if isinstance(value, tuple):
        return value[::-1] if value[::-1] != value else value[:-1] if value else ("x",)
    return not value if isinstance(value, bool) else f"{value}!"


PLACES = [(agency, path) for agency in AGENCIES for path in leaves(profile_of(agency))]


@given(st.sampled_from(PLACES))
def test_any_single_difference_is_named_at_its_place(place: tuple[str, tuple[str, ...]]) -> None:
    agency, path = place
    before = profile_of(agency)
    after = with_other(before, path)
    assert before != after
    changes = compare_profiles(before, after)
    assert changes
    assert any(change.path[: len(path)] == path for change in changes), changes
    assert all(change.sentence.endswith(".") for change in changes)
    assert compare_profiles(after, before)


@given(
    st.lists(
        st.sampled_from([path for agency, path in PLACES if agency == AGENCIES[0]]), unique=True, max_size=5
    )
)
def test_several_differences_are_each_named(paths: list[tuple[str, ...]]) -> None:
    before = profile_of(AGENCIES[0])
    after = before
    for path in paths:
        after = with_other(after, path)
    named = {change.path for change in compare_profiles(before, after)}
    assert all(any(name[: len(path)] == path for name in named) for path in paths)
    assert bool(named) == (before != after)


def test_a_dropped_key_of_any_keyed_section_is_named(barstow: Profile) -> None:
    for section in ("titles", "positions", "purposes", "clauses", "decisions"):
        kept = dict(getattr(barstow, section))
        gone = next(iter(kept))
        del kept[gone]
        change = only(compare_profiles(barstow, msgspec.structs.replace(barstow, **{section: kept})))
        assert (change.path, change.kind) == ((section, gone), Kind.REMOVED)

"""Versions that agencies adopted under an older schema stay readable and comparable forever."""

from pathlib import Path

import pytest

from plateward.policy import (
    SCHEMA,
    ProfileError,
    RefreshOrder,
    State,
    compare_profiles,
    load_profile,
    may,
    purpose_allowed,
    read_kept,
    settings,
)
from plateward.policy.upgrades import STEPS

ROOT = Path(__file__).parents[2]
PAST = sorted((ROOT / "tests/policy/past").glob("*.yaml"))


def written(path: Path) -> int:
    return int(path.stem.rpartition("-")[2])


def test_every_step_between_schemas_has_an_upgrade_and_a_text_that_needs_it() -> None:
    missing = "write a step in policy/upgrades.py, and keep a text of the older schema in tests/policy/past"
    assert set(STEPS) == set(range(1, SCHEMA)), missing
    assert {written(path) for path in PAST} == set(range(1, SCHEMA)), missing


@pytest.mark.parametrize("path", PAST, ids=lambda path: path.stem)
def test_a_version_of_an_older_schema_is_read_decides_and_compares_as_todays(path: Path) -> None:
    before = path.read_bytes()
    kept = read_kept(before)
    assert (kept.schema, kept.profile.schema) == (written(path), SCHEMA)
    assert path.read_bytes() == before
    assert may(kept.profile, "patrol-officer", "search.run").allowed
    assert not purpose_allowed(kept.profile, "curiosity").allowed
    folder = ROOT / "policies" / kept.profile.id
    today = load_profile(*((folder / name).read_bytes() for name in ("profile.yaml", "clauses.yaml")))
    assert not [change for change in compare_profiles(kept.profile, today) if change.path == ("schema",)]


@pytest.mark.parametrize("path", PAST, ids=lambda path: path.stem)
def test_what_an_older_version_was_never_asked_it_does_not_answer(path: Path) -> None:
    kept = read_kept(path.read_bytes())
    states = {setting.path: setting.state for setting in settings(kept.profile)}
    assert all(states[place] is State.SILENT for place in kept.unasked)


def test_an_older_text_cannot_be_adopted_anew() -> None:
    with pytest.raises(ProfileError, match="write schema"):
        load_profile(PAST[0].read_bytes())


def test_a_schema_of_the_future_is_refused_with_what_to_do() -> None:
    text = (ROOT / "policies/barstow-pd/profile.yaml").read_bytes()
    later = text.replace(b"schema: %d" % SCHEMA, b"schema: %d" % (SCHEMA + 1))
    with pytest.raises(ProfileError, match="update Plateward"):
        read_kept(later)


@pytest.mark.parametrize("path", [path for path in PAST if written(path) < 6], ids=lambda path: path.stem)
def test_re_confirmation_stays_with_every_approver_as_the_older_version_meant(path: Path) -> None:
    custom = read_kept(path.read_bytes()).profile.hotlists.custom
    order = None if custom.refresh_needs_approver.silent else RefreshOrder.ANY_APPROVER
    assert custom.refresh_order.settled is order
    assert custom.refresh_order.local_decision == custom.refresh_needs_approver.local_decision

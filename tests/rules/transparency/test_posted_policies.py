"""Is what the website shows the policy in force? And when does somebody look again?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plateward.policy import Profile, load_profile
from plateward.transparency.rules import Outcome, compare_posted, due_at, to_be_posted

POLICIES = Path(__file__).parents[3] / "policies"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def profile_of(agency: str) -> Profile:
    folder = POLICIES / agency
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)")
@pytest.mark.parametrize("agency", ["barstow-pd", "huntington-park-pd"])
def test_the_adopted_text_is_the_one_in_force_however_it_is_laid_out(agency: str) -> None:
    text = (POLICIES / agency / "policy.txt").read_text()
    profile = profile_of(agency)
    assert compare_posted(profile, "policy", text).outcome is Outcome.SAME
    assert compare_posted(profile, "policy", text.upper().replace(" ", "\n")).outcome is Outcome.SAME


@pytest.mark.clause("B-466.3.1(g)")
def test_a_posted_text_that_says_another_length_is_named_by_its_clause() -> None:
    text = (POLICIES / "barstow-pd/policy.txt").read_text()
    older = text.replace("more than 72 hours", "more than 30 days")
    found = compare_posted(profile_of("barstow-pd"), "policy", older)
    assert (found.outcome, found.missing) == (Outcome.DIFFERENT, ("B-466.11¶3",))


def test_an_empty_page_is_no_posting_and_an_unknown_text_is_not_compared() -> None:
    profile = profile_of("barstow-pd")
    assert compare_posted(profile, "policy", " \n ").outcome is Outcome.NOT_FOUND
    assert compare_posted(profile, "procedures", "How we do it").outcome is Outcome.NOT_COMPARED


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)")
def test_policy_and_procedures_are_to_be_posted_where_the_policy_says_so() -> None:
    assert [layer.id for layer in to_be_posted(profile_of("barstow-pd"))] == ["policy", "procedures"]
    assert to_be_posted(profile_of("los-angeles-pd")) == ()


def test_a_check_is_due_after_each_version_and_then_every_three_months() -> None:
    profile = profile_of("barstow-pd")
    since = NOON - timedelta(days=1)
    assert due_at(profile, last=None, in_force_since=since) == since
    assert due_at(profile, last=since - timedelta(days=9), in_force_since=since) == since
    assert due_at(profile, last=NOON, in_force_since=since) == datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert due_at(profile_of("los-angeles-pd"), last=NOON, in_force_since=since) is None

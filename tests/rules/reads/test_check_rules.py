"""Comparing a read with its picture: what is found, and who may say so."""

from pathlib import Path

import msgspec
import pytest

from plateward.policy import Param, Profile, load_profile
from plateward.reads.check_rules import CheckError, find, may_check

POLICIES = Path(__file__).parents[3] / "policies"
READ = {"read": "8BC123", "read_region": "US-CA"}


def test_the_same_plate_and_state_are_right() -> None:
    found = find(**READ, shows="8bc 123", shows_region="US-CA", reason="")
    assert found.is_right
    assert found.pairs == ()


def test_a_look_alike_is_a_misread_and_names_its_pair() -> None:
    found = find(**READ, shows="BBC123", shows_region="US-CA", reason="The first character has a flat back.")
    assert (found.is_misread, found.is_wrong_state, found.pairs) == (True, False, ("8/B",))


def test_plates_of_different_length_name_no_pairs() -> None:
    assert find(**READ, shows="18BC123", shows_region="", reason="A 1 before it.").pairs == ()


def test_another_state_is_wrong_and_one_that_cannot_be_told_is_not() -> None:
    assert find(**READ, shows="8BC123", shows_region="US-NV", reason="Blue hills.").is_wrong_state
    assert find(**READ, shows="8BC123", shows_region="", reason="").is_right
    unread = READ | {"read_region": ""}
    assert find(**unread, shows="8BC123", shows_region="US-NV", reason="").is_right


def test_what_is_found_wrong_says_how_that_is_known() -> None:
    with pytest.raises(CheckError, match="Say how you know") as refused:
        find(**READ, shows="BBC123", shows_region="", reason=" ")
    assert refused.value.field == "reason"


def test_signs_alone_are_no_plate() -> None:
    with pytest.raises(CheckError, match="letters and digits"):
        find(**READ, shows="---", shows_region="", reason="Dirt.")


def test_a_plate_that_cannot_be_made_out_can_still_be_another() -> None:
    found = find(**READ, shows="", shows_region="", reason="Seven characters, not six.")
    assert (found.plate, found.is_misread, found.pairs) == ("", True, ())


@pytest.fixture(scope="module")
def profile() -> Profile:
    folder = POLICIES / "barstow-pd"
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


def test_without_a_word_of_the_policy_whoever_sees_reads_corrects_them(profile: Profile) -> None:
    assert may_check(profile, "patrol-officer", ())
    refused = may_check(profile, "it-manager", ())
    assert not refused
    assert refused.remedy


def test_where_the_policy_names_titles_others_are_told_whom_to_ask(profile: Profile) -> None:
    named = Param(clause="B-466.6(a)", value=("sergeant",))
    rules = msgspec.structs.replace(profile.accuracy, corrected_by=named)
    narrower = msgspec.structs.replace(profile, accuracy=rules)
    assert may_check(narrower, "sergeant", ())
    refused = may_check(narrower, "patrol-officer", ())
    assert not refused
    assert "Sergeant" in refused.remedy

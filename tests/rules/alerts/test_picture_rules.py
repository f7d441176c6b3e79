"""What the picture shows, and why nobody could verify: beside the steps, never before them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from plateward.alerts.picture_rules import Sameness, check_excuse, check_picture, found_of_read
from plateward.alerts.rules import (
    AlertFacts,
    AlertStatus,
    Answer,
    Closing,
    ConfirmationResult,
    Excuse,
    check_disposition,
    check_step,
)
from plateward.plates import compare
from plateward.policy import Profile, Strength, dispatch_steps, load_profile

POLICIES = Path(__file__).parents[3] / "policies"
NOON = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def profile_of(agency: str) -> Profile:
    folder = POLICIES / agency
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


BARSTOW, HUNTINGTON_PARK = profile_of("barstow-pd"), profile_of("huntington-park-pd")
CLOSED = AlertFacts(status=AlertStatus.CLOSED, closing=Closing("arrest", NOON, "Drew Dunn"))
CONFIRMED = AlertFacts(
    status=AlertStatus.VERIFIED, answers=(Answer(ConfirmationResult.CONFIRMED, NOON, "Drew Dunn"),)
)


@pytest.mark.clause("B-466.9(a)")
def test_a_picture_is_compared_at_any_time_and_asking_clets_waits_for_none() -> None:
    assert check_step(BARSTOW, AlertFacts(), dispatch_steps(BARSTOW)[0])
    assert check_picture(BARSTOW, AlertFacts())
    assert check_picture(BARSTOW, CONFIRMED)
    assert "was closed" in check_picture(BARSTOW, CLOSED).reason


@pytest.mark.clause("B-466.4(f)", "H-426.3(f)")
@pytest.mark.parametrize("profile", [BARSTOW, HUNTINGTON_PARK], ids=["Barstow", "Huntington Park"])
def test_why_nobody_could_verify_is_stated_before_enforcement_and_asked_for_no_second_time(
    profile: Profile,
) -> None:
    assert not check_excuse(profile, AlertFacts(), "  ")
    assert check_excuse(profile, AlertFacts(), "CLETS is down")
    excused = AlertFacts(excuses=(Excuse("CLETS is down", NOON, "Ana Ortiz"),))
    assert check_disposition(profile, excused, "arrest")
    assert not check_disposition(profile, AlertFacts(), "arrest")


@pytest.mark.clause("B-466.4(f)")
def test_after_an_answer_verification_was_practicable() -> None:
    assert "CLETS answered" in check_excuse(BARSTOW, CONFIRMED, "CLETS is down").reason
    late = Answer(ConfirmationResult.NOT_CONFIRMED, NOON + timedelta(minutes=1), "Drew Dunn")
    overruled = AlertFacts(
        status=AlertStatus.NOT_CONFIRMED,
        answers=(late,),
        excuses=(Excuse("CLETS is down", NOON, "Ana Ortiz"),),
    )
    assert not check_disposition(BARSTOW, overruled, "arrest")
    nothing = replace(overruled, status=AlertStatus.UNVERIFIED, answers=())
    assert check_disposition(BARSTOW, nothing, "arrest")


def test_a_policy_that_demands_verification_takes_no_reason() -> None:
    rule = msgspec.structs.replace(BARSTOW.verification.before_enforcement, value=Strength.SHALL)
    rules = msgspec.structs.replace(BARSTOW.verification, before_enforcement=rule)
    strict = msgspec.structs.replace(BARSTOW, verification=rules)
    assert "knows no exception" in check_excuse(strict, AlertFacts(), "CLETS is down").reason


YES, NO, CANNOT_TELL = Sameness.YES, Sameness.NO, Sameness.CANNOT_TELL


@pytest.mark.parametrize(
    ("read", "entry", "characters", "region", "found"),
    [
        # (plate shown, state shown, misread, wrong state, pairs)
        ("8ABC123", "8ABC123", YES, YES, ("8ABC123", "US-CA", False, False, ())),
        ("8ABC123", "8ABC123", YES, CANNOT_TELL, ("8ABC123", "", False, False, ())),
        ("8ABC123", "8ABC123", NO, CANNOT_TELL, ("", "", True, False, ())),
        ("8ABC123", "8ABC123", CANNOT_TELL, NO, ("8ABC123", "", False, True, ())),
        ("8BC123", "BBC123", YES, YES, ("BBC123", "US-CA", True, False, ("8/B",))),
        # Of these nothing is known of the read.
        ("8ABC123", "8ABC123", CANNOT_TELL, YES, None),
        ("8BC123", "BBC123", NO, YES, None),
        ("8ABC123", "8AB*", YES, YES, None),
    ],
)
def test_a_comparison_with_the_entry_says_of_the_read_only_what_it_can(
    read: str, entry: str, characters: Sameness, region: Sameness, found: tuple[object, ...] | None
) -> None:
    told = found_of_read(
        characters=characters,
        region=region,
        comparison=compare(read, entry),
        read_region="US-CA",
        entered_region="US-CA",
    )
    said = told and (told.plate, told.region, told.is_misread, told.is_wrong_state, told.pairs)
    assert said == found


def test_a_state_that_was_read_otherwise_is_wrong_only_where_the_picture_shows_the_one_entered() -> None:
    def told(region: Sameness) -> tuple[str, bool] | None:
        found = found_of_read(
            characters=YES,
            region=region,
            comparison=compare("8ABC123", "8ABC123"),
            read_region="US-NV",
            entered_region="US-CA",
        )
        return found and (found.region, found.is_wrong_state)

    assert told(YES) == ("US-CA", True)
    assert told(NO) == ("", False)

"""What the picture shows, and why nobody could verify: beside the steps, never before them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from plateward.alerts.picture_rules import check_excuse, check_picture
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

"""Vendor staff, emergencies, and the standard's numbers where the policy is silent."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plateward.policy import (
    Decision,
    PersonFact,
    Profile,
    ProfileError,
    account_limit,
    emergency_gives,
    may_obtain,
    may_open_window,
    may_review,
    vendor_may,
    window_length,
)
from plateward.policy.loading import build_profile
from tests.rules.policy.shipped import profile_of, raw_profile

NOW = datetime(2026, 11, 22, 11, 14, tzinfo=UTC)
ADC, CHIEF = "administrative-division-commander", "chief-of-police"
DECIDED = {
    "capabilities": {"local_decision": "emergencies", "value": ["search.run", "reads.view"]},
    "lasts": {"local_decision": "emergencies", "value": {"amount": 1, "unit": "HOURS"}},
    "reviewer": {"local_decision": "emergencies", "value": ADC},
    "reviewed_within": {"local_decision": "emergencies", "value": {"amount": 24, "unit": "HOURS"}},
}
DECISION = {
    "clause": "B-466.10(limited)",
    "question": "What in a real emergency?",
    "decision": "Search for an hour.",
    "narrower_reading": "Nothing.",
    "decided_by": "The Chief of Police",
    "decided_on": NOW.date(),
}
BARSTOW, HUNTINGTON_PARK = profile_of("barstow-pd"), profile_of("huntington-park-pd")
DUNN = PersonFact("dunn", "dispatcher")
COLE = PersonFact("cole", "captain", frozenset({ADC}))
CHEN = PersonFact("chen", "chief-of-police", frozenset({CHIEF}))
YES = Decision(True, "B-466.4(d)", "Trained.")


def barstow_with(section: str, **changed: Any) -> Profile:
    raw = deepcopy(raw_profile("barstow-pd"))
    raw[section] |= changed
    if section == "emergency_access":
        raw["decisions"]["emergencies"] = DECISION
    return build_profile(raw)


def decided() -> Profile:
    return barstow_with("emergency_access", **DECIDED)


def test_where_the_policy_is_silent_the_standards_number_applies_as_the_standards() -> None:
    limit = account_limit(BARSTOW, "inactive_after")
    assert limit.is_standard
    assert limit.words == "90 days (CJIS AC-2(3))"
    assert BARSTOW.accounts.inactive_after.silent, "silence stays silence"


@pytest.mark.parametrize(("days", "applies", "standard"), [(30, "30 days", False), (120, "90 days", True)])
def test_an_agency_sets_a_shorter_time_and_never_a_longer_one(
    days: int, applies: str, *, standard: bool
) -> None:
    said = {"clause": "B-466.10-accounts", "value": {"amount": days, "unit": "DAYS"}}
    limit = account_limit(barstow_with("accounts", inactive_after=said), "inactive_after")
    assert (str(limit.period), limit.is_standard) == (applies, standard)


@pytest.mark.clause("B-466.10(limited)(d)")
def test_whom_the_agency_named_opens_a_window_for_as_long_as_it_said() -> None:
    assert may_open_window(BARSTOW, COLE)
    assert not may_open_window(BARSTOW, DUNN)
    assert not may_open_window(HUNTINGTON_PARK, COLE), "silence opens none"
    assert window_length(BARSTOW, NOW, NOW + timedelta(hours=8))
    assert not window_length(BARSTOW, NOW, NOW + timedelta(hours=8, seconds=1))


@pytest.mark.clause("B-466.10(limited)(d)")
def test_vendor_staff_get_no_plate_data_whatever_position_they_hold() -> None:
    refused = vendor_may(BARSTOW, "vendor-personnel", "search.run")
    assert refused is not None
    assert not refused
    assert vendor_may(BARSTOW, "vendor-personnel", "devices.view") is None
    assert vendor_may(BARSTOW, "captain", "search.run") is None


def test_without_the_agencys_decision_there_is_no_emergency_access() -> None:
    for profile in (BARSTOW, HUNTINGTON_PARK):
        refused = may_obtain(profile, YES, "dispatcher", unreviewed=0)
        assert not refused
        assert "has not decided" in refused.reason
        assert emergency_gives(profile, "search.run", NOW) is None


def test_a_decided_emergency_is_open_to_who_is_admitted_and_reviewed() -> None:
    profile = decided()
    assert may_obtain(profile, YES, "dispatcher", unreviewed=0)
    untrained = Decision(False, "B-466.4(d)", "Not trained.")
    assert may_obtain(profile, untrained, "dispatcher", unreviewed=0) == untrained
    assert not may_obtain(profile, YES, "vendor-personnel", unreviewed=0)
    assert "not been reviewed" in may_obtain(profile, YES, "dispatcher", unreviewed=1).reason
    assert emergency_gives(profile, "search.run", NOW)
    assert emergency_gives(profile, "alerts.dispatch", NOW) is None


def test_nobody_reviews_themselves_and_the_chief_stands_above_the_reviewer() -> None:
    profile = decided()
    assert may_review(profile, COLE, DUNN)
    assert may_review(profile, CHEN, COLE)
    assert not may_review(profile, COLE, COLE)
    assert not may_review(profile, DUNN, COLE)


@pytest.mark.parametrize("capability", ["accounts.manage", "governance.adopt", "audit.view", "no.such"])
def test_no_profile_gives_administration_in_an_emergency(capability: str) -> None:
    wrong = DECIDED | {"capabilities": {"local_decision": "emergencies", "value": [capability]}}
    with pytest.raises(ProfileError, match=r"emergency_access\.capabilities"):
        barstow_with("emergency_access", **wrong)


def test_an_emergency_without_a_length_or_reviewer_is_no_profile() -> None:
    with pytest.raises(ProfileError, match=r"emergency_access\.reviewer"):
        barstow_with("emergency_access", **(DECIDED | {"reviewer": {"silent": True}}))

"""Who appoints, delegates and authorizes, and what a vacancy stops."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from plateward.policy import (
    AuthorizationFact,
    DelegationFact,
    PersonFact,
    Profile,
    ProfileError,
    delegable,
    designee_words,
    may,
    may_appoint,
    may_authorize,
    may_delegate,
    may_see,
    separation,
    vacancy,
    vacant_positions,
)

ADC = "administrative-division-commander"
ODC = "operations-division-commander"
CHEN = PersonFact("chen", "chief-of-police", frozenset({"chief-of-police"}))
COLE = PersonFact("cole", "captain", frozenset({ADC}))
SOTO = PersonFact("soto", "sergeant")
VANCE = PersonFact("vance", "vendor-personnel")
TODAY = date(2026, 11, 22)

Change = Callable[..., Profile]


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_the_chief_appoints_and_nobody_appoints_themselves(either: Profile) -> None:
    position = either.public.designee.require("designee")
    allowed = may_appoint(either, CHEN, SOTO, position)
    assert allowed
    assert allowed.local_decision == "appointers"
    own = may_appoint(either, CHEN, CHEN, position)
    assert not own
    assert own.reason == "Nobody appoints themselves to a position."
    other = may_appoint(either, COLE, SOTO, position)
    assert not other
    assert other.remedy == "Ask the Chief of Police."
    assert not may_appoint(either, CHEN, VANCE, position), "a contractor holds no position"


def test_where_the_policy_is_silent_nobody_appoints(changed: Change) -> None:
    silent = changed({"organization/appointers": {"silent": True}, "decisions": _without("appointers")})
    refused = may_appoint(silent, CHEN, SOTO, ADC)
    assert not refused
    assert "does not say" in refused.reason
    assert refused.remedy


def _without(*decisions: str) -> dict[str, Any]:
    from tests.rules.policy.shipped import raw_profile  # noqa: PLC0415  for these tests alone

    return {key: each for key, each in raw_profile("barstow-pd")["decisions"].items() if key not in decisions}


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_the_day_to_day_operation_is_delegated_and_what_is_reserved_is_not(barstow: Profile) -> None:
    assert may_delegate(barstow, COLE, SOTO, ADC, "devices.manage")
    assert "devices.manage" in delegable(barstow, ADC)
    reserved = may_delegate(barstow, COLE, SOTO, ADC, "accounts.manage")
    assert not reserved
    assert "never delegated" in reserved.reason
    more = may_delegate(barstow, COLE, SOTO, ADC, "search.run")
    assert not more, "never more than the position has"
    assert "may not" in more.reason
    assert not may_delegate(barstow, COLE, COLE, ADC, "devices.manage")
    assert not may_delegate(barstow, COLE, VANCE, ADC, "devices.manage"), "members only"
    assert not may_delegate(barstow, CHEN, SOTO, "chief-of-police", "hotlists.view"), "only the commander"


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_a_delegate_has_the_capability_and_never_the_position(barstow: Profile) -> None:
    given = DelegationFact("devices.manage", ADC, "Carl Cole")
    delegate = PersonFact("soto", "sergeant", delegations=(given,))
    allowed = may(barstow, "sergeant", "devices.manage", (), [given])
    assert allowed.capacity == "for the Administrative Division Commander, by delegation of Carl Cole"
    assert not may(barstow, "sergeant", "devices.manage")
    assert not may(barstow, "sergeant", "audit.view", (), [given])
    again = may_delegate(barstow, delegate, VANCE, ADC, "devices.manage")
    assert not again
    assert "a delegate delegates nothing" in again.reason
    assert not may(barstow, "vendor-personnel", "devices.manage", (), [given])
    forged = DelegationFact("accounts.manage", ADC, "Carl Cole")
    assert not may(barstow, "sergeant", "accounts.manage", (), [forged]), "reserved, whatever was written"


def test_a_profile_that_lets_a_position_by_name_be_delegated_is_refused(changed: Change) -> None:
    with pytest.raises(ProfileError, match=r"add `accounts\.manage`"):
        changed({"organization/reserved/value": ["hotlists.approve", "governance.adopt", "training.certify"]})


@pytest.mark.clause("B-466.4(e)", "H-426.3(e)")
def test_state_data_takes_an_authorization_that_counts_today(either: Profile) -> None:
    granted = AuthorizationFact("state", date(2026, 11, 1), TODAY)
    assert may_see(either, "state", [granted], TODAY)
    over = may_see(either, "state", [granted], date(2026, 11, 23))
    assert not over
    assert over.reason == "Authorization for state data needed."
    assert "Ask the" in over.remedy
    assert not may_see(either, "state", [granted], date(2026, 10, 31))
    assert not may_see(either, "federal", [granted], TODAY)
    department = may_see(either, "department", [], TODAY)
    assert department
    assert department.local_decision == "department-data"


def test_data_a_policy_says_nothing_about_is_closed_but_for_the_agencys_own(example: Profile) -> None:
    assert may_see(example, "department", [], TODAY)
    refused = may_see(example, "state", [AuthorizationFact("federal", TODAY, TODAY)], TODAY)
    assert not refused
    assert refused.clause == ""


@pytest.mark.clause("B-466.4(e)", "H-426.3(e)")
def test_the_commander_authorizes_and_never_themselves(barstow: Profile) -> None:
    assert may_authorize(barstow, COLE, SOTO, "state")
    assert not may_authorize(barstow, COLE, COLE, "state")
    assert not may_authorize(barstow, CHEN, SOTO, "state")
    assert not may_authorize(barstow, COLE, VANCE, "state")
    assert "no authorization of its own" in may_authorize(barstow, COLE, SOTO, "department").reason


@pytest.mark.clause("B-466.3.1(e)", "H-426.2.1(e)")
def test_the_designee_is_told_by_title_and_where_the_policy_says_so_by_name(
    barstow: Profile, huntington_park: Profile, example: Profile
) -> None:
    assert designee_words(barstow, "Carl Cole") == "Administrative Division Commander"
    assert designee_words(huntington_park, "Helen Hayes") == "Administration Division Commander, Helen Hayes"
    assert designee_words(huntington_park, "") == "Administration Division Commander, vacant"
    assert designee_words(example, "Anybody") == ""


@pytest.mark.clause("B-466.11")
def test_a_vacancy_tells_who_stands_in_and_what_stops(barstow: Profile, huntington_park: Profile) -> None:
    held = set(barstow.positions) - {ODC}
    vacant = vacant_positions(barstow, held, ())
    assert vacant == {ODC}
    (chain,) = vacancy(barstow, ODC, vacant)
    assert not chain.stops
    assert "Administrative Division Commander or Chief of Police decides" in chain.text
    alone = vacancy(barstow, ODC, frozenset(barstow.positions))
    assert any(one.stops and one.text.startswith("Nobody can approve hotlist entries") for one in alone)
    texts = [one.text for one in vacancy(barstow, "training-corporal", {"training-corporal"})]
    assert texts == ["Nobody can certify training."]
    stopped = {
        one.text
        for one in vacancy(huntington_park, "administration-division-commander", _one(huntington_park))
    }
    assert {"Nobody can create accounts.", "Nobody can propose a new version of the policy."} <= stopped


def _one(profile: Profile) -> frozenset[str]:
    return vacant_positions(profile, set(profile.positions) - {"administration-division-commander"}, ())


def test_managing_accounts_and_searching_in_one_account_is_a_finding(
    barstow: Profile, changed: Change
) -> None:
    finding = separation(barstow, COLE)
    assert finding is not None
    assert not finding
    assert "silent" in finding.reason
    assert separation(barstow, SOTO) is None
    decided = changed({"organization/administrators_search": {"local_decision": "appointers", "value": True}})
    allowed = separation(decided, COLE)
    assert allowed is not None
    assert allowed

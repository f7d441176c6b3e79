"""Who receives data, who decides, and what stops it (B-466.7, CC 1798.90.55(b))."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from plateward.policy import PartnerClass, PersonFact, Profile
from plateward.releases import rules
from plateward.releases.rules import Act, PartnerFact, RequestFact, RequestState, Stop, StopKind

TODAY = date(2026, 11, 23)
COUNTY_DA = PartnerFact(
    "San Bernardino County District Attorney", PartnerClass.PROSECUTOR, "CA", True, date(2027, 11, 1)
)
ASKED = RequestFact(
    agency="San Bernardino County District Attorney",
    person="Pat Prosecutor",
    purpose="investigatory-lead",
    intended="Homicide at 1st and Main, case 26-0142",
    has_form=True,
    is_acknowledged=True,
    is_immigration=False,
    further={},
)


def is_of(kind: PartnerClass, state: str = "CA") -> PartnerFact:
    return replace(COUNTY_DA, name="This body", kind=kind, state=state)


def kinds(found: Sequence[Stop]) -> list[StopKind]:
    return [stop.kind for stop in found]


@pytest.mark.clause("B-466.7")
def test_a_district_attorney_on_the_register_may_receive(barstow: Profile) -> None:
    assert rules.stops(barstow, COUNTY_DA, ASKED, TODAY) == []


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (PartnerClass.PRIVATE, "CA"),
        (PartnerClass.FEDERAL, ""),
        (PartnerClass.OTHER_STATE, "NV"),
        (PartnerClass.TRIBAL, ""),
        (PartnerClass.VENDOR, "CA"),
        (PartnerClass.FUSION_CENTER, "CA"),
        (PartnerClass.COUNTY, "AZ"),
    ],
)
def test_who_is_no_public_agency_of_california_is_stopped_hard(
    kind: PartnerClass, state: str, barstow: Profile, huntington_park: Profile
) -> None:
    for profile in (barstow, huntington_park):
        found = rules.recipient_stops(profile, is_of(kind, state), TODAY)
        assert set(kinds(found)) == {StopKind.HARD}
        assert "1798.90.55(b)" in found[0].decision.clause
        assert rules.approvals_needed(found) == 2


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_the_policys_own_stop_stands_beside_the_statutes(barstow: Profile) -> None:
    for kind in (PartnerClass.PRIVATE, PartnerClass.FEDERAL, PartnerClass.OTHER_STATE):
        found = rules.recipient_stops(barstow, replace(is_of(kind, "NV"), is_enforcement=False), TODAY)
        assert [stop.decision.clause for stop in found] == [rules.STATUTE, "B-466.7¶2", "B-466.7"]


@pytest.mark.clause("B-466.7(b)")
def test_nobody_approves_what_rests_on_their_own_review_where_others_can(
    barstow: Profile, huntington_park: Profile
) -> None:
    decision = rules.may_rely_on_own_review(barstow, "cole", "cole")
    assert not decision
    assert decision.clause == "B-466.7(b)"
    assert rules.may_rely_on_own_review(barstow, "lane", "cole")
    assert rules.may_rely_on_own_review(huntington_park, "hayes", "hayes")


@pytest.mark.clause("B-466.7")
def test_a_public_university_is_not_among_barstows_partners_and_takes_an_override_like_a_private_one(
    barstow: Profile,
) -> None:
    (stop,) = rules.recipient_stops(barstow, is_of(PartnerClass.UNIVERSITY), TODAY)
    assert stop.kind is StopKind.HARD
    assert stop.decision.local_decision == "partner-classes"


@pytest.mark.clause("B-466.7¶2")
def test_a_city_body_without_law_enforcement_goes_the_way_of_the_records_policy(barstow: Profile) -> None:
    library = replace(is_of(PartnerClass.CITY), is_enforcement=False)
    (stop,) = rules.recipient_stops(barstow, library, TODAY)
    assert stop.decision.clause == "B-466.7¶2"
    assert "Records Maintenance and Release Policy" in stop.decision.remedy
    assert stop.kind is StopKind.FIRM


def test_where_the_policy_is_silent_only_the_statutes_floor_stops(huntington_park: Profile) -> None:
    for kind in rules.PUBLIC_AGENCIES:
        assert rules.recipient_stops(huntington_park, is_of(kind), TODAY) == []


@pytest.mark.clause("B-466.7")
def test_nobody_off_the_register_or_reviewed_too_long_ago_receives(barstow: Profile) -> None:
    lapsed = replace(COUNTY_DA, again_date=date(2026, 11, 22))
    ended = replace(COUNTY_DA, is_ended=True)
    for partner in (None, lapsed, ended):
        found = rules.recipient_stops(barstow, partner, TODAY)
        assert kinds(found) == [StopKind.FIRM], partner
    assert rules.recipient_stops(barstow, replace(COUNTY_DA, again_date=TODAY), TODAY) == []


@pytest.mark.clause("B-466.4", "H-426.3")
def test_immigration_enforcement_is_a_hard_stop_said_or_meant(barstow: Profile) -> None:
    said = replace(ASKED, is_immigration=True)
    meant = replace(ASKED, intended="Locate for ICE detainer")
    beside = replace(ASKED, reference="ICE detainer 11")
    for request in (said, meant, beside):
        (stop,) = rules.request_stops(barstow, request)
        assert stop.kind is StopKind.HARD
        assert "SB 54" in stop.decision.clause


@pytest.mark.clause("B-466.7", "B-466.3")
def test_without_acknowledgement_or_a_purpose_of_the_policy_nothing_is_released(barstow: Profile) -> None:
    assert kinds(rules.request_stops(barstow, replace(ASKED, is_acknowledged=False))) == [StopKind.FIRM]
    (stop,) = rules.request_stops(barstow, replace(ASKED, purpose=""))
    assert stop.kind is StopKind.FIRM
    assert not stop.decision.allowed


@pytest.mark.clause("B-466.7(a)", "B-466.7(a)(1)", "B-466.7(a)(2)", "B-466.7(a)(3)")
def test_a_request_states_agency_person_and_purpose_in_writing(barstow: Profile) -> None:
    assert rules.missing_contents(barstow, ASKED) == {}
    empty = replace(ASKED, agency="", person=" ", intended="", has_form=False)
    missing = rules.missing_contents(barstow, empty)
    assert set(missing) == {rules.AGENCY, rules.PERSON, rules.PURPOSE, "form"}
    assert {decision.clause for decision in missing.values()} == {"B-466.7(a)"}


@pytest.mark.clause("CC-1798.90.52")
def test_a_silent_policy_leaves_what_the_statute_wants_on_record(huntington_park: Profile) -> None:
    bare = replace(ASKED, person="", has_form=False)
    assert rules.missing_contents(huntington_park, bare) == {}
    missing = rules.missing_contents(huntington_park, replace(bare, intended=""))
    assert set(missing) == {rules.PURPOSE}
    assert "1798.90.52" in missing[rules.PURPOSE].clause


def person(name: str, *positions: str) -> PersonFact:
    return PersonFact(name, "lieutenant", frozenset(positions))


@pytest.mark.clause("B-466.7(b)")
def test_the_commander_or_a_designee_decides_and_nobody_on_their_own_request(barstow: Profile) -> None:
    cole = person("cole", "administrative-division-commander")
    lane = person("lane", "watch-commander")
    assert rules.may_decide(barstow, cole, {"clerk"})
    assert rules.may_decide(barstow, lane, {"clerk"})
    for refused, asked_by in ((person("soto"), {"clerk"}), (cole, {"cole"})):
        decision = rules.may_decide(barstow, refused, asked_by)
        assert not decision
        assert decision.clause == "B-466.7(b)"
        assert "Administrative Division Commander" in decision.remedy


def test_a_silent_policy_names_nobody_and_says_so(huntington_park: Profile) -> None:
    decision = rules.may_decide(huntington_park, person("hayes"), {"clerk"})
    assert decision
    assert decision.clause == ""
    assert "Not addressed by this policy" in decision.reason
    assert not rules.may_decide(huntington_park, person("hayes"), {"hayes"})


@pytest.mark.clause("B-466.7(b)")
def test_data_are_handed_over_after_approval_and_not_by_the_only_approver(barstow: Profile) -> None:
    assert not rules.may_fulfill(barstow, "clerk", ())
    assert not rules.may_fulfill(barstow, "cole", {"cole"})
    assert rules.may_fulfill(barstow, "clerk", {"cole"})
    assert rules.may_fulfill(barstow, "cole", {"cole", "lane"})


@pytest.mark.clause("B-466.7(b)")
def test_the_second_approval_of_an_override_is_another_persons(barstow: Profile) -> None:
    assert not rules.may_approve_also(barstow, "cole", {"cole"})
    assert rules.may_approve_also(barstow, "lane", {"cole"})


@pytest.mark.parametrize("state", [RequestState.REFUSED, RequestState.WITHDRAWN, RequestState.FULFILLED])
def test_what_ended_stays_ended(state: RequestState) -> None:
    for act in (Act.APPROVE, Act.REFUSE, Act.WITHDRAW, Act.FULFILL):
        assert not rules.may_move(state, act)


def test_nothing_is_fulfilled_that_is_not_approved() -> None:
    assert not rules.may_move(RequestState.RECORDED, Act.FULFILL)
    assert rules.may_move(RequestState.APPROVED, Act.FULFILL)


def test_limits_name_the_day_of_destruction_or_say_that_none_is_set() -> None:
    until = rules.limits("Homicide", "The DA", date(2027, 1, 31))
    assert until[-1] == "Destroy the data by January 31, 2027."
    assert "No day of destruction is set" in rules.limits("Homicide", "The DA", None)[-1]

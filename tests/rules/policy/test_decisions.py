from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plateward.policy import (
    CAPABILITIES,
    AccessLevel,
    ApprovalChain,
    CertificationFact,
    Decision,
    PersonFact,
    Profile,
    Refused,
    StepKind,
    Unsettled,
    approval_chain,
    dispatch_steps,
    export_allowed,
    hotlist_expiry,
    may,
    may_approve,
    may_use_system,
    positions_held,
    screen_reason,
    search_allowed,
    title_authorized,
)

Change = Callable[[dict[str, Any]], Profile]
TODAY = date(2026, 11, 22)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # profiles are frozen


def trained(completed_on: date = date(2026, 1, 10), expires_on: date | None = None) -> CertificationFact:
    return CertificationFact("alpr-basic", completed_on, expires_on)


def test_a_refusal_says_clause_reason_and_remedy(barstow: Profile) -> None:
    decision = may(barstow, "dispatcher", "search.run")
    with pytest.raises(Refused) as refusal:
        decision.require()
    assert refusal.value.decision is decision
    assert str(refusal.value).startswith(
        "B-466.10(limited): Dispatcher: this title may not search reads. Ask"
    )


def test_a_refusal_is_false_wherever_it_is_asked(barstow: Profile) -> None:
    assert not may(barstow, "dispatcher", "search.run")
    assert may(barstow, "patrol-officer", "search.run").require()


def test_an_unknown_capability_is_a_programming_error(barstow: Profile) -> None:
    with pytest.raises(KeyError):
        may(barstow, "captain", "reads.delete")


def test_a_position_the_profile_does_not_know_gives_nothing(barstow: Profile) -> None:
    assert not may(barstow, "sergeant", "audit.view", ["mayor"])


def test_a_capability_nobody_has_is_said_to_be_nobodys(changed: Change) -> None:
    profile = changed({"positions/training-corporal/capabilities/value": []})
    assert may(profile, "sergeant", "training.certify").remedy == "Nobody may, here."


@pytest.mark.clause("B-466.10(limited)(d)", "B-466.10(limited)(c)")
def test_vendor_staff_see_no_plate_data_and_the_it_manager_only_failed_payloads(either: Profile) -> None:
    plate_data = {capability.id for capability in CAPABILITIES.values() if capability.plate_data}
    maintenance = [key for key, title in either.titles.items() if title.access is AccessLevel.MAINTENANCE]
    for title in maintenance:
        assert not any(may(either, title, capability) for capability in plate_data), title
    assert {one for one in plate_data if may(either, "it-manager", one)} == {"reads.quarantine"}


@pytest.mark.clause("B-466.10", "H-426.2.1(a)")
@given(title=st.sampled_from(["", "mayor", "Captain", "CAPTAIN", "captain "]), data=st.data())
@SHARED
def test_an_unlisted_title_may_nothing(either: Profile, title: str, data: st.DataObject) -> None:
    capability = data.draw(st.sampled_from(sorted(CAPABILITIES)))
    assert not may(either, title, capability, either.positions)
    assert not may_use_system(either, title, [trained()], TODAY)


LETTERS = {
    "chief-of-police": "(a)",
    "captain": "(b)",
    "lieutenant": "(c)",
    "sergeant": "(d)",
    "detective-sergeant": "(e)",
    "corporal": "(f)",
    "detective": "(g)",
    "patrol-officer": "(h)",
    "dispatch-supervisor": "(limited)(a)",
    "dispatcher": "(limited)(b)",
    "it-manager": "(limited)(c)",
    "vendor-personnel": "(limited)(d)",
}


@pytest.mark.clause("B-466.10(a)", "B-466.10(b)", "B-466.10(c)", "B-466.10(d)", "B-466.10(e)", "B-466.10(f)")
@pytest.mark.clause("B-466.10(g)", "B-466.10(h)", "B-466.10(limited)(a)", "B-466.10(limited)(b)")
@pytest.mark.clause("B-466.10(limited)(c)", "B-466.10(limited)(d)", "B-466.10(full)", "B-466.10(limited)")
def test_each_title_is_authorized_by_its_own_line_of_the_policy_and_no_other(barstow: Profile) -> None:
    assert {title: title_authorized(barstow, title).clause for title in LETTERS} == {
        title: f"B-466.10{letter}" for title, letter in LETTERS.items()
    }
    assert set(barstow.titles) == set(LETTERS)
    assert not title_authorized(barstow, "records-clerk")


@pytest.mark.clause("B-466.10-accounts")
def test_only_the_commander_and_the_it_manager_make_accounts(barstow: Profile) -> None:
    makers = {key for key in barstow.positions if may(barstow, "sergeant", "accounts.manage", [key])}
    assert makers == {"administrative-division-commander", "it-manager"}
    assert not any(may(barstow, title, "accounts.manage") for title in barstow.titles)


@pytest.mark.clause("B-466.10")
def test_a_captain_is_the_commander_only_where_the_agency_says_so(changed: Change, barstow: Profile) -> None:
    commander = {"captain": ["administrative-division-commander"]}
    by_rank = changed({"access/positions_by_title/value": commander})
    assert positions_held(barstow, "captain", []) == frozenset()
    assert not may(barstow, "captain", "audit.view")
    assert positions_held(by_rank, "captain", []) == {"administrative-division-commander"}
    assert may(by_rank, "captain", "audit.view")


@pytest.mark.clause("B-466.4(d)", "B-466.8-who", "H-426.3(d)")
@given(
    certifications=st.lists(
        st.builds(
            CertificationFact,
            st.sampled_from(["alpr-basic", "first-aid"]),
            st.dates(date(2024, 1, 1), date(2028, 1, 1)),
            st.none() | st.dates(date(2024, 1, 1), date(2028, 1, 1)),
        ),
        max_size=4,
    ),
    data=st.data(),
)
@SHARED
def test_only_a_certification_that_counts_today_opens_the_system(
    either: Profile, certifications: list[CertificationFact], data: st.DataObject
) -> None:
    title = data.draw(st.sampled_from(sorted(either.titles)))
    counts = any(
        fact.course == "alpr-basic"
        and fact.completed_on <= TODAY
        and (fact.expires_on is None or fact.expires_on >= TODAY)
        for fact in certifications
    )
    assert may_use_system(either, title, certifications, TODAY).allowed == counts


@pytest.mark.clause("B-466.4(d)", "B-466.8", "H-426.7")
def test_the_untrained_are_told_who_certifies(barstow: Profile, huntington_park: Profile) -> None:
    for profile, certifier in (
        (barstow, "Administrative Training Corporal"),
        (huntington_park, "Training Manager"),
    ):
        refused = may_use_system(profile, "patrol-officer", [], TODAY)
        assert f"ask the {certifier} to record the certification" in refused.remedy


def test_an_agency_may_let_certifications_run_out_by_themselves(changed: Change) -> None:
    one_year = {"clause": "B-466.8", "value": {"amount": 1, "unit": "YEARS"}}
    profile = changed({"training/courses/alpr-basic/validity": one_year})
    assert may_use_system(profile, "detective", [trained(date(2025, 11, 22))], TODAY)
    over = may_use_system(profile, "detective", [trained(date(2025, 11, 21))], TODAY)
    assert (over.allowed, over.clause) == (False, "B-466.4(d)")
    assert "ended on Nov 21, 2026" in over.reason


def test_an_agency_may_leave_a_title_or_everybody_out_of_training(changed: Change) -> None:
    some = changed({"training/required_of/value": ["dispatcher"]})
    assert may_use_system(some, "captain", [], TODAY)
    assert not may_use_system(some, "dispatcher", [], TODAY)
    none = changed({"training/required_before_use": {"clause": "B-466.4(d)", "value": False}})
    assert may_use_system(none, "dispatcher", [], TODAY)


def test_a_policy_without_a_certifier_points_to_the_assigner(changed: Change) -> None:
    profile = changed({"training/certifier": {"silent": True}})
    assert "Administrative Division Commander" in may_use_system(profile, "captain", [], TODAY).remedy


@pytest.mark.clause("B-466.4(b)", "H-426.3(b)")
def test_neither_agency_demands_a_case_number_or_suspicion(either: Profile) -> None:
    assert search_allowed(either, "missing-person", "Missing child at the park")


@pytest.mark.parametrize(
    ("rule", "met", "asks_for"),
    [
        ("reference_required", {"reference": "24-001"}, "a case or incident reference"),
        ("suspicion_required", {"suspicion": True}, "a stated suspicion"),
        ("supervisor_approval_required", {"supervisor_approval": True}, "a supervisor's approval"),
    ],
)
def test_another_agency_may_switch_a_precondition_on(
    changed: Change, rule: str, met: dict[str, Any], asks_for: str
) -> None:
    profile = changed({f"search/{rule}": {"clause": "B-466.4", "value": True}})
    search = ("missing-person", "Missing child at the park")
    refused = search_allowed(profile, *search)
    assert (refused.allowed, refused.clause) == (False, "B-466.4")
    assert asks_for in refused.reason
    assert search_allowed(profile, *search, **met)


@pytest.mark.clause("B-466.6(b)", "H-426.5(b)")
def test_results_are_taken_out_for_a_case_by_whom_the_agency_names(either: Profile) -> None:
    assert export_allowed(either, "26-01234")
    refused = export_allowed(either, "  ")
    assert (refused.allowed, refused.local_decision) == (False, "exports")
    assert "give the number" in refused.remedy
    assert may(either, "detective", "search.export")
    assert not may(either, "patrol-officer", "search.export")


def test_where_nobody_said_how_many_nothing_is_taken_out(changed: Change, example: Profile) -> None:
    assert "not addressed by this policy" in export_allowed(example, "26-01234").reason
    silent = changed({"exports/most_reads": {"silent": True}})
    assert not export_allowed(silent, "26-01234")
    without_case = changed({"exports/reference_required": {"silent": True}})
    assert export_allowed(without_case, "")


@pytest.mark.clause("B-466.3", "H-426.2")
@given(purpose=st.text(alphabet="abc-", max_size=12), reason=st.text(alphabet="xy ", max_size=30))
@SHARED
def test_no_reason_makes_up_for_a_purpose_outside_the_list(
    either: Profile, purpose: str, reason: str
) -> None:
    refused = search_allowed(either, purpose, reason, "24-001", suspicion=True, supervisor_approval=True)
    assert not refused
    assert refused.clause in {"B-466.3", "B-466.4", "H-426.2", "H-426.3"}


@pytest.mark.clause("B-466.11", "B-466.11¶2")
def test_the_requesters_title_decides_the_chain(barstow: Profile) -> None:
    officers, detectives = (approval_chain(barstow, title) for title in ("patrol-officer", "detective"))
    assert isinstance(officers, ApprovalChain)
    assert isinstance(detectives, ApprovalChain)
    assert officers.first == "operations-division-commander"
    assert officers.alternatives == ("administrative-division-commander", "chief-of-police")
    assert detectives.first == "administrative-division-commander"
    assert detectives.alternatives == ("operations-division-commander", "chief-of-police")
    assert (officers.clause, detectives.clause) == ("B-466.11", "B-466.11¶2")


def test_a_title_without_a_chain_may_not_request(either: Profile) -> None:
    refused = approval_chain(either, "dispatcher")
    assert isinstance(refused, Decision)
    assert not refused
    assert "Patrol Officer" in refused.remedy
    dispatcher, chief = (
        PersonFact("d", "dispatcher"),
        PersonFact("c", "chief-of-police", frozenset(either.positions)),
    )
    assert not may_approve(either, requester=dispatcher, approver=chief, unavailable=frozenset())


POSITIONS = (
    "operations-division-commander",
    "administrative-division-commander",
    "chief-of-police",
    "watch-commander",
)


@pytest.mark.clause("B-466.11", "B-466.11¶2")
@given(
    title=st.sampled_from(["patrol-officer", "detective"]),
    held=st.frozensets(st.sampled_from(POSITIONS)),
    unavailable=st.frozensets(st.sampled_from(POSITIONS)),
)
@SHARED
def test_approval_needs_the_first_position_or_its_unavailability(
    barstow: Profile, title: str, held: frozenset[str], unavailable: frozenset[str]
) -> None:
    first = POSITIONS[0] if title == "patrol-officer" else POSITIONS[1]
    others = set(POSITIONS[:3]) - {first}
    decision = may_approve(
        barstow,
        requester=PersonFact("ortiz", title),
        approver=PersonFact("lane", "lieutenant", held),
        unavailable=unavailable,
    )
    assert decision.allowed == (first in held or (bool(others & held) and first in unavailable))


@pytest.mark.clause("B-466.11")
@given(
    title=st.sampled_from(["patrol-officer", "detective", "sergeant"]),
    held=st.frozensets(st.sampled_from(POSITIONS)),
    unavailable=st.frozensets(st.sampled_from(POSITIONS)),
)
@SHARED
def test_nobody_ever_approves_their_own_entry(
    either: Profile, title: str, held: frozenset[str], unavailable: frozenset[str]
) -> None:
    person = PersonFact("ortiz", title, held | either.positions.keys())
    assert not may_approve(either, requester=person, approver=person, unavailable=unavailable)


def test_an_approver_out_of_turn_is_told_to_record_the_unavailability(barstow: Profile) -> None:
    decision = may_approve(
        barstow,
        requester=PersonFact("ortiz", "patrol-officer"),
        approver=PersonFact("chen", "chief-of-police", frozenset({"chief-of-police"})),
        unavailable=frozenset(),
    )
    first = "Operations Division Commander"
    assert decision.remedy == f"Ask the {first}, or record that the {first} is unavailable."


@pytest.mark.clause("B-466.11¶3")
def test_an_entry_expires_seventy_two_hours_after_approval(barstow: Profile) -> None:
    approved_at = datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert hotlist_expiry(barstow, approved_at) - approved_at == timedelta(hours=72)


def test_an_agency_that_set_no_period_gets_no_expiry_made_up(changed: Change) -> None:
    profile = changed({"hotlists/custom/refresh_within": {"silent": True}})
    with pytest.raises(Unsettled, match="Record a local decision"):
        hotlist_expiry(profile, datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.clause("B-466.9")
def test_the_five_steps_stand_in_the_policys_order(barstow: Profile) -> None:
    steps = dispatch_steps(barstow)
    assert [step.clause for step in steps] == [f"B-466.9({letter})" for letter in "abcde"]
    assert [step.kind for step in steps] == list(StepKind)
    assert [step.id for step in steps if step.requires_confirmation] == ["advise-verified"]
    assert [step.id for step in steps if step.if_possible] == ["update-direction"]


@pytest.mark.clause("B-466.9")
def test_silence_on_dispatch_is_not_filled_from_another_agency(huntington_park: Profile) -> None:
    assert dispatch_steps(huntington_park) == ()
    assert huntington_park.dispatch.procedure.silent


def test_a_flag_says_where_and_why(barstow: Profile) -> None:
    reason = "Tracking the protest organizers' cars"
    (flag,) = screen_reason(barstow, reason)
    assert (flag.use, reason[flag.start : flag.end]) == ("first-amendment", flag.matched)
    assert flag.citation == "B-466.4; U.S. Const., amend. I"


@given(st.text(alphabet="aeimrtgICE *.-\n", max_size=40))
@SHARED
def test_screening_never_blocks_and_always_quotes(either: Profile, reason: str) -> None:
    for flag in screen_reason(either, reason):
        assert reason[flag.start : flag.end] == flag.matched
        assert flag.citation

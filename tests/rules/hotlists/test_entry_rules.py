"""Who may do what with a custom hotlist entry, by the rules alone: no database, no clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.hotlists.rules import (
    TRANSITIONS,
    Act,
    EntryFacts,
    EntryState,
    acting_position,
    active_until,
    chain_for,
    decide,
    may_be_partial,
    may_request,
    narrative_line,
    plate_problem,
)
from plateward.policy import (
    ApprovalChain,
    Decision,
    Param,
    PersonFact,
    Profile,
    load_profile,
)

POLICIES = Path(__file__).parents[3] / "policies"
NOW = datetime(2026, 11, 22, 11, 14, tzinfo=UTC)
ODC, ADC, CHIEF = "operations-division-commander", "administrative-division-commander", "chief-of-police"


def profile_of(agency: str) -> Profile:
    folder = POLICIES / agency
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


BARSTOW = profile_of("barstow-pd")
HUNTINGTON_PARK = profile_of("huntington-park-pd")

ORTIZ = PersonFact(id="ortiz", title="patrol-officer")
DIAZ = PersonFact(id="diaz", title="detective")
LANE = PersonFact(id="lane", title="lieutenant", positions=frozenset({ODC, "watch-commander"}))
COLE = PersonFact(id="cole", title="captain", positions=frozenset({ADC}))
CHEN = PersonFact(id="chen", title="chief-of-police", positions=frozenset({CHIEF}))
QUINN = PersonFact(id="quinn", title="patrol-officer")


def requested(by: PersonFact, *asserted: str) -> EntryFacts:
    return EntryFacts(state=EntryState.REQUESTED, requester=by, asserted=frozenset(asserted))


def active(by: PersonFact, *, hours_left: float = 10) -> EntryFacts:
    return EntryFacts(state=EntryState.ACTIVE, requester=by, expires_at=NOW + timedelta(hours=hours_left))


def asked(act: Act, entry: EntryFacts, person: PersonFact, position: str = "") -> Decision:
    return decide(act, BARSTOW, entry, person, now=NOW, position=position)


@pytest.mark.clause("B-466.11")
def test_officers_entry_is_decided_by_the_operations_division_commander() -> None:
    assert asked(Act.APPROVE, requested(ORTIZ), LANE)
    refused = asked(Act.APPROVE, requested(ORTIZ), COLE)
    assert not refused
    assert refused.clause.startswith("B-466.11")
    assert "Operations Division Commander is unavailable" in refused.reason


@pytest.mark.clause("B-466.11¶2")
def test_detectives_entry_is_decided_by_the_administrative_division_commander() -> None:
    assert asked(Act.APPROVE, requested(DIAZ), COLE)
    refused = asked(Act.APPROVE, requested(DIAZ), LANE)
    assert not refused
    assert refused.clause == "B-466.11¶2"


@pytest.mark.clause("B-466.11")
@pytest.mark.parametrize("stand_in", [COLE, CHEN])
def test_alternatives_rank_equally_once_the_first_is_unavailable(stand_in: PersonFact) -> None:
    assert asked(Act.APPROVE, requested(ORTIZ, ODC), stand_in)


@pytest.mark.clause("B-466.11")
def test_vacant_first_position_lets_an_alternative_decide() -> None:
    assert asked(Act.APPROVE, replace(requested(ORTIZ), vacant=frozenset({ODC})), CHEN)


@pytest.mark.clause("B-466.11")
def test_first_position_held_by_the_requester_lets_an_alternative_decide() -> None:
    acting = PersonFact(id="acting", title="patrol-officer", positions=frozenset({ODC}))
    assert not asked(Act.APPROVE, requested(acting), acting)
    assert asked(Act.APPROVE, requested(acting), COLE)


def test_colleague_without_a_position_cannot_approve() -> None:
    refused = asked(Act.APPROVE, requested(ORTIZ), QUINN)
    assert not refused
    assert refused.remedy == "Ask the Operations Division Commander."


def test_who_may_approve_may_refuse_and_nobody_else() -> None:
    assert asked(Act.REFUSE, requested(ORTIZ), LANE)
    refused = asked(Act.REFUSE, requested(ORTIZ), COLE)
    assert not refused
    assert refused.reason.startswith("The Administrative Division Commander refuses only if")
    assert asked(Act.REFUSE, requested(ORTIZ), ORTIZ).reason == "Nobody refuses an entry they requested."


@pytest.mark.clause("B-466.11")
@pytest.mark.parametrize("who", [ORTIZ, COLE, CHEN])
def test_requester_and_later_approvers_assert_unavailability(who: PersonFact) -> None:
    assert asked(Act.ASSERT_UNAVAILABLE, requested(ORTIZ), who, ODC)


def test_bystander_and_the_approver_cannot_assert_unavailability() -> None:
    assert not asked(Act.ASSERT_UNAVAILABLE, requested(ORTIZ), QUINN, ODC)
    assert not asked(Act.ASSERT_UNAVAILABLE, requested(ORTIZ), LANE, ODC)


def test_unavailability_is_asserted_once_and_only_of_the_first_approver() -> None:
    assert "already" in asked(Act.ASSERT_UNAVAILABLE, requested(ORTIZ, ODC), ORTIZ, ODC).reason
    assert not asked(Act.ASSERT_UNAVAILABLE, requested(ORTIZ), ORTIZ, CHIEF)


def test_requester_is_sent_to_whoever_can_decide_now() -> None:
    assert asked(Act.APPROVE, requested(ORTIZ), ORTIZ).remedy.endswith("the Operations Division Commander.")
    later = asked(Act.APPROVE, requested(ORTIZ, ODC), ORTIZ).remedy
    assert later == "Ask another person: the Administrative Division Commander or Chief of Police."


def test_where_no_alternative_is_laid_down_unavailability_is_refused_with_that_reason() -> None:
    hart, only = PersonFact(id="hart", title="patrol-officer"), "administration-division-commander"
    refused = decide(Act.ASSERT_UNAVAILABLE, HUNTINGTON_PARK, requested(hart), hart, now=NOW, position=only)
    assert not refused
    assert "the policy lays down no alternative" in refused.reason
    assert refused.clause == "H-426.2¶2"


@pytest.mark.clause("B-466.11¶3")
def test_any_approver_of_the_chain_re_confirms_but_not_the_requester() -> None:
    assert asked(Act.REFRESH, active(ORTIZ), CHEN)
    assert asked(Act.REFRESH, active(ORTIZ), CHEN).local_decision == "refresh-order"
    assert not asked(Act.REFRESH, active(ORTIZ), ORTIZ)
    assert not asked(Act.REFRESH, active(ORTIZ), QUINN)


@pytest.mark.clause("B-466.11¶3")
def test_requester_re_confirms_only_where_the_agency_decided_so_and_nobody_where_it_did_not() -> None:
    wider = silenced(BARSTOW, refresh_needs_approver=Param(local_decision="refresh-approver", value=False))
    assert decide(Act.REFRESH, wider, active(ORTIZ), ORTIZ, now=NOW)
    assert not decide(Act.REFRESH, wider, active(ORTIZ), QUINN, now=NOW)
    quiet = silenced(BARSTOW, refresh_needs_approver=Param(silent=True))
    for person in (ORTIZ, LANE):
        refused = decide(Act.REFRESH, quiet, active(ORTIZ), person, now=NOW)
        assert not refused
        assert "not addressed by this policy" in refused.reason


@pytest.mark.clause("B-466.11¶3")
def test_expired_entry_cannot_be_re_confirmed_even_before_the_clock_marked_it() -> None:
    refused = asked(Act.REFRESH, active(ORTIZ, hours_left=0), LANE)
    assert not refused
    assert "expired" in refused.reason


@pytest.mark.clause("B-466.11¶3")
def test_entry_stays_for_72_hours_of_elapsed_time() -> None:
    assert active_until(BARSTOW, NOW) == NOW + timedelta(hours=72)


@pytest.mark.clause("B-466.11¶3-recovery")
@pytest.mark.parametrize("finder", [ORTIZ, QUINN, DIAZ, COLE])
def test_requester_and_finders_remove_an_entry(finder: PersonFact) -> None:
    assert asked(Act.REMOVE, active(ORTIZ), finder)


@pytest.mark.clause("B-466.11¶3-recovery")
def test_dispatcher_does_not_remove_an_entry() -> None:
    assert not asked(Act.REMOVE, active(ORTIZ), PersonFact(id="dunn", title="dispatcher"))


def test_only_the_requester_withdraws() -> None:
    assert asked(Act.WITHDRAW, requested(ORTIZ), ORTIZ)
    assert not asked(Act.WITHDRAW, requested(ORTIZ), LANE)


@pytest.mark.clause("B-466.11")
def test_titles_outside_the_chains_cannot_request() -> None:
    assert may_request(BARSTOW, ORTIZ, "stolen-plate")
    refused = may_request(BARSTOW, PersonFact(id="soto", title="sergeant"))
    assert not refused
    assert refused.remedy


@pytest.mark.clause("B-466.3", "H-426.2")
def test_purpose_outside_the_closed_list_is_refused() -> None:
    hart = PersonFact(id="hart", title="patrol-officer")
    assert may_request(BARSTOW, ORTIZ, "crime-analysis")
    assert not may_request(HUNTINGTON_PARK, hart, "crime-analysis")


def test_huntington_park_decides_by_its_own_local_decision() -> None:
    hart = PersonFact(id="hart", title="patrol-officer")
    hayes = PersonFact(
        id="hayes", title="captain", positions=frozenset({"administration-division-commander"})
    )
    decision = decide(Act.APPROVE, HUNTINGTON_PARK, requested(hart), hayes, now=NOW)
    assert decision
    assert decision.local_decision


def silenced(profile: Profile, **custom: Param[object]) -> Profile:
    rules = msgspec.structs.replace(profile.hotlists.custom, **custom)
    return msgspec.structs.replace(profile, hotlists=msgspec.structs.replace(profile.hotlists, custom=rules))


def test_policy_silent_about_approvers_refuses_instead_of_borrowing_them() -> None:
    (name, chain), *_ = BARSTOW.hotlists.custom.chains.items()
    quiet = silenced(BARSTOW, chains={name: msgspec.structs.replace(chain, approver=Param(silent=True))})
    decision = chain_for(quiet, "patrol-officer")
    assert isinstance(decision, Decision)
    assert "not addressed by this policy" in decision.reason
    assert (
        "not addressed by this policy" in decide(Act.APPROVE, quiet, requested(ORTIZ), LANE, now=NOW).reason
    )


def test_policy_without_any_chain_refuses_requests() -> None:
    assert "not addressed by this policy" in may_request(silenced(BARSTOW, chains={}), ORTIZ).reason


def test_policy_silent_about_the_period_lets_nothing_become_active() -> None:
    quiet = silenced(BARSTOW, refresh_within=Param(silent=True))
    decision = decide(Act.APPROVE, quiet, requested(ORTIZ), LANE, now=NOW)
    assert not decision
    assert "not addressed by this policy" in decision.reason


@pytest.mark.clause("B-466.11-narrative")
def test_narrative_names_the_approver_by_title_name_position_and_time() -> None:
    line = narrative_line(
        "Approved",
        name="Laura Lane",
        title="lieutenant",
        position=ODC,
        clause="B-466.11",
        profile=BARSTOW,
        local_at=NOW.astimezone(tz=None).astimezone(UTC),
    )
    assert line == (
        "Approved by Lieutenant Laura Lane (Operations Division Commander), 2026-11-22 11:14 +0000, B-466.11."
    )


@pytest.mark.parametrize(("plate", "wrong"), [("8ABC123", False), ("", True), ("ABCDEFGHIJK", True)])
def test_plates_without_characters_or_with_too_many_are_refused(plate: str, wrong: bool) -> None:  # noqa: FBT001  a table
    assert bool(plate_problem(plate)) is wrong


def test_every_act_has_a_transition_and_ended_entries_stay_ended() -> None:
    assert {transition.act for transition in TRANSITIONS} == set(Act)
    ended = {EntryState.REFUSED, EntryState.WITHDRAWN, EntryState.EXPIRED, EntryState.REMOVED}
    assert not ended & {transition.source for transition in TRANSITIONS}


def test_only_an_approval_leads_out_of_a_request_to_what_matches() -> None:
    into = {(one.act, one.source) for one in TRANSITIONS if one.target is EntryState.ACTIVE}
    from_elsewhere = {(act, source) for act, source in into if source is not EntryState.ACTIVE}
    assert from_elsewhere == {(Act.APPROVE, EntryState.REQUESTED), (Act.ENTER, EntryState.APPROVED)}


POSITIONS = st.frozensets(st.sampled_from(sorted(BARSTOW.positions)))
PEOPLE = st.builds(
    PersonFact,
    id=st.sampled_from(["a", "b"]),
    title=st.sampled_from(sorted(BARSTOW.titles)),
    positions=POSITIONS,
)
ENTRIES = st.builds(
    EntryFacts,
    state=st.sampled_from(EntryState),
    requester=PEOPLE,
    asserted=POSITIONS,
    vacant=POSITIONS,
    expires_at=st.sampled_from([None, NOW, NOW + timedelta(hours=1)]),
)
PROFILES = st.sampled_from([BARSTOW, HUNTINGTON_PARK])


@pytest.mark.clause("B-466.11", "B-466.11¶2")
@given(
    profile=PROFILES,
    entry=ENTRIES,
    person=PEOPLE,
    act=st.sampled_from([Act.APPROVE, Act.REFUSE, Act.REFRESH]),
)
def test_no_combination_of_positions_lets_anybody_approve_their_own_entry_or_outside_the_chain(
    profile: Profile, entry: EntryFacts, person: PersonFact, act: Act
) -> None:
    if not decide(act, profile, entry, person, now=NOW):
        return
    chain = chain_for(profile, entry.requester.title)
    assert person.id != entry.requester.id
    assert isinstance(chain, ApprovalChain)
    assert acting_position(profile, entry, person) in chain.steps
    if act is not Act.REFRESH:
        assert chain.first in person.positions | entry.unavailable
        assert entry.state is EntryState.REQUESTED


@given(
    profile=PROFILES,
    entry=ENTRIES,
    person=PEOPLE,
    act=st.sampled_from(Act),
    position=st.sampled_from([ODC, ADC]),
)
def test_every_refusal_says_why_and_what_to_do(
    profile: Profile, entry: EntryFacts, person: PersonFact, act: Act, position: str
) -> None:
    if act in {Act.REQUEST, Act.EXPIRE, Act.RECOVER}:
        return
    decision = decide(act, profile, entry, person, now=NOW, position=position)
    assert decision.reason
    assert decision.allowed or decision.remedy


@pytest.mark.clause("B-466.11¶2")
def test_what_waits_to_be_typed_in_for_a_title_that_may_request_no_more_is_refused_with_what_to_do() -> None:
    entry = EntryFacts(state=EntryState.APPROVED, requester=PersonFact("a", "vendor-personnel"))
    for profile in (BARSTOW, HUNTINGTON_PARK):
        refused = decide(Act.ENTER, profile, entry, PersonFact("b", "patrol-officer"), now=NOW)
        assert not refused
        assert refused.reason
        assert refused.remedy


def with_partial_plates(answer: Param[bool]) -> Profile:
    hotlists = msgspec.structs.replace(BARSTOW.hotlists, partial_plates=answer)
    return msgspec.structs.replace(BARSTOW, hotlists=hotlists)


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_a_partial_plate_stands_on_a_hotlist_only_where_the_policy_says_so() -> None:
    assert may_be_partial(BARSTOW).clause == "B-466.4(c)"
    assert may_be_partial(HUNTINGTON_PARK).clause == "H-426.3(c)"
    silent = may_be_partial(with_partial_plates(Param(silent=True)))
    assert not silent
    assert "is not addressed by this policy" in silent.reason
    refused = may_be_partial(with_partial_plates(Param(clause="B-466.4(c)", value=False)))
    assert not refused
    assert "do not stand" in refused.reason

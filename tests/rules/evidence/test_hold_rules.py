"""What a hold covers, that each of several holds blocks by itself, and who decides on it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.evidence.hold_rules import (
    BLOCKING,
    MOST_SCOPES,
    TRANSITIONS,
    Act,
    HoldError,
    HoldFacts,
    HoldForm,
    HoldState,
    ReadFact,
    Scope,
    ScopeKind,
    WantedHold,
    check,
    decide,
    holding,
    reason_allowed,
    review_at,
    sources_of,
    step_of,
)
from plateward.policy import HoldReason, Param, Period, PersonFact, Profile, Unit, load_profile

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOCAL = ZoneInfo("America/Los_Angeles")
POLICIES = Path(__file__).parents[3] / "policies"
CAMERAS = tuple(UUID(int=number) for number in (1, 2))
READ = UUID(int=9)

moments = st.integers(0, 4 * 86_400).map(lambda s: datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=s))
windows = st.tuples(st.none() | moments, st.none() | moments).filter(
    lambda w: w[0] is None or w[1] is None or w[0] < w[1]
)


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    kind, (from_at, until_at) = draw(st.sampled_from(ScopeKind)), draw(windows)
    match kind:
        case ScopeKind.READ:
            return Scope(kind=kind, read_id=READ, captured_at=NOW)
        case ScopeKind.PLATE:
            plate = draw(st.sampled_from(["8ABC123", "7XYZ999"]))
            return Scope(kind=kind, plate=plate, plate_key=plate, from_at=from_at, until_at=until_at)
        case ScopeKind.CASE:
            return Scope(kind=kind, reference=draw(st.sampled_from(["B26-1", "b26-2"])))
    camera = draw(st.sampled_from(CAMERAS))
    begins = from_at or datetime(2026, 11, 19, tzinfo=UTC)
    return Scope(kind=kind, device_id=camera, from_at=begins, until_at=until_at)


reads = st.builds(
    ReadFact,
    id=st.sampled_from([READ, UUID(int=10)]),
    plate_key=st.sampled_from(["8ABC123", "7XYZ999", "5AAA111"]),
    captured_at=moments,
    device_id=st.sampled_from(CAMERAS),
    cases=st.frozensets(st.sampled_from(["B26-1", "B26-2"])),
)
holds = st.lists(st.tuples(st.sampled_from(HoldState), st.lists(scopes(), max_size=3)), max_size=4)


@pytest.fixture(scope="module", params=["barstow-pd", "huntington-park-pd"])
def profile(request: pytest.FixtureRequest) -> Profile:
    folder = POLICIES / request.param
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


def person(title: str) -> PersonFact:
    return PersonFact(str(uuid4()), title)


def commander(profile: Profile) -> PersonFact:
    """Whoever the policy lets approve holds."""
    able = [
        name
        for name, one in profile.positions.items()
        if "evidence.approve" in (one.capabilities.settled or ())
    ]
    return PersonFact(str(uuid4()), "captain", frozenset(able))


def wanted(**changes: object) -> WantedHold:
    stated = {
        "reason": HoldReason.EVIDENCE,
        "explanation": "Charged on Monday",
        "purpose": "stolen-or-wanted-vehicle",
        "scopes": (Scope(kind=ScopeKind.READ, read_id=READ, captured_at=NOW),),
    }
    return WantedHold(**(stated | changes))  # type: ignore[arg-type]  # one story differs in one field


@pytest.mark.clause("B-466.5¶2-purge", "H-426.4¶2-purge")
@given(reads, holds, st.data())
def test_ending_one_of_several_holds_frees_nothing_that_another_still_covers(
    read: ReadFact, held: list[tuple[HoldState, list[Scope]]], data: st.DataObject
) -> None:
    blocking = holding(read, held)
    if not blocking:
        return
    ended = data.draw(st.sampled_from(blocking))
    after = [
        (HoldState.RELEASED if place == ended else state, scopes)
        for place, (state, scopes) in enumerate(held)
    ]
    assert holding(read, after) == [place for place in blocking if place != ended]


@given(reads, holds, st.tuples(st.sampled_from(HoldState), st.lists(scopes(), max_size=3)))
def test_a_further_hold_never_frees_a_read(
    read: ReadFact, held: list[tuple[HoldState, list[Scope]]], more: tuple[HoldState, list[Scope]]
) -> None:
    assert set(holding(read, held)) <= set(holding(read, [*held, more]))


@given(reads, scopes())
def test_only_what_is_not_yet_decided_or_stands_blocks(read: ReadFact, scope: Scope) -> None:
    covered = scope.covers(read)
    assert {state for state in HoldState if holding(read, [(state, [scope])])} == (
        BLOCKING if covered else set()
    )
    assert {HoldState.REFUSED, HoldState.RELEASED, HoldState.BOOKED} == set(HoldState) - BLOCKING


def test_a_window_holds_its_beginning_and_not_its_end() -> None:
    scope = Scope(
        kind=ScopeKind.CAMERA_WINDOW, device_id=CAMERAS[0], from_at=NOW, until_at=NOW + timedelta(hours=1)
    )

    def read(at: datetime) -> ReadFact:
        return ReadFact(READ, "8ABC123", at, CAMERAS[0])

    assert scope.covers(read(NOW))
    assert not scope.covers(read(NOW - timedelta(microseconds=1)))
    assert scope.covers(read(NOW + timedelta(hours=1, microseconds=-1)))
    assert not scope.covers(read(NOW + timedelta(hours=1)))


def test_an_open_window_holds_what_is_read_later() -> None:
    scope = Scope(kind=ScopeKind.CAMERA_WINDOW, device_id=CAMERAS[0], from_at=NOW)
    assert scope.covers(ReadFact(READ, "8ABC123", NOW + timedelta(days=900), CAMERAS[0]))


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ({"kind": ScopeKind.READ}, "Say what is to be held"),
        ({"kind": ScopeKind.CASE, "reference": " "}, "Say what is to be held"),
        ({"kind": ScopeKind.CAMERA_WINDOW, "device_id": CAMERAS[0]}, "Say what is to be held"),
        ({"kind": ScopeKind.PLATE, "plate": "8", "plate_key": "8"}, "whole plate"),
        (
            {"kind": ScopeKind.PLATE, "plate": "8ABC", "plate_key": "8ABC", "from_at": NOW, "until_at": NOW},
            "later end",
        ),
    ],
)
def test_a_scope_that_holds_nothing_certain_is_refused(scope: dict[str, object], told: str) -> None:
    with pytest.raises(HoldError, match=told):
        Scope(**scope)  # type: ignore[arg-type]  # each misses or spoils one field


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"explanation": " "}, "explanation", "why these data"),
        ({"form": HoldForm.WRITTEN}, "reference", "Give the number"),
        ({"form": HoldForm.SWORN, "reference": "B26-1"}, "facts", "facts that were sworn"),
        ({"form": HoldForm.SWORN, "reference": "B26-1", "facts": "He saw it."}, "sworn_by", "who swore"),
        ({"review_at": NOW}, "review_at", "in the future"),
        ({"scopes": ()}, "", "what is to be held"),
        (
            {"scopes": (Scope(kind=ScopeKind.READ, read_id=READ, captured_at=NOW),) * (MOST_SCOPES + 1)},
            "",
            "Hold the plate, the case",
        ),
    ],
)
def test_what_every_hold_must_state(changes: dict[str, object], field: str, told: str) -> None:
    check(wanted(), NOW)
    with pytest.raises(HoldError, match=told) as caught:
        check(wanted(**changes), NOW)
    assert caught.value.field == field


@pytest.mark.clause("B-466.5¶2-purge", "H-426.4¶2-purge")
def test_only_the_reasons_of_the_clause_hold_data(profile: Profile) -> None:
    named = {one for one in HoldReason if reason_allowed(profile, one)}
    assert named == set(HoldReason) - {HoldReason.PENDING_CLAIM}
    refused = reason_allowed(profile, HoldReason.PENDING_CLAIM)
    assert "discovery request" in refused.remedy
    assert refused.clause.endswith("¶2-purge")


def test_a_policy_without_reasons_lets_nobody_hold(profile: Profile) -> None:
    silent = _with_holds(profile, reasons=Param(silent=True))
    assert not reason_allowed(silent, HoldReason.EVIDENCE)


@pytest.mark.clause("B-466.5¶2-purge", "H-426.4¶2-purge")
def test_nobody_decides_on_what_they_asked_for(profile: Profile) -> None:
    asker, other = commander(profile), commander(profile)
    hold = HoldFacts(HoldState.REQUESTED, asker.id)
    assert not decide(Act.APPROVE, profile, hold, asker)
    assert decide(Act.APPROVE, profile, hold, other)
    leaving = HoldFacts(HoldState.RELEASE_REQUESTED, asker.id, release_asked_by=other.id)
    assert not decide(Act.APPROVE_RELEASE, profile, leaving, other)
    assert decide(Act.APPROVE_RELEASE, profile, leaving, asker)


def test_who_only_asks_for_holds_does_not_decide_on_them(profile: Profile) -> None:
    officer = person("patrol-officer")
    assert not decide(Act.APPROVE, profile, HoldFacts(HoldState.REQUESTED, "somebody"), officer)
    assert decide(Act.ASK_RELEASE, profile, HoldFacts(HoldState.ACTIVE, "somebody"), officer)


def test_each_act_is_possible_in_its_own_states_only(profile: Profile) -> None:
    captain = commander(profile)
    for move in TRANSITIONS[1:]:
        possible = {
            state for state in HoldState if decide(move.act, profile, HoldFacts(state, "somebody"), captain)
        }
        assert possible == sources_of(move.act), move.act


def test_a_review_is_due_when_the_policy_or_the_person_says(profile: Profile) -> None:
    assert review_at(profile, None, NOW) is None
    chosen = NOW + timedelta(days=30)
    assert review_at(profile, chosen, NOW) == chosen
    every_week = _with_holds(profile, reverify_every=Param(clause="X", value=Period(7, Unit.DAYS)))
    assert review_at(every_week, None, NOW) == NOW + timedelta(days=7)
    assert review_at(every_week, chosen, NOW) == NOW + timedelta(days=7)
    assert review_at(every_week, NOW + timedelta(days=1), NOW) == NOW + timedelta(days=1)


def test_a_review_after_a_year_from_a_leap_day_and_across_a_change_of_clocks(profile: Profile) -> None:
    yearly = _with_holds(profile, reverify_every=Param(clause="X", value=Period(1, Unit.YEARS)))
    leap_day = datetime(2028, 2, 29, 23, 30, tzinfo=LOCAL)
    due = review_at(yearly, None, leap_day)
    assert due is not None
    assert (due.astimezone(LOCAL).date() - leap_day.date()).days in {365, 366}
    monthly = _with_holds(profile, reverify_every=Param(clause="X", value=Period(1, Unit.MONTHS)))
    before_spring = datetime(2026, 2, 20, 9, tzinfo=LOCAL)
    spring = review_at(monthly, None, before_spring)
    assert spring is not None
    assert spring.astimezone(LOCAL) == datetime(2026, 3, 20, 9, tzinfo=LOCAL)


def _with_holds(profile: Profile, **changes: object) -> Profile:
    rules = msgspec.structs.replace(profile.retention.holds, **changes)
    retention = msgspec.structs.replace(profile.retention, holds=rules)
    return msgspec.structs.replace(profile, retention=retention)


def test_each_reminder_is_due_from_its_day_on_until_the_data_are_gone() -> None:
    leaves = datetime(2026, 11, 3, 9, tzinfo=LOCAL)

    def due(before: timedelta) -> tuple[int, int] | None:
        return step_of((1, 10, 2, 5), leaves, leaves.astimezone(UTC) - before)

    assert due(timedelta(days=10, seconds=1)) is None
    assert due(timedelta(days=10)) == (0, 10)
    assert due(timedelta(days=5)) == (1, 5)
    assert due(timedelta(days=1, hours=12)) == (2, 2)
    assert due(timedelta(seconds=1)) == (3, 1)
    assert due(timedelta()) is None
    assert step_of((), leaves, leaves) is None

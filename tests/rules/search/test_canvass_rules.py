"""What kinds of crime come first, who sends cars, and how an assignment ends."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from plateward.policy import Param, Profile, load_profile
from plateward.search.canvass_rules import (
    AssignmentState,
    CanvassError,
    CrimeKind,
    check_end,
    check_time,
    may_assign,
    senders,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOCAL = ZoneInfo("America/Los_Angeles")
POLICIES = Path(__file__).parents[3] / "policies"


@pytest.fixture(scope="module", params=["barstow-pd", "huntington-park-pd"])
def profile(request: pytest.FixtureRequest) -> Profile:
    folder = POLICIES / request.param
    return load_profile((folder / "profile.yaml").read_bytes(), (folder / "clauses.yaml").read_bytes())


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_the_crimes_that_the_clause_names_come_first() -> None:
    assert [kind for kind in CrimeKind if kind.is_major] == list(CrimeKind)[:3]
    assert [kind.label for kind in CrimeKind][:3] == ["Homicide", "Shooting", "Other major incident"]


def test_where_the_policy_is_silent_whoever_may_search_sends_cars(profile: Profile) -> None:
    assert profile.search.canvass_sent_by.silent
    assert may_assign(profile, "patrol-officer", ())
    assert not may_assign(profile, "it-manager", ("it-manager",))
    assert senders(profile) == ""


def test_where_the_policy_names_titles_only_they_send_cars(profile: Profile) -> None:
    rule = Param(value=("sergeant",), clause=next(iter(profile.clauses)))
    search = msgspec.structs.replace(profile.search, canvass_sent_by=rule)
    settled = msgspec.structs.replace(profile, search=search)
    assert may_assign(settled, "sergeant", ())
    refused = may_assign(settled, "patrol-officer", ())
    assert not refused
    assert (refused.clause, refused.remedy) == (rule.clause, "Ask one of these: Sergeant.")


def test_an_assignment_has_a_time_that_is_not_over() -> None:
    check_time(NOW, NOW + timedelta(hours=1), NOW)
    with pytest.raises(CanvassError, match="Choose a later end"):
        check_time(NOW, NOW, NOW)
    with pytest.raises(CanvassError, match="over already"):
        check_time(NOW - timedelta(hours=2), NOW - timedelta(hours=1), NOW)
    week = datetime(2026, 11, 25, 20, tzinfo=LOCAL)
    check_time(week, week + timedelta(days=7), NOW)
    with pytest.raises(CanvassError, match="over at most 7 days"):
        check_time(week, week + timedelta(days=7, hours=1, minutes=1), NOW)


def test_a_time_of_the_clocks_that_daylight_saving_repeats_is_as_long_as_it_lasts() -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=LOCAL)
    check_time(first, first.replace(fold=1), NOW - timedelta(days=60))
    with pytest.raises(CanvassError, match="Choose a later end"):
        check_time(first.replace(fold=1), first.replace(minute=45), NOW - timedelta(days=60))


def test_an_assignment_ends_once_and_is_done_only_by_who_has_to_do_with_it() -> None:
    end = check_end(AssignmentState.ASSIGNED, is_done=True, may_end=True)
    assert end is AssignmentState.DONE
    assert check_end(AssignmentState.ASSIGNED, is_done=False, may_end=False) is AssignmentState.WITHDRAWN
    with pytest.raises(CanvassError, match="Nothing was changed"):
        check_end(end, is_done=False, may_end=True)
    with pytest.raises(CanvassError, match="Only the person assigned"):
        check_end(AssignmentState.ASSIGNED, is_done=True, may_end=False)

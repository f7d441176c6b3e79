"""A report goes to who is above, never to whom it is about, and nobody decides on themself."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.policy import Param, SanctionAction
from plateward.violations.rules import (
    Act,
    ReportFacts,
    State,
    Via,
    consequence,
    due_at,
    may_decide,
    may_see,
    overseers,
    report_problem,
    route,
    target_of,
)
from tests.rules.policy.shipped import profile_of

BARSTOW, HUNTINGTON_PARK = profile_of("barstow-pd"), profile_of("huntington-park-pd")
TODAY = date(2026, 11, 23)
PEOPLE = ("ortiz", "quinn", "soto", "cole", "diaz")
WHAT = "A search without a case was shown around."
names = st.sampled_from(["ortiz", "soto", "lane", "cole", "chen"])


@pytest.mark.clause("B-466.6(e)")
def test_a_supervisor_hears_it_and_without_one_the_managers() -> None:
    heard = route(reporter="ortiz", about="quinn", supervisors=["soto"], managers=["cole"])
    assert (heard.people, heard.via, heard.bypassed) == (("soto",), Via.SUPERVISOR, False)
    heard = route(reporter="ortiz", about="", supervisors=[], managers=["cole", "chen"])
    assert (heard.people, heard.via) == (("cole", "chen"), Via.MANAGER)


@pytest.mark.clause("B-466.6(e)")
@pytest.mark.parametrize(
    ("about", "people"), [("soto", ("cole", "chen")), ("lane", ("cole", "chen")), ("cole", ("chen",))]
)
def test_a_superior_whom_it_is_about_is_passed_over_with_their_level(
    about: str, people: tuple[str, ...]
) -> None:
    heard = route(reporter="ortiz", about=about, supervisors=["soto", "lane"], managers=["cole", "chen"])
    assert (heard.people, heard.bypassed) == (people, True)


def test_the_only_manager_is_passed_over_for_a_supervisor_and_otherwise_nobody_is_there() -> None:
    heard = route(reporter="ortiz", about="cole", supervisors=["soto"], managers=["cole"])
    assert (heard.people, heard.via, heard.bypassed) == (("soto",), Via.SUPERVISOR, True)
    heard = route(reporter="cole", about="", supervisors=[], managers=["cole"])
    assert (heard.people, heard.via) == ((), Via.NOBODY)


@given(names, names | st.just(""), st.lists(names, unique=True), st.lists(names, unique=True))
def test_it_never_goes_to_whom_it_is_about_nor_back_to_who_reports(
    reporter: str, about: str, supervisors: list[str], managers: list[str]
) -> None:
    heard = route(reporter=reporter, about=about, supervisors=supervisors, managers=managers)
    assert not {reporter, about} & set(heard.people)
    able = {*supervisors, *managers} - {reporter, about}
    assert bool(heard.people) is bool(able), "whoever can hear it does"
    facts = ReportFacts(reporter=reporter, about=about, told=frozenset(heard.people))
    for person in {reporter, about, *supervisors, *managers}:
        decides = bool(may_decide(BARSTOW, person, facts, managers))
        assert decides is (person in {*heard.people, *managers} - {reporter, about})


@pytest.mark.clause("B-466.6(e)")
def test_whom_it_is_about_sees_it_once_they_are_told_and_others_never() -> None:
    facts = ReportFacts(reporter="ortiz", about="quinn", told=frozenset({"soto"}))
    seen = {who: may_see(facts, who, ["cole"], is_told=False) for who in PEOPLE}
    assert [who for who, sees in seen.items() if sees] == ["ortiz", "soto", "cole"]
    assert may_see(facts, "quinn", ["cole"], is_told=True)
    refused = may_decide(BARSTOW, "quinn", facts, ["cole", "quinn"])
    assert not refused
    assert refused.clause == "B-466.6(e)"


@pytest.mark.clause("B-466.6(e)")
def test_barstow_tells_and_retrains_whatever_is_chosen_and_a_silent_policy_leaves_the_choice() -> None:
    for choice in (True, False):
        follows = consequence(BARSTOW, tell=choice, retrain=choice)
        assert (follows.is_told, follows.is_retrained) == (True, True)
        follows = consequence(HUNTINGTON_PARK, tell=choice, retrain=choice)
        assert (follows.is_told, follows.is_retrained) == (choice, choice)
    review = Param(value=SanctionAction.REVIEW, clause="B-466.6(e)")
    sanctions = msgspec.structs.replace(BARSTOW.sanctions, violation=review)
    mild = msgspec.structs.replace(BARSTOW, sanctions=sanctions)
    assert not consequence(mild, tell=True, retrain=True).is_retrained


def test_the_time_to_decide_is_that_of_a_review_and_where_it_is_silent_none_is_invented() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert due_at(BARSTOW, now) == now + timedelta(days=7)
    assert due_at(HUNTINGTON_PARK, now) is None


def test_who_reviews_comes_first_of_those_who_manage_and_silence_names_nobody() -> None:
    assert overseers(BARSTOW) == ("administrative-division-commander", "chief-of-police")
    assert overseers(HUNTINGTON_PARK) == ()


def test_a_report_says_what_happened_date_a_day_that_has_been() -> None:
    assert report_problem("Something.", None, TODAY) is not None
    assert report_problem(WHAT, TODAY + timedelta(days=1), TODAY) is not None
    assert report_problem(WHAT, TODAY, TODAY) is None


def test_what_is_decided_stays_decided() -> None:
    assert target_of(Act.FIND, State.OPEN) is State.CLOSED
    assert target_of(Act.ASSIGN_RETRAINING, State.OPEN) is State.RETRAINING
    for act in Act:
        assert target_of(act, State.CLOSED) is None
    assert target_of(Act.FIND, State.RETRAINING) is None

"""Each flag is raised with the facts it rests on, and not raised where they do not bear it out."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plateward.oversight.rules import (
    FINDERS,
    Absence,
    PersonWeek,
    RefusalFact,
    Use,
    draw,
    flags_of,
    spans,
    usual_hours,
)
from plateward.policy.monitoring import FlagRule, ReviewFlag

MONDAY = datetime(2026, 11, 16, 0, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
_ids = count(1)


def use(at: datetime = MONDAY, **facts: Any) -> Use:
    given = {
        "ids": (next(_ids),),
        "at": at,
        "is_search": True,
        "plate": "7ABC123",
        "purpose": "stolen-plate",
        "reason": "Plate taken from the lot behind the theater",
        "reference": "26-100",
    }
    return Use(**(given | facts))


def at(day: int, hour: int) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def told(flag: ReviewFlag, at_least: int, week: PersonWeek) -> list[str]:
    return [raised.explanation for raised in FINDERS[flag](week, at_least)]


DAYS = [use(at(day - 14, hour)) for day in range(6) for hour in (8, 12, 17)]


def test_unusual_hours_are_named_beside_the_usual_ones() -> None:
    week = PersonWeek(uses=[use(at(0, 2)), use(at(0, 3)), use(at(1, 3))], past=DAYS, past_weeks=2)
    assert told(ReviewFlag.OFF_HOURS, 3, week) == [
        (
            "3 searches between 02:00 and 03:59. Before, over 2 weeks, this person used the system between "
            "07:00 and 09:59 or 11:00 and 13:59 or 16:00 and 18:59."
        )
    ]


@pytest.mark.parametrize(
    "week",
    [
        PersonWeek(uses=[use(at(0, 2)), use(at(0, 3))], past=DAYS, past_weeks=2),
        PersonWeek(uses=[use(at(day, 9)) for day in range(4)], past=DAYS, past_weeks=2),
        PersonWeek(uses=[use(at(0, 2))] * 3, past=DAYS[:6], past_weeks=1),
    ],
    ids=["too few", "an hour around the usual", "too little known of the person"],
)
def test_hours_are_not_unusual(week: PersonWeek) -> None:
    assert told(ReviewFlag.OFF_HOURS, 3, week) == []


def test_a_night_shift_is_usual_for_whoever_works_it() -> None:
    nights = [use(at(day, hour)) for day in range(6) for hour in (23, 0, 1)]
    assert spans(usual_hours(nights)) == "22:00 and 02:59"


def test_volume_is_compared_with_the_person_and_their_peers() -> None:
    week = PersonWeek(uses=[use()] * 20, past=[use()] * 8, past_weeks=4, peers=[3, 5, 4])
    assert told(ReviewFlag.VOLUME, 20, week) == [
        "20 searches; in the 4 weeks before it was 2.0 a week, and others of this title made 4."
    ]


@pytest.mark.parametrize(
    ("past", "peers"), [(28, [3]), (8, [9, 10])], ids=["usual for them", "usual for their peers"]
)
def test_many_searches_that_are_usual_raise_nothing(past: int, peers: list[int]) -> None:
    week = PersonWeek(uses=[use()] * 20, past=[use()] * past, past_weeks=4, peers=peers)
    assert told(ReviewFlag.VOLUME, 20, week) == []


def test_one_plate_again_and_again_without_a_case() -> None:
    spelled = [use(at(day, 9), plate=plate, reference="") for day, plate in enumerate(["8BC", "BBC", "88C"])]
    assert told(ReviewFlag.REPEATED_PLATE, 3, PersonWeek(uses=spelled)) == [
        "8BC was searched 3 times on 3 days, and no case was named."
    ]


def test_one_plate_again_and_again_for_a_case_is_work() -> None:
    assert told(ReviewFlag.REPEATED_PLATE, 3, PersonWeek(uses=[use()] * 5)) == []


def test_a_colleagues_plate_is_told_without_saying_whose() -> None:
    week = PersonWeek(uses=[use(known_plate="a colleague"), use(is_search=False, known_plate="a colleague")])
    assert told(ReviewFlag.KNOWN_PLATE, 1, week) == [
        "1 search and 1 opened read of a plate that a colleague entered as their own or their household’s."
    ]
    assert told(ReviewFlag.KNOWN_PLATE, 1, PersonWeek(uses=[use()])) == []


@pytest.mark.parametrize(
    "reason", ["bolo", "susp vehicle", "Main Street and 1st", "test", "Locate car", "26-11"]
)
def test_poor_reasons_are_flagged(reason: str) -> None:
    week = PersonWeek(uses=[use(reason=reason)], places=frozenset({"main"}))
    assert told(ReviewFlag.POOR_REASON, 1, week) != []


@pytest.mark.parametrize(
    "reason",
    [
        "Burglary suspect vehicle seen leaving the scene",
        "Missing juvenile last seen in this car",
        "Hit and run, victim gave partial plate",
    ],
)
def test_reasons_that_tell_what_they_serve_are_not(reason: str) -> None:
    assert told(ReviewFlag.POOR_REASON, 1, PersonWeek(uses=[use(reason=reason)])) == []


def test_the_same_reason_for_many_plates_without_one_case() -> None:
    pasted = [use(plate=f"7ABC12{n}", reference="") for n in range(5)]
    assert told(ReviewFlag.PASTED_REASON, 5, PersonWeek(uses=pasted)) == [
        (
            "“Plate taken from the lot behind the theater” was given for 5 searches of 5 plates, and no one "
            "case holds them together."
        )
    ]
    one_case = [use(plate=f"7ABC12{n}") for n in range(5)]
    assert told(ReviewFlag.PASTED_REASON, 5, PersonWeek(uses=one_case)) == []


def test_no_case_counts_only_where_others_name_one() -> None:
    mine = [use(reference="")] * 3
    assert told(ReviewFlag.NO_CASE, 3, PersonWeek(uses=mine, others=[use()] * 5 + [use(reference="")])) == [
        "3 searches for stolen plate without a case; others named one in 5 of 6."
    ]
    assert told(ReviewFlag.NO_CASE, 3, PersonWeek(uses=mine, others=[use(reference="")] * 6)) == []


def test_use_before_leaving_and_while_suspended() -> None:
    left = PersonWeek(uses=[use(at(0, 9))], absences=[Absence("deactivated", at(3, 9), None)])
    assert told(ReviewFlag.SEPARATION, 1, left) == [
        "1 search in the 14 days before the account was deactivated (2026-11-19 09:00)."
    ]
    away = Absence("suspended", at(1, 0), at(2, 0))
    assert told(ReviewFlag.SEPARATION, 1, PersonWeek(uses=[use(at(1, 9))], absences=[away])) != []
    assert told(ReviewFlag.SEPARATION, 1, PersonWeek(uses=[use(at(3, 9))], absences=[away])) == []


def test_going_on_in_spite_of_a_prohibited_sign() -> None:
    week = PersonWeek(uses=[use(prohibited=("Personal use: my ex",))])
    assert told(ReviewFlag.PROHIBITED_TERM, 1, week) == [
        "1 search went on although the reason showed a sign of a prohibited use: Personal use: my ex (1)."
    ]


def test_refusals_are_in_a_row_only_within_an_hour_of_each_other() -> None:
    row = [RefusalFact(n, at(0, 9) + timedelta(minutes=20 * n), "B-466.3") for n in range(3)]
    assert told(ReviewFlag.REFUSALS, 3, PersonWeek(uses=[], refusals=row)) == [
        "3 refusals in a row between 2026-11-16 09:00 and 09:40, by B-466.3."
    ]
    apart = [RefusalFact(n, at(n, 9), "B-466.3") for n in range(3)]
    assert told(ReviewFlag.REFUSALS, 3, PersonWeek(uses=[], refusals=apart)) == []


def test_only_flags_of_the_plan_are_raised() -> None:
    week = PersonWeek(uses=[use(reason="bolo", known_plate="this person")])
    raised = flags_of(week, [FlagRule(flag=ReviewFlag.KNOWN_PLATE, at_least=1)])
    assert [one.flag for one in raised] == [ReviewFlag.KNOWN_PLATE]


def test_anybody_with_the_seed_draws_the_same_sample() -> None:
    assert draw("barstow-pd 2026", range(100), 5) == draw("barstow-pd 2026", reversed(range(100)), 5)
    assert draw("barstow-pd 2026", range(100), 5) != draw("barstow-pd 2027", range(100), 5)
    assert draw("x", [4], 5) == [4]

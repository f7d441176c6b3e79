"""Annual counts: each fact in the year of its own day (R112)."""

from dataclasses import replace
from datetime import date

from plateward.releases.count_rules import RequestDays, Tally, tallies, years_of

OLD, NEW = date(2026, 12, 31), date(2027, 1, 1)
ASKED = RequestDays(agency="County DA", purpose="lead", received=OLD)


def test_each_fact_counts_in_the_year_of_its_own_day() -> None:
    made = replace(ASKED, approved=OLD, fulfilled=NEW, has_data=True)
    assert tallies([made], 2026) == [Tally("County DA", "lead", received=1, approved=1)]
    assert tallies([made], 2027) == [Tally("County DA", "lead", disclosed=1)]
    assert tallies([made], 2028) == []
    assert years_of([made]) == {2026, 2027}


def test_refused_and_withdrawn_and_nothing_found_have_days_of_their_own() -> None:
    refused, withdrawn = replace(ASKED, refused=NEW), replace(ASKED, approved=OLD, withdrawn=NEW)
    empty = replace(ASKED, approved=NEW, fulfilled=NEW)
    (of_new,) = tallies([refused, withdrawn, empty], 2027)
    assert of_new == Tally("County DA", "lead", approved=1, nothing_found=1, refused=1, withdrawn=1)
    (of_old,) = tallies([refused, withdrawn, empty], 2026)
    assert of_old == Tally("County DA", "lead", received=3, approved=1, waiting=2)


def test_what_waits_is_counted_each_year_until_it_is_decided() -> None:
    (of_new,) = tallies([ASKED], 2027)
    assert of_new == Tally("County DA", "lead", waiting=1)
    assert tallies([replace(ASKED, withdrawn=OLD)], 2027) == []


def test_agencies_and_purposes_are_counted_apart_in_their_order() -> None:
    others = [replace(ASKED, agency="A Police"), replace(ASKED, purpose="other"), ASKED, ASKED]
    assert [(one.agency, one.purpose, one.received) for one in tallies(others, 2026)] == [
        ("A Police", "lead", 1),
        ("County DA", "lead", 2),
        ("County DA", "other", 1),
    ]

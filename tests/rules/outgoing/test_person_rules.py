"""Of what a person is told, when, and in which words."""

from datetime import UTC, datetime, time

import pytest

from plateward.outgoing import person_rules
from plateward.outgoing.person_rules import Waiting, Wish
from plateward.outgoing.rules import OWN as OWN_KIND
from plateward.outgoing.rules import AlertFacts
from plateward.policy import CategoryPriority, TellingWay

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WISH = Wish(frozenset({"own"}), frozenset({"stolen-vehicle"}), CategoryPriority.NORMAL, False, None, None)
OWN = Waiting("", CategoryPriority.NORMAL, is_late=False)


def quiet(begin: time | None, end: time | None) -> Wish:
    return Wish(WISH.mail, WISH.push, WISH.least, WISH.late_too, begin, end)


def test_each_way_tells_of_the_kinds_chosen_for_it_and_of_no_others() -> None:
    assert not person_rules.unwanted(WISH, TellingWay.MAIL, OWN, NOON)
    assert "did not choose" in person_rules.unwanted(WISH, TellingWay.PUSH, OWN, NOON)
    stolen = Waiting("stolen-vehicle", CategoryPriority.HIGH, is_late=False)
    assert not person_rules.unwanted(WISH, TellingWay.PUSH, stolen, NOON)


def test_less_urgent_and_late_ones_are_left_out_unless_chosen() -> None:
    low = Waiting("", CategoryPriority.LOW, is_late=False)
    assert "more urgent" in person_rules.unwanted(WISH, TellingWay.MAIL, low, NOON)
    late = Waiting("", CategoryPriority.NORMAL, is_late=True)
    assert "late" in person_rules.unwanted(WISH, TellingWay.MAIL, late, NOON)


@pytest.mark.parametrize(
    ("begin", "end", "at", "said"),
    [
        (time(22), time(6), time(23), "quiet"),
        (time(22), time(6), time(5, 59), "quiet"),
        (time(22), time(6), time(6), "told"),
        (time(9), time(17), time(9), "quiet"),
        (time(9), time(17), time(17), "told"),
        (None, None, time(3), "told"),
    ],
)
def test_quiet_hours_may_pass_midnight(begin: time | None, end: time | None, at: time, said: str) -> None:
    assert person_rules.in_quiet(quiet(begin, end), datetime.combine(NOON, at, UTC)) is (said == "quiet")


def test_the_words_hold_kind_priority_camera_and_time_alone() -> None:
    facts = AlertFacts("a1", "stolen", "Main at 1st", NOON, "UNVERIFIED", is_late=True)
    told = person_rules.alert_words(facts, "Stolen vehicles", CategoryPriority.HIGH, NOON)
    assert told.title == "An alert waits"
    assert told.text == (
        "An unverified alert of the category “Stolen vehicles”, priority high, at camera Main at 1st, "
        "12:00 on Mar 2. The read came late."
    )


def test_where_the_category_stays_here_its_priority_does_too() -> None:
    facts = AlertFacts("a1", "", "Main at 1st", NOON, "UNVERIFIED", is_late=False)
    told = person_rules.alert_words(facts, "", CategoryPriority.HIGH, NOON)
    assert told.text == "An unverified alert at camera Main at 1st, 12:00 on Mar 2."


def test_an_entry_without_a_category_is_said_to_have_none() -> None:
    facts = AlertFacts("a1", OWN_KIND, "Main at 1st", NOON, "UNVERIFIED", is_late=False)
    told = person_rules.alert_words(facts, OWN_KIND, CategoryPriority.NORMAL, NOON)
    assert told.text.startswith("An unverified alert on an entry without a category, at camera Main at 1st")


def test_only_named_push_services_and_hosts_below_them_are_sent_to() -> None:
    named = ("push.services.mozilla.com",)
    assert person_rules.is_push_service("https://updates.push.services.mozilla.com/wpush/v2/a", named)
    assert not person_rules.is_push_service("https://evilpush.services.mozilla.com.example/a", named)
    assert not person_rules.is_push_service("https://notpush.services.mozilla.com", named)


def test_only_addresses_of_named_domains_are_sent_to() -> None:
    assert not person_rules.address_problem("o@pd.city.example", ("pd.city.example",))
    assert "pd.city.example" in person_rules.address_problem("o@mail.example", ("pd.city.example",))
    assert "PLATEWARD_MAIL_DOMAINS" in person_rules.address_problem("o@mail.example", ())

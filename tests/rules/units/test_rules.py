from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.policy import Period, Profile
from plateward.units import rules
from plateward.unitwire.calls import HealthReport
from plateward.unitwire.documents import ListEntry
from tests.rules.policy.shipped import profile_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(st.sets(st.integers(1, 40)), st.integers(0, 50))
def test_what_arrived_and_what_is_missing_are_everything(numbers: set[int], highest: int) -> None:
    ranges = rules.joined([], numbers)
    within = {number for number in numbers if number <= highest}
    absent = rules.missing(ranges, highest)
    assert rules.count(ranges) == len(numbers)
    assert rules.count(absent) == highest - len(within)
    assert rules.joined((*absent, *ranges)) == rules.joined([], numbers | set(range(1, highest + 1)))


def test_ranges_join_where_they_touch() -> None:
    assert rules.joined([(1, 3), (7, 9)], [4, 6]) == ((1, 4), (6, 9))
    assert rules.missing(((1, 4), (6, 9)), 12) == ((5, 5), (10, 12))
    assert [rules.in_words(one) for one in ((5, 5), (10, 12))] == ["5", "10 to 12"]


def entry(name: str, plate: str) -> ListEntry:
    return ListEntry(
        id=name,
        plate=plate,
        region=None,
        category="Stolen",
        priority=1,
        information_only=False,
        source="Custom",
        detail=None,
        expires_at=NOW,
    )


def test_a_changed_entry_goes_and_comes() -> None:
    before = {"a": entry("a", "1AAA111"), "b": entry("b", "2BBB222"), "c": entry("c", "3CCC333")}
    after = {"b": entry("b", "2BBB223"), "c": entry("c", "3CCC333"), "d": entry("d", "4DDD444")}
    added, removed = rules.list_changes(before, after)
    assert [one.id for one in added] == ["b", "d"]
    assert removed == ("a", "b")


def test_five_wrong_codes_are_enough() -> None:
    assert rules.may_try(4)
    assert not rules.may_try(5)


@pytest.mark.parametrize("hours", [1, 12])
def test_a_period_is_counted_in_seconds(hours: int) -> None:
    period = msgspec.convert({"amount": hours, "unit": "HOURS"}, Period)
    assert rules.seconds_of(period) == timedelta(hours=hours).total_seconds()


def told(**more: object) -> HealthReport:
    spool = {"waiting": 0, "oldest_at": None, "bytes": 0, "room_bytes": 9_000_000}
    facts = {
        "at": NOW,
        "sent_monotonic": 0.0,
        "version": "1",
        "model": "m",
        "list_version": 1,
        "list_as_of": NOW,
        "spool": spool,
        "sources": [],
        "recognition": None,
        "checked": {"right": 0, "wrong": 0},
    }
    return msgspec.convert(facts | more, HealthReport)


def kinds(
    policy: Profile, report: HealthReport | None, *, offset: float = 0.0, now: datetime = NOW
) -> list[str]:
    watch = rules.UnitWatch(
        warn_after=timedelta(hours=24),
        enrolled_at=NOW - timedelta(days=3),
        told_at=NOW if report else None,
        told=report,
        clock_offset_s=offset,
    )
    return [one.kind.value for one in rules.problems(watch, policy, now)]


@pytest.mark.clause("B-466.5", "H-426.4", "B-466.11¶3")
def test_what_is_wrong_with_a_unit_is_said_with_its_figures() -> None:
    barstow = profile_of("barstow-pd")
    full = {"waiting": 12, "oldest_at": NOW - timedelta(hours=25), "bytes": 1, "room_bytes": 2_000_000}
    camera = {
        "name": "front",
        "state": "FAILED",
        "frames_per_s": 0,
        "reads_last_hour": 0,
        "last_frame_at": None,
    }
    assert kinds(barstow, told()) == []
    assert kinds(barstow, None) == ["UNHEARD"]
    assert kinds(barstow, told(), now=NOW + timedelta(hours=24)) == ["UNHEARD"]
    assert kinds(barstow, told(), offset=-90.0) == ["CLOCK"]
    assert kinds(barstow, told(spool=full, sources=[camera])) == ["SPOOL", "SOURCE"]
    assert kinds(barstow, told(sources=[camera | {"state": "ENDED"}])) == [], "a video that was read"
    assert kinds(barstow, told(list_as_of=NOW - timedelta(hours=72))) == ["LIST"]
    assert kinds(barstow, told(list_as_of=NOW - timedelta(hours=71))) == []


def test_a_policy_that_gives_no_age_calls_no_list_old() -> None:
    silent = profile_of("los-angeles-pd")
    assert kinds(silent, told(list_as_of=NOW - timedelta(days=90))) == []
    assert kinds(silent, told(list_as_of=None)) == ["LIST"]
    assert rules.signs_in_until(silent, NOW) is None
    assert not rules.check_sign_in(silent, rules.CAPABILITIES, NOW)


def test_when_something_was_done_is_worked_out_from_both_clocks() -> None:
    enrolled, early = NOW - timedelta(days=1), NOW - timedelta(minutes=10)
    assert rules.acted_at(early, 30.0, enrolled, NOW) == (early + timedelta(seconds=30), False)
    assert rules.acted_at(early, None, enrolled, NOW) == (early, True)
    assert rules.acted_at(datetime(1970, 1, 1, tzinfo=UTC), 0.0, enrolled, NOW) == (NOW, True)
    assert rules.acted_at(NOW, 600.0, enrolled, NOW) == (NOW, True)


def test_a_clock_is_behind_ahead_or_in_step() -> None:
    said = [rules.clock_in_words(offset) for offset in (0.04, 3_725.25, -0.06)]
    assert said == ["in step with ours", "3,725.2 s behind ours", "0.1 s ahead of ours"]


def test_tries_from_one_network_of_the_newer_protocol_count_together() -> None:
    assert rules.tried_from("2001:db8::1") == rules.tried_from("2001:db8::ffff")
    assert rules.tried_from("192.0.2.1") == "192.0.2.1"
    assert rules.tried_from("::ffff:192.0.2.1") == "192.0.2.1"
    assert rules.tried_from("fe80::1%eth0") == "fe80::/64"
    assert rules.tried_from("") == ""


@pytest.mark.parametrize(
    ("pages", "receiver", "is_sealed"),
    [
        ("https://a.example", "https://reads.example", True),
        ("http://localhost:8000", "http://localhost:8001", True),
        ("https://a.example", "http://a.example:8001", False),
        ("http://10.0.0.5", "http://10.0.0.5:8001", False),
    ],
)
def test_units_send_by_https_or_within_one_machine(pages: str, receiver: str, is_sealed: bool) -> None:  # noqa: FBT001  a case
    assert rules.is_sealed_way(pages, receiver) is is_sealed

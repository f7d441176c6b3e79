"""The chain of custody of a burned disc: what cannot have happened is refused, and so is a wrong check."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plateward.evidence.custody_rules import (
    RECORDED_ALONE,
    Checked,
    CustodyError,
    EarlierLink,
    Link,
    MadeDisc,
    WantedLink,
    check_link,
    check_report,
)
from plateward.evidence.disc_rules import LONGEST_MARK, Medium, Protection, UnusableDiscsError, WantedDiscs

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
MADE = NOW - timedelta(hours=3)
BURNED = EarlierLink(Link.BURNED, NOW - timedelta(hours=2))
DESTROYED = EarlierLink(Link.DESTROYED, NOW - timedelta(hours=1))
HANDED = EarlierLink(Link.HANDED_OVER, NOW - timedelta(minutes=90))
DISC = MadeDisc(package="2026-0007", fingerprint="a" * 64, number=1, total=2, image="b" * 64, listed="c" * 64)
PASSED: dict[str, Any] = {
    "format": "plateward-verification/1",
    "package": "2026-0007",
    "fingerprint": "a" * 64,
    "discs": [1],
    "of": 2,
    "sets": ["c" * 64],
    "image_sha256": "b" * 64,
    "read": "drive",
    "verified_at": "2026-11-23T17:00:00Z",
    "checks": [{"check": "the files", "defects": [], "defect_count": 0}],
}


def wanted(kind: Link, **changes: Any) -> WantedLink:
    of_kind: dict[Link, dict[str, Any]] = {
        Link.BURNED: {},
        Link.CHECKED: {"report": PASSED},
        Link.HANDED_OVER: {
            "to_whom": "D. Ames, District Attorney",
            "receipt": "Receipt 77",
            "unverified_because": "The court waits",
        },
        Link.DESTROYED: {"witness": "Sgt. Soto"},
    }
    said: dict[str, Any] = {"kind": kind, "serial": "SN-1", "told": "As the form asks", "happened_at": NOW}
    return WantedLink(**said | of_kind[kind] | changes)


def refused(link: WantedLink, *earlier: EarlierLink) -> tuple[str, str]:
    with pytest.raises(CustodyError) as error:
        check_link(link, earlier, made_at=MADE, now=NOW)
    return error.value.field, str(error.value)


def test_a_copy_is_burned_checked_handed_over_and_destroyed() -> None:
    chain: list[EarlierLink] = []
    for kind in (Link.BURNED, Link.CHECKED, Link.HANDED_OVER, Link.DESTROYED):
        check_link(wanted(kind), chain, made_at=MADE, now=NOW)
        chain.append(EarlierLink(kind, NOW))


def test_a_booking_is_no_link_that_is_recorded_by_hand() -> None:
    booked = WantedLink(kind=Link.BOOKED, serial="SN-1", told="Item 26-77", happened_at=NOW)
    assert "Book the copy from its hold" in refused(booked, BURNED)[1]


@pytest.mark.parametrize("kind", sorted(RECORDED_ALONE))
def test_nothing_happens_to_a_destroyed_copy(kind: Link) -> None:
    field, told = refused(wanted(kind), BURNED, DESTROYED)
    assert (field, "was destroyed" in told) == ("serial", True)


@pytest.mark.parametrize("kind", [Link.CHECKED, Link.HANDED_OVER, Link.DESTROYED])
def test_nothing_happens_to_a_copy_that_was_not_burned_or_not_yet(kind: Link) -> None:
    assert "burned: record that first" in refused(wanted(kind))[1]
    other = replace(BURNED, is_here=False)
    assert "burned: record that first" in refused(wanted(kind), other)[1], "it is a copy of another disc"
    early = wanted(kind, happened_at=BURNED.happened_at - timedelta(minutes=1))
    assert refused(early, BURNED)[0] == "happened_at"


def test_a_disc_is_written_once() -> None:
    assert "written once" in refused(wanted(Link.BURNED), BURNED)[1]
    assert "written once" in refused(wanted(Link.BURNED), replace(BURNED, is_here=False))[1]


def test_nothing_is_burned_before_there_was_an_image() -> None:
    early = wanted(Link.BURNED, happened_at=MADE - timedelta(minutes=1))
    assert "not made yet" in refused(early)[1]
    seconds = MADE + timedelta(seconds=40)
    check_link(wanted(Link.BURNED, happened_at=MADE), (), made_at=seconds, now=NOW)


def test_no_copy_is_destroyed_before_it_was_handed_over() -> None:
    early = wanted(Link.DESTROYED, happened_at=HANDED.happened_at - timedelta(minutes=1))
    assert refused(early, BURNED, HANDED)[0] == "happened_at"


def test_nothing_is_recorded_that_is_still_to_come() -> None:
    later = wanted(Link.BURNED, happened_at=NOW + timedelta(seconds=1))
    assert "still to come" in refused(later)[1]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Link.BURNED, "serial"),
        (Link.BURNED, "told"),
        (Link.HANDED_OVER, "to_whom"),
        (Link.HANDED_OVER, "receipt"),
        (Link.DESTROYED, "witness"),
    ],
)
def test_each_link_says_what_its_kind_needs(kind: Link, field: str) -> None:
    earlier = () if kind is Link.BURNED else (BURNED,)
    assert refused(wanted(kind, **{field: "  "}), *earlier)[0] == field


def test_a_check_without_its_report_is_none() -> None:
    assert refused(wanted(Link.CHECKED, report=None), BURNED)[0] == "report"


def found(report: dict[str, Any], disc: MadeDisc = DISC) -> Checked:
    return check_report(report, disc, burned_at=BURNED.happened_at, now=NOW)


def test_the_report_of_this_disc_that_passed_counts() -> None:
    passed = Checked(NOW - timedelta(hours=1))
    assert found(PASSED) == passed
    assert found({key: value for key, value in PASSED.items() if key != "image_sha256"}) == passed
    assert found(PASSED | {"read": "folder"}, replace(DISC, listed="")) == passed


def test_the_last_check_decides_whether_a_copy_is_handed_over() -> None:
    bad, good = (
        EarlierLink(Link.CHECKED, NOW, checked=Checked(NOW - timedelta(minutes=at), failure))
        for at, failure in ((60, "data/a.jpg was changed"), (30, ""))
    )
    assert "data/a.jpg was changed" in refused(wanted(Link.HANDED_OVER), BURNED, bad)[1]
    early = replace(good, checked=Checked(NOW - timedelta(minutes=61)))
    assert refused(wanted(Link.HANDED_OVER), BURNED, bad, early)[0] == "serial", "it passed before it failed"
    check_link(wanted(Link.HANDED_OVER, unverified_because=""), (BURNED, bad, good), made_at=MADE, now=NOW)
    unchecked = wanted(Link.HANDED_OVER, unverified_because=" ")
    assert refused(unchecked, BURNED)[0] == "unverified_because"


FAILED = [
    {"check": "files", "defects": ["data/a.jpg was changed: its SHA-256 is another"], "defect_count": 1}
]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": "something"}, "no report of"),
        ({"checks": []}, "no report of"),
        ({"checks": ["PASS"]}, "cut short or changed"),
        ({"discs": []}, "names no disc"),
        ({"fingerprint": "0" * 64, "package": "2026-0003"}, r"another package \(2026-0003\), not of package"),
        ({"discs": [2]}, "This is disc 2 of 2, not disc 1 of 2"),
        ({"sets": ["0" * 64]}, "another set, or was changed"),
        ({"sets": None}, "cut short or changed"),
        ({"sets": []}, "does not say which"),
        ({"fingerprint": ""}, "does not say which"),
        ({"discs": [1, 2, 3]}, "several discs"),
        ({"discs": ["1"]}, "cut short or changed"),
        ({"checks": [{"check": "x", "defect_count": 1, "defects": 5}]}, "cut short or changed"),
        ({"read": "image"}, "not of a burned disc"),
        ({"read": ""}, "not of a burned disc"),
        ({"verified_at": ""}, "has no time"),
        ({"verified_at": "2026-11-23T15:59:00Z"}, "made at 2026-11-23 15:59 UTC"),
        ({"verified_at": "2026-11-23T18:02:00Z"}, "before now"),
    ],
)
def test_a_report_that_is_not_of_this_disc_or_proves_nothing_is_refused_with_words(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(CustodyError, match=told) as error:
        found(PASSED | changes)
    assert error.value.field == "report"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"image_sha256": "0" * 64}, "what was read is not the image that was made, its SHA-256 is another"),
        ({"checks": FAILED}, "data/a.jpg was changed: its SHA-256 is another"),
        (
            {"checks": FAILED, "discs": [], "fingerprint": ""},
            "data/a.jpg was changed: its SHA-256 is another",
        ),
        ({"checks": [{"check": "x", "defect_count": 1}]}, "a check failed"),
    ],
)
def test_a_check_that_failed_says_of_what(changes: dict[str, Any], told: str) -> None:
    assert found(PASSED | changes).failure == told


def test_keys_are_named_where_they_are_wanted_and_marks_fit_on_a_label() -> None:
    WantedDiscs(medium=Medium.CD, protection=Protection.PASSPHRASE, marks=("CLETS",)).check()
    for wrong, field in (
        (WantedDiscs(medium=Medium.CD, protection=Protection.KEYS), "recipients"),
        (WantedDiscs(medium=Medium.CD, recipients=("age1x",)), "recipients"),
        (WantedDiscs(medium=Medium.CD, marks=("x" * (LONGEST_MARK + 1),)), "marks"),
        (WantedDiscs(medium=Medium.CD, marks=("x",) * 5), "marks"),
    ):
        with pytest.raises(UnusableDiscsError) as error:
            wrong.check()
        assert error.value.field == field

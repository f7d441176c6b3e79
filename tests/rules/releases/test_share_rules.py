"""A vendor's list is held against the shares on record and changes none of them (R108, R109)."""

from datetime import date

import pytest

from plateward.releases.share_rules import (
    Answer,
    Drift,
    DriftKind,
    ShareFact,
    ShareState,
    UnreadableListError,
    answer_problem,
    drift,
    may_become,
    names_in,
)

TODAY = date(2026, 11, 23)
LATER = date(2027, 6, 1)


def active(name: str, expires: date = LATER, why_not: str = "") -> ShareFact:
    return ShareFact(name, ShareState.ACTIVE, expires, why_not)


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_every_way_a_vendors_list_can_differ_is_told() -> None:
    shares = [
        active("Needles PD"),
        active("County Sheriff", date(2026, 11, 22)),
        active("Federal Bureau", why_not="It is no public agency."),
        active("Victorville Station"),
        ShareFact("Redlands PD", ShareState.ENDED, LATER, ""),
    ]
    listed = ["NEEDLES  pd", "County Sheriff", "Federal Bureau", "Redlands PD", "Some Sheriff"]
    assert drift(listed, shares, TODAY) == [
        Drift(DriftKind.UNKNOWN, "Redlands PD"),
        Drift(DriftKind.UNKNOWN, "Some Sheriff"),
        Drift(DriftKind.INELIGIBLE, "Federal Bureau", "It is no public agency."),
        Drift(DriftKind.EXPIRED, "County Sheriff", "Approved until Nov 22, 2026."),
        Drift(DriftKind.MISSING, "Victorville Station"),
    ]


def test_equal_lists_differ_in_nothing_and_the_last_day_still_counts() -> None:
    assert drift(["Needles PD"], [active("Needles PD", TODAY)], TODAY) == []


def test_a_proposed_share_is_no_approval() -> None:
    proposed = ShareFact("Needles PD", ShareState.PROPOSED, LATER, "")
    assert drift(["Needles PD"], [proposed], TODAY) == [Drift(DriftKind.UNKNOWN, "Needles PD")]


def test_names_come_from_the_column_named_each_once() -> None:
    data = '\ufeffid,Shared With\n1,Needles PD\n2, Needles PD\n\n3,"Police, City of"\n'.encode()
    assert names_in(data, "shared with") == ["Needles PD", "Police, City of"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"id,name\n1,Needles PD\n", "no column"),
        (b"Shared With\n\n", "is empty"),
        (b"\xff\xfe\x00", "no CSV file"),
        (b"PK\x03\x04", "spreadsheet"),
        (b"Shared With,Shared with\nA,B\n", "2 columns"),
        (b"id,Shared With\n1,Needles PD\n2\n", "Row 3 ends before"),
        (b'Shared With\n"Needles PD\n', "no CSV file"),
    ],
)
def test_a_file_that_says_nothing_is_sent_back_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableListError, match=said):
        names_in(data, "Shared With")


def test_an_ended_share_is_proposed_anew_and_never_renewed() -> None:
    assert not may_become(ShareState.ENDED, "RENEW")
    assert not may_become(ShareState.REFUSED, "APPROVE")
    assert may_become(ShareState.ACTIVE, "RENEW")


def test_semicolons_and_tabs_part_columns_too() -> None:
    assert names_in(b"id;Shared With\n1;Police, City of\n", "Shared With") == ["Police, City of"]
    assert names_in(b"id\tShared With\n1\tNeedles PD\n", "Shared With") == ["Needles PD"]


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_a_difference_is_answered_with_what_fits_it_and_is_so() -> None:
    def problem(kind: DriftKind, answer: Answer, *shares: ShareFact) -> str:
        return answer_problem(kind, "Needles  pd", answer, shares, TODAY)

    good, late = active("Needles PD"), active("Needles PD", date(2026, 11, 22))
    proposed = ShareFact("Needles PD", ShareState.PROPOSED, LATER, "")
    for kind in DriftKind:
        assert problem(kind, Answer.TOLD) == ""
    assert "is answered with" in problem(DriftKind.INELIGIBLE, Answer.RENEWED, good)
    assert "Propose it first" in problem(DriftKind.UNKNOWN, Answer.PROPOSED, active("Redlands PD"))
    assert problem(DriftKind.UNKNOWN, Answer.PROPOSED, proposed) == ""
    assert "approved anew first" in problem(DriftKind.EXPIRED, Answer.RENEWED, late)
    assert problem(DriftKind.EXPIRED, Answer.RENEWED, good) == ""
    assert "End it first" in problem(DriftKind.MISSING, Answer.ENDED, good)
    assert problem(DriftKind.MISSING, Answer.ENDED) == ""

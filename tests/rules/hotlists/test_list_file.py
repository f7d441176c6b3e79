"""Files with lists of others: what is taken from a line, and why a line or a file is not taken."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.hotlists.list_file import Layout, Line, ListLines, Terms, UnusableFile, layout_of

SAMPLES = Path(__file__).parents[2] / "samples"
TERMS = Terms(now=datetime(2026, 1, 3, 20, tzinfo=UTC), zone="America/Los_Angeles")
HEADED = Layout(kind="HEADED")


def read(text: str | bytes, layout: Layout = HEADED, terms: Terms = TERMS) -> tuple[list[Line], ListLines]:
    data = text if isinstance(text, bytes) else text.encode()
    lines = ListLines(data.splitlines(keepends=True), layout, terms)
    return list(lines), lines


def told(text: str, terms: Terms = TERMS) -> str:
    """Why the file's one line is left out."""
    taken, lines = read(text, terms=terms)
    assert taken == []
    (problem,) = lines.problems
    return problem.text


def test_columns_are_known_by_their_headers_and_by_the_words_of_ncic() -> None:
    (line,), lines = read('LIC,LIS,VYR,VCO,VMA,MKE,NIC,OCA\n"8abc-123",CA,2019,BLU,HOND,STOL,V1,26-1\n')
    assert (line.plate, line.region, line.vehicle) == ("8ABC123", "US-CA", "2019 BLU HOND")
    assert (line.reason, line.reference) == ("Listed as STOL; case 26-1", "V1")
    assert lines.refused == 0


def test_genetecs_six_columns_are_taken_in_their_order() -> None:
    taken, lines = read((SAMPLES / "hotlist-genetec.txt").read_bytes(), Layout(kind="GENETEC"))
    assert [(line.plate, line.region, line.reference) for line in taken] == [
        ("TST0123", "US-VA", "S1"),
        ("TST0999", "US-MD", ""),
        ("TST0777", "", ""),
    ]
    assert taken[0].expires_at is not None
    assert taken[0].expires_at.isoformat() == "2026-01-05T00:00:00-08:00"
    assert lines.problems == []


def test_a_fixed_extract_is_read_as_the_agency_laid_down() -> None:
    layout = layout_of((SAMPLES / "hotlist-fixed.layout.json").read_bytes())
    taken, _ = read((SAMPLES / "hotlist-fixed.txt").read_bytes(), layout)
    assert [(line.plate, line.code, line.reference) for line in taken] == [
        ("TST0123", "STOL", "N000000001"),
        ("TST0O77", "PLAT", "N000000002"),
    ]
    assert taken[0].vehicle == "WHI FORD F15"


def test_an_extract_that_was_cut_off_is_refused_whole() -> None:
    layout = layout_of((SAMPLES / "hotlist-fixed.layout.json").read_bytes())
    lines = (SAMPLES / "hotlist-fixed.txt").read_bytes().splitlines(keepends=True)
    with pytest.raises(UnusableFile, match="announces 2 lines and has 1: it is cut off"):
        read(b"".join([*lines[:2], lines[3]]), layout)
    with pytest.raises(UnusableFile, match="has no trailer"):
        read(b"".join(lines[:3]), layout)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("---,CA,,", "No letter or digit is left"),
        ("8ABC12345678,CA,,", "at most 10"),
        ("8ABC123,CA,2026-01-02,", "it ended on 2026-01-02"),
        ("8ABC123,CA,,2026-01-04", "in force from 2026-01-04"),
        ("8ABC123,CA,tomorrow,", "“tomorrow” is no date; one is written like 2026-01-03"),
        ("8AB?123,CA,,", "is a partial plate, and the policy does not let one"),
    ],
)
def test_a_line_that_cannot_match_is_left_out_and_says_why(line: str, why: str) -> None:
    assert why in told(f"plate,state,expires,effective\n{line}\n")


@pytest.mark.clause("B-466.4(c)", "H-426.3(c)")
def test_a_partial_plate_is_taken_where_the_policy_lets_it_onto_a_list() -> None:
    allowed = replace(TERMS, partial=True)
    (line,), _ = read("plate\n8ab-?23*\n", terms=allowed)
    assert line.plate == "8AB?23*"
    assert "At least 2 known" in told("plate\n*8*\n", allowed)


def test_a_category_that_the_policy_keeps_out_is_left_out() -> None:
    excluded = replace(TERMS, excluded=frozenset({"immigration"}))
    assert "keeps the category “Immigration” out" in told("plate,category\n8ABC123,Immigration\n", excluded)


def test_a_state_nobody_knows_leaves_no_entry_out() -> None:
    taken, lines = read("plate,state\n8ABC123,ZZ\n7XYZ456,MEX\n")
    assert [line.region for line in taken] == ["", "MX"]
    assert lines.unknown_states == {"ZZ": 1}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "found: nothing"),
        (b"plate\n\n", "no line with an entry"),
        (b"name,color\nx,y\n", "No column is headed plate"),
        (b"plate\n\xff\xfe\n", "Line 2 is not UTF-8"),
        (b"plate\n8AB\x00C\n", "NUL"),
        (b"plate\n" + b"8" * 3000, "longer than 2000"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(data: bytes, why: str) -> None:
    with pytest.raises(UnusableFile, match=why):
        read(data)


@pytest.mark.parametrize(
    ("layout", "why"),
    [
        ("", "cannot be read"),
        ('{"kind": "FIXED", "colums": []}', "unknown field `colums`"),
        ('{"kind": "FIXED"}', "no column “plate”"),
        ('{"kind": "FIXED", "columns": [{"name": "plate"}]}', "needs start and length"),
        ('{"kind": "DELIMITED", "columns": [{"name": "plate"}]}', "needs position"),
        ('{"kind": "DELIMITED", "columns": [{"name": "plate", "position": 0}, {"name": "vin"}]}', "“vin”"),
        ('{"kind": "HEADED", "skip_header_regex": "("}', "expression of the layout is wrong"),
    ],
)
def test_a_layout_that_cannot_be_used_says_what_is_wrong(layout: str, why: str) -> None:
    with pytest.raises(UnusableFile, match=why):
        layout_of(layout)


@given(st.binary(max_size=300), st.sampled_from(["HEADED", "GENETEC"]))
def test_no_file_of_any_bytes_does_more_than_be_refused(data: bytes, kind: str) -> None:
    layout = layout_of(json.dumps({"kind": kind}))
    try:
        taken, lines = read(data, layout)
    except UnusableFile:
        return
    assert len(taken) + lines.refused > 0
    assert all(line.plate for line in taken)

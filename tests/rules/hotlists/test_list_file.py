"""Files with lists of others: what is taken from a line, and why a line or a file is not taken."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as replace_in

from plateward.hotlists.layouts import Layout, Trailer, UnusableFile, charset_in, layout_of
from plateward.hotlists.list_file import Line, ListLines, Problem, Terms
from plateward.plates import normalize
from plateward.policy import IMMIGRATION, UNKNOWN_CATEGORY

SAMPLES = Path(__file__).parents[2] / "samples"
TERMS = Terms(now=datetime(2026, 1, 3, 20, tzinfo=UTC), zone="America/Los_Angeles")
HEADED = Layout(kind="HEADED")


def read(text: str | bytes, layout: Layout = HEADED, terms: Terms = TERMS) -> tuple[list[Line], ListLines]:
    data = text if isinstance(text, bytes) else text.encode()
    lines = ListLines(BytesIO(data), layout, terms)
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


def test_a_category_that_the_policy_keeps_out_is_left_out_and_counted() -> None:
    excluded = replace(TERMS, excluded=frozenset({"immigration"}))
    taken, lines = read("plate,category\n8ABC123,Immigration\n8ABC124,Stolen\n---,Stolen\n", terms=excluded)
    assert [line.plate for line in taken] == ["8ABC124"]
    assert (lines.left_out, lines.refused) == ({"Immigration": 1}, 1)


def test_type_and_year_of_a_plate_and_what_to_be_careful_of_are_told() -> None:
    (line,), _ = read("lic,lit,liy,vma,mke,caution\n8ABC123,PC,2026,HOND,WANT,Armed\n")
    assert line.vehicle == "HOND; plate PC 2026"
    assert line.reason == "Listed as WANT; caution: Armed"


def test_a_code_of_the_source_says_which_category_of_the_agencys_it_is() -> None:
    layout = replace_in(HEADED, categories={"STOL": "stolen-vehicle"})
    taken, lines = read("lic,mke\n8ABC123,STOL\n8ABC124,OTHR\n8ABC125,\n", layout)
    assert [line.category for line in taken] == ["stolen-vehicle", UNKNOWN_CATEGORY, ""]
    assert lines.unknown_codes == {"OTHR": 1}


def test_no_layout_calls_a_forbidden_category_otherwise() -> None:
    terms = replace(TERMS, categories={"gang file": "gang"}, forbidden=frozenset({"gang", IMMIGRATION}))
    own = dict.fromkeys(("Immigration Violators", "Gang File", "STOL"), "vehicle")
    text = "plate,category\n8ABC123,Immigration Violators\n8ABC124,Gang File\n8ABC125,STOL\n"
    taken, lines = read(text, replace_in(HEADED, categories=own), terms)
    assert [(line.plate, line.category) for line in taken] == [("8ABC125", "vehicle")]
    assert lines.left_out == {IMMIGRATION: 1, "gang": 1}


def test_a_line_may_remove_what_stands_and_an_unknown_action_is_refused() -> None:
    text = "lic,action,expires\n8ABC121,a,\n8ABC122,DELETE,2020-01-01\n8ABC123,X,\n"
    taken, lines = read(text)
    assert [(line.plate, line.action) for line in taken] == [("8ABC121", "ADD"), ("8ABC122", "REMOVE")]
    assert "“X” is none of the actions laid down" in lines.problems[0].text
    laid_down, _ = read("lic,action\n8ABC123,X\n", replace_in(HEADED, actions={"X": "REMOVE"}))
    assert laid_down[0].action == "REMOVE"


def test_a_number_of_lines_and_those_that_begin_so_are_no_entries() -> None:
    layout = replace_in(HEADED, skip_lines=2, skip_begins=("#",))
    taken, lines = read("EXTRACT OF TODAY\n8ZZZ999\nlic\n# a note\n8ABC123\n", layout)
    assert [(line.number, line.plate) for line in taken] == [(5, "8ABC123")]
    assert lines.refused == 0


@pytest.mark.parametrize(
    ("trailer", "text"),
    [
        (Trailer(begins="TRL"), "lic\nTRL123\n8ABC123\nTRL0000003\n"),
        (Trailer(begins="TRL", counts="ALL_LINES"), "lic\nTRL123\n\nTRL 4\n"),
        (Trailer(begins="T|", number=4), "lic\n8ABC123\n7ABC123\nT|2026-01-03|3\n"),
    ],
)
def test_a_trailers_count_is_compared_and_an_entry_may_begin_like_it(trailer: Trailer, text: str) -> None:
    layout = replace_in(HEADED, trailer=trailer)
    if trailer.counts == "ALL_LINES":
        with pytest.raises(UnusableFile, match="announces 4 lines and has 3"):
            read(text, layout)
        return
    taken, _ = read(text, layout)
    assert len(taken) == 2


def test_a_trailer_without_its_number_is_no_proof_that_the_file_is_whole() -> None:
    with pytest.raises(UnusableFile, match="gives no such number"):
        read("lic\n8ABC123\nTRL\n", replace_in(HEADED, trailer=Trailer(begins="TRL")))


def test_what_stands_where_there_is_no_date_is_none() -> None:
    layout = replace_in(HEADED, date_format="%Y%m%d", no_dates=("00000000",))
    (line,), _ = read("lic,expires\n8ABC123,00000000\n", layout)
    assert line.expires_at is None


def test_each_rejected_line_is_told_of() -> None:
    told: list[Problem] = []
    lines = ListLines([b"lic\n", *[b"---\n"] * 150], HEADED, TERMS, told.append)
    assert list(lines) == []
    assert [problem.line for problem in told] == list(range(2, 152))
    assert (lines.refused, len(lines.problems)) == (150, 100)


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b"8ABC123", "utf-8"),
        ("Citroën".encode(), "utf-8"),
        ("Citroën".encode()[:6], "utf-8"),
        ("Citroën".encode("windows-1252"), "windows-1252"),
        (b"\x81\xeb", "latin-1"),
    ],
)
def test_a_charset_is_suggested(data: bytes, charset: str) -> None:
    assert charset_in(data) == charset


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"PK\x03\x04\x14", "an archive or a spreadsheet"),
        (b"\x1f\x8b\x08", "a compressed file"),
    ],
)
def test_what_is_no_text_is_told_by_its_name(data: bytes, what: str) -> None:
    with pytest.raises(UnusableFile, match=f"The file is {what}.*choose the one that its source made"):
        charset_in(data)


def test_utf_16_is_told_at_once() -> None:
    with pytest.raises(UnusableFile, match="The file is UTF-16"):
        charset_in("lic\n8ABC123\n".encode("utf-16"))


def test_bytes_of_another_charset_are_told_with_their_line() -> None:
    layout = replace_in(HEADED, charset="windows-1252")
    with pytest.raises(UnusableFile, match=r"Line 2 is not Windows-1252 \(byte 2\)"):
        read(b"lic\n8\x81BC123\n", layout)


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
        ('{"kind": "HEADED", "trailer": {}}', "how the trailer begins"),
        ('{"kind": "HEADED", "trailer": {"begins": "T", "number": 0}}', "counted from 1"),
        ('{"kind": "HEADED", "trailer": {"regex": "T", "count_group": 2}}', "no such group"),
        ('{"kind": "HEADED", "skip_lines": 101}', "From 0 to 100 lines"),
        ('{"kind": "HEADED", "date_format": "%H"}', "no way to write a date"),
        ('{"kind": "DELIMITED", "separator": "", "columns": []}', "one character"),
        (
            '{"kind": "DELIMITED", "columns": [TWICE, TWICE]}'.replace(
                "TWICE", '{"name": "plate", "position": 0}'
            ),
            "“plate” is laid down twice",
        ),
    ],
)
def test_a_layout_that_cannot_be_used_says_what_is_wrong(layout: str, why: str) -> None:
    with pytest.raises(UnusableFile, match=why):
        layout_of(layout)


PLACES = [{"name": "plate", "start": 0, "length": 8}, {"name": "expires_date", "start": 8, "length": 10}]
CELLS = [{"name": "plate", "position": 0}, {"name": "reason_code", "position": 1}]
LAYOUTS = [
    {"kind": "HEADED"},
    {"kind": "HEADED", "charset": "cp437", "skip_lines": 1, "trailer": {"begins": "T"}},
    {"kind": "GENETEC", "charset": "windows-1252"},
    {"kind": "FIXED", "charset": "latin-1", "columns": PLACES},
    {"kind": "DELIMITED", "separator": "|", "columns": CELLS, "charset": "ascii", "skip_begins": ["#"]},
]
TEXT = st.text(alphabet='8ABC1?*-|;,"\r\n\t#T2026.é ', max_size=200)
BYTES = TEXT.map(lambda text: b"plate;mke\n" + text.encode())


@given(st.binary(max_size=300) | BYTES, st.sampled_from(LAYOUTS))
def test_no_file_of_any_bytes_does_more_than_be_refused_and_nothing_is_invented(
    data: bytes, written: dict[str, Any]
) -> None:
    layout = layout_of(json.dumps(written))
    told: list[Problem] = []
    source = list(BytesIO(data))
    lines = ListLines(source, layout, replace(TERMS, partial=True), told.append)
    try:
        taken = list(lines)
    except UnusableFile:
        return
    assert len(taken) + lines.refused > 0
    assert len(told) == lines.refused
    assert not {line.number for line in taken} & {problem.line for problem in told}
    for line in taken:
        text = source[line.number - 1].decode(layout.charset)
        assert line.plate
        assert set(line.plate) <= set(normalize(text)) | set("?*")
        assert line.code in text.replace("\r", " ")  # a carriage return inside a line is a blank

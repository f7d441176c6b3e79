"""What the beginning of a file suggests, and what its lines become under a layout."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plateward.hotlists.layout_preview import Became, Preview, preview, suggested
from plateward.hotlists.layouts import Column, Layout, Trailer, UnusableFile
from plateward.hotlists.list_file import Terms
from plateward.hotlists.list_samples import Sample

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
TERMS = Terms(now=NOW, zone="America/Los_Angeles", excluded=frozenset({"immi"}))
HEADED_TEXT = b"""# made 2026-11-22
LIC|LIS|MKE|NIC
8ABC123|CA|STOL|V1
--|CA|STOL|V2
8ABC124|CA|IMMI|V3
TRL3
"""


def lines(data: bytes) -> list[bytes]:
    return list(BytesIO(data))


def seen(data: bytes, layout: Layout) -> Preview:
    return preview(lines(data), layout, TERMS, is_whole=True)


def test_a_delimited_file_with_known_headers_suggests_its_whole_layout() -> None:
    layout = suggested(lines(HEADED_TEXT))
    assert (layout.kind, layout.separator, layout.skip_lines) == ("DELIMITED", "|", 2)
    assert layout.trailer == Trailer(begins="TRL")
    assert [column.name for column in layout.columns] == ["plate", "state", "reason_code", "source_record_no"]


def test_a_file_without_separators_suggests_fixed_places_for_a_person_to_lay_down() -> None:
    sample = Sample(count=20, kind="FIXED", day=NOW.date())
    layout = suggested([line.encode() for line in sample.lines()])
    assert (layout.kind, layout.columns, layout.skip_lines) == ("FIXED", (), 1)


def test_where_nobody_said_where_the_plate_stands_no_line_is_blamed_for_it() -> None:
    found = seen(b"Kennz.;Land\n8ABC123;CA\n", suggested(lines(b"Kennz.;Land\n8ABC123;CA\n")))
    assert "Nothing says yet where the license plate stands." in found.problem
    assert found.rejected == 0
    assert [one.why for one in found.shown] == ["", ""]


def test_headers_that_nobody_knows_leave_the_columns_to_a_person() -> None:
    layout = suggested(lines(b"Kennz.;Land\n8ABC123;CA\n"))
    assert (layout.kind, layout.separator, layout.columns) == ("DELIMITED", ";", ())


def test_each_line_shows_what_it_becomes() -> None:
    found = seen(HEADED_TEXT, suggested(lines(HEADED_TEXT)))
    assert [one.became for one in found.shown] == [
        Became.PASSED_OVER,
        Became.PASSED_OVER,
        Became.ENTRY,
        Became.REJECTED,
        Became.KEPT_OUT,
        Became.TRAILER,
    ]
    assert (found.taken, found.rejected, found.kept_out) == (1, 1, 1)
    assert found.codes == {"STOL": 1}
    assert found.samples[0] == ("8ABC123", "--", "8ABC124")
    assert "No letter or digit" in found.shown[3].why


def test_what_cannot_be_read_so_is_told_and_nothing_is_taken() -> None:
    layout = Layout(kind="DELIMITED", columns=(Column(name="plate", position=0),), charset="ascii")
    found = seen("8ABC123\nCitroën\n".encode(), layout)
    assert found.problem.startswith("Line 2 is not ASCII")
    assert (found.taken, len(found.shown)) == (0, 1)


def test_the_last_line_is_no_trailer_where_the_file_goes_on() -> None:
    layout = suggested(lines(HEADED_TEXT))
    found = preview(lines(HEADED_TEXT), layout, TERMS, is_whole=False)
    assert found.shown[-1].became is not Became.TRAILER


def test_a_file_that_is_no_text_suggests_nothing() -> None:
    with pytest.raises(UnusableFile, match="A list is a text file"):
        suggested([b"PK\x03\x04\x00\x00"])


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "windows-1252", "ascii"]), st.booleans())
def test_no_bytes_break_the_preview(data: bytes, charset: str, is_whole: bool) -> None:  # noqa: FBT001  drawn
    found = lines(data)
    try:
        layout = suggested(found)
    except UnusableFile:
        layout = Layout(kind="FIXED", columns=(Column(name="plate", start=0, length=8),))
    for one in (layout, replace(layout, charset=charset), replace(layout, kind="FIXED")):
        preview(found, one, TERMS, is_whole=is_whole)

"""The public's requests: ten days, one extension, and copies in which nothing taken out is left."""

import io
from datetime import date

import pytest
from PIL import Image

from plateward.policy import Profile
from plateward.releases.records_rules import (
    Determination,
    Outcome,
    RecordsState,
    Unusual,
    determination_problems,
    due_date,
    extension_problem,
    may_become,
    path_of,
)
from plateward.releases.redaction import Box, UnredactableError, redacted_picture, redacted_table

RECEIVED = date(2026, 12, 20)


def test_the_determination_is_due_ten_calendar_days_after_the_request() -> None:
    assert due_date(RECEIVED, None) == date(2026, 12, 30)
    assert due_date(date(2028, 2, 20), None) == date(2028, 3, 1)  # over a leap day
    assert due_date(date(2026, 12, 16), None) == date(
        2026, 12, 26
    )  # the Saturday after a holiday, all the same
    assert due_date(RECEIVED, date(2027, 1, 10)) == date(2027, 1, 10)


@pytest.mark.parametrize(
    ("until", "today", "said"),
    [
        (date(2027, 1, 13), date(2026, 12, 30), ""),
        (date(2027, 1, 14), date(2026, 12, 30), "at the latest"),
        (date(2026, 12, 30), date(2026, 12, 22), "ends after"),
        (date(2027, 1, 5), date(2026, 12, 31), "only while they run"),
    ],
)
def test_fourteen_days_more_at_most_and_only_while_the_ten_run(until: date, today: date, said: str) -> None:
    problem = extension_problem(RECEIVED, until, today)
    assert said in problem
    assert bool(problem) == bool(said)


def test_fourteen_days_end_on_a_leap_day_too() -> None:
    received, today = date(2028, 2, 5), date(2028, 2, 15)
    assert extension_problem(received, date(2028, 2, 29), today) == ""
    assert "Feb 29, 2028 at the latest" in extension_problem(received, date(2028, 3, 1), today)


def test_what_is_withheld_names_its_ground_and_who_is_responsible() -> None:
    bare = Determination(Outcome.PARTLY, "Plates are taken out.")
    assert set(determination_problems(bare, RECEIVED)) == {"ground", "responsible", "available_date"}
    whole = Determination(
        Outcome.PARTLY, "Plates are taken out.", "Gov. Code § 7923.600", "Soto, Custodian", date(2027, 1, 2)
    )
    assert determination_problems(whole, RECEIVED) == {}
    assert determination_problems(Determination(Outcome.NONE_HELD, "None."), RECEIVED) == {}


def test_the_statutes_circumstances_extend_the_time_and_each_is_said_in_words() -> None:
    assert {one.name for one in Unusual} == {
        *("ELSEWHERE", "VOLUMINOUS", "CONSULTATION", "COMPILATION"),  # § 7922.535(c)(1) to (4)
        *("EMERGENCY", "CYBERATTACK"),
    }
    assert all(one.label[0].isupper() for one in Unusual)


def test_a_determined_request_is_not_extended() -> None:
    assert not may_become(RecordsState.DETERMINED, "EXTEND")
    assert may_become(RecordsState.DETERMINED, "CLOSE")


@pytest.mark.clause("B-466.7¶2")
def test_barstow_names_its_records_policy_and_a_silent_policy_says_so(
    barstow: Profile, huntington_park: Profile
) -> None:
    assert path_of(barstow).clause == "B-466.7¶2"
    assert "Records Maintenance and Release Policy" in path_of(barstow).reason
    assert path_of(huntington_park).clause == ""
    assert "Not addressed by this policy" in path_of(huntington_park).reason


def drawn() -> bytes:
    """A white picture with a red field, turned by its EXIF mark, with a comment."""
    picture = Image.new("RGB", (80, 60), "white")
    picture.paste("red", (10, 20, 40, 35))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    exif[0x010E] = "8ABC123"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def test_pixels_of_a_box_are_overwritten_and_no_metadata_goes_along() -> None:
    clean = redacted_picture(drawn(), [Box(40, 25, 30, 15)])
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.format == "PNG"
        assert picture.size == (80, 60)
        assert not picture.getexif()
        covered = picture.crop((40, 25, 70, 40))
        assert covered.getcolors() == [(30 * 15, (0, 0, 0))]
        assert picture.getpixel((39, 25)) != (0, 0, 0)
    assert b"8ABC123" not in clean


@pytest.mark.parametrize("boxes", [[], [Box(80, 0, 5, 5)], [Box(0, 0, 5, 5), Box(0, 60, 5, 5)]])
def test_a_copy_in_which_something_stayed_uncovered_is_not_made(boxes: list[Box]) -> None:
    with pytest.raises(UnredactableError):
        redacted_picture(drawn(), boxes)


@pytest.mark.parametrize("line", ["1 2 3", "1 2 3 x", "-1 2 3 4", "1 2 0 4"])
def test_a_line_that_is_no_box_is_sent_back(line: str) -> None:
    with pytest.raises(UnredactableError):
        Box.parse(line)


def test_a_text_taken_out_of_its_column_stands_nowhere_else() -> None:
    note = b"8ABC123 and 8abc 123; 8-ABC-123, 8ABC12"
    data = b'plate,camera,note\r\n8ABC123,Main St,"' + note + b'"\r\n,Main St,-\r\n'
    clean = redacted_table(data, ["Plate"])
    told = b"[redacted] and [redacted]; [redacted], 8ABC12"
    assert clean == b'plate,camera,note\r\n[redacted],Main St,"' + told + b'"\r\n,Main St,-\r\n'
    names = "owner,note\r\nИванов,Иванов came\r\n".encode()
    assert redacted_table(names, ["owner"]) == b"owner,note\r\n[redacted],[redacted] came\r\n"
    with pytest.raises(UnredactableError, match="Name columns"):
        redacted_table(data, ["plate", "owner"])

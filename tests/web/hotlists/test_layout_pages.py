"""The page on which a file's columns are laid down: preview without script, what is kept, whom it refuses."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO, StringIO

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from plateward.audit.models import AuditRecord
from plateward.hotlists import list_actions
from plateward.hotlists.list_samples import Sample
from plateward.hotlists.models import Entry, FileState, KeptLayout, ListFile, RejectedLines
from tests.listing import takes_lists_in, work_files
from tests.days import day_of
from tests.personas import Town

Login = Callable[[str], Client]
SENT = {
    "kind": "DELIMITED",
    "separator": "|",
    "charset": "utf-8",
    "skip_lines": "1",
    "skip_begins": "",
    "trailer_begins": "TRL",
    "trailer_number": "1",
    "trailer_counts": "ENTRIES",
    "date_format": "%Y-%m-%d",
    "no_dates": "",
    "cell": ["plate", "state", "reason_code"],
    "code": ["STOL", ""],
    "category": ["", ""],
    "purpose": ["stolen-plate", ""],
}
TEXT = "made today\n8STA733|NV|STOL\n--|NV|STOL\n=8STA73333345|NV|PLAT\n8STA734|CA|PLAT\nTRL4\n"


@pytest.fixture
def soto(barstow: Town, now: datetime, login: Login) -> Client:
    takes_lists_in(barstow, now)
    return login("soto")


def uploaded(client: Client, text: str = TEXT, kind: str = "NEW") -> str:
    """Upload a file whose columns are to be laid down; the address of the page for it."""
    facts = {
        "source": "state-federal",
        "origin": "state",
        "purpose": "stolen-or-wanted-vehicle",
        "kind": kind,
        "file": SimpleUploadedFile("extract.txt", text.encode()),
    }
    answer = client.post("/hotlists/lists/upload/", facts)
    assert answer.status_code == HTTPStatus.FOUND
    return f"{answer.headers['Location']}columns"


def test_a_file_waits_until_its_columns_are_laid_down_and_is_read_by_them(soto: Client, now: datetime) -> None:
    address = uploaded(soto)
    work_files(now)
    assert ListFile.objects.get().state == FileState.UNREAD
    assert soto.get(address.removesuffix("columns"), follow=True).redirect_chain[0][0] == address
    page = soto.get(address).content.decode()
    assert "Nobody laid down the columns of this list yet" in page

    page = soto.post(address, SENT | {"act": "preview"}).content.decode()
    assert "2 taken, 2 left out" in page
    assert "No letter or digit is left" in page
    assert not KeptLayout.objects.exists()

    assert soto.post(address, SENT | {"act": "keep"}).status_code == HTTPStatus.FOUND
    work_files(now)
    file = ListFile.objects.get()
    assert (file.state, file.layout_version) == (FileState.CHECKED, 1)
    assert (file.found["named"], file.found["refused"]) == (2, 2)
    soto.post(f"{address.removesuffix('columns')}take", {"reason": "The codes are the state's own."})
    work_files(now)
    assert set(Entry.objects.values_list("plate", "purpose")) == {
        ("8STA733", "stolen-plate"),
        ("8STA734", "stolen-or-wanted-vehicle"),
    }
    record = AuditRecord.objects.get(verb="hotlists.file.laid_down")
    assert (record.username, record.detail["version"]) == ("soto", 1)


def test_what_is_kept_reads_the_next_file_and_a_change_is_a_new_version(soto: Client, now: datetime) -> None:
    soto.post(uploaded(soto), SENT | {"act": "keep"})
    next_file = uploaded(soto, TEXT.replace("STA", "STB"), kind="KEPT")
    work_files(now)
    assert list(ListFile.objects.values_list("state", "layout_version")) == [("CHECKED", 1)] * 2
    soto.post(next_file, SENT | {"act": "keep"})
    assert KeptLayout.objects.count() == 1
    work_files(now)
    soto.post(next_file, SENT | {"act": "keep", "no_dates": "00000000"})
    assert list(KeptLayout.objects.values_list("version", flat=True)) == [2, 1]
    work_files(now)
    assert "Version 2, " in soto.get(next_file).content.decode()


def test_fixed_places_are_laid_down_from_one_and_read_back(soto: Client, now: datetime) -> None:
    sample = Sample(count=30, kind="FIXED", day=day_of(now), fault_every=10)
    address = uploaded(soto, "".join(sample.lines()))
    assert "Columns at fixed places" in soto.get(address).content.decode()
    written = SimpleUploadedFile("x.layout.json", msgspec.json.encode(sample.layout()))
    page = soto.post(address, {"act": "written", "written": written}).content.decode()
    assert "27 taken, 3 left out" in page
    assert not KeptLayout.objects.exists()
    places = {"place": ["plate", "state", "", ""], "start": ["1", "11", "", ""], "length": ["10", "2", "", ""]}
    fixed = SENT | places | {"kind": "FIXED", "act": "keep"}
    assert soto.post(address, fixed).status_code == HTTPStatus.FOUND
    work_files(now)
    assert ListFile.objects.get().found["named"] == 28  # two faults are no plates, the third a date that is not read


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"cell": ["", "state", ""]}, "no column “plate”"),
        ({"cell": ["plate", "plate", ""]}, "is laid down twice"),
        ({"separator": "other", "other_separator": ""}, "must be one character"),
        ({"kind": "FIXED", "place": ["plate"], "start": ["0"], "length": ["8"]}, "numbers from 1"),
        ({"kind": "FIXED", "place": [""], "start": ["3"], "length": ["8"]}, "what stands from place 3"),
        ({"skip_lines": "-1"}, "greater than or equal to 0"),
        ({"charset": "utf-16"}, "Select a valid choice"),
        ({"charset": "ascii", "text": "x\n8ABC123é|CA|STOL\n"}, "Line 2 is not ASCII"),
        ({"cell": ["plate", "vin", ""]}, "names a column “vin”"),
    ],
)
def test_a_layout_that_cannot_be_used_comes_back_with_what_to_do(
    soto: Client, changes: dict[str, str], why: str
) -> None:
    address = uploaded(soto, changes.pop("text", TEXT))
    answer = soto.post(address, SENT | changes | {"act": "keep"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert why in answer.content.decode()
    assert ListFile.objects.get().state == FileState.UNREAD
    assert not KeptLayout.objects.exists()


def test_a_purpose_that_the_policy_does_not_know_is_refused_by_it(soto: Client) -> None:
    address = uploaded(soto)
    answer = soto.post(address, SENT | {"purpose": ["curiosity", ""], "act": "keep"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not KeptLayout.objects.exists()


def test_a_file_that_is_no_layout_says_so(soto: Client) -> None:
    address = uploaded(soto)
    sent = SimpleUploadedFile("x.json", b'{"kind": "HEADED"}')
    assert "lays down no columns" in soto.post(address, {"act": "written", "written": sent}).content.decode()
    assert "Choose the file of a layout" in soto.post(address, {"act": "written"}).content.decode()


def test_every_rejected_line_can_be_taken_away_and_that_is_on_record(
    soto: Client, login: Login, now: datetime
) -> None:
    address = uploaded(soto)
    soto.post(address, SENT | {"act": "keep"})
    work_files(now)
    file = ListFile.objects.get()
    where = f"/hotlists/lists/{file.pk}/left-out.csv"
    assert where in soto.get(f"/hotlists/lists/{file.pk}/").content.decode()
    answer = soto.get(where)
    rows = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]  # streams
    assert [row[0] for row in rows] == ["Line", "3", "4"]
    assert AuditRecord.objects.get(verb="hotlists.rejects.downloaded").detail["count"] == 2
    assert login("ortiz").get(where).status_code == HTTPStatus.FORBIDDEN
    assert login("cole").get(where).status_code == HTTPStatus.FORBIDDEN  # may not see the state's data
    assert login("cole").get(address).status_code == HTTPStatus.FORBIDDEN
    RejectedLines.objects.all().delete()
    assert soto.get(where).status_code == HTTPStatus.NOT_FOUND


def test_a_file_whose_columns_nobody_lays_down_is_gone_after_a_day(soto: Client, now: datetime) -> None:
    uploaded(soto)
    assert list_actions.discard_forgotten(now=now + timedelta(hours=25)) == 1
    assert ListFile.objects.get().state == FileState.DISCARDED


def test_lines_in_are_lines_taken_left_out_and_of_categories_kept_out(soto: Client, now: datetime) -> None:
    text = "x\n8STA733|NV|STOL\n8STA734|NV|immigration violator\n--||\n8STA733|NV|STOL\nTRL4\n"
    soto.post(uploaded(soto, text), SENT | {"act": "keep"})
    work_files(now)
    found = ListFile.objects.get().found
    assert found["left_out"] == {"immigration-violator": 1}
    assert found["named"] + found["repeated"] + found["refused"] + sum(found["left_out"].values()) == 4
    assert BytesIO(text.encode()).read().count(b"\n") == 4 + 2

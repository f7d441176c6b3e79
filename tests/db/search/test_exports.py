"""Results taken out as a file: by whom the policy lets, on record first, each line marked."""

import csv
import hashlib
import io
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.governance.actor import Actor
from plateward.oversight.presenters import lines as told
from plateward.oversight.queries import Entry
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused
from plateward.search import export_sheet, queries
from plateward.search.actions import run_search
from plateward.search.canvass_queries import query_of
from plateward.search.export_actions import TakenOut, take_out
from plateward.search.models import Search
from plateward.search.rules import SearchQuery
from tests.canvasses import opened
from tests.personas import Town
from tests.sightings import seen

REASON = "=HYPERLINK of the robbery at 1st and Main"


def searched(town: Town, username: str, now: datetime, **changes: Any) -> Search:
    asked = {
        "pattern": PlatePattern.parse("7AB*"),
        "tolerance": Tolerance.LOOK_ALIKES,
        "from_at": now - timedelta(days=30),
        "until_at": now,
        "purpose": "stolen-plate",
        "reason": REASON,
        "reference": "26-01234",
    }
    return run_search(by=town.actor(username, now), query=SearchQuery(**(asked | changes)), now=now).search


def lines(taken: TakenOut) -> list[dict[str, str]]:
    with taken.file:
        data = taken.file.read()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (taken.sha256, taken.size)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def limited(actor: Actor, most: int) -> Actor:
    """The same person where the policy lets fewer reads out."""
    rules = actor.profile.exports
    fewer = msgspec.structs.replace(rules.most_reads, value=most)
    exports = msgspec.structs.replace(rules, most_reads=fewer)
    return replace(actor, profile=msgspec.structs.replace(actor.profile, exports=exports))


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_every_line_says_who_took_it_out_what_for_and_under_which_record(
    barstow: Town, now: datetime
) -> None:
    newest = seen(barstow.camera, "7A8C123", now - timedelta(hours=1), color="+blue", make="Ford")
    seen(barstow.camera, "7ABC123", now - timedelta(hours=2))
    search = searched(barstow, "diaz", now)
    taken = take_out(by=barstow.actor("diaz", now), search_id=search.pk, now=now)
    first, second = lines(taken)
    assert (first["read"], first["plate"], first["plate spelled"]) == (
        str(newest.id),
        "7A8C123",
        "7 A 8 C 1 2 3",
    )
    assert first["why found"] == "look-alike: 8 read, B asked"
    assert (first["color"], first["reason"]) == ("'+blue", f"'{REASON}"), "no spreadsheet computes with them"
    assert float(first["longitude"] or 0) <= 0
    for line in (first, second):
        assert (line["taken out by"], line["name"], line["case"]) == ("diaz", "Dolores Diaz", "26-01234")
        assert line["purpose"] == "Stolen license plate (B-466.3)"
        assert line["access record"] == str(taken.access.pk)
        assert line["extent"] == "all 2 found"
        assert line["notice"] == "For the official use of this department. Not open to public review."


@pytest.mark.clause("B-466.6(a)")
def test_a_file_is_an_access_of_its_own_and_its_hash_is_on_record(barstow: Town, now: datetime) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=2))
    search = searched(barstow, "diaz", now)
    taken = take_out(by=barstow.actor("diaz", now), search_id=search.pk, now=now)
    lines(taken)
    record = AccessRecord.objects.exclude(pk=search.access_record_id).get()
    assert (record.pk, record.result_count, record.is_count_bounded) == (taken.access.pk, 1, False)
    assert (record.purpose, record.reference) == ("stolen-plate", "26-01234")
    assert record.elements["plate"] == "7AB*"
    assert "CSV" in record.elements["file"]
    (row,) = queries.files_of(search)
    assert row.detail == {
        "name": f"plateward-{record.pk}-{taken.sha256[:12]}.csv",
        "sha256": taken.sha256,
        "size": taken.size,
        "reads": 1,
        "is_cut": False,
        "access": record.pk,
    }


@pytest.mark.clause("B-466.6(a)", "B-466.4(c)")
def test_the_record_of_a_file_from_a_canvass_names_its_incident(barstow: Town, now: datetime) -> None:
    by, found = barstow.actor("diaz", now), opened(barstow, "diaz", now, reference="26-01234")
    search = run_search(by=by, query=query_of(found), now=now, canvass=found).search
    taken = take_out(by=by, search_id=search.pk, now=now)
    lines(taken)
    incident = {"canvass": str(found.pk), "crime": "HOMICIDE", "place": "1st and Main"}
    assert taken.access.elements["incident"] == incident


def test_the_answer_about_a_case_tells_a_file_from_a_search(barstow: Town, now: datetime) -> None:
    search = searched(barstow, "diaz", now)
    lines(take_out(by=barstow.actor("diaz", now), search_id=search.pk, now=now))
    entries = [Entry(now, record, "") for record in AccessRecord.objects.order_by("pk")]
    assert [line.what for line in told(barstow.actor("diaz", now).profile, entries)] == [
        "Searched, thumbnails of the results shown",
        "Took results of a search out as a file",
    ]


def test_no_more_leave_than_the_policy_lets_and_the_file_says_so(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.search.export_actions.PAGE_SIZE", 2)
    reads = [seen(barstow.camera, f"7ABC12{n}", now - timedelta(hours=n + 1)) for n in range(7)]
    search = searched(barstow, "diaz", now)
    taken = take_out(by=limited(barstow.actor("diaz", now), 5), search_id=search.pk, now=now)
    found = lines(taken)
    assert [line["read"] for line in found] == [str(read.id) for read in reads[:5]], "newest first"
    assert {line["extent"] for line in found} == {"the newest 5 of more"}
    assert [line["number"] for line in found] == ["1", "2", "3", "4", "5"]
    assert (taken.access.result_count, taken.access.is_count_bounded) == (5, True)


def test_no_part_of_a_file_is_put_on_a_disc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    sheet = export_sheet.Sheet()
    for _ in range(3):
        sheet.line(["x" * 1024**2])
    assert len(sheet.file.getvalue()) == sheet.size > 3 * 1024**2


@pytest.mark.clause("B-466.6(b)", "H-426.5(b)")
def test_whom_the_policy_does_not_let_takes_nothing_out(barstow: Town, now: datetime) -> None:
    officers, caseless = searched(barstow, "ortiz", now), searched(barstow, "diaz", now, reference="")
    before = AccessRecord.objects.count()
    with pytest.raises(Refused, match="take results of their searches out"):
        take_out(by=barstow.actor("ortiz", now), search_id=officers.pk, now=now)
    with pytest.raises(Refused, match="asks for a case or incident number"):
        take_out(by=barstow.actor("diaz", now), search_id=caseless.pk, now=now)
    with pytest.raises(Search.DoesNotExist):
        take_out(by=barstow.actor("diaz", now), search_id=officers.pk, now=now)
    assert AccessRecord.objects.count() == before


def test_nothing_leaves_when_the_journal_cannot_be_written(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = searched(barstow, "diaz", now)

    def unwritable(**_: Any) -> AuditRecord:
        raise audit.JournalUnwritableError("DiskFull")

    monkeypatch.setattr(audit, "record", unwritable)
    with pytest.raises(audit.JournalUnwritableError):
        take_out(by=barstow.actor("diaz", now), search_id=search.pk, now=now)

"""What is deleted logically is in nobody's sight, whatever is asked, and is not gone (R82)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection

from plateward.audit.models import AccessRecord
from plateward.evidence import holding, wishes
from plateward.evidence.package_rules import UnusableWishError, Wanted
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused
from plateward.reads.actions import open_read
from plateward.reads.deleted_actions import open_deleted_read
from plateward.reads.models import AwaitedPicture, PictureRole, Read, ReadCheck
from plateward.reads.store import picture_store
from plateward.retention import destruction, schedule_actions
from plateward.retention.destruction import Span
from plateward.search import analysis_queries, canvass_queries
from plateward.search.actions import run_search, show_results
from plateward.search.export_actions import take_out
from plateward.search.rules import SearchQuery
from plateward.walls import scope
from tests import canvasses
from tests.hiding import limits, old_and_new, two_phased
from tests.holds import approved, one_read
from tests.personas import Town
from tests.purges import COMMANDER, pictured, ready

TABLES = ("reads_read", "reads_searched", "reads_picture", "reads_awaitedpicture", "reads_readcheck")
WHY = {"purpose": "stolen-plate", "reason": "Seen at the robbery", "reference": "26-01234"}


@pytest.fixture
def town(barstow: Town, now: datetime) -> Town:
    """Barstow under two-phase deletion, its camera on the city's own server."""
    two_phased(barstow, now)
    ready(barstow, now)
    return barstow


@contextmanager
def as_asked(town: Town, now: datetime) -> Iterator[None]:
    """As the gate lets a request of the town's people see."""
    with scope.as_agency(town.agency.pk):
        scope.hide(limits(town, now))
        yield


def captures(table: str, column: str = "captured_at") -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY 1")  # noqa: S608  a table's name
        return [at for (at,) in cursor.fetchall()]


def told_of(town: Town, read: Read, now: datetime) -> None:
    """A picture, one awaited, and a check of a read."""
    pictured(read, picture_store(), now)
    of = {"agency": town.agency, "device": town.camera, "read_id": read.id, "captured_at": read.captured_at}
    AwaitedPicture.objects.create(role=PictureRole.PLATE, url="http://camera/1", next_at=now, **of)
    checked = {"plate": read.plate, "shows_plate": read.plate, "is_misread": False, "is_wrong_state": False}
    ReadCheck.objects.create(checked_by=town.users["ortiz"], checked_at=now, **checked, **of)


def test_from_the_instant_of_the_stage_no_table_shows_a_read_or_what_tells_of_it(
    town: Town, now: datetime
) -> None:
    old, new = old_and_new(town, now)
    for read in (old, new):
        told_of(town, read, now)
    with as_asked(town, now):
        for table in TABLES:
            assert captures(table) == [new.captured_at], table
        with scope.beyond("a test"):
            assert captures("reads_read") == [old.captured_at, new.captured_at]
        assert captures("reads_read") == [new.captured_at]
    with as_asked(town, now + timedelta(hours=1)):  # the very instant of the other
        assert [captures(table) for table in TABLES] == [[]] * len(TABLES)
    with scope.as_agency(town.agency.pk):  # the worker's, who purges and packs
        assert all(len(captures(table)) == 2 for table in TABLES)


def test_a_plate_that_was_seen_in_hidden_time_alone_leaves_the_directory_of_a_single_source(
    town: Town, now: datetime
) -> None:
    old, new = old_and_new(town, now)
    with scope.as_agency(town.agency.pk):
        for before, left in ((new.captured_at, 1), (new.captured_at + timedelta(microseconds=1), 0)):
            at = before.isoformat()
            scope.hide(f'{{"reads": {{"from": "{at}", "until": "{at}"}}}}')
            for table in ("reads_plate", "reads_searched_plates"):
                assert len(captures(table, "last_seen_at")) == left, table
    assert old.plate_key == new.plate_key


def test_what_a_device_took_that_was_ever_under_a_source_without_the_stage_stays_in_sight(
    town: Town, now: datetime
) -> None:
    old, new = old_and_new(town, now)
    with as_asked(town, now):
        assert captures("reads_read") == [new.captured_at]
    by = town.actor(COMMANDER, now)
    schedule_actions.assign_source(
        device=town.camera, source="vendor-cloud", reason="A new contract", by=by, now=now
    )
    with as_asked(town, now):
        assert captures("reads_read") == [old.captured_at, new.captured_at]


def test_a_purge_counts_destroys_and_proves_what_is_hidden_like_all_else(town: Town, now: datetime) -> None:
    old, _ = old_and_new(town, now)
    span = Span(town.agency.pk, (town.camera.pk,), old.captured_at, now)
    with as_asked(town, now), scope.beyond("retention's pages (retention.urls)"):
        assert destruction.oldest(town.agency.pk, [town.camera.pk]) == old.captured_at
        assert sum(destruction.counts(span).values()) == 2


def test_who_holds_the_named_capability_opens_a_hidden_read_on_record_and_nobody_else(
    town: Town, now: datetime
) -> None:
    old, _ = old_and_new(town, now)
    with as_asked(town, now):
        with pytest.raises(Read.DoesNotExist):
            open_read(by=town.actor("chen", now), read_id=old.id, now=now, **WHY)
        with pytest.raises(Refused) as refused:
            open_deleted_read(by=town.actor("ortiz", now), read_id=old.id, now=now, **WHY)
        assert "look up reads that are deleted logically" in refused.value.decision.reason
        assert not AccessRecord.objects.exists()
        opened = open_deleted_read(by=town.actor("chen", now), read_id=old.id, now=now, **WHY)
    record = AccessRecord.objects.get()
    assert (opened.read, opened.deleted) == (old, "looked up")
    assert (record.username, record.purpose) == ("chen", "stolen-plate")
    assert record.elements["deleted_logically"] == "looked up"


def test_a_held_read_stays_open_to_whom_the_hold_concerns_and_to_its_package(
    town: Town, now: datetime
) -> None:
    old, new = old_and_new(town, now)
    wanted = Wanted(reads=(old.id, new.id), for_outside=False, **WHY)
    with as_asked(town, now):
        with pytest.raises(UnusableWishError, match="1 of the reads are deleted logically and not held"):
            wishes.chosen(town.agency.pk, wanted)
        hold = approved(town, "ortiz", now, one_read(old))
        opened = open_deleted_read(by=town.actor("ortiz", now), read_id=old.id, now=now, **WHY)
        assert opened.deleted == f"held by {str(hold).lower()}"
        assert [read.id for read in holding.reads_of(hold, limit=9)] == [old.id] == holding.ids_of(hold)
        assert [one.id for one in wishes.chosen(town.agency.pk, wanted)] == [old.id, new.id]
        with pytest.raises(Refused):  # a dispatcher works with no hold
            open_deleted_read(by=town.actor("dunn", now), read_id=old.id, now=now, **WHY)


def asked(now: datetime, **changes: datetime) -> SearchQuery:
    times = {"from_at": now - timedelta(days=90), "until_at": now} | changes
    return SearchQuery(pattern=PlatePattern.parse("8ABC123"), **WHY, **times)


def test_a_search_leaves_hidden_reads_out_and_a_look_up_finds_them_alone_on_every_page(
    town: Town, now: datetime
) -> None:
    old, new = old_and_new(town, now)
    chen = town.actor("chen", now)
    with as_asked(town, now):
        plain = run_search(by=chen, query=asked(now), now=now)
        assert plain.found.reads == (new,)
        looked_up = run_search(by=chen, query=asked(now), now=now, of_deleted=True)
        again = show_results(by=chen, search_id=looked_up.search.pk, after=None, now=now)
    assert looked_up.found.reads == again.found.reads == (old,)
    for result in (looked_up, again):
        assert AccessRecord.objects.get(pk=result.access.pk).elements["deleted_logically"] == "looked up"
    assert "deleted_logically" not in AccessRecord.objects.get(pk=plain.access.pk).elements


def test_looking_up_is_refused_without_the_capability_or_where_nothing_is_hidden(
    town: Town, now: datetime
) -> None:
    old_and_new(town, now)
    with as_asked(town, now):
        with pytest.raises(Refused):
            run_search(by=town.actor("ortiz", now), query=asked(now), now=now, of_deleted=True)
        near = asked(now, from_at=now - timedelta(days=30))
        with pytest.raises(Refused, match="Nothing of the time"):
            run_search(by=town.actor("chen", now), query=near, now=now, of_deleted=True)
    assert not AccessRecord.objects.exists()


def test_canvasses_analyses_and_files_taken_out_leave_hidden_reads_out(town: Town, now: datetime) -> None:
    old, new = old_and_new(town, now)
    span = {"from_at": old.captured_at, "until_at": now}
    at_scene = canvasses.asked(now, area=None, device_ids=(town.camera.pk,), **span)
    agency = town.agency.pk

    def seen_of(instant: datetime) -> tuple[int, int, list[str]]:
        with as_asked(town, instant):
            plates = canvass_queries.distinct_plates(agency, at_scene)
            passed = analysis_queries.sightings(agency, old.plate_key, **span)
            diaz = town.actor("diaz", now)
            search = run_search(by=diaz, query=asked(now), now=now).search
            taken = take_out(by=diaz, search_id=search.pk, now=now)
        with taken.file as file:
            written = file.read().decode()
        return (
            sum(one.reads for one in plates),
            len(passed),
            [str(read.id) for read in (old, new) if str(read.id) in written],
        )

    assert seen_of(old.captured_at + timedelta(days=59)) == (2, 2, [str(old.id), str(new.id)])
    assert seen_of(now) == (1, 1, [str(new.id)])


def test_the_directory_of_several_sources_keeps_a_plate_that_one_of_them_may_still_show(
    town: Town, now: datetime
) -> None:
    old_and_new(town, now)
    with as_asked(town, now + timedelta(hours=2)):  # the vendor's cloud has no such stage
        assert captures("reads_read") == []
        for table in ("reads_plate", "reads_searched_plates"):
            assert len(captures(table, "last_seen_at")) == 1, table

"""Statements planned once a connection: for whoever asks next, whatever is asked, and whichever weeks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from plateward.plates.pattern import PlatePattern
from plateward.search.finding import reads_in, windows
from plateward.search.queries import find, limits
from plateward.search.rules import PAGE_SIZE, SearchQuery
from plateward.walls import scope
from tests.personas import Town
from tests.sightings import seen

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
KEPT = "SELECT name, statement, generic_plans, custom_plans FROM pg_prepared_statements ORDER BY prepare_time"


def asked(plate: str, weeks: int = 4) -> SearchQuery:
    return SearchQuery(
        pattern=PlatePattern.parse(plate),
        from_at=MONDAY,
        until_at=MONDAY + timedelta(weeks=weeks),
        purpose="active-warrant",
        reason="Warrant service on 1st Ave",
    )


def kept() -> list[tuple[str, str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return list(cursor.fetchall())


@pytest.fixture
def fresh(db: None) -> None:  # noqa: ARG001  it needs the database
    """A connection on which nothing is prepared."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


@pytest.mark.usefixtures("fresh")
def test_a_statement_prepared_for_one_agency_shows_the_next_its_own_reads_alone(
    barstow: Town, huntington_park: Town
) -> None:
    towns = (barstow, huntington_park)
    reads = {town.agency.pk: seen(town.camera, "7ABC123", MONDAY + timedelta(days=1)) for town in towns}
    for town in (*towns, *towns):
        agency = town.agency.pk
        with scope.as_agency(agency), transaction.atomic():
            assert [read.id for read in find(agency, asked("7ABC123")).reads] == [reads[agency].id]
            # Beneath the filter the wall decides, also for what was planned under another agency.
            other = next(one for one in reads if one != agency)
            assert find(other, asked("7ABC123")).reads == ()
    with scope.as_nobody(), transaction.atomic():
        assert find(barstow.agency.pk, asked("7ABC123")).reads == ()
    statements = kept()
    assert statements
    assert all(custom == 0 < generic for _, _, generic, custom in statements)


@pytest.mark.usefixtures("fresh")
def test_a_few_plates_or_many_are_one_statement(barstow: Town) -> None:
    for number in range(12):
        seen(barstow.camera, f"7ABC{number:03}", MONDAY + timedelta(hours=number))
    counts = []
    for plate, found in (("7ABC001", 1), ("7ABC00*", 10), ("7ABC*", 12)):
        with transaction.atomic():
            assert len(find(barstow.agency.pk, asked(plate)).reads) == found
        counts.append(len(kept()))
    assert counts[0] == counts[1] == counts[2]


@pytest.mark.usefixtures("fresh")
def test_weeks_in_which_a_plate_was_not_seen_are_left_out_when_the_statement_runs(barstow: Town) -> None:
    for week in range(4):
        seen(barstow.camera, "7ABC123", MONDAY + timedelta(weeks=week))
    seen(barstow.camera, "6ONE111", MONDAY + timedelta(weeks=2, days=1))
    query = asked("6ONE111")
    with transaction.atomic():
        find(barstow.agency.pk, query)
    (window,) = windows(barstow.agency.pk, query, query.until_at, PAGE_SIZE)
    _, values = reads_in(barstow.agency.pk, query, window).values_list("id").query.sql_with_params()
    (statement,) = (name for name, text, *_ in kept() if "reads_searched" in text and "ANY($" in text)
    with transaction.atomic(), limits(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN EXECUTE {statement} ({', '.join(['%s'] * len(values))})", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "reads_read_20260615" in plan
    assert "Subplans Removed" in plan
    for other in ("20260601", "20260608", "20260622"):
        assert f"reads_read_{other}" not in plan


def test_afterwards_statements_are_as_before(barstow: Town) -> None:
    seen(barstow.camera, "7ABC123", MONDAY)
    server = connection.connection
    before = server.cursor_factory, server.prepare_threshold
    with transaction.atomic():
        find(barstow.agency.pk, asked("7ABC123"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('plan_cache_mode'), current_setting('jit')")
            assert cursor.fetchone()[0] == "auto"
    assert (server.cursor_factory, server.prepare_threshold) == before

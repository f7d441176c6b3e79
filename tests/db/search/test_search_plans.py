"""How PostgreSQL answers a search: only the weeks asked for, by the right index, and never wrongly."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plateward.plates.pattern import PatternError, PlatePattern
from plateward.plates.text import normalize
from plateward.reads.models import Read
from plateward.search.queries import find, matching
from plateward.search.rules import SearchQuery
from tests.ownership import the_owner
from tests.personas import Town
from tests.sightings import seen

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def query(plate: str, from_at: datetime, until_at: datetime, **changes: object) -> SearchQuery:
    stated = {"purpose": "active-warrant", "reason": "Warrant service on 1st Ave"}
    return SearchQuery(  # type: ignore[arg-type]  # one story differs in one field
        pattern=PlatePattern.parse(plate), from_at=from_at, until_at=until_at, **(stated | changes)
    )


@pytest.fixture
def month(barstow: Town) -> Town:
    """Four weeks of reads, enough for the planner to prefer an index."""
    chance = random.Random(7)  # noqa: S311  plates, not secrets
    for week in range(4):
        seen(barstow.camera, "7ABC123", MONDAY + timedelta(weeks=week))
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO reads_read
            SELECT %(plate)s, captured_at + %(later)s, gen_random_uuid(), agency_id, device_id, received_at,
                stored_at, clock_skew_s, %(plate)s, %(plate)s, confidence, characters, candidates, region,
                region_confidence, plate_box, direction, heading_deg, latitude, longitude, vehicle,
                source_event_id, model, payload
            FROM reads_read WHERE plate = '7ABC123'
            """,
            [
                {
                    "plate": "".join(chance.choices("0479ACEFHJ", k=7)),
                    "later": timedelta(seconds=chance.randrange(1, 600_000)),
                }
                for _ in range(1500)
            ],
        )
        with the_owner():
            cursor.execute("ANALYZE reads_read")
    return barstow


def plan(town: Town, asked: SearchQuery) -> str:
    return matching(town.agency.pk, asked).explain()


def test_only_the_weeks_asked_for_are_searched(month: Town) -> None:
    for plate in ("7ABC123", "7AB*", "*BC1*"):
        told = plan(month, query(plate, MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2)))
        assert "reads_read_20260608" in told
        for other in ("20260601", "20260615", "20260622"):
            assert f"reads_read_{other}" not in told


def test_a_whole_plate_is_looked_up_by_its_key(month: Town) -> None:
    told = plan(month, query("7ABC123", MONDAY, MONDAY + timedelta(weeks=4)))
    assert "_pkey" in told
    assert "Seq Scan" not in told


@pytest.mark.parametrize("plate", ["7ABC*", "*BC12*", "7??C?2?", "*23"])
def test_a_partial_plate_is_narrowed_by_the_index_of_grams(month: Town, plate: str) -> None:
    told = plan(month, query(plate, MONDAY, MONDAY + timedelta(weeks=4)))
    assert "plateward_grams_idx" in told
    assert "Seq Scan" not in told


ALPHABET = "0AB8*?"


@given(
    st.lists(st.text("0AB8", min_size=2, max_size=6), min_size=1, max_size=25),
    st.lists(st.text(ALPHABET, min_size=2, max_size=7), min_size=1, max_size=6),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_results_equal_those_of_looking_at_every_read(
    barstow: Town, plates: list[str], patterns: list[str]
) -> None:
    Read.objects.all().delete()
    reads = [seen(barstow.camera, plate, MONDAY + timedelta(minutes=n)) for n, plate in enumerate(plates)]
    for text in patterns:
        try:
            pattern = PlatePattern.parse(text)
        except PatternError:
            continue
        asked = query(text, MONDAY, MONDAY + timedelta(days=1))
        found = find(barstow.agency.pk, asked)
        expected = [read.id for read in reversed(reads) if pattern.matches(normalize(read.plate))]
        assert [read.id for read in found.reads] == expected
        assert found.count == len(expected)


@pytest.mark.parametrize("written", ["7AB%", "7AB_23", "7AB\\123", "7AB'; DROP"])
def test_sql_wildcards_and_quotes_are_no_part_of_a_plate(written: str) -> None:
    with pytest.raises(PatternError):
        PlatePattern.parse(written)


def test_the_databases_grams_are_those_of_the_patterns(db: None) -> None:  # noqa: ARG001  it needs the database
    from plateward.plates.pattern import grams  # noqa: PLC0415  compared only here

    with connection.cursor() as cursor:
        for plate in ("7ABC123", "AA", "A"):
            cursor.execute("SELECT plateward_grams(%s)", [plate])
            assert set(cursor.fetchone()[0]) == grams(plate)

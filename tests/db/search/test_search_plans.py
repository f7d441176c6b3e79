"""How PostgreSQL answers a search: only the weeks asked for, by the right index, and never wrongly."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plateward.plates.matching import Tolerance, near_keys
from plateward.plates.pattern import PatternError, PlatePattern
from plateward.plates.text import normalize, plate_key
from plateward.reads import directory
from plateward.reads.models import Plate, Read
from plateward.search.finding import newest, reads_in, windows
from plateward.search.rules import PAGE_SIZE, Cursor, SearchQuery
from plateward.walls import scope
from tests.ownership import the_owner
from tests.personas import Town
from tests.sightings import seen

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def query(plate: str, from_at: datetime, until_at: datetime, **changes: object) -> SearchQuery:
    stated = {"purpose": "active-warrant", "reason": "Warrant service on 1st Ave"}
    return SearchQuery(  # type: ignore[arg-type]  # one story differs in one field
        pattern=PlatePattern.parse(plate), from_at=from_at, until_at=until_at, **(stated | changes)
    )


# A directory of so many plates that the planner has something to choose between.
_MORE_PLATES = """
INSERT INTO reads_plate (plate_key, agency_id, plate, first_seen_at, last_seen_at, read_count)
SELECT translate(text, 'OQDBILSZG', '000811526'), %s, text, '2026-06-02', '2026-06-20', 1
FROM (
    SELECT DISTINCT upper(substr(md5(number::text), 1, 7)) AS text FROM generate_series(1, 30000) AS number
) AS made
ON CONFLICT DO NOTHING
"""


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
        with scope.as_system("The directory holds every agency's plates."):
            directory.rebuild()
            cursor.execute(_MORE_PLATES, [barstow.agency.pk])
        with the_owner():
            cursor.execute("ANALYZE reads_read")
            cursor.execute("ANALYZE reads_plate")
    return barstow


def plans(town: Town, asked: SearchQuery) -> tuple[str, list[str]]:
    """How plates are looked for in the directory, and how the reads of each window are."""
    with CaptureQueriesContext(connection) as asked_for:
        found = list(windows(town.agency.pk, asked, asked.until_at, PAGE_SIZE + 1))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked_for.captured_queries[0]['sql']}")  # its own statement again
        plates = "\n".join(row[0] for row in cursor.fetchall())
    return plates, [reads_in(town.agency.pk, asked, window).explain() for window in found]


def test_only_the_weeks_asked_for_are_searched(month: Town) -> None:
    for plate in ("7ABC123", "74*", "*4A*"):
        asked = query(plate, MONDAY + timedelta(weeks=1), MONDAY + timedelta(weeks=2))
        _, told = plans(month, asked)
        assert told
        assert "reads_read_20260608" in "".join(told)
        for other in ("20260601", "20260615", "20260622"):
            assert f"reads_read_{other}" not in "".join(told)


def test_a_plate_that_was_not_seen_asks_nothing_of_the_reads(month: Town) -> None:
    for plate in ("8XYZ999", "*XYZ*", "8??X?9?"):
        assert plans(month, query(plate, MONDAY, MONDAY + timedelta(weeks=4)))[1] == []


def test_only_the_time_in_which_a_plate_was_seen_is_searched(month: Town) -> None:
    seen(month.camera, "6ONE111", MONDAY + timedelta(weeks=2, days=1))
    _, (told,) = plans(month, query("6ONE111", MONDAY, MONDAY + timedelta(weeks=4)))
    assert "reads_read_20260615" in told
    for other in ("20260601", "20260608", "20260622"):
        assert f"reads_read_{other}" not in told


@pytest.mark.parametrize("plate", ["7ABC123", "74A4*", "*4A0J*"])
def test_reads_are_looked_up_by_their_key(month: Town, plate: str) -> None:
    plates, told = plans(month, query(plate, MONDAY, MONDAY + timedelta(weeks=4)))
    assert "Seq Scan" not in plates
    for each in told:
        assert "_pkey" in each
        assert "Seq Scan" not in each


@pytest.mark.parametrize("plate", ["7ABC*", "*4A0*", "7??C?4?", "7*04"])
@pytest.mark.parametrize("tolerance", [Tolerance.AS_WRITTEN, Tolerance.LOOK_ALIKES])
def test_a_partial_plate_is_looked_for_in_the_index_of_grams(
    month: Town, plate: str, tolerance: Tolerance
) -> None:
    asked = query(plate, MONDAY, MONDAY + timedelta(weeks=4), tolerance=tolerance)
    plates, _ = plans(month, asked)
    whole_beginning = "(plate_key)::text >= '7A8C'"  # of the key, as good for this one
    assert "plate_grams" in plates or (plate == "7ABC*" and whole_beginning in plates)
    assert "Seq Scan" not in plates


@pytest.mark.parametrize("tolerance", [Tolerance.AS_WRITTEN, Tolerance.LOOK_ALIKES])
def test_a_plate_of_which_only_the_end_is_known_is_looked_for_from_its_end_on(
    month: Town, tolerance: Tolerance
) -> None:
    asked = query("*A04", MONDAY, MONDAY + timedelta(weeks=4), tolerance=tolerance)
    plates, _ = plans(month, asked)
    assert "plate_ending" in plates
    assert "plate_grams" not in plates


def test_a_frequent_plate_is_walked_newest_first_until_the_page_is_full(barstow: Town) -> None:
    moments = [MONDAY + timedelta(hours=number) for number in range(240)]
    for moment in moments:
        seen(barstow.camera, "7BUS777", moment)
    asked = query("7BUS777", MONDAY, MONDAY + timedelta(weeks=4))
    first, *_ = windows(barstow.agency.pk, asked, asked.until_at, 10)
    assert first.until_at > moments[-1]
    assert moments[-1] - timedelta(days=1) < first.from_at
    keys = newest(barstow.agency.pk, asked, None, 10)
    assert [captured_at for captured_at, _, _ in keys] == moments[:-11:-1]


ALPHABET = "0AB8*?"


def test_a_vague_part_of_a_plate_is_looked_for_in_the_newest_reads_while_it_is_frequent(
    barstow: Town,
) -> None:
    moments = [MONDAY + timedelta(minutes=10 * number) for number in range(40)]
    for moment in moments:
        seen(barstow.camera, "7BUS777", moment)
    asked = query("*BU*", MONDAY - timedelta(days=300), moments[-1] + timedelta(minutes=1))
    with CaptureQueriesContext(connection) as asked_for:
        keys = newest(barstow.agency.pk, asked, None, 12)
    assert [captured_at for captured_at, _, _ in keys] == moments[:-13:-1]
    assert "reads_searched_plates" not in str(asked_for.captured_queries)
    with CaptureQueriesContext(connection) as asked_for:
        assert len(newest(barstow.agency.pk, asked, None, 500)) == len(moments)
    assert "reads_searched_plates" in str(asked_for.captured_queries), "a page of so many is not near"


def agrees(asked: SearchQuery, plate: str) -> bool:
    """What a search means, without any index."""
    if asked.tolerance is Tolerance.AS_WRITTEN:
        return asked.pattern.matches(plate)
    if asked.tolerance is Tolerance.LOOK_ALIKES:
        return asked.pattern.folded.matches(plate_key(plate))
    return plate_key(plate) in near_keys(plate_key(asked.pattern.text))


@given(
    st.lists(st.tuples(st.text("0AB8", min_size=2, max_size=6), st.integers(0, 70)), min_size=1, max_size=25),
    st.lists(st.text(ALPHABET, min_size=2, max_size=7), min_size=1, max_size=6),
    st.sampled_from(Tolerance),
    st.integers(1, 4),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_results_equal_those_of_looking_at_every_read(
    barstow: Town, plates: list[tuple[str, int]], patterns: list[str], tolerance: Tolerance, size: int
) -> None:
    Read.objects.all().delete()
    Plate.objects.all().delete()
    reads = [
        seen(barstow.camera, plate, MONDAY + timedelta(hours=hours, minutes=n))
        for n, (plate, hours) in enumerate(plates)
    ]
    for text in patterns:
        try:
            asked = query(text, MONDAY, MONDAY + timedelta(days=3), tolerance=tolerance)
        except ValueError:
            continue
        expected = sorted(
            ((read.captured_at, read.id) for read in reads if agrees(asked, normalize(read.plate))),
            reverse=True,
        )
        assert paged(barstow, asked, size) == expected


def paged(town: Town, asked: SearchQuery, size: int) -> list[tuple[datetime, UUID]]:
    """Everything a search finds, fetched in pages."""
    found: list[tuple[datetime, UUID]] = []
    after = None
    while page := newest(town.agency.pk, asked, after, size):
        found += [key[:2] for key in page]
        after = Cursor(*found[-1], page=2)
    return found


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

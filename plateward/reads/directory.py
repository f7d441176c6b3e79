"""The directory of plates: each one that an agency has a read of, when it was seen first and last, how often.

Whatever asks for plates that are not known exactly asks the directory, which is small, and then looks reads
up by their key. It is kept in the transaction that stores the reads, and a plate without a remaining read
leaves it soon after (`settle`). Rows are written in the order of their key, so that two intakes never wait
for each other in a circle.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from plateward.reads import rules
from plateward.reads.models import Plate

_MILLISECOND = timedelta(milliseconds=1)
_NOTE = """
    INSERT INTO reads_plate AS known (plate_key, agency_id, plate, first_seen_at, last_seen_at, read_count)
    SELECT plate_key, agency_id, plate, min(captured_at), max(captured_at), {}
    FROM {} GROUP BY plate_key, agency_id, plate ORDER BY plate_key, agency_id, plate
    ON CONFLICT (plate_key, agency_id, plate) DO UPDATE SET
        first_seen_at = LEAST(known.first_seen_at, EXCLUDED.first_seen_at),
        last_seen_at = GREATEST(known.last_seen_at, EXCLUDED.last_seen_at),
        read_count = known.read_count + EXCLUDED.read_count
"""
# One event may be staged twice.
_NOTE_STAGED = _NOTE.format("count(DISTINCT id)", "reads_staging WHERE id = ANY(%s)")
_NOTE_ALL_STAGED = _NOTE.format("count(*)", "reads_staging")
_NOTE_STORED = _NOTE.format(
    "count(*)", "reads_read WHERE id = ANY(%s) AND captured_at >= %s AND captured_at < %s"
)
_NOTE_ALL = _NOTE.format("count(*)", "reads_read")

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('reads.directory'))"
# Both sides in one aggregate: the planner would expect one row of a join by three columns, which it takes for
# independent, and go row by row. Reads are gone through once, or looked up by plate where that is less.
# Nothing is compiled, which takes longer than it saves with hundreds of partitions, nor sorted on the disc.
_SEEN = "FROM reads_plate WHERE first_seen_at < %(until)s AND last_seen_at >= %(since)s"
_WEIGH = f"""
    SET LOCAL jit = off;
    SET LOCAL work_mem = '64MB';
    CREATE TEMPORARY TABLE reads_settling ON COMMIT DROP AS
        SELECT * FROM (
            SELECT plate_key, agency_id, plate,
                   max(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at,
                   max(read_count) AS read_count,
                   min(captured_at) AS first_at, max(captured_at) AS last_at, count(captured_at) AS number
            FROM (
                SELECT plate_key, agency_id, plate, first_seen_at, last_seen_at, read_count,
                       NULL::timestamptz AS captured_at
                {_SEEN}
                UNION ALL
                SELECT plate_key, agency_id, plate, NULL, NULL, NULL, captured_at
                FROM reads_read WHERE plate_key IN (SELECT plate_key {_SEEN})
            ) AS either GROUP BY plate_key, agency_id, plate
        ) AS weighed
        WHERE read_count IS NOT NULL
          AND (first_seen_at, last_seen_at, read_count) IS DISTINCT FROM (first_at, last_at, number);
    CREATE INDEX ON reads_settling (plate_key, agency_id, plate);
    ANALYZE reads_settling
"""  # noqa: S608  constants above
_LOCK = """
    SELECT FROM reads_plate AS known JOIN reads_settling USING (plate_key, agency_id, plate)
    ORDER BY plate_key, agency_id, plate FOR UPDATE OF known
"""
# What an intake committed between the two statements above is seen by this one, and none can come after it.
_WEIGH_ANEW = """
    UPDATE reads_settling AS now SET first_at = anew.first_at, last_at = anew.last_at, number = anew.number
    FROM (
        SELECT known.plate_key, known.agency_id, known.plate, found.*
        FROM reads_settling AS before JOIN reads_plate AS known USING (plate_key, agency_id, plate)
        CROSS JOIN LATERAL (
            SELECT min(captured_at) AS first_at, max(captured_at) AS last_at, count(*) AS number
            FROM reads_read AS read
            WHERE read.plate_key = known.plate_key AND read.agency_id = known.agency_id
              AND read.plate = known.plate
        ) AS found
        WHERE (known.first_seen_at, known.last_seen_at, known.read_count)
              <> (before.first_seen_at, before.last_seen_at, before.read_count)
    ) AS anew
    WHERE (now.plate_key, now.agency_id, now.plate) = (anew.plate_key, anew.agency_id, anew.plate)
"""
_FOLLOW = """
    WITH gone AS (
        DELETE FROM reads_plate AS known USING reads_settling AS now
        WHERE now.number = 0 AND (known.plate_key, known.agency_id, known.plate)
              = (now.plate_key, now.agency_id, now.plate)
        RETURNING 1
    ), kept AS (
        UPDATE reads_plate AS known
        SET first_seen_at = now.first_at, last_seen_at = now.last_at, read_count = now.number
        FROM reads_settling AS now
        WHERE now.number > 0 AND (known.plate_key, known.agency_id, known.plate)
              = (now.plate_key, now.agency_id, now.plate)
    )
    SELECT count(*) FROM gone
"""


def note_staged(read_ids: Collection[UUID] | None) -> None:
    """Enter the plates of these reads, just stored from this transaction's staging table; None: all."""
    with connection.cursor() as cursor:
        if read_ids is None:
            cursor.execute(_NOTE_ALL_STAGED)
        elif read_ids:
            cursor.execute(_NOTE_STAGED, [list(read_ids)])


def note(read_ids: Collection[UUID]) -> None:
    """Enter the plates of these reads, just stored; a read entered twice counts twice."""
    times = [rules.captured_at_of(read_id) for read_id in read_ids]
    if times:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_STORED, [list(read_ids), min(times), max(times) + _MILLISECOND])


@transaction.atomic
def settle(*, from_at: datetime, until_at: datetime) -> int:
    """Bring plates seen in this span in line with the reads that remain; returns how many left.

    For whatever destroys reads: in the same transaction, or after it, where searches would wait too long. A
    purge that was killed in between owes it, and does it before anything else when it goes on, or when it is
    stopped; until then plates may be told of that have no read left. The caller sees every agency's rows.

    The intake waits for plates that change, and only while they are written.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(_WEIGH, {"since": from_at, "until": until_at})
        cursor.execute(_LOCK)
        cursor.execute(_WEIGH_ANEW)
        cursor.execute(_FOLLOW)
        (gone,) = cursor.fetchone()
        cursor.execute("DROP TABLE reads_settling")
    return int(gone)


@transaction.atomic
def rebuild() -> int:
    """Make the directory anew from all reads; returns how many plates it holds. The intake waits meanwhile.

    Searches see the old directory until this is done. The caller sees every agency's rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute("LOCK TABLE reads_plate IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM reads_plate")
        cursor.execute(_NOTE_ALL)
    return Plate.objects.count()

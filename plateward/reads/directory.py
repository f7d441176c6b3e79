"""The directory of plates: each one that an agency has a read of, when it was seen first and last, how often.

Whatever asks for plates that are not known exactly asks the directory, which is small, and then looks reads
up by their key. It is kept in the transaction that stores the reads, and a plate without a remaining read
leaves it (`settle`). Rows are written in the order of their key, so that two intakes never wait for each
other in a circle.
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

# Locked in one statement and weighed in the next: what an intake committed meanwhile is seen.
_LOCK = """
    SELECT FROM reads_plate WHERE first_seen_at < %s AND last_seen_at >= %s
    ORDER BY plate_key, agency_id, plate FOR UPDATE
"""
_LEFT = """
    WITH remaining AS MATERIALIZED (
        SELECT known.plate_key, known.agency_id, known.plate, found.*
        FROM reads_plate AS known CROSS JOIN LATERAL (
            SELECT min(captured_at) AS first_at, max(captured_at) AS last_at, count(*) AS number
            FROM reads_read AS read
            WHERE read.plate_key = known.plate_key AND read.agency_id = known.agency_id
              AND read.plate = known.plate
        ) AS found
        WHERE known.first_seen_at < %s AND known.last_seen_at >= %s
    ), gone AS (
        DELETE FROM reads_plate AS known USING remaining AS now
        WHERE now.number = 0 AND (known.plate_key, known.agency_id, known.plate)
              = (now.plate_key, now.agency_id, now.plate)
        RETURNING 1
    ), kept AS (
        UPDATE reads_plate AS known
        SET first_seen_at = now.first_at, last_seen_at = now.last_at, read_count = now.number
        FROM remaining AS now
        WHERE now.number > 0 AND (known.plate_key, known.agency_id, known.plate)
              = (now.plate_key, now.agency_id, now.plate)
          AND (known.first_seen_at, known.last_seen_at, known.read_count)
              <> (now.first_at, now.last_at, now.number)
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

    For whatever destroys reads, in the same transaction and after the reads are gone. The caller sees every
    agency's rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [until_at, from_at])
        cursor.execute(_LEFT, [until_at, from_at])
        (gone,) = cursor.fetchone()
    return int(gone)


@transaction.atomic
def rebuild() -> int:
    """Make the directory anew from all reads; returns how many plates it holds. The intake waits meanwhile.

    Searches see the old directory until this is done. The caller sees every agency's rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reads_plate IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM reads_plate")
        cursor.execute(_NOTE_ALL)
    return Plate.objects.count()

"""Taking up inbox rows and saying what became of them: plain SQL, for a thousand at once. Part of `actions`.

Whoever takes rows up locks them and skips what others hold, so that several intakes work side by side.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from django.db import connection
from psycopg.rows import dict_row

from plateward.reads import rules


@dataclass(slots=True, kw_only=True)
class Claimed:
    """A payload taken up by an intake; `body` is there only while it is worked."""

    id: UUID
    agency_id: str
    device_id: UUID
    received_at: datetime
    adapter: str
    content_type: str
    body_sha256: str
    size: int
    attempts: int
    body: bytes | None = None
    body_key_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is written into the inbox about a payload whose reads are stored."""

    id: UUID
    state: str
    reason: str
    read_ids: list[UUID]
    plate_keys: list[str]
    is_changed: bool
    """True for a repetition that says other things than what is stored: its body is kept."""


# One intake takes up at a time: two at once would each skip, and so lose for this turn, rows that the other
# locks only to look whether they are still due. The oldest are read from the index: a bitmap would visit what
# was worked long ago again and again.
_TURN = "SELECT pg_advisory_xact_lock(%s), set_config('enable_bitmapscan', 'off', true)"
TURN_LOCK = 0x506C_6374  # advisory lock; any number that nothing else takes
# A clock that was set back makes none wait longer than the longest delay.
_DUE = """
    SELECT id, agency_id, device_id, received_at, adapter, content_type, body_sha256, size, attempts
    FROM reads_inboxitem
    WHERE state = 'RECEIVED' AND (retry_at IS NULL OR retry_at <= %(now)s OR retry_at > %(clock_set_back)s)
    ORDER BY received_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
"""
_COUNT = "UPDATE reads_inboxitem SET attempts = %s, retry_at = %s WHERE id = ANY(%s)"
_HOLD = """
    SELECT id, attempts, body, body_key_id FROM reads_inboxitem WHERE id = ANY(%s) AND state = 'RECEIVED'
    FOR UPDATE SKIP LOCKED
"""
_OF_PASSAGE = """
    SELECT id, agency_id, device_id, received_at, adapter, content_type, body_sha256, size, attempts,
           body, body_key_id
    FROM reads_inboxitem WHERE passage_id = %s AND state = 'HELD' ORDER BY received_at FOR UPDATE
"""
_FINISH = """
    UPDATE reads_inboxitem AS item
    SET read_ids = done.read_ids, plate_keys = done.plate_keys, state = done.state, reason = done.reason,
        processed_at = %s, retry_at = NULL, body = CASE WHEN done.is_changed THEN item.body END,
        body_key_id = CASE WHEN done.is_changed THEN item.body_key_id END
    FROM jsonb_to_recordset(%s::jsonb) AS done (
        id uuid, read_ids uuid[], plate_keys varchar[], state text, reason text, is_changed boolean
    )
    WHERE item.id = done.id
"""


def claim(limit: int, now: datetime) -> tuple[list[Claimed], bool]:
    """Take up the oldest received payloads whose turn it is and count the attempt; whether more were due.

    Runs in the caller's transaction. One that was attempted before comes alone: should it end the intake
    again, it ends no other's attempt. Their bodies are together no larger than `rules.BATCH_BYTES`, or it is
    one payload.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TURN, [TURN_LOCK])
    values = {"now": now, "clock_set_back": now + rules.LONGEST_DELAY, "limit": limit}
    due = [Claimed(**row) for row in _rows(_DUE, values)]
    items = due[:1] if not due or due[0].attempts else list(_within(rules.BATCH_BYTES, due))
    for item in items:
        item.attempts += 1
    if items:  # all have been attempted equally often
        attempts = items[0].attempts
        retry_at = now + rules.retry_delay(attempts)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [attempts, retry_at, [item.id for item in items]])
    return items, len(items) < len(due) or len(due) == limit


def _within(size: int, due: Iterable[Claimed]) -> Iterable[Claimed]:
    """The first of those never attempted whose bodies are together no larger; always one."""
    total = 0
    for place, item in enumerate(due):
        if item.attempts:
            continue
        total += item.size
        if place and total > size:
            return
        yield item


def held(items: Sequence[Claimed]) -> list[Claimed]:
    """Lock claimed payloads again and load their bodies; leaves out what another intake took up since."""
    rows = _rows(_HOLD, [[one.id for one in items]])
    found = {(row["id"], row["attempts"]): (row["body"], row["body_key_id"]) for row in rows}
    kept = [item for item in items if (item.id, item.attempts) in found]
    for item in kept:
        item.body, item.body_key_id = found[item.id, item.attempts]
    return kept


def held_of_passage(passage: UUID) -> list[Claimed]:
    """Lock the payloads that wait for a vehicle's passage to end, in order of arrival, with their bodies."""
    return [Claimed(**row) for row in _rows(_OF_PASSAGE, [passage])]


def finish(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write into the inbox what became of these payloads, and empty their bodies."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [now, msgspec.json.encode(outcomes).decode()])


def _rows(statement: str, values: Any) -> list[dict[str, Any]]:
    """The rows in binary: as text a body would come as twice as many hexadecimal digits."""
    connection.ensure_connection()
    rows = psycopg.Cursor(connection.connection, row_factory=dict_row)
    with connection.wrap_database_errors, rows as cursor:
        return cursor.execute(statement, values, prepare=False, binary=True).fetchall()

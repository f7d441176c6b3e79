"""The receiver's side of the database: who sends, storing a payload durably, and what became of it.

The tables belong to `devices` and `reads`; this speaks SQL so that the receiver needs no Django.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from plateward.ingest.groups import Groups, Waiting
from plateward.ingest.letterboxes import Letterboxes
from plateward.ingest.payloads import THREAD_BYTES, Payload, Receipt, Sender, receipt_for
from plateward.ingest.problems import DATABASE, DEVICE_DISABLED, DISC_FULL, KEY_REUSED, Problem
from plateward.ingest.refusals import Refusals
from plateward.ingest.senders import Senders
from plateward.reads.sealing import label
from plateward.vault.boxes import Letterbox

CHANNEL = "plateward_inbox"
"""NOTIFY channel on which stored payloads are announced."""

STATEMENT_S = 8
ANSWER_S = 10.0
CONNECTION_S = 4.0
MAX_CONNECTIONS = 12

_KEPT_OF_PAYLOAD = (
    "received_at",
    "source_address",
    "adapter",
    "content_type",
    "idempotency_key",
    "body_sha256",
    "content_sha256",
)
Boxes = Mapping[str, Letterbox | None]
"""By agency."""

# One statement, so one transaction: the rows are on disc when this returns them. A device disabled or given
# another key this very moment stores nothing. In the order of the keys: two groups never wait for each other.
_STORE = """
    INSERT INTO reads_inboxitem (id, agency_id, device_id, received_at, source_address, adapter,
                                 content_type, idempotency_key, body, body_key_id, body_sha256,
                                 content_sha256, size)
    SELECT sent.id, device.agency_id, device.id, received_at, source_address, adapter,
           content_type, idempotency_key, body, body_key, body_sha256, content_sha256, sent.size
    FROM unnest(
        %(id)s::uuid[], %(device)s::uuid[], %(key_sha256)s::text[], %(received_at)s::timestamptz[],
        %(source_address)s::text[], %(adapter)s::text[], %(content_type)s::text[],
        %(idempotency_key)s::text[], %(body)b::bytea[], %(body_key)s::uuid[], %(body_sha256)s::text[],
        %(content_sha256)s::text[], %(size)s::int[]
    ) AS sent (id, device, key_sha256, received_at, source_address, adapter, content_type,
               idempotency_key, body, body_key, body_sha256, content_sha256, size)
    JOIN devices_device AS device
      ON device.id = sent.device AND device.key_sha256 = sent.key_sha256 AND device.is_enabled
    ORDER BY device.id, idempotency_key
    ON CONFLICT (device_id, idempotency_key) DO NOTHING
    RETURNING id
"""
# Apart from the storing, because PostgreSQL lets transactions that notify commit only one after the other:
# with it, sixteen cameras got a tenth of the receipts a second (bench/ingest.py). Its own loss costs the
# intake a second, so it need not wait for the disc.
_ANNOUNCE = "SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, '')"
_EARLIER = """
SELECT item.device_id, item.idempotency_key, id, received_at, body_sha256, content_sha256
FROM unnest(%(device)s::uuid[], %(idempotency_key)s::text[]) AS sent (device, idempotency_key)
JOIN reads_inboxitem AS item
  ON item.device_id = sent.device AND item.idempotency_key = sent.idempotency_key
"""
_STATUS = """
SELECT state, reason, read_ids, received_at, processed_at FROM reads_inboxitem
WHERE id = %s AND device_id = %s
"""
# A device's key says which agency it is of, so its row is looked up among every agency's; what the receiver's
# role may read and write is a few columns of two tables (walls.rights).
_EVERY_AGENCY = "SELECT set_config('plateward.agency', '*', false)"
# A database set to answer before its log is on disc would break the promise; a stronger setting is kept.
_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""


class Inbox:
    """A pool of connections to the inbox. Every method raises Problem when the database cannot answer."""

    def __init__(self, database_url: str) -> None:
        self._pool = AsyncConnectionPool(
            database_url,
            kwargs={"autocommit": True, "application_name": "plateward ingest", "connect_timeout": 3},
            min_size=2,
            max_size=MAX_CONNECTIONS,
            timeout=CONNECTION_S,
            configure=_configure,
            open=False,
        )
        self._groups = Groups(self._store)
        self._letterboxes = Letterboxes(self._row)
        self.senders = Senders(self._row)
        self.refusals = Refusals(self._row)
        self._stored = self._announced = 0
        self._news = asyncio.Event()
        self._helpers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._pool.open()
        self._helpers = [
            asyncio.create_task(self._keep_announcing()),
            asyncio.create_task(self.refusals.keep_noting()),
        ]
        self._groups.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._groups.stop()
        for helper in self._helpers:
            helper.cancel()
        await self._announce()
        await self._pool.close()

    async def _keep_announcing(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self._announce()

    async def _announce(self) -> None:
        """Wake the intake, once for all that was stored since the last time."""
        stored = self._stored
        if stored > self._announced:
            with contextlib.suppress(Problem):  # the intake looks every second anyway
                await self._row(_ANNOUNCE, [CHANNEL])
            self._announced = stored

    async def store(self, sender: Sender, payload: Payload) -> Receipt:
        """Put a payload on disc, once. Raises Problem when its key was used for other content."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._groups.put(sender, payload, receipt_for(payload))
        except TimeoutError as error:
            raise Problem(DATABASE) from error

    async def _store(self, group: Sequence[Waiting]) -> list[Receipt | Exception]:
        """Put a group of payloads on disc; see `groups.Store`."""
        stored = await self._stored_ids(group)
        if stored:
            self._stored += len(stored)
            self._news.set()
        left = [one for one in group if one.receipt.id not in stored]
        earlier = await self._earlier(left) if left else {}
        return [one.receipt if one.receipt.id in stored else earlier[one.receipt.id] for one in group]

    async def _stored_ids(self, group: Sequence[Waiting]) -> set[UUID]:
        """Seal the group and insert it; again where a key's time ended at that moment."""
        agencies = {one.sender.agency for one in group}
        try:
            rows = await self._rows(_STORE, await _columns(group, await self._letterboxes.of(agencies)))
        except psycopg.errors.ForeignKeyViolation:
            self._letterboxes.forget()
            rows = await self._rows(_STORE, await _columns(group, await self._letterboxes.of(agencies)))
        return {row[0] for row in rows}

    async def _earlier(self, group: Sequence[Waiting]) -> dict[UUID, Receipt | Exception]:
        """By the receipts they will not get: what those were given before who sent under the same key."""
        keys = {
            "device": [one.sender.id for one in group],
            "idempotency_key": [one.payload.idempotency_key for one in group],
        }
        known = {(device, key): rest for device, key, *rest in await self._rows(_EARLIER, keys)}
        return {
            one.receipt.id: self._given_before(one, known.get((one.sender.id, one.payload.idempotency_key)))
            for one in group
        }

    def _given_before(self, one: Waiting, known: Sequence[Any] | None) -> Receipt | Exception:
        if known is None:  # the device was disabled, or given another key, this very moment
            self.senders.forget(one.sender)
            return Problem(DEVICE_DISABLED)
        receipt_id, received_at, body_sha256, content_sha256 = known
        if content_sha256 != one.payload.content_sha256:
            detail = f"The key belongs to receipt {receipt_id}, whose content differs."
            return Problem(KEY_REUSED, detail)
        # Its own id: a first try was committed, and the connection cut before its answer.
        return Receipt(receipt_id, received_at, body_sha256, duplicate=receipt_id != one.receipt.id)

    async def status(self, sender: Sender, receipt_id: UUID) -> dict[str, Any] | None:
        """What became of a payload of this device; None when it sent none under this receipt."""
        row = await self._row(_STATUS, [receipt_id, sender.id])
        if row is None:
            return None
        state, reason, read_ids, received_at, processed_at = row
        return {
            "receipt": str(receipt_id),
            "state": state,
            "reason": reason,
            "read_ids": [str(read_id) for read_id in read_ids],
            "received_at": received_at.astimezone(UTC).isoformat(),
            "processed_at": processed_at and processed_at.astimezone(UTC).isoformat(),
        }

    async def check(self) -> None:
        """Raise Problem unless the database answers."""
        await self._row("SELECT 1", [])

    async def rows(self, statement: str, values: Mapping[str, Any] | list[Any]) -> list[TupleRow]:
        """The rows of a statement of the receiver's own parts. Raises Problem."""
        return await self._rows(statement, values)

    async def _row(self, statement: str, values: Mapping[str, Any] | list[Any]) -> TupleRow | None:
        return next(iter(await self._rows(statement, values)), None)

    async def _rows(self, statement: str, values: Mapping[str, Any] | list[Any]) -> list[TupleRow]:
        """The rows of a statement, on a fresh connection where the database has cut the old one."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    async with self._pool.connection() as connection:
                        try:
                            return await (await connection.execute(statement, values)).fetchall()
                        except psycopg.OperationalError:
                            if not connection.broken:
                                raise
        except psycopg.errors.DiskFull as error:
            raise Problem(DISC_FULL) from error
        except (psycopg.OperationalError, TimeoutError) as error:
            raise Problem(DATABASE) from error


async def _columns(group: Sequence[Waiting], boxes: Boxes) -> dict[str, list[Any]]:
    """The group's rows, column by column."""
    is_large = sum(len(one.payload.body) for one in group) > THREAD_BYTES
    bodies = await asyncio.to_thread(_sealed, group, boxes) if is_large else _sealed(group, boxes)
    columns: dict[str, list[Any]] = {
        name: [getattr(one.payload, name) for one in group] for name in _KEPT_OF_PAYLOAD
    }
    columns["body"] = bodies
    columns["body_key"] = [(box := boxes[one.sender.agency]) and box.key_id for one in group]
    columns["size"] = [len(one.payload.body) for one in group]
    columns["id"] = [one.receipt.id for one in group]
    columns["device"] = [one.sender.id for one in group]
    columns["key_sha256"] = [one.sender.key_sha256 for one in group]
    return columns


def _sealed(group: Sequence[Waiting], boxes: Boxes) -> list[bytes]:
    return [_body(one, boxes[one.sender.agency]) for one in group]


def _body(one: Waiting, box: Letterbox | None) -> bytes:
    payload = one.payload
    if box is None:
        return payload.body
    return box.sealed(payload.body, label(one.sender.agency, one.receipt.id, payload.body_sha256))


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(_EVERY_AGENCY)
    await connection.execute(_DURABLE)
    await connection.execute(f"SET statement_timeout = '{STATEMENT_S}s'")

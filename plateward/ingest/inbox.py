"""The receiver's side of the database: who sends, storing a payload durably, and what became of it.

The tables belong to `devices` and `reads`; this speaks SQL so that the receiver needs no Django.
"""

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from plateward.ingest.problems import DATABASE, DEVICE_DISABLED, DISC_FULL, KEY_REUSED, KEY_UNKNOWN, Problem

CHANNEL = "plateward_inbox"
"""NOTIFY channel on which stored payloads are announced."""

DEVICE_KNOWN_S = 5.0
"""How long a device is trusted to send a body; the insert itself always asks the register."""

STATEMENT_S = 8
ANSWER_S = 10.0
CONNECTION_S = 4.0
MAX_CONNECTIONS = 12

_DEVICE = "SELECT id, is_enabled FROM devices_device WHERE key_sha256 = %s"

# One statement, so one transaction: the row is on disc when this returns it. A device disabled or given
# another key this very moment stores nothing.
_STORE = """
    INSERT INTO reads_inboxitem (id, agency_id, device_id, received_at, source_address, adapter,
                                 content_type, idempotency_key, body, body_sha256, content_sha256, size)
    SELECT %(id)s, agency_id, id, %(received_at)s, %(source_address)s, %(adapter)s,
           %(content_type)s, %(idempotency_key)s, %(body)b, %(body_sha256)s, %(content_sha256)s, %(size)s
    FROM devices_device WHERE id = %(device)s AND key_sha256 = %(key_sha256)s AND is_enabled
    ON CONFLICT (device_id, idempotency_key) DO NOTHING
    RETURNING id
"""
# Apart from the storing, because PostgreSQL lets transactions that notify commit only one after the other:
# with it, sixteen cameras got a tenth of the receipts a second (bench/ingest.py). Its own loss costs the
# intake a second, so it need not wait for the disc.
_ANNOUNCE = "SELECT set_config('synchronous_commit', 'off', true), pg_notify(%s, '')"
_EARLIER = """
SELECT id, received_at, body_sha256, content_sha256 FROM reads_inboxitem
WHERE device_id = %s AND idempotency_key = %s
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


@dataclass(frozen=True, slots=True)
class Sender:
    """A registered device and the digest of the key it showed."""

    id: UUID
    key_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A request body with what is kept of its request."""

    adapter: str
    body: bytes
    body_sha256: str
    content_sha256: str
    content_type: str
    idempotency_key: str
    source_address: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the device is answered: its payload is on disc under this id."""

    id: UUID
    received_at: datetime
    payload_sha256: str
    duplicate: bool


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
        self._known: dict[str, tuple[Sender, float]] = {}
        self._stored = self._announced = 0
        self._news = asyncio.Event()
        self._announcer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._pool.open()
        self._announcer = asyncio.create_task(self._keep_announcing())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._announcer is not None:
            self._announcer.cancel()
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

    async def sender(self, key: str) -> Sender:
        """The enabled device of a key. Raises Problem for an unknown key or a disabled device."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        sender, until = self._known.get(digest, (None, 0.0))
        if sender is not None and time.monotonic() < until:
            return sender
        self._known.pop(digest, None)
        row = await self._row(_DEVICE, [digest])
        if row is None:
            raise Problem(KEY_UNKNOWN)
        if not row[1]:
            raise Problem(DEVICE_DISABLED)
        sender = Sender(row[0], digest)
        self._known[digest] = (sender, time.monotonic() + DEVICE_KNOWN_S)
        return sender

    async def store(self, sender: Sender, payload: Payload) -> Receipt:
        """Put a payload on disc, once. Raises Problem when its key was used for other content."""
        receipt_id = _time_ordered_id(payload.received_at)
        values = {
            "id": receipt_id,
            "device": sender.id,
            "key_sha256": sender.key_sha256,
            "received_at": payload.received_at,
            "source_address": payload.source_address,
            "adapter": payload.adapter,
            "content_type": payload.content_type,
            "idempotency_key": payload.idempotency_key,
            "body": payload.body,
            "body_sha256": payload.body_sha256,
            "content_sha256": payload.content_sha256,
            "size": len(payload.body),
        }
        if await self._row(_STORE, values):
            self._stored += 1
            self._news.set()
            return Receipt(receipt_id, payload.received_at, payload.body_sha256, duplicate=False)
        return await self._earlier(sender, payload)

    async def _earlier(self, sender: Sender, payload: Payload) -> Receipt:
        """The receipt given before for the same key; the device may also have been disabled meanwhile."""
        row = await self._row(_EARLIER, [sender.id, payload.idempotency_key])
        if row is None:
            self._known.pop(sender.key_sha256, None)
            raise Problem(DEVICE_DISABLED)
        receipt_id, received_at, body_sha256, content_sha256 = row
        if content_sha256 != payload.content_sha256:
            detail = f"The key belongs to receipt {receipt_id}, whose content differs."
            raise Problem(KEY_REUSED, detail)
        return Receipt(receipt_id, received_at, body_sha256, duplicate=True)

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

    async def _row(self, statement: str, values: Mapping[str, Any] | list[Any]) -> TupleRow | None:
        """The first row of a statement, on a fresh connection where the database has cut the old one."""
        try:
            async with asyncio.timeout(ANSWER_S):
                while True:
                    async with self._pool.connection() as connection:
                        try:
                            return await (await connection.execute(statement, values)).fetchone()
                        except psycopg.OperationalError:
                            if not connection.broken:
                                raise
        except psycopg.errors.DiskFull as error:
            raise Problem(DISC_FULL) from error
        except (psycopg.OperationalError, TimeoutError) as error:
            raise Problem(DATABASE) from error


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(_EVERY_AGENCY)
    await connection.execute(_DURABLE)
    await connection.execute(f"SET statement_timeout = '{STATEMENT_S}s'")


def _time_ordered_id(now: datetime) -> UUID:
    """UUIDv7 (RFC 9562 § 5.7): receipts of one hour lie side by side in the primary key."""
    value = bytearray(int(now.timestamp() * 1000).to_bytes(6, "big") + secrets.token_bytes(10))
    value[6] = 0x70 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    return UUID(bytes=bytes(value))

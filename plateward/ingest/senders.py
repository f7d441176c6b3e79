"""Who sends: devices of the register by what they show of themselves, trusted for a few seconds."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from plateward.ingest.payloads import Sender
from plateward.ingest.problems import DEVICE_DISABLED, KEY_UNKNOWN, Problem
from plateward.vault.masters import Wrapped

KNOWN_S = 5.0
"""How long a device is trusted to send a body; the insert itself always asks the register."""

Row = Callable[[str, list[Any]], Awaitable[Any]]
"""The first row of a statement. Raises Problem when the database cannot answer."""

_BY_KEY = """
SELECT id, key_sha256, is_enabled, agency_id, allowed_sources FROM devices_device
WHERE key_sha256 = %s AND way = 'KEY'
"""
_BY_LOGIN = """
SELECT device.id, key_sha256, is_enabled, device.agency_id, allowed_sources, secret.master, secret.wrapped
FROM devices_devicesecret AS secret JOIN devices_device AS device ON device.id = secret.device_id
WHERE secret.login = %s AND device.way = 'DIGEST'
"""
_BY_DEVICE = """
SELECT device.id, key_sha256, is_enabled, device.agency_id, allowed_sources, secret.master, secret.wrapped
FROM devices_devicesecret AS secret JOIN devices_device AS device ON device.id = secret.device_id
WHERE device.id = %s::uuid AND device.way = 'SIGNATURE'
"""
_OF_BROKER = """
SELECT id, key_sha256, is_enabled, agency_id, allowed_sources FROM devices_device WHERE id = %s::uuid
"""


class Senders:
    """The register's devices, looked up by `row`. Every method raises Problem."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._known: dict[tuple[str, str], tuple[Sender, float]] = {}

    async def of_key(self, key: str) -> Sender:
        """The enabled device of a key."""
        sender = await self._found(_BY_KEY, hashlib.sha256(key.encode()).hexdigest())
        if sender is None:
            raise Problem(KEY_UNKNOWN)
        return sender

    async def of_login(self, login: str) -> Sender | None:
        """The enabled device of a user name, nothing proven yet; None for no such device."""
        return None if "\0" in login else await self._found(_BY_LOGIN, login)

    async def of_device(self, device: str) -> Sender | None:
        """The enabled device of this id that signs its bodies, nothing proven yet; None for none."""
        return await self._found(_BY_DEVICE, device)

    async def of_broker(self, device: str) -> Sender | None:
        """The enabled device for which the settings name a broker's messages; None for no such device."""
        return await self._found(_OF_BROKER, device)

    def forget(self, sender: Sender) -> None:
        """Look this device up again the next time."""
        for shown in [shown for shown, (known, _) in self._known.items() if known.id == sender.id]:
            del self._known[shown]

    async def _found(self, statement: str, shown: str) -> Sender | None:
        sender, until = self._known.get((statement, shown), (None, 0.0))
        if sender is not None and time.monotonic() < until:
            return sender
        self._known.pop((statement, shown), None)
        row = await self._row(statement, [shown])
        if row is None:
            return None
        device_id, key_sha256, is_enabled, agency, sources, *sealed = row
        if not is_enabled:
            raise Problem(DEVICE_DISABLED)
        secret = Wrapped(sealed[0], bytes(sealed[1])) if sealed else None
        sender = Sender(device_id, key_sha256, agency, tuple(sources), secret)
        self._known[statement, shown] = (sender, time.monotonic() + KNOWN_S)
        return sender

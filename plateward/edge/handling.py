"""What people did with the unit's alerts: acknowledged, compared the picture, were told by dispatch."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from plateward.edge.alerts import LocalAlert
from plateward.edge.spool import Renamed
from plateward.edge.store import Store
from plateward.unitwire.calls import Sameness

HANDLED: Final = "handled"
QUIET_S: Final = 120.0
"""A further pass of the plate so soon after somebody acknowledged it makes no new tone."""


class Act(Struct, frozen=True):
    """Who did it, and when."""

    by: str
    at: datetime


class Handled(Struct, frozen=True, kw_only=True):
    """What was done with an alert; `compared` and `is_confirmed` are about the read `event_id`.

    `is_confirmed` is what dispatch or CLETS told of the entry, as the person recorded it; `said` their words.
    """

    event_id: str = ""
    acknowledged: Act | None = None
    compared: Sameness | None = None
    comparing: Act | None = None
    is_confirmed: bool | None = None
    said: str = ""
    telling: Act | None = None


class Handling:
    """Kept sealed in the unit's store beside the alerts; threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[UUID, Handled]:
        """By the alerts' ids."""
        kept = self._store.kept(HANDLED)
        return msgspec.json.decode(kept, type=dict[UUID, Handled]) if kept else {}

    def renumber(self, renamed: Renamed) -> None:
        """Reads have other names; what was done about them stands."""
        moved = {
            name: msgspec.structs.replace(one, event_id=renamed.get(one.event_id, (one.event_id, 0))[0])
            for name, one in self.all().items()
        }
        self._store.keep(HANDLED, moved)

    def keep(self, alert: LocalAlert, handled: Handled, alerts: tuple[LocalAlert, ...]) -> None:
        """Keep it; what was done with alerts that are gone goes."""
        left = {one.id for one in alerts}
        with self._store.transaction():
            rest = {name: one for name, one in self.all().items() if name in left}
            self._store.keep(HANDLED, {**rest, alert.id: handled})


def of(alert: LocalAlert, handled: dict[UUID, Handled]) -> Handled:
    """What was done with an alert; a comparison and a word of dispatch count for the read they were about."""
    found = handled.get(alert.id, Handled())
    if found.event_id == alert.event_id:
        return found
    return Handled(event_id=alert.event_id, acknowledged=found.acknowledged)


def is_wanted(alert: LocalAlert, now: datetime) -> bool:
    """Whether its entry is still on the list: neither taken off it nor over."""
    return alert.withdrawn_at is None and alert.entry.expires_at > now


class Quiet:
    """Which alerts call for somebody: every pass of the plate that nobody acknowledged.

    A pass soon after an acknowledgement is quiet. Both are told by the steady clock of this run: the times in
    reads are the cameras', and those of acts the server's. After a restart only the very pass stays quiet.
    """

    def __init__(self) -> None:
        self._acknowledged: dict[UUID, float] = {}
        self._came: dict[tuple[UUID, str], float] = {}

    def acknowledged(self, alert: LocalAlert, steady: float) -> None:
        """Somebody has seen it at this steady time."""
        self._acknowledged[alert.id] = steady

    def ringing(
        self, alerts: tuple[LocalAlert, ...], handled: dict[UUID, Handled], now: datetime, steady: float
    ) -> list[LocalAlert]:
        """Those that call for somebody at `now`, by the steady clock `steady`."""
        passes = [(one.id, one.event_id) for one in alerts]
        self._came = {one: self._came.get(one, steady) for one in passes}
        return [one for one in alerts if is_wanted(one, now) and not self._is_quiet(one, handled)]

    def _is_quiet(self, alert: LocalAlert, handled: dict[UUID, Handled]) -> bool:
        found, last = handled.get(alert.id), self._acknowledged.get(alert.id)
        if found is not None and found.event_id == alert.event_id and found.acknowledged is not None:
            return True
        return last is not None and self._came[alert.id, alert.event_id] <= last + QUIET_S

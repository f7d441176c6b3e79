"""Matches as they are shown on the unit: UNVERIFIED until a person says otherwise, kept through a restart."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, Literal
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from plateward.edge.listing import Listing, ListState, Match
from plateward.edge.reading import Capture, smaller
from plateward.edge.spool import Renamed, Spool
from plateward.edge.store import Store
from plateward.unitwire.calls import event_id
from plateward.unitwire.documents import ListEntry
from plateward.vault.envelope import UnopenableError

log = logging.getLogger(__name__)

Verdict = Literal["UNVERIFIED", "CONFIRMED", "MISREAD"]
_EVERY: Final = -1
SHOWN: Final = 200
"""So many alerts a person can look through."""
SCENE_WIDTH: Final = 960
_NAMES: Final = UUID("5a3cf7f2-2a0e-5a3b-9d43-0f5f0a4d8a6e")


class LocalAlert(Struct, frozen=True, kw_only=True):
    """A read that matched an entry of the unit's list; more reads of the plate join it.

    `event_id` is the newest read's name, `seen` how many there were, `picture` its plate. `list_told` is ""
    for a fresh list. `withdrawn_at` is when the entry was seen to be off the list: nobody wants it any more.
    """

    id: UUID
    event_id: str
    sequence: int
    entry: ListEntry
    plate: str
    region: str | None
    confidence: float
    explanation: str
    captured_at: datetime
    raised_at: datetime
    source: str
    list_as_of: datetime | None
    list_told: str
    picture: bytes
    seen: int = 1
    verdict: Verdict = "UNVERIFIED"
    answered_by: str | None = None
    answered_at: datetime | None = None
    withdrawn_at: datetime | None = None


class Alerts:
    """The unit's alerts; threads may share it."""

    def __init__(self, store: Store, spool: Spool) -> None:
        self._store, self._spool = store, spool
        self.on_change: Callable[[], None] = lambda: None

    def raise_for(
        self, sequence: int, capture: Capture, match: Match, listed: ListState, now: datetime
    ) -> LocalAlert:
        """Keep the alert of a read, or join the one that its entry and plate have; inside a transaction."""
        name = uuid5(_NAMES, f"{match.entry.id} {capture.reading.text}")
        before = self.get(name)
        alert = LocalAlert(
            id=name,
            event_id=event_id(self._spool.id, sequence),
            sequence=sequence,
            entry=match.entry,
            plate=capture.reading.text,
            region=capture.reading.region,
            confidence=capture.reading.confidence,
            explanation=match.explanation,
            captured_at=capture.captured_at,
            raised_at=before.raised_at if before else now,
            source=capture.source.name,
            list_as_of=listed.as_of,
            list_told=listed.told,
            picture=capture.plate,
            seen=before.seen + 1 if before else 1,
        )
        self._keep(alert)
        scene = self._store.sealed(smaller(capture.scene, SCENE_WIDTH), f"alert scene {name}")
        with self._store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO alert_scene VALUES (?, ?)", (str(name), scene))
        return alert

    def answer(self, name: UUID, verdict: Verdict, user: str, now: datetime) -> LocalAlert | None:
        """A person compared picture and characters; None where the alert is gone."""
        found = self.get(name)
        if found is None:
            return None
        answered = msgspec.structs.replace(found, verdict=verdict, answered_by=user, answered_at=now)
        self._keep(answered)
        self.on_change()
        return answered

    def get(self, name: UUID) -> LocalAlert | None:
        """One alert."""
        found = self._store.rows("SELECT alert FROM alert WHERE id = ?", str(name))
        return self._opened(str(name), found[0][0]) if found else None

    def scene(self, name: UUID) -> bytes:
        """The scene of an alert's newest read, made smaller; its plate where the disc has damaged that."""
        for (file,) in self._store.rows("SELECT file FROM alert_scene WHERE id = ?", str(name)):
            with suppress(UnopenableError):
                return self._store.opened(file, f"alert scene {name}")
        found = self.get(name)
        return found.picture if found else b""

    def all(self, at_most: int = SHOWN) -> list[LocalAlert]:
        """The alerts that are kept, the newest first."""
        found = self._store.rows("SELECT id, alert FROM alert ORDER BY raised_at DESC LIMIT ?", at_most)
        return [alert for name, file in found if (alert := self._opened(name, file)) is not None]

    def compare(self, listing: Listing, now: datetime) -> None:
        """Mark the alerts whose entries are off the list: the vehicle was found, or should not be on it."""
        off = [one for one in self.all(_EVERY) if one.withdrawn_at is None and not listing.has(one.entry.id)]
        for alert in off:
            told = f"No longer wanted since {now:%Y-%m-%d %H:%M} UTC: the entry is off the list."
            self._keep(msgspec.structs.replace(alert, withdrawn_at=now, list_told=told))
        if off:
            self.on_change()

    def renumber(self, renamed: Renamed) -> None:
        """Reads have other names and numbers, their alerts with them."""
        for alert in self.all(_EVERY):
            if alert.event_id in renamed:
                name, sequence = renamed[alert.event_id]
                self._keep(msgspec.structs.replace(alert, event_id=name, sequence=sequence))
        self.on_change()

    def forget_past(self, now: datetime) -> int:
        """Drop alerts that ended and whose read the server has; how many went."""
        gone = [
            alert.id
            for alert in self.all(_EVERY)
            if (alert.entry.expires_at <= now or alert.withdrawn_at is not None)
            and not self._store.rows("SELECT 1 FROM item WHERE sequence = ?", alert.sequence)
        ]
        if gone:
            with self._store.transaction() as db:
                db.executemany("DELETE FROM alert WHERE id = ?", [(str(name),) for name in gone])
            self.on_change()
        return len(gone)

    def destroy(self) -> None:
        """Forget all of them: they tell what is on the list."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM alert")

    def _keep(self, alert: LocalAlert) -> None:
        with self._store.transaction() as db:
            db.execute(
                "INSERT INTO alert VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET sequence = excluded.sequence, raised_at = excluded.raised_at, alert = excluded.alert",
                (
                    str(alert.id),
                    alert.sequence,
                    alert.raised_at.isoformat(),
                    self._store.sealed(alert, f"alert {alert.id}"),
                ),
            )

    def _opened(self, name: str, file: bytes) -> LocalAlert | None:
        try:
            return msgspec.json.decode(self._store.opened(file, f"alert {name}"), type=LocalAlert)
        except (UnopenableError, msgspec.DecodeError):
            log.exception("Alert %s cannot be opened any more", name)
            return None

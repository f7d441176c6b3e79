"""A unit's store in a folder, and reads to put into it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from plateward.edge.keys import UnitKey
from plateward.edge.spool import NewRead, Spool
from plateward.edge.store import Store

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
KEY = UnitKey(bytes(range(32)))
MEGABYTE = 1024 * 1024


def store_in(folder: Path, *, reserve: int = 0) -> Store:
    return Store(folder, KEY, reserve=reserve)


def spool_in(store: Store, *, thin_below: int | None = None, stop_below: int = MEGABYTE) -> Spool:
    return Spool(store, stop_below=stop_below, thin_below=thin_below)


def read(
    plate: str = "7ABC123",
    *,
    size: int = 3000,
    minutes: int = 0,
    is_matched: bool = True,
    is_hit: bool = False,
) -> NewRead:
    def written(spool: UUID, sequence: int) -> bytes:
        return json.dumps({"event_id": f"{spool}-{sequence}", "plate": plate}).encode()

    return NewRead(
        captured_at=NOW + timedelta(minutes=minutes),
        written=written,
        pictures={"scene": plate.encode() * (size // 7), "plate": plate.encode() * (size // 70)},
        is_matched=is_matched,
        is_hit=is_hit,
    )


def fill_disc(store: Store) -> None:
    """From now on the file may not grow: SQLite finds the disc full."""
    (pages,) = store.one("PRAGMA page_count")
    store.rows(f"PRAGMA max_page_count = {pages}")

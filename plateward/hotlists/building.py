"""Building the next generation of the index of wanted plates, beside the one that is in use."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from plateward.documents.store import FileStore
from plateward.hotlists.generation import Damaged, Generation, encode
from plateward.hotlists.wanted import FILE, SERVER, changed_since, load
from plateward.plates.plate_index import PlateIndex
from plateward.walls import scope

log = logging.getLogger(__name__)

REBUILD_AFTER: Final = 1_000
"""So many keys that came since make a new generation worth its second."""
FEW_WAIT: Final = timedelta(hours=1)
OLDEST: Final = timedelta(days=1)
"""After a day keys that are no longer wanted leave, if nothing else asked for a new generation."""

_KEYS: Final = "COPY (SELECT agency_id, plate_key FROM hotlists_entry WHERE state = 'ACTIVE') TO STDOUT"


class Standing(StrEnum):
    """How the file stands to the database; matching is right with any of these, and fast with the first."""

    CURRENT = "current"
    LEFT_BEHIND = "left behind by what changed since"
    OF_ANOTHER_SERVER = "from before the database's restart"
    DAMAGED = "damaged"
    MISSING = "not built yet"


def standing(now: datetime, folder: Path | None = None) -> tuple[Standing, Generation | None]:
    """What the file in the folder (where none is given, the installation's) is worth at `now`."""
    path = (folder or settings.ENVIRONMENT.hotlists) / FILE
    try:
        generation = load(path)
    except FileNotFoundError:
        return Standing.MISSING, None
    except (Damaged, OSError) as error:
        said = "The index of wanted plates (%s) cannot be used: %s"
        log.error(said, path, error)  # noqa: TRY400  said whole; a traceback adds nothing
        return Standing.DAMAGED, None
    with scope.as_system("What is wanted is kept for every agency at once."):
        server, _, changed = changed_since(generation.snapshot, REBUILD_AFTER)
    if server != generation.server:
        return Standing.OF_ANOTHER_SERVER, generation
    age = now - generation.built_at
    is_left_behind = len(changed) >= REBUILD_AFTER or (changed and age >= FEW_WAIT) or age >= OLDEST
    return (Standing.LEFT_BEHIND if is_left_behind else Standing.CURRENT), generation


def refresh(now: datetime) -> Standing:
    """Build a new generation where the file is not current; returns how it stood. Raises OSError.

    Of several at once one builds, and the others leave it to that one. What matches meanwhile goes on with
    the generation that is there, and changes over between two batches.
    """
    found, _ = standing(now)
    if found is not Standing.CURRENT:
        with _alone(settings.ENVIRONMENT.hotlists) as is_alone:
            if is_alone:
                built = build(now)
                log.info("A new index of wanted plates (the last was %s): %d keys", found.value, built.size)
    return found


def build(now: datetime, folder: Path | None = None) -> Generation:
    """Write every agency's keys of this moment, in the place of the file there is.

    Raises OSError, with the old file in its place. Not within a transaction: its own changes would count as
    seen, and could yet be taken back.
    """
    if connection.in_atomic_block:
        raise RuntimeError("The index of wanted plates is built outside of any transaction.")
    with scope.as_system("What is wanted is kept for every agency at once."):
        generation = _read(now)
    FileStore(folder or settings.ENVIRONMENT.hotlists).replace(FILE, encode(generation))
    return generation


def _read(now: datetime) -> Generation:
    keys: dict[str, list[str]] = {}
    # The cursor first: it tells the database the scope, and nothing may come before the level of isolation.
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SELECT {SERVER}, pg_current_snapshot()::text")
        ((server, snapshot),) = cursor.fetchall()
        with cursor.copy(_KEYS) as copy:
            for agency, key in copy.rows():
                keys.setdefault(agency, []).append(key)
    lists = {agency: PlateIndex.of(found) for agency, found in keys.items()}
    return Generation(server=server, snapshot=snapshot, built_at=now, lists=lists)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process is building here; the system lets go of the lock when a process ends."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "building.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)

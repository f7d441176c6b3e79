"""Which keys of the hotlists a batch of plates fits, from memory, with what changed since asked each time.

The index only narrows down: whether an entry under a key is in force the caller reads from its row. So what
was removed never hits, however old the index; and so that nothing added is missed, every look-up first asks
which entries were committed since the snapshot that the index, or the last look-up, was of.
"""

import logging
import mmap
import os
import threading
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from plateward.hotlists.generation import Damaged, Generation, decode
from plateward.hotlists.snapshots import committed_between
from plateward.plates.plate_index import PlateIndex
from plateward.walls import scope

log = logging.getLogger(__name__)

Pair = tuple[str, str]
"""An agency and a plate's key."""

FILE: Final = Path("wanted.index")
MOST_CHANGES: Final = 20_000
"""More new keys than this are left to the next generation; until it is there the database is asked."""
ASKED_AGAIN_AFTER: Final = 100
"""So many look-ups go to the database until one sees whether it is still so many: counting costs most."""

SERVER: Final = """
concat(pg_postmaster_start_time(), ' ', (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
_MOMENT: Final = f"SELECT {SERVER}, pg_current_snapshot()::text"
# A span holds no transaction that still runs: of a list that is just put in place no row is looked at.
_CHANGED: Final = """
(SELECT agency_id, plate_key FROM hotlists_entry
 WHERE state = 'ACTIVE' AND changed_in > %s::xid8 AND changed_in < %s::xid8 LIMIT %s)
"""
# Through a wall the planner knows nothing of how few entries are partial, and prepares to read them all.
_BY_INDEX: Final = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
_BY_ITSELF: Final = "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL jit TO DEFAULT"
_ASKED: Final = """
SELECT agency_id, plate_key FROM hotlists_entry
WHERE state = 'ACTIVE' AND agency_id = ANY(%(agencies)s) AND plate_key = ANY(%(keys)s)
UNION ALL
SELECT agency_id, plate_key FROM hotlists_entry
WHERE state = 'ACTIVE' AND agency_id = ANY(%(agencies)s) AND plate_key ~ '[*?]'
"""


def fitting(asked: Collection[Pair]) -> dict[Pair, tuple[str, ...]]:
    """For each pair that fits any: the keys of its agency's entries that it fits, whole and partial ones."""
    if not asked:
        return {}
    with scope.as_system("What is wanted is kept for every agency at once."):
        return wanted_plates(settings.ENVIRONMENT.hotlists).fitting(asked)


@cache
def wanted_plates(folder: Path) -> "WantedPlates":
    """This process's one view of the index in a folder."""
    return WantedPlates(folder / FILE)


def changed_since(snapshot: str, limit: int) -> tuple[str, str, list[Pair]]:
    """The server, its snapshot now, and at most so many keys of entries committed since another one."""
    with connection.cursor() as cursor:
        cursor.execute(_MOMENT)
        ((server, current),) = cursor.fetchall()
        spans = committed_between(snapshot, current)
        if not spans:
            return server, current, []
        facts = [fact for after, before in spans for fact in (str(after), str(before), limit)]
        changed = " UNION ALL ".join([_CHANGED] * len(spans))
        cursor.execute(f"SELECT * FROM ({changed}) AS changed LIMIT %s", [*facts, limit])  # noqa: S608  the constant above
        return server, current, cursor.fetchall()


class WantedPlates:
    """The newest generation of a file, mapped into memory that all processes share, and what came since."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generation: Generation | None = None
        self._seen: tuple[int, int, int] | None = None
        self._snapshot = ""
        self._since: dict[str, set[str]] = {}
        self._since_index: dict[str, PlateIndex] = {}
        self._left_behind = 0
        self._alone = threading.Lock()
        self.does = True
        """Whether memory answered last; else the database had to."""

    def fitting(self, asked: Collection[Pair]) -> dict[Pair, tuple[str, ...]]:
        """As the function of this name; every agency's rows must be visible."""
        known = self._known_now()
        self.does = known is not None
        if known is None:
            return _fitting(asked, [_indexed(_of_database(asked))])
        return _fitting(asked, known)

    def _known_now(self) -> list[Mapping[str, PlateIndex]] | None:
        """Everything wanted; None where the database has to say. One thread at a time.

        Else one could pass over what another has just read of the changes, or change the generation under it.
        """
        with self._alone:
            self._take_newest()
            if self.generation is None or self._left_behind:
                self._left_behind = max(0, self._left_behind - 1)
                return None
            if not self._caught_up(self.generation):
                self._left_behind = ASKED_AGAIN_AFTER
                return None
            return [self.generation.lists, dict(self._since_index)]

    def _take_newest(self) -> None:
        """Change over to the file's generation if it is another; a damaged one is passed over, and said."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return
        seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            generation = load(self.path)
        except (Damaged, OSError) as error:
            log.error("The index of wanted plates (%s) cannot be used: %s", self.path, error)  # noqa: TRY400  said whole
            return
        self.generation, self._snapshot = generation, generation.snapshot
        self._since, self._since_index, self._left_behind = {}, {}, 0

    def _caught_up(self, generation: Generation) -> bool:
        """Take in what was committed since; False where the index says nothing about this database now."""
        room = MOST_CHANGES - sum(map(len, self._since.values()))
        server, snapshot, changed = changed_since(self._snapshot, room + 1)
        if server != generation.server or len(changed) > room:
            return False
        for agency, key in changed:
            self._since.setdefault(agency, set()).add(key)
        for agency in {agency for agency, _ in changed}:
            self._since_index[agency] = PlateIndex.of(self._since[agency])
        self._snapshot = snapshot
        return True


def load(path: Path) -> Generation:
    """Map a file into memory and check it. Raises Damaged and OSError."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise Damaged("it is empty")
        return decode(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def _of_database(asked: Collection[Pair]) -> list[Pair]:
    """Every pair that could answer what is asked: the same keys, and all partial plates."""
    agencies, keys = map(set, zip(*asked, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(_ASKED, {"agencies": list(agencies), "keys": list(keys)})
        found: list[Pair] = cursor.fetchall()
        cursor.execute(_BY_ITSELF)
    return found


def _indexed(pairs: Iterable[Pair]) -> dict[str, PlateIndex]:
    return {agency: PlateIndex.of(keys) for agency, keys in _by_agency(pairs).items()}


def _by_agency(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for agency, key in pairs:
        found.setdefault(agency, []).append(key)
    return found


def _fitting(
    asked: Iterable[Pair], several: Iterable[Mapping[str, PlateIndex]]
) -> dict[Pair, tuple[str, ...]]:
    found: dict[Pair, tuple[str, ...]] = {}
    by_agency = _by_agency(asked)
    for lists in several:
        for agency, keys in by_agency.items():
            for key, fits in lists[agency].fitting(keys).items() if agency in lists else ():
                found[agency, key] = tuple(dict.fromkeys((*found.get((agency, key), ()), *fits)))
    return found

"""What people did on the unit that the server must hear: kept until it says what became of each."""

from typing import Final
from uuid import UUID

import msgspec

from plateward.edge.spool import Renamed
from plateward.edge.store import Store
from plateward.unitwire.calls import Done, PictureCompared, RecordTold

_AT_ONCE: Final = 100
_START: Final = ("", "")


class Answers:
    """Answers in the unit's store; threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store, self._after = store, _START

    def add(self, answer: Done) -> None:
        """Keep an answer until the server has it."""
        with self._store.transaction() as db:
            file = self._store.sealed(answer, f"answer {answer.id}")
            db.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)",
                (str(answer.id), answer.at.isoformat(), file),
            )

    def waiting(self) -> tuple[Done, ...]:
        """Answers that the server has not settled, some of them in turn, the oldest first."""
        query = (
            "SELECT id, made_at, answer FROM answer WHERE (made_at, id) > (?, ?) ORDER BY made_at, id LIMIT ?"
        )
        found = self._store.rows(query, *self._after, _AT_ONCE)
        if not found and self._after != _START:
            self._after = _START
            return self.waiting()
        self._after = (found[-1][1], found[-1][0]) if len(found) == _AT_ONCE else _START
        return tuple(self._opened(name, file) for name, _, file in found)

    def forget(self, answer: UUID) -> None:
        """Of one that is settled."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM answer WHERE id = ?", (str(answer),))

    def renumber(self, renamed: Renamed) -> None:
        """Reads have other names; what people said of them goes with them."""
        for name, file in self._store.rows("SELECT id, answer FROM answer"):
            answer = self._opened(name, file)
            if isinstance(answer, PictureCompared | RecordTold) and answer.event_id in renamed:
                self.add(msgspec.structs.replace(answer, event_id=renamed[answer.event_id][0]))

    def _opened(self, name: str, file: bytes) -> Done:
        told: Done = msgspec.json.decode(self._store.opened(file, f"answer {name}"), type=Done)
        return told

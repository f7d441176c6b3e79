"""The slots of the agencies' inboxes: the receiver seals what it takes in, and can open none of it.

Each agency's newest public key is used, however old: whoever makes them may be away for days, and nothing
is refused for it. An agency that never had one is a fresh installation's, for a moment; its payloads wait
in plain, as those of earlier releases do, and `plateward doctor` counts them.
"""

import time
from collections.abc import Collection

from plateward.ingest.senders import Row
from plateward.vault.boxes import Letterbox

KNOWN_S = 60.0
NONE_S = 2.0
"""How long it is trusted that a key is the newest; that there is none."""

_NEWEST = """
SELECT id, public FROM reads_inboxkey WHERE agency_id = %s ORDER BY made_date DESC LIMIT 1
"""


class Letterboxes:
    """The newest letterbox of each agency."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._known: dict[str, tuple[Letterbox | None, float]] = {}

    async def of(self, agencies: Collection[str]) -> dict[str, Letterbox | None]:
        """By agency; None where there is none yet. Raises Problem."""
        return {agency: await self._of(agency) for agency in agencies}

    def forget(self) -> None:
        """Look every agency's up again: one was destroyed because nothing waited in it."""
        self._known.clear()

    async def _of(self, agency: str) -> Letterbox | None:
        box, until = self._known.get(agency, (None, 0.0))
        if time.monotonic() < until:
            return box
        row = await self._row(_NEWEST, [agency])
        if row is None:
            box = None
        elif box is None or box.key_id != row[0]:
            box = Letterbox(row[0], bytes(row[1]))
        self._known[agency] = (box, time.monotonic() + (NONE_S if box is None else KNOWN_S))
        return box

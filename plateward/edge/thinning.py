"""What a unit gives up when its disc fills up, and in which order. Reads themselves are never given up.

1. Scene pictures of reads that were matched and hit nothing, the oldest read first.
2. Plate pictures of the same reads, the oldest first.
3. Pictures of reads that no list could be matched with, the oldest first, scenes before plates.

Pictures of hits are never given up, nor any picture where the agency's policy sets no room under which that
may happen (`keep_pictures_bytes` of the configuration). Below the last limit reads come without pictures, and
below half of it, or where no picture may be given up, the unit stops capturing and says so: a unit that reads
and forgets would leave a gap that nobody sees (B-466.5, H-426.4).
"""

from enum import StrEnum
from typing import Final

ORDER: Final[tuple[tuple[bool, str], ...]] = (
    (True, "scene"),
    (True, "plate"),
    (False, "scene"),
    (False, "plate"),
)
"""Whether the read was matched, and the picture's role; each the oldest read first."""
WHY: Final = "the disc is nearly full"


class Level(StrEnum):
    """What there is room for."""

    ENOUGH = "ENOUGH"
    THIN = "THIN"
    READS_ONLY = "READS_ONLY"
    STOP = "STOP"


def level(room: int, *, thin_below: int | None, stop_below: int) -> Level:
    """What `room` bytes are enough for; `thin_below` None: no picture may be given up."""
    if room < (stop_below if thin_below is None else stop_below // 2):
        return Level.STOP
    if room < stop_below:
        return Level.READS_ONLY
    return Level.THIN if thin_below is not None and room < thin_below else Level.ENOUGH

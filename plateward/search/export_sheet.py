"""Results of a search as lines of a CSV file (RFC 4180), every one of which says whose it is and what for.

The marks stand on each line (R49), so that a line copied elsewhere still tells. The file begins with a byte
order mark, by which spreadsheets know it as UTF-8; what reads CSV without knowing it finds it in the name of
the first column, a running number.
"""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

from plateward.audit.models import AccessRecord
from plateward.devices.rules import direction_words
from plateward.plates.matching import explain
from plateward.plates.pattern import PlatePattern
from plateward.policy import Profile
from plateward.reads.models import Direction, Picture, Read, ReadCheck
from plateward.ui.sheets import harmless

_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"

READ_COLUMNS: Final = (
    *("number", "read", "captured", "plate", "plate spelled", "plate as sent", "state", "confidence"),
    *("why found", "camera", "place", "latitude", "longitude", "direction", "heading"),
    *("color", "make", "model", "type", "pictures", "compared with picture"),
)
MARK_COLUMNS: Final = (
    *("taken out by", "name", "title", "agency", "taken out", "purpose", "reason", "case"),
    *("access record", "policy version", "extent", "notice"),
)


class Sheet:
    """A CSV file while it is written: `sha256` and `size` are those of the bytes so far.

    It is in memory only, so that it lies on no disc in plain; its lines are bounded (`MOST_IN_A_FILE`).
    """

    def __init__(self) -> None:
        self.file = BytesIO()
        self.size = 0
        self._hash = hashlib.sha256()
        self._rows = csv.writer(self)
        self.write(_MARK)
        self._rows.writerow((*READ_COLUMNS, *MARK_COLUMNS))

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, text: str) -> None:
        """Add text; what `csv.writer` needs of a file."""
        data = text.encode()
        self._hash.update(data)
        self.size += len(data)
        self.file.write(data)

    def line(self, cells: Iterable[str]) -> None:
        """Add a line."""
        self._rows.writerow(cells)


def read_cells(
    number: int,
    read: Read,
    pattern: PlatePattern | None,
    pictures: Sequence[Picture],
    check: ReadCheck | None,
    zone: ZoneInfo,
) -> tuple[str, ...]:
    """What is known of a read. The plate stands there spelled too: spreadsheets take 1E10 for a number."""
    match = explain(pattern, read.plate) if pattern else None
    return (
        str(number),
        str(read.id),
        read.captured_at.astimezone(zone).isoformat(timespec="milliseconds"),
        read.plate,
        " ".join(read.plate),
        harmless(read.plate_raw),
        read.region,
        "" if read.confidence is None else f"{read.confidence:.3f}",
        match.explanation if match else "every plate was asked for",
        harmless(read.device.name),
        harmless(read.device.location),
        *("" if degrees is None else f"{degrees:.6f}" for degrees in (read.latitude, read.longitude)),
        Direction(read.direction).label,
        direction_words(read.heading_deg),
        *(harmless(str(read.vehicle.get(fact) or "")) for fact in ("color", "make", "model", "type")),
        "; ".join(f"{picture.role} SHA-256 {picture.sha256}" for picture in pictures),
        harmless(check.said) if check else "not compared",
    )


def mark_cells(profile: Profile, access: AccessRecord, extent: str) -> tuple[str, ...]:
    """Who took it out, when, for what, under which record; the same on every line."""
    zone = ZoneInfo(profile.agency.time_zone)
    purpose = profile.purposes.get(access.purpose)
    told = (
        access.username,
        access.name,
        profile.title_name(access.title),
        access.organization,
        access.accessed_at.astimezone(zone).isoformat(timespec="seconds"),
        f"{purpose.name} ({purpose.clause})" if purpose else access.purpose,
        access.reason,
        access.reference,
        str(access.pk),
        access.profile_version,
        extent,
        profile.exports.notice.settled or "",
    )
    return tuple(map(harmless, told))

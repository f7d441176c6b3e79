"""The list of purges outside the database: a restored backup does not know what was destroyed since (R92)."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from plateward.retention import list_file
from plateward.retention.models import HeldRead, Purge
from plateward.retention.rules import PurgeState

FILE: Final = "purges.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A purge as the list has it; instants in ISO 8601, devices as their ids."""

    purge: str
    agency: str
    number: int
    source: str
    devices: tuple[str, ...]
    from_at: str
    until_at: str
    authority: str
    proposed_by: str
    approved_by: str
    done_at: str
    certificate_sha256: str
    held: tuple[str, ...] = ()
    """Ids of the reads that were held when it ran: a restored backup may not know of their holds."""
    pictures_only: bool = False


class ListUnreadableError(Exception):
    """The list is not what was written; the message says which line and what to do."""


def path() -> Path:
    """Where this installation keeps its list: copy it to where the backups are not."""
    return settings.ENVIRONMENT.data / FILE


def append(purge: Purge, certificate_sha256: str) -> None:
    """Have a purge in the list, on disc for good, while what it spared is still noted. Raises OSError.

    Its id comes first, so that a line that a kill left torn still tells whose it was (`read`). Written before
    its transaction ends: one that is then undone is in it twice later, which does no harm.
    """
    line = Listed(
        purge=str(purge.pk),
        agency=purge.agency_id,
        number=purge.number,
        source=purge.source,
        devices=tuple(map(str, purge.devices)),
        from_at=purge.from_at.astimezone(UTC).isoformat(),
        until_at=_until(purge).astimezone(UTC).isoformat(),
        authority=purge.authority,
        proposed_by=purge.proposed_by_name,
        approved_by=purge.decided_by_name,
        done_at=_instant(purge.done_at),
        certificate_sha256=certificate_sha256,
        pictures_only=purge.pictures_only,
        held=tuple(
            str(one) for one in HeldRead.objects.filter(purge=purge).values_list("read_id", flat=True)
        ),
    )
    list_file.append(path(), json.dumps(asdict(line)).encode())


def _until(purge: Purge) -> datetime:
    """Before which capture it destroyed; one that was ended went through the days in order so far."""
    if purge.state != PurgeState.ENDED:
        return purge.until_at
    last = purge.days.exclude(rows_at=None).latest("captured_date").captured_date
    return min(purge.until_at, datetime.combine(last, time(), UTC) + timedelta(days=1))


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def read(file: Path) -> list[Listed]:
    """The purges of a list, each once, oldest first. Raises ListUnreadableError and OSError.

    A line that a kill left torn does no harm where its purge, which was not certified then, stands whole too.
    """
    try:
        lines = list_file.lines(file)
    except UnicodeDecodeError as error:
        raise ListUnreadableError(
            f"{file} is no list of purges. Take the list from where it was copied to."
        ) from error
    found: dict[str, Listed] = {}
    torn: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        one = _listed(line)
        if one is None:
            torn.append((number, line))
        else:
            found[one.purge] = one
    for number, line in torn:
        if not any(f'{{"purge": "{purge}", '.startswith(line[:_WHOSE]) for purge in found):
            raise ListUnreadableError(
                f"Line {number} of {file} is no purge. Take the list from where it was copied to."
            )
    return list(found.values())


_WHOSE: Final = len(f'{{"purge": "{UUID(int=0)}", ')


def _listed(line: str) -> Listed | None:
    try:
        told = json.loads(line)
        one = Listed(**{**told, "devices": tuple(told["devices"]), "held": tuple(told.get("held", ()))})
        for name in (one.purge, *one.held):
            UUID(name)
        for at in (one.from_at, one.until_at):
            datetime.fromisoformat(at)
    except (ValueError, TypeError, KeyError):
        return None
    return one

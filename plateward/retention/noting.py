"""What every step of a purge writes down: its journal row, and figures of other stores."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.retention.models import Purge

OWED_FILES: Final = "owed_files"
"""Where a purge notes the files that are still to be removed one by one."""


def add(purge: Purge, figures: Mapping[str, int]) -> None:
    """Add what was done to other stores to the purge's figures."""
    row = Purge.objects.select_for_update().get(pk=purge.pk)
    for name, number in figures.items():
        row.stores[name] = row.stores.get(name, 0) + number
    row.save(update_fields=["stores"])


def journal(verb: str, purge: Purge, by: Who, now: datetime, detail: Mapping[str, Any] | None = None) -> None:
    """Journal what somebody, or the clock, did for a purge."""
    audit.record(
        verb=verb,
        by=by,
        agency=purge.agency_id,
        subject=f"retention.Purge:{purge.pk}",
        detail={
            "number": purge.number,
            "source": purge.source,
            "until": purge.until_at.isoformat(),
            **(detail or {}),
        },
        profile_version=purge.profile_version,
        now=now,
    )


def owe_files(purge: Purge, files: Sequence[str]) -> None:
    """Note in the caller's transaction which files are still to be removed."""
    if files:
        row = Purge.objects.select_for_update().get(pk=purge.pk)
        row.stores[OWED_FILES] = [*row.stores.get(OWED_FILES, ()), *files]
        row.save(update_fields=["stores"])

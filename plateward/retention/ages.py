"""How old the reads were that people opened: what the review of the schedule asks (R99)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

BOUNDS: Final = (
    ("up to a day", timedelta(days=1)),
    ("a day to a week", timedelta(days=7)),
    ("a week to 30 days", timedelta(days=30)),
    ("30 to 90 days", timedelta(days=90)),
    ("90 days to half a year", timedelta(days=182)),
    ("half a year to a year", timedelta(days=365)),
    ("more than a year", None),
)
"""Ages, each from the end of the one before it."""
_OPENED: Final = """
SELECT purpose, width_bucket(
           extract(epoch FROM accessed_at - plateward_captured_at(substr(subject, 12)::uuid)), %s::numeric[]
       ), count(*)
FROM audit_accessrecord
WHERE agency = %s AND accessed_at >= %s AND accessed_at < %s AND subject ~ '^reads[.]Read:[0-9a-f-]{36}$'
GROUP BY 1, 2
"""
_PRUNED: Final = """
SELECT count(*) FROM audit_accessrecord
WHERE agency = %s AND accessed_at >= %s AND accessed_at < %s AND subject = ''
"""


@dataclass(frozen=True, slots=True)
class AgeRow:
    """A purpose with how many reads of each age were opened for it."""

    purpose: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Ages:
    """Rows by purpose, their sum, and the accesses whose details are gone, of which no age is known."""

    rows: Sequence[AgeRow]
    total: AgeRow
    unknown: int

    @property
    def shares(self) -> list[tuple[str, int, str]]:
        """Each age with its number and its share in percent."""
        whole = self.total.total
        return [
            (label, count, f"{count / whole:.0%}" if whole else "–")
            for (label, _), count in zip(BOUNDS, self.total.counts, strict=True)
        ]


def ages(agency: str, from_at: datetime, until_at: datetime) -> Ages:
    """How old the reads were that the agency's people opened in a time, by purpose."""
    edges = [bound.total_seconds() for _, bound in BOUNDS if bound is not None]
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OPENED, [edges, agency, from_at, until_at])
        for purpose, bucket, count in cursor.fetchall():
            found.setdefault(purpose, [0] * len(BOUNDS))[bucket] = count
        cursor.execute(_PRUNED, [agency, from_at, until_at])
        (unknown,) = cursor.fetchone()
    rows = [AgeRow(purpose, tuple(counts)) for purpose, counts in sorted(found.items())]
    sums = tuple(sum(row.counts[place] for row in rows) for place in range(len(BOUNDS)))
    return Ages(rows, AgeRow("", sums), unknown)

"""Standing shares, kept apart from the vendor's own list, and what that list says otherwise (R108, R109)."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plateward.policy import enforces

LARGEST_LIST = 2 * 1024 * 1024  # bytes
MOST_ROWS = 20_000


class ShareState(StrEnum):
    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"
    ENDED = "ENDED"

    @property
    def label(self) -> str:
        """The state in words."""
        return "Waits for approval" if self is ShareState.PROPOSED else self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes a share from any of `sources` (none: it does not exist yet) to `target`."""

    act: str
    sources: tuple[ShareState, ...]
    target: ShareState
    by: str


TRANSITIONS = (
    Transition("PROPOSE", (), ShareState.PROPOSED, "who keeps the register"),
    Transition("APPROVE", (ShareState.PROPOSED,), ShareState.ACTIVE, "an approver, never who proposed it"),
    Transition("REFUSE", (ShareState.PROPOSED,), ShareState.REFUSED, "an approver"),
    Transition("RENEW", (ShareState.ACTIVE,), ShareState.ACTIVE, "an approver, before it expires or after"),
    Transition("END", (ShareState.PROPOSED, ShareState.ACTIVE), ShareState.ENDED, "who keeps the register"),
)
_SOURCES = {transition.act: transition.sources for transition in TRANSITIONS}


def may_become(state: ShareState, act: str) -> bool:
    """Whether a share in this state lets this be done."""
    return state in _SOURCES[act]


class DriftKind(StrEnum):
    UNKNOWN = "UNKNOWN"
    INELIGIBLE = "INELIGIBLE"
    EXPIRED = "EXPIRED"
    MISSING = "MISSING"

    @property
    def label(self) -> str:
        """What is wrong, in words."""
        return _DRIFTS[self]


_DRIFTS: Mapping[DriftKind, str] = {
    DriftKind.UNKNOWN: "On the vendor’s list, and no share on record has that name",
    DriftKind.INELIGIBLE: "Shared with, but may not receive data",
    DriftKind.EXPIRED: "Shared with, but the approval is over",
    DriftKind.MISSING: "Approved here, but not on the vendor’s list",
}


@dataclass(frozen=True, slots=True)
class ShareFact:
    """A share on record; `listed_as` is the name a person gave that the vendor's list has for it.

    `why_not` says why the partner may receive nothing, "" where it may.
    """

    listed_as: str
    state: ShareState
    expires_date: date
    why_not: str


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between the vendor's list and the shares on record."""

    kind: DriftKind
    name: str
    detail: str = ""


def same_name(name: str) -> str:
    """A name as two lists are compared by: without case, and with single spaces."""
    return " ".join(name.casefold().split())


@enforces("B-466.7", "CC-1798.90.55")
def drift(listed: Sequence[str], shares: Sequence[ShareFact], today: date) -> list[Drift]:
    """Every difference, by kind, then by name. A name approves nobody: only a share on record does."""
    known = {same_name(share.listed_as): share for share in shares if share.state is ShareState.ACTIVE}
    names = {same_name(name): name.strip() for name in listed}
    found = [*_of_listed(names, known, today), *_missing(names, known, today)]
    order = list(DriftKind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.name))


def _of_listed(names: Mapping[str, str], known: Mapping[str, ShareFact], today: date) -> Iterator[Drift]:
    for key, name in names.items():
        share = known.get(key)
        if share is None:
            yield Drift(DriftKind.UNKNOWN, name)
            continue
        if share.why_not:
            yield Drift(DriftKind.INELIGIBLE, name, share.why_not)
        if share.expires_date < today:
            yield Drift(DriftKind.EXPIRED, name, f"Approved until {share.expires_date:%b %-d, %Y}.")


def _missing(names: Mapping[str, str], known: Mapping[str, ShareFact], today: date) -> Iterator[Drift]:
    for key, share in known.items():
        if key not in names and share.expires_date >= today:
            yield Drift(DriftKind.MISSING, share.listed_as)


class UnreadableListError(ValueError):
    """The vendor's list cannot be read; the message says why and what to do."""


def names_in(data: bytes, column: str) -> list[str]:
    """The names in a column of a CSV file in UTF-8, each once; raises UnreadableListError.

    An empty line is passed over; the column is found by its heading whatever its case.
    """
    headings, rows = _table(data)
    wanted = same_name(column)
    place = next((n for n, heading in enumerate(headings) if same_name(heading) == wanted), None)
    if place is None:
        named = ", ".join(heading for heading in headings if heading.strip()) or "none"
        raise UnreadableListError(f"The file has no column “{column}”. Its columns: {named}.")
    cells = (row[place].strip() for row in rows if len(row) > place)
    names = list(dict.fromkeys(cell for cell in cells if cell))
    if not names:
        raise UnreadableListError(f"The column “{column}” is empty. Choose the column with the agencies.")
    return names


def _table(data: bytes) -> tuple[list[str], list[list[str]]]:
    if len(data) > LARGEST_LIST:
        raise UnreadableListError(f"The file has more than {LARGEST_LIST // 1024**2} MB. Export names alone.")
    try:
        text = data.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableListError(f"This is no CSV file in UTF-8 ({error}). Export it as CSV.") from error
    if not rows:
        raise UnreadableListError("The file is empty. Export the list again.")
    if len(rows) > MOST_ROWS:
        raise UnreadableListError(f"The file has more than {MOST_ROWS:,} lines. Is it the list of shares?")
    return rows[0], rows[1:]

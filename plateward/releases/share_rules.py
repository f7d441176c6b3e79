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


class Answer(StrEnum):
    """What a person did about a difference."""

    TOLD = "TOLD"
    PROPOSED = "PROPOSED"
    RENEWED = "RENEWED"
    ENDED = "ENDED"

    @property
    def label(self) -> str:
        """The answer in words."""
        return _ANSWERS[self]


_ANSWERS: Mapping[Answer, str] = {
    Answer.TOLD: "The vendor was told to correct its list",
    Answer.PROPOSED: "A share of this name was put on record",
    Answer.RENEWED: "The share was approved anew",
    Answer.ENDED: "The share was ended here",
}
ANSWERS: Mapping[DriftKind, tuple[Answer, ...]] = {
    DriftKind.UNKNOWN: (Answer.TOLD, Answer.PROPOSED),
    DriftKind.INELIGIBLE: (Answer.TOLD,),
    DriftKind.EXPIRED: (Answer.TOLD, Answer.RENEWED),
    DriftKind.MISSING: (Answer.TOLD, Answer.ENDED),
}
"""With what each difference is answered: nobody may let a body that may receive nothing go on receiving."""


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


def answer_problem(
    kind: DriftKind, name: str, answer: Answer, shares: Sequence[ShareFact], today: date
) -> str:
    """Why a difference cannot be answered so, "" where it can: what it says of the record must be so."""
    if answer not in ANSWERS[kind]:
        words = " or ".join(f"“{one.label}”" for one in ANSWERS[kind])
        return f"This difference is answered with {words}."
    same = [share for share in shares if same_name(share.listed_as) == same_name(name)]
    active = [share for share in same if share.state is ShareState.ACTIVE]
    open_states = {ShareState.PROPOSED, ShareState.ACTIVE}
    if answer is Answer.PROPOSED and not any(one.state in open_states for one in same):
        return "No share of this name is on record. Propose it first."
    if answer is Answer.RENEWED and not any(one.expires_date >= today for one in active):
        return "The share’s approval is still over. Have it approved anew first."
    if answer is Answer.ENDED and active:
        return "The share is still active here. End it first."
    return ""


class UnreadableListError(ValueError):
    """The vendor's list cannot be read; the message says why and what to do."""


def names_in(data: bytes, column: str) -> list[str]:
    """The names in a column of a CSV file in UTF-8, each once; raises UnreadableListError.

    An empty line is passed over; the column is found by its heading whatever its case. A line that ends
    before the column is sent back, not passed over: the name that it lacks may be the one that matters.
    """
    headings, rows = _table(data)
    wanted = same_name(column)
    places = [n for n, heading in enumerate(headings) if same_name(heading) == wanted]
    if len(places) > 1:
        raise UnreadableListError(f"The file has {len(places)} columns “{column}”. Leave one of them in it.")
    if not places:
        named = ", ".join(heading for heading in headings if heading.strip()) or "none"
        raise UnreadableListError(f"The file has no column “{column}”. Its columns: {named}.")
    (place,) = places
    if short := next((n for n, row in enumerate(rows, 2) if len(row) <= place), None):
        raise UnreadableListError(f"Row {short} ends before the column “{column}”. Export the list again.")
    cells = (row[place].strip() for row in rows)
    names = list(dict.fromkeys(cell for cell in cells if cell))
    if not names:
        raise UnreadableListError(f"The column “{column}” is empty. Choose the column with the agencies.")
    return names


def _table(data: bytes) -> tuple[list[str], list[list[str]]]:
    if len(data) > LARGEST_LIST:
        raise UnreadableListError(f"The file has more than {LARGEST_LIST // 1024**2} MB. Export names alone.")
    if data.startswith(b"PK"):
        raise UnreadableListError("This is a spreadsheet or an archive. Save its table as CSV first.")
    try:
        text = data.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
        rows = [row for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableListError(f"This is no CSV file in UTF-8 ({error}). Export it as CSV.") from error
    if not rows:
        raise UnreadableListError("The file is empty. Export the list again.")
    if len(rows) > MOST_ROWS:
        raise UnreadableListError(f"The file has more than {MOST_ROWS:,} lines. Is it the list of shares?")
    return rows[0], rows[1:]


def _delimiter(text: str) -> str:
    """What stands between the headings: a comma, or where there are more of them a semicolon or a tab."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)

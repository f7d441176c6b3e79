"""A file with a list of others between its bytes on disc and the list in the database."""

import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings

from plateward.documents.store import FileStore
from plateward.hotlists.layouts import Layout
from plateward.hotlists.list_file import ListLines, Problem, Terms
from plateward.hotlists.lists import Difference, Listed
from plateward.hotlists.models import UNDECIDED, WORKED, ListFile, RejectedLines
from plateward.policy import Profile, category_codes, forbidden_categories, purpose_allowed
from plateward.ui.sheets import harmless

_GLANCED_LINES: Final = 1_000
_PART_BYTES: Final = 2**16


def store() -> FileStore:
    """Where files lie until they are decided on."""
    return FileStore(settings.ENVIRONMENT.hotlists)


def place(file: ListFile) -> Path:
    """Where in the store a file lies."""
    return Path(file.agency_id, f"{file.sha256}.list")


def sweep(before: datetime) -> int:
    """Delete what lies in the store untouched since `before` and no row needs: how many files.

    A process that was killed, or a database that took no row, may leave one. Raises OSError.
    """
    needed = {
        str(Path(agency, f"{sha256}.list"))
        for agency, sha256 in ListFile.objects.filter(state__in=[*WORKED, *UNDECIDED]).values_list(
            "agency_id", "sha256"
        )
    }
    root, swept = store().root, 0
    for path in root.glob("*/*"):
        with suppress(FileNotFoundError):  # decided on, and so deleted, in this moment
            lies_there = path.is_file() and path.stat().st_mtime < before.timestamp()
            if lies_there and str(path.relative_to(root)) not in needed:
                path.unlink()
                swept += 1
    return swept


def lines_of(
    lines: Iterable[bytes],
    layout: Layout,
    profile: Profile,
    now: datetime,
    rejected: Callable[[Problem], object] = lambda _: None,
) -> ListLines:
    """A file's lines, checked as they are read. Raises Refused: a purpose of the layout's."""
    for purpose in set(layout.purposes.values()):
        purpose_allowed(profile, purpose).require()
    return ListLines(lines, layout, terms_of(profile, now), rejected)


def terms_of(profile: Profile, now: datetime) -> Terms:
    """What a policy lets onto a list."""
    return Terms(
        now=now,
        zone=profile.agency.time_zone,
        partial=bool(profile.hotlists.partial_plates.settled),
        excluded=frozenset(one.lower() for one in profile.hotlists.excluded_categories.settled or ()),
        categories=category_codes(profile),
        forbidden=frozenset(forbidden_categories(profile)),
    )


class Rejects:
    """Gathers the lines that are left out of a file, packed as they come: there may be two million."""

    def __init__(self) -> None:
        self.count = 0
        self._packed = BytesIO()
        self._zip = gzip.GzipFile(fileobj=self._packed, mode="wb", mtime=0)
        self._text = TextIOWrapper(self._zip, encoding="utf-8", newline="")
        self._rows = csv.writer(self._text)
        self._rows.writerow(("Line", "Why it is left out"))

    def __call__(self, problem: Problem) -> None:
        """Take one more."""
        self.count += 1
        self._rows.writerow((problem.line, harmless(problem.text)))

    def keep(self, file: ListFile) -> None:
        """Put them beside their file, in the place of those of an earlier pass; none leave nothing."""
        self._text.close()
        self._zip.close()
        RejectedLines.objects.filter(file=file).delete()
        if self.count:
            RejectedLines.objects.create(file=file, count=self.count, sheet=self._packed.getvalue())


def opened_sheet(rejected: RejectedLines) -> Iterator[bytes]:
    """The rejected lines as CSV, part by part."""
    with gzip.GzipFile(fileobj=BytesIO(bytes(rejected.sheet))) as sheet:
        while part := sheet.read(_PART_BYTES):
            yield part


def beginning(file: ListFile, count: int) -> tuple[list[bytes], bool]:
    """The first lines of a file, and whether they are the whole of it. Raises FileLost."""
    data = BytesIO(store().get(place(file), file.sha256))
    return list(islice(data, count)), not data.read(1)


def glance(data: bytes, layout: Layout, profile: Profile, now: datetime) -> None:
    """Look for the first sound line near the beginning, so that a wrong file is told of at once.

    Raises UnusableFile and Refused.
    """
    beginning = islice(BytesIO(data), _GLANCED_LINES)
    next(iter(lines_of(beginning, msgspec.structs.replace(layout, trailer=None), profile, now)), None)


def listed_of(lines: ListLines, layout: Layout, purpose: str) -> Iterator[Listed]:
    """The sound lines as entries of a list. Raises UnusableFile."""
    for line in lines:
        yield Listed(
            plate=line.plate,
            purpose=layout.purposes.get(line.code, purpose),
            region=line.region,
            vehicle_description=line.vehicle,
            reason=line.reason,
            reference=line.reference,
            expires_at=line.expires_at,
            category=line.category,
            source_record=line.source_record,
            action=line.action,
        )


def found_in(lines: ListLines, difference: Difference) -> Mapping[str, Any]:
    """What a file's row keeps of a check."""
    told = [{"line": problem.line, "text": problem.text} for problem in lines.problems]
    unknown = {"unknown_states": lines.unknown_states, "unknown_codes": lines.unknown_codes}
    left_out = {"left_out": lines.left_out}
    return {**asdict(difference), "refused": lines.refused, "problems": told, **unknown, **left_out}

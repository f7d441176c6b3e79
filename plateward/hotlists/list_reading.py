"""A file with a list of others between its bytes on disc and the list in the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings

from plateward.documents.store import FileStore
from plateward.hotlists.layouts import Layout
from plateward.hotlists.list_file import ListLines, Terms
from plateward.hotlists.lists import Difference, Listed
from plateward.hotlists.models import ListFile
from plateward.policy import Profile, category_codes, forbidden_categories, purpose_allowed

_GLANCED_LINES: Final = 1_000


def store() -> FileStore:
    """Where files lie until they are decided on."""
    return FileStore(settings.ENVIRONMENT.hotlists)


def place(file: ListFile) -> Path:
    """Where in the store a file lies."""
    return Path(file.agency_id, f"{file.sha256}.list")


def lines_of(lines: Iterable[bytes], layout: Layout, profile: Profile, now: datetime) -> ListLines:
    """A file's lines, checked as they are read. Raises Refused: a purpose of the layout's."""
    for purpose in set(layout.purposes.values()):
        purpose_allowed(profile, purpose).require()
    terms = Terms(
        now=now,
        zone=profile.agency.time_zone,
        partial=bool(profile.hotlists.partial_plates.settled),
        excluded=frozenset(one.lower() for one in profile.hotlists.excluded_categories.settled or ()),
        categories=category_codes(profile),
        forbidden=frozenset(forbidden_categories(profile)),
    )
    return ListLines(lines, layout, terms)


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

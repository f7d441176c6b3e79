"""Who looked at a plate, at a case, or what a person did: the questions, and why a record answers them (R54).

Pure: no Django, no clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from plateward.plates.comparison import compare
from plateward.plates.matching import Tolerance, near_keys
from plateward.plates.pattern import PlatePattern
from plateward.plates.text import normalize, plate_key
from plateward.search.areas import Area, area_from


class Subject(StrEnum):
    """What is asked about."""

    PLATE = "PLATE"
    CASE = "CASE"
    PERSON = "PERSON"


QUESTIONS = {
    Subject.PLATE: "Who looked at a plate",
    Subject.CASE: "Who looked for a case",
    Subject.PERSON: "What a person looked at",
}

PURPOSES = {
    "oversight-audit": "Audit",
    "oversight-discovery": "Discovery or court order",
    "oversight-records-request": "Public records request",
    "oversight-suspected-violation": "Suspected violation",
}
"""Why the record itself is asked; no agency's list of purposes of use names these."""

_WILDCARDS = frozenset("?*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question to the record. `wanted` is a whole plate, a case number or a username.

    `purpose` is a key of PURPOSES. Instants from `from_at` up to but not including `until_at` count; None
    leaves that side open.
    """

    subject: Subject
    wanted: str
    purpose: str
    reason: str
    from_at: datetime | None = None
    until_at: datetime | None = None

    def elements(self, form: str) -> dict[str, Any]:
        """What the asking's own access record says; a plate stands under "plate", as in searches."""
        return {
            "question": QUESTIONS[self.subject],
            self.subject.value.lower(): self.wanted,
            "from_at": self.from_at.isoformat() if self.from_at else "",
            "until_at": self.until_at.isoformat() if self.until_at else "",
            "answered_as": form,
        }


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is kept of a read, as far as it decides whether a search returned it."""

    plate: str
    region: str
    device: UUID
    captured_at: datetime
    stored_at: datetime
    latitude: float | None = None
    longitude: float | None = None


def why_it_answers(
    plate: str, elements: Mapping[str, Any], at: datetime, sightings: Iterable[Sighting]
) -> str:
    """Why an access record concerns a plate, in words; "" when it does not.

    `elements` are those of the record, made `at`; `sightings` the kept reads of the plate and its
    look-alikes. A search without a plate (an area and a time) concerns it when it returned a read of it, and
    an analysis when it showed the plate, whatever was asked.
    """
    asked = str(elements.get("plate", ""))
    if shown := _shown(plate, elements):
        return shown
    if not asked:
        found = _returned(elements, at, sightings)
        return f"Asked for an area and a time, and {_reads(found)} lay there." if found else ""
    if not _WILDCARDS & set(asked):
        return _by_whole_plate(plate, asked) or _by_one_character(plate, elements, at, sightings)
    pattern = PlatePattern(asked)
    if not pattern.folded.matches(plate_key(plate)):
        return ""
    covers = "covers it" if pattern.matches(plate) else "covers a look-alike of it"
    if "from_at" not in elements:
        return f"The partial plate {asked} {covers}."
    found = _returned(elements, at, sightings)
    seen = f"{_reads(found)} lay" if found else "no read of it that is still kept lay"
    return f"The partial plate {asked} {covers}; {seen} in the time and at the cameras searched."


def _by_whole_plate(plate: str, asked: str) -> str:
    if normalize(asked) == plate:
        return "Exactly this plate."
    if plate_key(asked) == plate_key(plate):
        pairs = ", ".join(f"{theirs}/{here}" for _, theirs, here in compare(asked, plate).differences)
        return f"The look-alike {asked} ({pairs})."
    return ""


def _by_one_character(
    plate: str, elements: Mapping[str, Any], at: datetime, sightings: Iterable[Sighting]
) -> str:
    """A whole plate of which one character could be wrong concerns those beside it that it returned."""
    asked = str(elements["plate"])
    if elements.get("tolerance") != Tolerance.ONE_CHARACTER or plate_key(plate) not in near_keys(
        plate_key(asked)
    ):
        return ""
    found = _returned({**elements, "plate": ""}, at, sightings)
    return f"Asked for {asked} with one character wrong, and {_reads(found)} lay there." if found else ""


def _shown(plate: str, elements: Mapping[str, Any]) -> str:
    """An analysis shows plates that nobody asked for; its record names them."""
    key = plate_key(plate)
    of = f" of {elements['plate']}" if elements.get("plate") else ""
    is_shown = any(plate_key(str(one)) == key for one in elements.get("shown", ()))
    return f"Among the plates that an analysis{of} showed." if is_shown else ""


def _reads(found: int) -> str:
    return "1 read of it" if found == 1 else f"{found} reads of it"


def _returned(elements: Mapping[str, Any], at: datetime, sightings: Iterable[Sighting]) -> int:
    """How many of the kept reads a search made `at` with these elements found."""
    if not elements.get("from_at") or not elements.get("until_at"):
        return 0
    first, last = (datetime.fromisoformat(str(elements[end])) for end in ("from_at", "until_at"))
    asked, state = str(elements.get("plate", "")), elements.get("state")
    cameras = elements.get("cameras", "all")
    among = None if isinstance(cameras, str) else {camera["id"] for camera in cameras}
    area = _area(elements.get("area"))
    return sum(
        first <= seen.captured_at < last
        and seen.stored_at <= at
        and (not state or seen.region in {state, ""})
        and (among is None or str(seen.device) in among)
        and (not asked or PlatePattern(asked).matches(seen.plate))
        and (area is None or _lay_in(area, seen))
        for seen in sightings
    )


def _area(recorded: Any) -> Area | None:
    """The area an access record names; the words beside its figures say the same."""
    if not recorded:
        return None
    return area_from({name: value for name, value in recorded.items() if name != "text"})


def _lay_in(area: Area, seen: Sighting) -> bool:
    return (
        seen.latitude is not None
        and seen.longitude is not None
        and area.contains(seen.latitude, seen.longitude)
    )

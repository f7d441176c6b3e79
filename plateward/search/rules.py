"""What a search asks, how its results are paged, and how a plate's match is marked."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Decision, Profile, enforces, may, purpose_allowed, search_allowed
from plateward.search.areas import Area

PAGE_SIZE = 200
FEWEST_NEAR = 4
"""A shorter plate with one character wrong could be almost any."""
FEWEST_LOCATED = 2
LONGEST_VAGUE = timedelta(days=31)
"""With fewer characters that an index can look for, no longer time than this is searched."""
LONGEST_CANVASS = timedelta(days=7)
"""All reads of a place, whatever the plate, are searched over no longer time than this."""
DAYLIGHT = timedelta(hours=1)
"""So much longer than their number of days or hours does local time last where daylight saving ends in it."""
LONGEST_FACT = 60

DEFAULT_SPAN = timedelta(days=30)

KNOWN_PURPOSES = (
    "stolen-or-wanted-vehicle",
    "stolen-plate",
    "missing-person",
    "investigatory-lead",
    "active-warrant",
    "homeland-security",
    "electronic-surveillance",
    "suspect-interdiction",
    "crime-analysis",
    "stolen-property-recovery",
)
"""Purposes that ALPR policies permit (B-466.3, H-426.2); an agency's own list may hold fewer."""


class QueryError(ValueError):
    """A search that asks for nothing that could exist; the message says what to change."""


class TooVagueError(ValueError):
    """A search that would have to look at every plate of a long time; the message says what to add."""


class CursorError(ValueError):
    """The address of a page of results was altered or cut short."""


def lasting(from_at: datetime, until_at: datetime) -> timedelta:
    """The time that passes between; of two times of one zone Python subtracts only what its clocks show."""
    return until_at.astimezone(UTC) - from_at.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """Everything a search asks and states.

    Reads captured from `from_at` up to but not including `until_at` are searched, of the cameras in
    `device_ids` (empty: all of the agency's) and, given an `area`, captured inside it. Without a `pattern`
    every plate counts: a canvass (B-466.4(c), H-426.3(c)), which needs an area or cameras. `region` is an
    ISO 3166-2 code or ""; `make`, `color` and `vehicle_type` are parts of what a sender may have said of the
    vehicle, or "". Reads of which one of these is not known are searched as if they had it. Given
    `stored_from_at`, only reads stored from then on count, whenever they were captured.

    Raises:
        QueryError: the time does not end after it begins, only part of a plate may have a wrong one, or a
            canvass has no place.
    """

    pattern: PlatePattern | None
    from_at: datetime
    until_at: datetime
    purpose: str
    reason: str
    tolerance: Tolerance = Tolerance.AS_WRITTEN
    region: str = ""
    make: str = ""
    color: str = ""
    vehicle_type: str = ""
    device_ids: tuple[UUID, ...] = ()
    area: Area | None = None
    stored_from_at: datetime | None = None
    reference: str = ""

    def __post_init__(self) -> None:
        if self.pattern is None and not (self.area or self.device_ids):
            raise QueryError("All plates are searched only in a place. Give an area or choose cameras.")
        if self.tolerance is Tolerance.ONE_CHARACTER and not (
            self.pattern and self.pattern.is_exact and self.pattern.known >= FEWEST_NEAR
        ):
            raise QueryError(
                f"One character may be wrong only in a whole plate of at least {FEWEST_NEAR} characters. "
                "Write the whole plate, or put ? where a character is not certain."
            )
        if lasting(self.from_at, self.until_at) <= timedelta():
            raise QueryError("The time must end after it begins. Choose a later end.")

    @property
    def plate(self) -> str:
        """The plate as asked; "" for all plates."""
        return self.pattern.text if self.pattern else ""

    def elements(self, cameras: Mapping[UUID, str], page: int = 1) -> dict[str, Any]:
        """Every data element of the query, for the access record (Civil Code § 1798.90.52(a)(2)).

        `cameras` names the devices in `device_ids`; `page` is the page of results looked at.
        """
        return {
            "plate": self.plate,
            "tolerance": self.tolerance,
            "state": self.region,
            "make": self.make,
            "color": self.color,
            "vehicle_type": self.vehicle_type,
            "from_at": _utc(self.from_at),
            "until_at": _utc(self.until_at),
            "cameras": [{"id": str(device), "name": cameras[device]} for device in self.device_ids] or "all",
            "page": page,
            **({"area": self.area.as_json() | {"text": str(self.area)}} if self.area else {}),
            **({"stored_from_at": _utc(self.stored_from_at)} if self.stored_from_at else {}),
        }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a further page begins: right after the read captured at `captured_at` with `id`."""

    captured_at: datetime
    id: UUID
    page: int

    @property
    def token(self) -> str:
        return f"{self.page}~{self.captured_at.astimezone(UTC).isoformat()}~{self.id}"

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read what `token` wrote; raises CursorError."""
        try:
            page, moment, read_id = token.split("~")
            cursor = cls(datetime.fromisoformat(moment), UUID(read_id), int(page))
        except ValueError as error:
            raise CursorError("This page of results does not exist. Open the search again.") from error
        if cursor.captured_at.tzinfo is None or cursor.page <= 1:
            raise CursorError("This page of results does not exist. Open the search again.")
        return cursor


@enforces("B-466.3", "H-426.2", "B-466.4(b)", "H-426.3(b)", "B-466.6(b)", "H-426.5(b)")
def permitted(profile: Profile, query: SearchQuery) -> Decision:
    """Whether the agency's policy permits this search: its purpose first, then what it must state."""
    return search_allowed(profile, query.purpose, query.reason, query.reference)


def would_be_permitted(
    profile: Profile, *, title: str, positions: Collection[str], purpose: str, reason: str, reference: str
) -> Decision:
    """Whether a past search would be permitted by another policy: its person first, then what it stated."""
    capable = may(profile, title, "search.run", positions)
    return search_allowed(profile, purpose, reason, reference) if capable else capable


def refused_purposes(profile: Profile) -> dict[str, Decision]:
    """Purposes other policies permit and this one does not, each with the decision that refuses it."""
    decisions = {purpose: purpose_allowed(profile, purpose) for purpose in KNOWN_PURPOSES}
    return {purpose: decision for purpose, decision in decisions.items() if not decision.allowed}


def check_cost(query: SearchQuery) -> None:
    """Keep a search from running that no index can help over a long time. Raises TooVagueError."""
    time = lasting(query.from_at, query.until_at)
    if query.pattern is None:
        if time > LONGEST_CANVASS + DAYLIGHT:
            raise TooVagueError(
                f"All plates of a place are searched over at most {LONGEST_CANVASS.days} days. Choose the "
                "hours around the incident, or give part of a plate."
            )
        return
    if time <= LONGEST_VAGUE + DAYLIGHT or query.pattern.located >= FEWEST_LOCATED:
        return
    raise TooVagueError(
        f"“{query.pattern.text}” was not searched: almost every plate would have to be looked at, and over "
        f"{time.days} days that would hold up everybody. Either say where a "
        "character stands (from the beginning, with one ? for each unknown character before it), or give two "
        f"that stand side by side, or search at most {LONGEST_VAGUE.days} days."
    )


def describe_count(count: int, *, is_bounded: bool) -> str:
    """The number of results in words."""
    if is_bounded:
        return f"More than {count:,} reads"
    return f"{count:,} read" if count == 1 else f"{count:,} reads" if count else "No reads"


def regions(jurisdictions: Iterable[str]) -> list[str]:
    """The states among the plate formats' jurisdictions, in order."""
    return sorted({code for code in jurisdictions if code.startswith("US-")})

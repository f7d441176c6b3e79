"""A request to watch for a partial plate, and how many known plates it would catch (B-466.4(c))."""

from dataclasses import dataclass
from typing import Any

from plateward.hotlists.filters import VehicleFilter

ANY_VEHICLE = VehicleFilter()
SPANS = (7, 30, 90)
"""Over how many days back a preview counts known plates."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many known plates of the last `days` a pattern and its vehicle fit, `is_bounded` where at least.

    `unlike` counts the plates that the pattern fits and whose every read in that time was another vehicle.
    """

    plates: int
    days: int
    is_bounded: bool = False
    unlike: int = 0


@dataclass(frozen=True, slots=True)
class Watch:
    """What is asked for beside a partial plate: for which major crime, and which vehicle."""

    major_crime: str
    vehicle: VehicleFilter = ANY_VEHICLE
    preview: Preview | None = None

    def as_fields(self) -> dict[str, Any]:
        """The entry's own fields."""
        known = self.preview
        return {
            "major_crime": self.major_crime.strip(),
            "watched_color": self.vehicle.color.strip(),
            "watched_make": self.vehicle.make.strip(),
            "watched_type": self.vehicle.type.strip(),
            "watched_region": self.vehicle.region,
            "known_plates": known.plates if known else None,
            "known_days": known.days if known else None,
        }

"""What is known of a device, how its entry changes, and directions in words (B-466.3¶2, H-426.2¶2)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

_COMPASS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")


class DeviceKind(StrEnum):
    FIXED = "FIXED"
    MOBILE = "MOBILE"
    FILE = "FILE"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {"FIXED": "Fixed camera", "MOBILE": "ALPR-equipped car", "FILE": "Uploaded files"}[self.value]


class ServiceKind(StrEnum):
    """What was done to a device: B-466.3¶2 and H-426.2¶2 name installation and maintenance."""

    INSTALLATION = "INSTALLATION"
    MAINTENANCE = "MAINTENANCE"
    CALIBRATION = "CALIBRATION"
    REPAIR = "REPAIR"
    REMOVAL = "REMOVAL"

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """One entry of the register. Angles in degrees clockwise from north, places in WGS 84.

    `sensitive_place` says what the device looks at that people visit privately, such as a clinic; "" is none.
    """

    name: str
    kind: DeviceKind
    location: str
    owner: str
    site: str = ""
    model: str = ""
    latitude: float | None = None
    longitude: float | None = None
    heading_deg: int | None = None
    view_deg: int | None = None
    sensitive_place: str = ""
    installed_date: date | None = None


def changes(before: DeviceFacts, after: DeviceFacts) -> Mapping[str, tuple[str, str]]:
    """The facts that differ, each with its words before and after; "" where nothing is known."""
    old, new = asdict(before), asdict(after)
    return {name: (_text(old[name]), _text(new[name])) for name in old if old[name] != new[name]}


def direction_words(heading_deg: float | None) -> str:
    """Such as "northbound" for headings around 0°, in steps of 45°; "" for None."""
    return f"{compass_word(heading_deg)}bound" if heading_deg is not None else ""


def compass_word(heading_deg: float) -> str:
    """Such as "north" for directions around 0°, in steps of 45°."""
    return _COMPASS[round(heading_deg / 45) % len(_COMPASS)]


def _text(value: object) -> str:
    return "" if value is None else str(value)

"""Who and what the demonstration shows. People, places and plates are invented."""

from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "plateward-demo-2026"  # noqa: S105  printed on purpose: every demonstration login uses it
COURSE: Final = "alpr-basic"
SET_UP: Final = 5
"""So many days before its first start the demonstration's agencies, people and departments are entered."""
CAR: Final = "Car 12"
"""Barstow's car with readers; what it read comes at the end of the shift."""


@dataclass(frozen=True, slots=True)
class Person:
    """A demonstration login; `shows` says what to try with it."""

    username: str
    full_name: str
    title: str
    positions: tuple[str, ...] = ()
    trained: bool = True
    trained_for: int = 335
    """Days from today to the last one that the certificate counts; below 0 it has ended."""
    opened: int = SET_UP
    """So many days ago the account was opened; it has not been used since."""
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Camera:
    """A demonstration camera: name, place in words, latitude and longitude (WGS 84), heading in degrees."""

    name: str
    location: str
    latitude: float
    longitude: float
    heading_deg: int
    feeds: bool = True
    """Whether rendered pictures pass it."""


@dataclass(frozen=True, slots=True)
class WantedPlate:
    """A hotlist entry the seed requests, and has approved unless `approver` is empty."""

    plate: str
    region: str
    vehicle: str
    purpose: str
    reason: str
    case_number: str
    requester: str
    approver: str
    major_crime: str = ""
    """For a partial plate: the crime after which it is watched for."""
    color: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """One agency of the demonstration. `agency` names its folder below policies/."""

    agency: str
    people: tuple[Person, ...]
    cameras: tuple[Camera, ...]
    wanted: tuple[WantedPlate, ...]


BARSTOW: Final = Cast(
    agency="barstow-pd",
    people=(
        Person("chen", "Cora Chen", "chief-of-police", ("chief-of-police",), shows="appoints to positions"),
        Person(
            "cole",
            "Carl Cole",
            "captain",
            ("administrative-division-commander",),
            shows="approves detectives' entries; journal; an account review half done",
        ),
        Person(
            "lane",
            "Laura Lane",
            "lieutenant",
            ("operations-division-commander", "watch-commander"),
            shows="approves officers' hotlist entries",
        ),
        Person(
            "soto",
            "Sam Soto",
            "sergeant",
            trained_for=12,
            shows="takes lists in, a folder is watched; devices by delegation of Cole; a refresher is due",
        ),
        Person(
            "dietz",
            "Dana Dietz",
            "detective-sergeant",
            opened=78,
            shows="not authorized for state data; warned that disuse soon disables the account",
        ),
        Person(
            "cruz",
            "Celia Cruz",
            "corporal",
            ("training-corporal",),
            shows="training board, sessions, certificates; an alert and a canvass she has not acknowledged",
        ),
        Person(
            "diaz",
            "Dolores Diaz",
            "detective",
            shows="compares canvasses, sees who travels with 8GKL204, keeps a search; her entries go to Cole",
        ),
        Person(
            "ortiz",
            "Olivia Ortiz",
            "patrol-officer",
            shows="on a phone: an alert handed to her (/field/); her entries go to Lane",
        ),
        Person("ruiz", "Rey Ruiz", "patrol-officer", trained=False, shows="refused: no training on file"),
        Person(
            "dunlap",
            "Dee Dunlap",
            "dispatch-supervisor",
            trained_for=-6,
            shows="refused: training ended six days ago",
        ),
        Person(
            "dunn",
            "Drew Dunn",
            "dispatcher",
            shows="works alerts: one waits for another agency, one came late; searches in an emergency only",
        ),
        Person(
            "imani",
            "Ivy Imani",
            "it-manager",
            ("it-manager",),
            shows="devices (one reads worse), quarantine, the vendor's window; no plate data",
        ),
        Person(
            "vance",
            "Vic Vance",
            "vendor-personnel",
            shows="vendor: let in for 8 hours from the start, sees no plate data",
        ),
    ),
    cameras=(
        Camera("Main & 1st", "Main Street at First Avenue", 34.8987, -117.0228, 0),
        Camera("Main & Barstow Rd", "Main Street at Barstow Road", 34.8990, -117.0176, 90),
        Camera("Barstow Rd & I-15", "Barstow Road at the I-15 ramp", 34.8871, -117.0188, 180),
        Camera("Armory & Muriel", "Armory Road at Muriel Drive", 34.8860, -117.0061, 270),
        Camera("Lenwood Outlets", "Lenwood Road at the outlets", 34.8478, -117.0840, 0, feeds=False),
        Camera("L Street & Main", "L Street at Main Street", 34.8992, -117.0454, 90),
    ),
    wanted=(
        WantedPlate(
            plate="8AZR738",
            region="US-CA",
            vehicle="Blue pickup",
            purpose="stolen-or-wanted-vehicle",
            reason="Taken from a driveway on Montara Road overnight",
            case_number="26-004417",
            requester="ortiz",
            approver="lane",
        ),
        WantedPlate(
            plate="7NPY375",
            region="US-CA",
            vehicle="Gold SUV",
            purpose="active-warrant",
            reason="Registered owner has an active felony warrant",
            case_number="26-004390",
            requester="diaz",
            approver="cole",
        ),
        WantedPlate(
            plate="9LZT519",
            region="US-CA",
            vehicle="Red pickup",
            purpose="missing-person",
            reason="Missing adult was last seen driving this pickup",
            case_number="",
            requester="ortiz",
            approver="",
        ),
        WantedPlate(
            plate="9CJ*",
            region="US-CA",
            vehicle="Gray pickup, right taillight out",
            purpose="investigatory-lead",
            reason="Left the shooting at L Street and Main, plate seen in part",
            case_number="26-004421",
            requester="ortiz",
            approver="lane",
            major_crime="Shooting",
            color="gray",
        ),
        WantedPlate(
            plate="6U?C?8*",
            region="US-CA",
            vehicle="White sedan",
            purpose="investigatory-lead",
            reason="Second car at the shooting at L Street and Main",
            case_number="26-004421",
            requester="diaz",
            approver="",
            major_crime="Shooting",
            color="white",
        ),
    ),
)

HUNTINGTON_PARK: Final = Cast(
    agency="huntington-park-pd",
    people=(
        Person("holt", "Henry Holt", "chief-of-police", shows="searches, sees alerts"),
        Person(
            "hayes",
            "Helen Hayes",
            "captain",
            ("administration-division-commander",),
            shows="approves hotlist entries; journal and access records",
        ),
        Person("howe", "Holly Howe", "lieutenant", ("training-manager",), shows="certifies training"),
        Person(
            "huerta",
            "Hector Huerta",
            "sergeant",
            shows="not authorized for federal data: sees the plate alone",
        ),
        Person(
            "hale",
            "Hugo Hale",
            "detective",
            shows="searches; crime analysis is no purpose of this policy (H-426.2)",
        ),
        Person("hart", "Hana Hart", "patrol-officer", shows="requests a hotlist entry, searches"),
        Person("hyde", "Hank Hyde", "dispatcher", shows="works alerts; the policy names no dispatch steps"),
        Person("hurst", "Hilda Hurst", "it-manager", shows="devices, quarantine, no plate data"),
        Person(
            "hobbs",
            "Harriet Hobbs",
            "outside-auditor",
            shows="outside auditor for 30 days: who looked, journal, no reads",
        ),
    ),
    cameras=(
        Camera("Pacific & Florence", "Pacific Boulevard at Florence Avenue", 33.9747, -118.2247, 0),
        Camera("Slauson & Pacific", "Slauson Avenue at Pacific Boulevard", 33.9890, -118.2249, 90),
        Camera("Gage & State", "Gage Avenue at State Street", 33.9817, -118.2112, 270),
        Camera("Santa Fe & Florence", "Santa Fe Avenue at Florence Avenue", 33.9746, -118.2303, 180),
    ),
    wanted=(
        WantedPlate(
            plate="8YHR948",
            region="US-CA",
            vehicle="Green sedan",
            purpose="stolen-plate",
            reason="Plates reported stolen from a lot on Pacific Boulevard",
            case_number="HP26-1187",
            requester="hart",
            approver="hayes",
        ),
        WantedPlate(
            plate="6JEA604",
            region="US-CA",
            vehicle="Black pickup",
            purpose="stolen-or-wanted-vehicle",
            reason="Carjacking on Gage Avenue",
            case_number="HP26-1192",
            requester="hale",
            approver="",
        ),
    ),
)

CASTS: Final = (BARSTOW, HUNTINGTON_PARK)

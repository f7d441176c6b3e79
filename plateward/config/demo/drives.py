"""Two cars that drive together by night, so that the demonstration's analyses have something to find."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plateward.accounts.models import User
from plateward.config.demo.cast import BARSTOW
from plateward.devices.models import Device
from plateward.governance.queries import actor_for
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.reads.upload_actions import upload
from plateward.search.kept import Wanted
from plateward.search.kept_actions import keep
from plateward.search.kept_models import KeptSearch

KEEPER, DETECTIVE = "imani", "diaz"
ZONE = ZoneInfo("America/Los_Angeles")
KNOWN, COMPANION, COMMUTER = "8GKL204", "7TRV918", "6HNB552"
EVENINGS = (2, 4, 7, 9, 12)
"""Days ago on which the two drove, from ten past nine on."""
COMMUTES, SHARED = 2, 3
"""On so many of them, at so many cameras, somebody on the way from work drove the same way."""
BETWEEN = timedelta(minutes=6)
"""From one camera to the next."""
OTHERS = 9
"""Other vehicles that pass a camera in the minutes around."""

Pass = tuple[datetime, str]


def seed_drives(now: datetime) -> None:
    """Have the IT manager upload what the cameras saw, and a detective keep a search for the case; once."""
    if KeptSearch.objects.filter(agency_id=BARSTOW.agency).exists():
        return
    keeper = actor_for(User.objects.get(username=KEEPER), at=now)
    for camera, passes in _passes(now).items():
        device = Device.objects.get(agency_id=BARSTOW.agency, name=camera)
        lines = "".join(f"{at.isoformat()},{plate}\n" for at, plate in sorted(passes))
        upload(
            by=keeper,
            device=device,
            name=f"{camera}.csv",
            data=f"captured_at,plate\n{lines}".encode(),
            now=now,
        )
    wanted = Wanted(
        pattern=PlatePattern.parse(KNOWN),
        tolerance=Tolerance.LOOK_ALIKES,
        area=None,
        purpose="investigatory-lead",
        reason="Burglaries at the outlet stores, vehicle seen leaving",
        reference="26-004401",
    )
    detective = actor_for(User.objects.get(username=DETECTIVE), at=now)
    keep(by=detective, wanted=wanted, until_at=now + timedelta(days=10), now=now)


def _passes(now: datetime) -> dict[str, list[Pass]]:
    """What each camera saw on those evenings."""
    chance = random.Random(466)  # noqa: S311  invented traffic, no secret
    plates = [plate_of(chance) for _ in range(120)]
    seen: dict[str, list[Pass]] = defaultdict(list)
    for evening in range(len(EVENINGS)):
        at = drive_began(now, evening)
        for number, camera in enumerate(_route(evening)):
            there = at + BETWEEN * number
            seen[camera] += [(there, KNOWN), (there + timedelta(seconds=chance.randint(15, 70)), COMPANION)]
            if evening < COMMUTES and number < SHARED:
                seen[camera].append((there - timedelta(seconds=chance.randint(60, 110)), COMMUTER))
            aside = (timedelta(seconds=chance.randint(-300, 300)) for _ in range(OTHERS))
            seen[camera] += [(there + late, chance.choice(plates)) for late in aside]
    return seen


def drive_began(now: datetime, evening: int) -> datetime:
    """When the two set out on the evening of that number, the latest first."""
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=EVENINGS[evening]) + timedelta(hours=21, minutes=10)


def _route(evening: int) -> Iterator[str]:
    """The cameras passed on an evening: all but one, another each time, and the outlets always."""
    names = [camera.name for camera in BARSTOW.cameras]
    left_out = (evening * 2) % 4
    yield from (name for number, name in enumerate(names) if number != left_out)


def plate_of(chance: random.Random) -> str:
    """Some plate of a Californian car."""
    letters = "".join(chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=3))
    return f"{chance.randint(6, 9)}{letters}{chance.randint(100, 999)}"

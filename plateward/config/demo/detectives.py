"""What the demonstration's detectives and officers look into: canvasses, analyses, and cars that are sent."""

from datetime import datetime, timedelta
from typing import Final

from plateward.accounts.models import User
from plateward.config.demo.cast import BARSTOW, CAR
from plateward.config.demo.drives import KNOWN, drive_began
from plateward.devices.models import Device
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.search import analysis_actions as analyses
from plateward.search import canvass_actions as canvasses
from plateward.search.areas import Circle
from plateward.search.canvass_rules import CrimeKind
from plateward.search.incidents import Incident, IncidentsQuery
from plateward.search.models import Canvass
from plateward.search.rules import SearchQuery
from plateward.search.travel import TravelQuery

OUTLETS: Final = Circle(34.8478, -117.0840, 700)
MAIN: Final = Circle(34.8988, -117.0205, 700)
L_STREET: Final = Circle(34.8992, -117.0454, 1200)
CASE: Final = "26-004401"
BURGLARIES: Final = "Burglaries at the outlet stores and on Main Street, vehicle seen leaving"
WINDOW: Final = timedelta(minutes=50)


def seed_detectives(now: datetime) -> None:
    """Open three canvasses, send cars to one, and run both analyses; once."""
    if Canvass.objects.filter(agency_id=BARSTOW.agency).exists():
        return
    diaz = _actor("diaz", now)
    for number, place, area in ((0, "the outlet stores", OUTLETS), (1, "Main Street and First", MAIN)):
        began = drive_began(now, number)
        opened = began + timedelta(hours=11)
        burglary = _opened(diaz, CrimeKind.BURGLARY, place, area, began, opened)
        if number:
            note = "Plates compared with the other burglary; Detective Diaz follows one up."
            canvasses.close_canvass(by=diaz, canvass=burglary, note=note, now=opened + timedelta(days=1))
    _shooting(now)
    _analyze(diaz, now)


def _actor(username: str, now: datetime) -> Actor:
    return actor_for(User.objects.get(username=username), at=now)


def _opened(
    by: Actor, crime: CrimeKind, place: str, area: Circle, began: datetime, opened: datetime
) -> Canvass:
    is_burglary = crime is CrimeKind.BURGLARY
    query = SearchQuery(
        pattern=None,
        area=area,
        from_at=began - timedelta(minutes=5),
        until_at=began + WINDOW,
        purpose="investigatory-lead",
        reason=BURGLARIES if is_burglary else "Shots fired at a parked car, nobody hit, two vehicles left",
        reference=CASE if is_burglary else "26-004421",
    )
    return canvasses.open_canvass(by=by, crime=crime, place=place, query=query, now=opened)


def _shooting(now: datetime) -> None:
    """The open one: Ortiz goes with the car and said so, Cruz was sent and has not."""
    lane = _actor("lane", now)
    began, opened = now - timedelta(hours=2), now - timedelta(minutes=50)
    found = _opened(lane, CrimeKind.SHOOTING, "L Street and Main", L_STREET, began, opened)
    car = Device.objects.get(agency_id=BARSTOW.agency, name=CAR)
    for number, (username, device) in enumerate((("ortiz", car), ("cruz", None))):
        sent = opened + timedelta(minutes=5 + number)
        made = canvasses.assign_car(
            by=lane,
            canvass=found,
            assigned_to=User.objects.get(username=username),
            device=device,
            from_at=sent,
            until_at=now + timedelta(hours=3),
            now=sent,
        )
        if device:
            canvasses.acknowledge(by=_actor(username, now), assignment=made, now=sent + timedelta(minutes=2))


def _analyze(by: Actor, now: datetime) -> None:
    stated = {"purpose": "crime-analysis", "reason": BURGLARIES, "reference": CASE}
    travel = TravelQuery(
        plate=KNOWN,
        within=timedelta(minutes=2),
        fewest=3,
        from_at=now - timedelta(days=14),
        until_at=now,
        **stated,
    )
    analyses.run_travel(by=by, query=travel, now=now)
    begun = [drive_began(now, number) for number in range(3)]
    incidents = tuple(
        Incident(
            name=f"Burglary {number}",
            from_at=at - timedelta(minutes=5),
            until_at=at + WINDOW,
            area=OUTLETS,
        )
        for number, at in enumerate(begun, 1)
    )
    asked = IncidentsQuery(incidents=incidents, fewest=2, **stated)
    analyses.run_incidents(by=by, query=asked, now=now)

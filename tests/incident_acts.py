"""Security incidents as people make them, and every act on one."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from plateward.governance.actor import Actor
from plateward.incidents import actions
from plateward.incidents.actions import Draft
from plateward.incidents.models import Incident
from plateward.incidents.rules import Act as Move
from plateward.incidents.rules import Data, Step
from tests.personas import Town

Act = Callable[[], object]
HAPPENED = "A laptop with the file of a search was left in a restaurant."
NOTE = "By telephone and by mail."


class Stage(Protocol):
    """Barstow at an instant."""

    town: Town
    now: datetime

    def actor(self, username: str) -> Actor: ...
    def by(self, username: str) -> dict[str, Any]: ...


def happened(town: Town, now: datetime, *, by: str = "ortiz", about: str = "") -> Incident:
    draft = Draft(
        what=HAPPENED,
        touched=[Data.READS, Data.PICTURES],
        discovered_at=now - timedelta(hours=3),
        about=town.users[about] if about else None,
    )
    return actions.make_incident(draft=draft, by=town.actor(by, now), now=now)


def did(incident: Incident, *steps: Step, town: Town, now: datetime, by: str = "cole") -> None:
    for step in steps:
        actions.record_step(
            incident_id=incident.pk, step=step, note=NOTE, done_at=now, by=town.actor(by, now), now=now
        )


def moved(
    incident: Incident, move: Move, town: Town, now: datetime, *, by: str = "cole", **given: int
) -> Incident:
    return actions.move_incident(
        incident_id=incident.pk, act=move, note=NOTE, by=town.actor(by, now), now=now, **given
    )


def make_incident(s: Stage) -> Act:
    return lambda: happened(s.town, s.now)


def open_incident(s: Stage) -> Act:
    made = happened(s.town, s.now)
    return lambda: actions.open_incident(incident_id=made.pk, **s.by("cole"))


def record_step(s: Stage) -> Act:
    made = happened(s.town, s.now)
    return lambda: did(made, Step.PRESERVE, town=s.town, now=s.now)


def move_incident(s: Stage) -> Act:
    made = happened(s.town, s.now)
    return lambda: moved(made, Move.DISMISS, s.town, s.now)


INCIDENT_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "incidents.make_incident": make_incident,
    "incidents.move_incident": move_incident,
    "incidents.open_incident": open_incident,
    "incidents.record_step": record_step,
}

"""Security incidents as people make them, and every act on one."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from plateward.governance.actor import Actor
from plateward.incidents import actions, affected_actions, notice_actions
from plateward.incidents.actions import Draft
from plateward.incidents.affected import Source
from plateward.incidents.affected_actions import Wanted
from plateward.incidents.letters import HEADINGS
from plateward.incidents.models import Affected, Incident, Letter
from plateward.incidents.notice_actions import Dispatch, Text
from plateward.incidents.rules import Act as Move
from plateward.incidents.rules import Data, How, Step
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


def drawn(incident: Incident, town: Town, now: datetime, *people: str, by: str = "cole") -> Affected:
    wanted = Wanted(
        people=[town.users[name] for name in people],
        from_at=now - timedelta(days=2),
        until_at=now + timedelta(minutes=1),
        sources=list(Source),
    )
    return affected_actions.freeze_affected(
        incident_id=incident.pk, wanted=wanted, by=town.actor(by, now), now=now
    )


def written(incident: Incident, town: Town, now: datetime) -> Letter:
    parts = {name: f"{heading}, in plain words." for name, heading in HEADINGS.items()}
    text = Text(parts=parts, contact="Records, 220 E Mountain View, (760) 555-0100")
    return notice_actions.write_letter(
        incident_id=incident.pk, text=text, by=town.actor("cole", now), now=now
    )


def sent(incident: Incident, town: Town, now: datetime) -> None:
    by = town.actor("cole", now)
    dispatch = Dispatch(to="Owners of the vehicles", people=3, how=How.WRITTEN, sent_date=by.today)
    notice_actions.record_sent(incident_id=incident.pk, dispatch=dispatch, by=by, now=now)


def assessed(town: Town, now: datetime, californians: int = 3) -> Incident:
    made = happened(town, now)
    steps = [step for step in Step if step not in {Step.SEND, Step.REGULATOR}]
    did(made, *steps, town=town, now=now)
    moved(made, Move.CONTAIN, town, now)
    return moved(made, Move.ASSESS, town, now, californians=californians)


def delayed(incident: Incident, town: Town, now: datetime) -> None:
    notice_actions.record_delay(
        incident_id=incident.pk,
        asked_by="Sheriff’s Detective Diaz",
        until_date=None,
        by=town.actor("cole", now),
        now=now,
    )


def freeze_affected(s: Stage) -> Act:
    made = happened(s.town, s.now)
    return lambda: drawn(made, s.town, s.now)


def take_affected(s: Stage) -> Act:
    made = happened(s.town, s.now)
    found = drawn(made, s.town, s.now)
    return lambda: affected_actions.take_affected(incident_id=made.pk, list_id=found.pk, **s.by("cole"))


def write_letter(s: Stage) -> Act:
    made = happened(s.town, s.now)
    return lambda: written(made, s.town, s.now)


def take_letter(s: Stage) -> Act:
    made = happened(s.town, s.now)
    letter = written(made, s.town, s.now)
    return lambda: notice_actions.take_letter(incident_id=made.pk, letter_id=letter.pk, **s.by("cole"))


def record_sent(s: Stage) -> Act:
    made = assessed(s.town, s.now)
    written(made, s.town, s.now)
    return lambda: sent(made, s.town, s.now)


def record_delay(s: Stage) -> Act:
    made = happened(s.town, s.now)
    return lambda: delayed(made, s.town, s.now)


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
    "incidents.freeze_affected": freeze_affected,
    "incidents.make_incident": make_incident,
    "incidents.move_incident": move_incident,
    "incidents.open_incident": open_incident,
    "incidents.record_delay": record_delay,
    "incidents.record_sent": record_sent,
    "incidents.record_step": record_step,
    "incidents.take_affected": take_affected,
    "incidents.take_letter": take_letter,
    "incidents.write_letter": write_letter,
}

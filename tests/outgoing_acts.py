"""The acts on systems that alerts are sent to, for test_every_act."""

from collections.abc import Callable, Mapping
from typing import Any

from plateward.outgoing import actions
from plateward.outgoing.models import Message, System
from plateward.outgoing.rules import MessageState
from tests.receiving import FACTS, decide_to_send
from tests.receiving import set_up as set_one_up
from tests.stage import Act, Stage

FACTS_GIVEN = FACTS | {"url": "https://cad.county.example/alerts"}


def set_up(s: Stage) -> Act:
    decide_to_send(s.town, s.now)
    return lambda: actions.set_up(**FACTS_GIVEN, **s.by("imani"))


def system_act(act: str, /, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        system = set_up_system(s)
        return lambda: getattr(actions, act)(system_id=system.pk, **given, **s.by("imani"))

    return prepare


def set_up_system(s: Stage) -> System:
    decide_to_send(s.town, s.now)
    return set_one_up(s.town, s.now)[0]


def replay(s: Stage) -> Act:
    system = set_up_system(s)
    dead = Message.objects.create(
        agency=s.town.agency,
        system=system,
        made_at=s.now,
        next_at=s.now,
        state=MessageState.DEAD,
        ended_at=s.now,
    )
    return lambda: actions.replay(message_id=dead.pk, **s.by("imani"))


OUTGOING_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "outgoing.set_up": set_up,
    "outgoing.change": system_act("change", **FACTS_GIVEN | {"name": "Another CAD"}),
    "outgoing.switch": system_act("switch", on=False),
    "outgoing.rotate": system_act("rotate"),
    "outgoing.try_out": system_act("try_out"),
    "outgoing.replay": replay,
}

"""Every act of oversight, ready to be done once (see tests/db/test_every_act.py)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from plateward.oversight import actions
from plateward.oversight.inquiry import Inquiry, Subject
from tests.personas import Town
from tests.reviewing import flagged

Act = Callable[[], object]

ASKED = Inquiry(
    subject=Subject.PLATE, wanted="6XYZ789", purpose="oversight-audit", reason="Third quarter's audit"
)


def by(who: str, town: Town, now: datetime) -> dict[str, Any]:
    return {"by": town.actor(who, now), "now": now}


def decide_item(town: Town, now: datetime) -> Act:
    item = flagged(town, now)
    given = by("cole", town, now)
    return lambda: actions.decide_item(item=item, is_in_policy=True, note="A case since.", **given)


def ask_person(town: Town, now: datetime) -> Act:
    item = flagged(town, now)
    return lambda: actions.ask_person(item=item, note="Which case?", **by("cole", town, now))


def answer_question(town: Town, now: datetime) -> Act:
    item = flagged(town, now)
    actions.ask_person(item=item, note="Which case?", **by("cole", town, now))
    return lambda: actions.answer_question(item_id=item.pk, note="26-0311.", **by("ortiz", town, now))


def open_item(town: Town, now: datetime) -> Act:
    item = flagged(town, now)
    return lambda: actions.open_item(item_id=item.pk, **by("cole", town, now))


def remove_own_plate(town: Town, now: datetime) -> Act:
    own = actions.enter_own_plate(plate="5QUI123", **by("quinn", town, now))
    return lambda: actions.remove_own_plate(plate_id=own.pk, **by("quinn", town, now))


OVERSIGHT: Mapping[str, Callable[[Town, datetime], Act]] = {
    "answer_inquiry": lambda town, now: (
        lambda: actions.answer_inquiry(inquiry=ASKED, **by("cole", town, now))
    ),
    "answer_question": answer_question,
    "ask_person": ask_person,
    "begin_review": lambda town, now: lambda: actions.begin_review(**by("cole", town, now)),
    "check_every_record": lambda town, now: lambda: actions.check_every_record(now=now),  # noqa: ARG005  as above
    "check_record": lambda town, now: lambda: actions.check_record(**by("cole", town, now)),
    "decide_item": decide_item,
    "enter_own_plate": lambda town, now: (
        lambda: actions.enter_own_plate(plate="5QUI123", **by("quinn", town, now))
    ),
    "open_item": open_item,
    "remove_own_plate": remove_own_plate,
    "review_due": lambda town, now: lambda: actions.review_due(now=now),  # noqa: ARG005  as the others take it
    "view_own_record": lambda town, now: lambda: actions.view_own_record(**by("ortiz", town, now)),
}

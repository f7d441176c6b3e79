"""Each act about who works an alert, for the test that every act writes its journal row."""

from collections.abc import Callable, Mapping

from plateward.alerts import holding_actions
from tests.alarms import alerted
from tests.dispatchers import joined
from tests.stage import Act, Stage


def acknowledge(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    return lambda: holding_actions.acknowledge(alerts=[alert.pk], **s.by("dunn"))


def held_act(name: str, **given: str) -> Callable[[Stage], Act]:
    """An act on an alert that Dunn holds, done by Dunn."""

    def prepare(s: Stage) -> Act:
        alert = alerted(s.town, s.now)
        holding_actions.take(alert=alert, **s.by("dunn"))
        return lambda: getattr(holding_actions, name)(alert=alert, **given, **s.by("dunn"))

    return prepare


def free_act(name: str, **given: str) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        alert = alerted(s.town, s.now)
        return lambda: getattr(holding_actions, name)(alert=alert, **given, **s.by("dunn"))

    return prepare


def hand_over(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    holding_actions.take(alert=alert, **s.by("dunn"))
    joined(s.town, s.now)
    return lambda: holding_actions.hand_over(alert=alert, to=s.actor("doyle"), **s.by("dunn"))


def release_all(s: Stage) -> Act:
    holding_actions.take(alert=alerted(s.town, s.now), **s.by("dunn"))
    return lambda: holding_actions.release_all(s.town.users["dunn"], s.now)


def end_absent(s: Stage) -> Act:
    holding_actions.take(alert=alerted(s.town, s.now), **s.by("dunn"))
    return lambda: holding_actions.end_absent(now=s.now)


HOLDING_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "alerts.acknowledge": acknowledge,
    "alerts.end_absent": end_absent,
    "alerts.hand_over": hand_over,
    "alerts.note_unit": free_act("note_unit", unit="4A12", text="On scene"),
    "alerts.release": held_act("release"),
    "alerts.release_all": release_all,
    "alerts.take": free_act("take"),
    "alerts.take_if_free": free_act("take_if_free"),
}

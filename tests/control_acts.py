"""Every act of the control of accounts, ready to be done once (see tests/db/test_every_act.py)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from plateward.accounts.models import User
from plateward.control import actions as control
from plateward.control import emergency_actions, review_actions, window_actions
from plateward.control.models import MaintenanceWindow
from plateward.control.queries import TRANSFER
from plateward.control.rules import EndKind, Finding, ReviewDecision
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from tests.exceptions import EMERGENCY, decide_emergencies, emergency_of, opened_window
from tests.personas import Town

Act = Callable[[], object]


class Stage(Protocol):
    """Barstow at an instant."""

    town: Town
    now: datetime

    def actor(self, username: str) -> Actor: ...
    def by(self, username: str) -> dict[str, Any]: ...
    @property
    def setup(self) -> dict[str, Any]: ...


def end_planned(s: Stage) -> User:
    quinn = s.town.users["quinn"]
    control.plan_end(user=quinn, **leaving(s), **s.by("cole"))
    return quinn


def leaving(s: Stage) -> dict[str, Any]:
    return {"kind": EndKind.SEPARATION, "ends_at": s.now + timedelta(days=3), "reason": "Retires."}


def withdraw_end(s: Stage) -> Act:
    quinn = end_planned(s)
    return lambda: control.withdraw_end(user=quinn, reason="Stays.", **s.by("cole"))


def window(s: Stage) -> MaintenanceWindow:
    return opened_window(s.town, s.now)


def in_window(s: Stage) -> Act:
    window(s)
    return lambda: window_actions.note_request(
        by=s.actor("vendor"), method="GET", page="home", status=200, now=s.now
    )


def close_window(s: Stage) -> Act:
    opened = window(s)
    return lambda: window_actions.close_window(window=opened, **s.by("imani"))


def close_due(s: Stage) -> Act:
    window(s)
    return lambda: window_actions.close_due(now=s.now + timedelta(hours=8))


def emergency_act(name: str, who: str, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        obtained = emergency_of(s.town, "dunn", s.now)
        later = s.now + timedelta(minutes=1)
        return lambda: getattr(emergency_actions, name)(
            emergency=obtained, **given, by=s.town.actor(who, later), now=later
        )

    return prepare


def end_emergency(s: Stage) -> Act:
    emergency_of(s.town, "dunn", s.now)
    later = s.now + timedelta(minutes=1)
    return lambda: emergency_actions.end(by=s.town.actor("dunn", later), now=later)


def obtain_emergency(s: Stage) -> Act:
    decide_emergencies(s.town, s.now)
    later = s.now + timedelta(minutes=1)
    return lambda: emergency_actions.obtain(reason=EMERGENCY, by=s.town.actor("dunn", later), now=later)


def review_act(name: str, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        campaign = review_actions.open_campaign(**s.by("cole"))
        item = campaign.items.get(user__username="quinn")
        of = {"item": item} if name == "decide" else {"campaign": campaign}
        return lambda: getattr(review_actions, name)(**of, **given, **s.by("cole"))

    return prepare


def open_due(s: Stage) -> Act:
    later = s.now + timedelta(days=366)
    profile = s.actor("cole").profile
    return lambda: review_actions.open_due(agency=s.town.agency.pk, profile=profile, now=later)


def run_clock(s: Stage) -> Act:
    end_planned(s)
    later = s.now + timedelta(days=3)
    return lambda: control.run_clock(agency=s.town.agency.pk, profile=s.actor("cole").profile, now=later)


def tell_of_failure(s: Stage) -> Act:
    profile = s.actor("cole").profile
    return lambda: control.tell_of_failure(agency=s.town.agency.pk, profile=profile, now=s.now)


def review_transfer(s: Stage) -> Act:
    quinn = s.town.users["quinn"]
    notices.raise_notice(
        agency=s.town.agency.pk,
        key="transfer:1",
        kind=TRANSFER,
        to=to_position("administrative-division-commander"),
        text="Other duties.",
        subject=f"accounts.User:{quinn.pk}",
        is_task=True,
        **s.setup,
    )
    return lambda: control.review_transfer(user=quinn, note="It fits.", **s.by("cole"))


CONTROL_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "control.disable_for_threat": lambda s: (
        lambda: control.disable_for_threat(user=s.town.users["quinn"], reason="Malware.", **s.by("cole"))
    ),
    "control.close_due": close_due,
    "control.close_window": close_window,
    "control.end": end_emergency,
    "control.look_through": emergency_act("look_through", "cole"),
    "control.note_request": in_window,
    "control.obtain": obtain_emergency,
    "control.decide": review_act("decide", decision=ReviewDecision.DEACTIVATED, title="", note="Left."),
    "control.export": review_act("export"),
    "control.open_campaign": lambda s: lambda: review_actions.open_campaign(**s.by("cole")),
    "control.open_due": open_due,
    "control.open_window": lambda s: lambda: window(s),
    "control.review": emergency_act("review", "cole", finding=Finding.JUSTIFIED, note="It was one."),
    "control.plan_end": lambda s: (
        lambda: control.plan_end(user=s.town.users["quinn"], **leaving(s), **s.by("cole"))
    ),
    "control.review_transfer": review_transfer,
    "control.run_clock": run_clock,
    "control.tell_of_failure": tell_of_failure,
    "control.withdraw_end": withdraw_end,
}

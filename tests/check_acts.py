"""Each act that checks a hit beside the steps, for the test that every act writes its journal row."""

from collections.abc import Callable, Mapping

from plateward.alerts import check_actions
from plateward.alerts.hit_rules import HitResult, Urgency
from plateward.alerts.models import Alert, HitConfirmation
from plateward.alerts.picture_rules import Sameness
from tests.alarms import alerted
from tests.stage import Act, Stage

SEEN = dict.fromkeys(("characters", "region", "make", "color"), Sameness.YES)


def listed_alert(s: Stage) -> Alert:
    """An alert on an entry that another agency made."""
    alert = alerted(s.town, s.now)
    entry = alert.entry
    entry.origin = "state"
    entry.save(update_fields=["origin"])
    return alert


def compare_picture(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    return lambda: check_actions.compare_picture(alert=alert, hit=alert.hits.get().pk, **SEEN, **s.by("dunn"))


def excuse(s: Stage) -> Act:
    alert = alerted(s.town, s.now)
    return lambda: check_actions.excuse_verification(alert=alert, reason="CLETS is down", **s.by("ortiz"))


def ask(s: Stage) -> Act:
    alert = listed_alert(s)
    return lambda: check_actions.ask_entering_agency(
        alert=alert, entering_agency="Reno PD", urgency=Urgency.URGENT, **s.by("dunn")
    )


def answer(s: Stage) -> Act:
    request = check_actions.ask_entering_agency(
        alert=listed_alert(s), entering_agency="Reno PD", urgency=Urgency.URGENT, **s.by("dunn")
    )
    return lambda: check_actions.record_hit_answer(
        request=request, result=HitResult.CONFIRMED, **s.by("dunn")
    )


def requested(alert: Alert) -> HitConfirmation:
    """A request about the alert to another agency."""
    return HitConfirmation.objects.create(
        alert=alert,
        number=1,
        entering_agency="Reno PD",
        urgency=Urgency.URGENT,
        asked_by=alert.entry.requested_by,
        asked_at=alert.raised_at,
        due_at=alert.raised_at,
    )


CHECK_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "alerts.ask_entering_agency": ask,
    "alerts.compare_picture": compare_picture,
    "alerts.excuse_verification": excuse,
    "alerts.record_hit_answer": answer,
}

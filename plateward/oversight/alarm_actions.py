"""An alarm about the journal waits for people: those who audit or manage accounts (R133, R135)."""

from datetime import timedelta
from typing import Final

from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit.context import TOLD
from plateward.audit.models import LedgerAlarm
from plateward.audit.who import Who
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.oversight import self_test
from plateward.oversight.rules import line_of
from plateward.policy import Profile

KIND: Final = "ledger-alarm"
WITHIN: Final = timedelta(hours=1)
_ANSWERS: Final = "audit.view"


def follow_alarm(alarm: LedgerAlarm, by: Who) -> None:
    """Leave notices about an alarm that was raised, in every agency; end those of one that ended."""
    for agency in Agency.objects.exclude(pk=self_test.AGENCY).values_list("pk", flat=True):
        if alarm.ended_at is None:
            _leave(alarm, agency, by)
        else:
            subject = f"audit.LedgerAlarm:{alarm.pk}"
            notices.settle_about(agency=agency, subject=subject, kind=KIND, by=by, now=alarm.ended_at)


def _leave(alarm: LedgerAlarm, agency: str, by: Who) -> None:
    try:
        profile = profile_for(agency, alarm.raised_at)
    except PolicyUnavailableError:
        return
    what = f"Alarm: {alarm.get_kind_display()}."
    for to, held in told(profile, agency, TOLD, alarm.raised_at):
        answers = _ANSWERS in held
        notices.raise_notice(
            agency=agency,
            key=f"{KIND}:{alarm.pk}:{to.user_id or to.position}",
            kind=KIND,
            to=to,
            text=f"{what} Find out why." if answers else f"{what} Tell whoever audits; change nothing.",
            link=f"{reverse('audit:alarm')}?number={alarm.pk}" if answers else "",
            subject=f"audit.LedgerAlarm:{alarm.pk}",
            due_at=alarm.raised_at + WITHIN,
            escalates_to=_above(profile, to.position),
            is_task=answers,
            by=by,
            now=alarm.raised_at,
        )


def _above(profile: Profile, position: str) -> str:
    """Whom an unanswered alarm goes to: by the policy, "" where it is silent."""
    above = (profile.accounts.escalates_to.settled, *reversed(line_of(profile)))
    return next((one for one in above if one and one != position), "")

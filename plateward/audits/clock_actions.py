"""What the clock does about audits: draws samples once they can be, asks for audits that are due."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit.who import CLOCK
from plateward.audits import queries, rules
from plateward.audits.actions import DUE, NotSealedYetError, draw_sample, plan_of
from plateward.audits.models import Audit
from plateward.audits.rules import AuditState
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import enforces


def draw_waiting(*, now: datetime) -> int:
    """Draw every sample whose seed is sealed by now; returns how many."""
    drawn = 0
    for one in Audit.objects.filter(state=AuditState.BEGUN).values_list("pk", flat=True):
        try:
            draw_sample(audit_id=one, now=now)
            drawn += 1
        except NotSealedYetError:
            continue  # the next minute
        except PolicyUnavailableError:
            continue  # doctor says so
    return drawn


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def remind_of_audits(*, now: datetime) -> int:
    """Ask the auditor for each audit that is due soon, once; late, it goes to whom stands above (R116).

    Returns how many are due soon. Where the policy gives no interval or names nobody, nobody is asked; the
    page says so.
    """
    due = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError:
            continue  # doctor says so
        plan, auditor = queries.plan(agency, profile, now), profile.audit.auditor.settled
        if plan.due_at is None or not auditor or now < plan.due_at - rules.REMIND_BEFORE:
            continue
        due += 1
        notices.raise_notice(
            agency=agency,
            key=f"{DUE}:{plan.due_at.isoformat()}",
            kind=DUE,
            to=to_position(auditor),
            text="An audit of the system and its searches is due.",
            link=reverse("audits:audits"),
            subject=plan_of(agency),
            due_at=plan.due_at,
            escalates_to=rules.position_above(profile),
            is_task=True,
            by=CLOCK,
            now=now,
        )
    return due

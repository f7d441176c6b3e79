"""Which incidents somebody sees, and what was done of the checklist."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from plateward.governance.actor import Actor
from plateward.incidents import rules
from plateward.incidents.models import Incident
from plateward.incidents.rules import Step
from plateward.policy import Decision
from plateward.violations.queries import managers


def incidents(agency: str) -> QuerySet[Incident]:
    """Every incident of the agency with its people, the newest first."""
    return Incident.objects.filter(agency_id=agency).select_related("about", "reported_by", "ended_by")


def standing(incident: Incident, by: Actor, at: datetime) -> Decision:
    """Whether this person works the incident."""
    able = {str(pk) for pk in managers(by.profile, by.agency, at)}
    return rules.may_work(by.profile, str(by.user_id), str(incident.about_id or ""), able)


def seen_by(by: Actor, at: datetime) -> Sequence[Incident]:
    """The incidents that a person sees: all but their own for who manages, else those they reported."""
    known = incidents(by.agency)
    mine = Q(reported_by_id=by.user_id)
    if by.user_id in managers(by.profile, by.agency, at):
        return list(known.filter(mine | ~Q(about_id=by.user_id) | Q(about__isnull=True)))
    return list(known.filter(mine))


def steps_done(incident: Incident) -> frozenset[Step]:
    """The steps of the checklist that were done."""
    return frozenset(Step(step) for step in incident.done.values_list("step", flat=True))

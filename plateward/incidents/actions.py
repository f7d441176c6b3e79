"""Reporting a security incident, working its checklist, and ending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.accounts.queries import people_of
from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.incidents import queries, rules
from plateward.incidents.models import Done, Entry, Incident, Sending
from plateward.incidents.rules import Act, Data, State, Step
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import enforces
from plateward.violations.queries import managers

REPORTED = "incident-reported"
"""The kind of notice: an incident to work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An incident as it was reported; `about` is who caused it, where that is known."""

    what: str
    touched: Sequence[Data]
    discovered_at: datetime
    systems: str = ""
    about: User | None = None


@transaction.atomic
@enforces("CC-1798.90.51")
def make_incident(*, draft: Draft, by: Actor, now: datetime) -> Incident:
    """Report an incident to everybody who manages the system's use; raises ValidationError.

    The journal names neither whom it is about nor what happened.
    """
    if problem := rules.incident_problem(draft.what, draft.discovered_at, now):
        raise ValidationError({problem[0]: problem[1]})
    if draft.about and not people_of(by.agency).filter(pk=draft.about.pk).exists():
        raise ValidationError({"about": "This person is not of the agency. Choose somebody of the list."})
    agency = Agency.objects.select_for_update().get(pk=by.agency)  # one number after the other
    newest = Incident.objects.filter(agency=agency).aggregate(Max("number"))["number__max"] or 0
    incident = Incident(
        agency=agency,
        number=newest + 1,
        what=draft.what.strip(),
        systems=draft.systems.strip(),
        touched=[one.value for one in draft.touched],
        about=draft.about,
        discovered_at=draft.discovered_at,
        reported_by=User.objects.get(pk=by.user_id),
        reported_at=now,
    )
    incident.full_clean()
    incident.save(force_insert=True)
    _enter(incident, Act.OPEN, "", by, now)
    journal("incidents.incident.reported", incident, by, now)
    _tell(incident, by, now)
    return incident


def _tell(incident: Incident, by: Actor, now: datetime) -> None:
    told_by = rules.due_at(Step.TELL, incident.discovered_at)
    due_at = told_by if told_by and told_by > now else None  # a notice is not born overdue
    others = [pk for pk in managers(by.profile, by.agency, now) if pk != incident.about_id]
    for person in User.objects.filter(pk__in=others).order_by("full_name"):
        notices.raise_notice(
            agency=incident.agency_id,
            key=f"{REPORTED}:{incident.pk}:{person.pk}",
            kind=REPORTED,
            to=to_person(person.pk, person.full_name),
            text=f"Security incident {incident.name} was reported. Work its checklist.",
            link=reverse("incidents:incident", args=[incident.pk]),
            subject=subject_of(incident),
            due_at=due_at,
            is_task=True,
            by=by.who,
            now=now,
        )


@transaction.atomic(durable=True)
def open_incident(*, incident_id: UUID, by: Actor, now: datetime) -> Incident:
    """An incident for who works or reported it, once the look is journaled; raises Incident.DoesNotExist."""
    incident = queries.incidents(by.agency).get(pk=incident_id)
    if not queries.standing(incident, by, now) and incident.reported_by_id != by.user_id:
        raise Incident.DoesNotExist
    journal("incidents.incident.viewed", incident, by, now)
    return incident


@transaction.atomic
@enforces("CC-1798.90.51")
def record_step(
    *, incident_id: UUID, step: Step, note: str, done_at: datetime, by: Actor, now: datetime
) -> None:
    """Record that a step of the checklist was done. Raises Refused, ValidationError."""
    incident = locked(incident_id, by, now)
    if incident.ended_at:
        raise ValidationError("This incident is ended: nothing is added to it.")
    if step not in rules.checklist(incident.californians) or step in queries.steps_done(incident):
        raise ValidationError({"step": "This step is done, or not asked for. Reload the page."})
    if not incident.discovered_at <= done_at <= now:
        raise ValidationError({"done_at": "Enter a time between the discovery and now."})
    _written(note)
    Done.objects.create(
        incident=incident,
        step=step,
        note=note.strip(),
        by=User(pk=by.user_id),
        done_at=done_at,
        recorded_at=now,
    )
    journal("incidents.step.done", incident, by, now, step=step.value.lower())


@transaction.atomic
@enforces("CC-1798.90.51")
def move_incident(
    *, incident_id: UUID, act: Act, note: str, californians: int | None = None, by: Actor, now: datetime
) -> Incident:
    """Take an incident on, once the steps before that are done; ending it settles its notices.

    `californians` is how many get the notice, which an assessment must say. Raises Refused, ValidationError.
    """
    incident = locked(incident_id, by, now)
    _written(note)
    target = rules.target_of(act, State(incident.state))
    if target is None:
        raise ValidationError(
            f"This incident is “{State(incident.state).label}”: somebody worked it meanwhile. Reload it."
        )
    if act is Act.ASSESS and californians is None:
        raise ValidationError({"californians": "Enter how many Californians get the notice."})
    if act is Act.NOTIFY and not Sending.objects.filter(letter__incident=incident).exists():
        raise ValidationError({"act": "Record first to whom the notice was sent, how and when."})
    if left := rules.missing(act, queries.steps_done(incident), incident.californians):
        named = "; ".join(step.label for step in left)
        raise ValidationError({"act": f"Do these steps of the checklist first: {named}."})
    incident.state = target
    if act is Act.ASSESS:
        incident.californians = californians
    if target in {State.CLOSED, State.NO_BREACH}:
        incident.ended_by, incident.ended_at = User(pk=by.user_id), now
        notices.settle_about(
            agency=by.agency, subject=subject_of(incident), kind=REPORTED, by=by.who, now=now
        )
    incident.save()
    _enter(incident, act, note, by, now)
    journal("incidents.incident.moved", incident, by, now, state=target.label.lower())
    return incident


def locked(incident_id: UUID, by: Actor, now: datetime) -> Incident:
    """The incident, held for this transaction, for who works it; raises Refused, Incident.DoesNotExist."""
    incident = Incident.objects.select_for_update().get(pk=incident_id, agency_id=by.agency)
    queries.standing(incident, by, now).require()
    return incident


def _written(note: str) -> None:
    if not note.strip():
        raise ValidationError({"note": "Write it in a sentence; it stays with the incident."})


def _enter(incident: Incident, act: Act, note: str, by: Actor, now: datetime) -> None:
    Entry.objects.create(incident=incident, act=act, note=note.strip(), by=User(pk=by.user_id), said_at=now)


def subject_of(incident: Incident) -> str:
    """How journal rows and notices name it."""
    return f"incidents.Incident:{incident.pk}"


def journal(verb: str, incident: Incident, by: Actor, now: datetime, **detail: object) -> None:
    """Write an act’s row, which names the incident by its number alone."""
    audit.record(
        verb=verb,
        by=by.who,
        agency=incident.agency_id,
        subject=subject_of(incident),
        detail={"number": incident.name, **detail},
        profile_version=by.profile.version,
        now=now,
    )

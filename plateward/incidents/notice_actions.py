"""Writing the notice of a breach, and recording how it was sent or why it waits (Civil Code 1798.29)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import User
from plateward.governance.actor import Actor
from plateward.incidents import letters
from plateward.incidents.actions import journal, locked
from plateward.incidents.models import Delay, Incident, Letter, Sending
from plateward.incidents.rules import How, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a letter says: a text for each heading, whom to ask, and when the breach was, as far as known."""

    parts: Mapping[str, str]
    contact: str
    breach_from: date | None = None
    breach_until: date | None = None


@transaction.atomic
def write_letter(*, incident_id: UUID, text: Text, by: Actor, now: datetime) -> Letter:
    """Write the letter and keep its PDF; whether it was delayed is taken from what is on record.

    Raises Refused, ValidationError.
    """
    incident = _working(incident_id, by, now)
    for name, heading in letters.HEADINGS.items():
        if not text.parts.get(name, "").strip():
            raise ValidationError({name: f"Civil Code 1798.29(d) demands “{heading}”. Write it."})
    if not text.contact.strip():
        raise ValidationError({"contact": "Civil Code 1798.29(d) demands whom to ask. Write it."})
    if text.breach_from and text.breach_until and text.breach_until < text.breach_from:
        raise ValidationError({"breach_until": "The breach ends before it begins."})
    content = {
        **{name: text.parts[name].strip() for name in letters.HEADINGS},
        "agency": by.agency_name,
        "contact": text.contact.strip(),
        "date": by.today.isoformat(),
        "breach_from": text.breach_from.isoformat() if text.breach_from else "",
        "breach_until": text.breach_until.isoformat() if text.breach_until else "",
        "is_delayed": incident.delays.exists(),
    }
    pdf = letters.as_pdf(content, created=now)
    letter = Letter.objects.create(
        incident=incident,
        content=content,
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
        written_by=User(pk=by.user_id),
        written_at=now,
    )
    journal("incidents.letter.written", incident, by, now, sha256=letter.sha256)
    return letter


@transaction.atomic(durable=True)
def take_letter(*, incident_id: UUID, letter_id: UUID, by: Actor, now: datetime) -> bytes:
    """The letter's PDF, once that is journaled. Raises Refused, Letter.DoesNotExist."""
    incident = locked(incident_id, by, now)
    letter = Letter.objects.get(pk=letter_id, incident=incident)
    journal("incidents.letter.taken", incident, by, now, sha256=letter.sha256)
    return bytes(letter.pdf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """To whom the newest letter was sent, to how many people, how and on which day."""

    to: str
    people: int
    how: How
    sent_date: date


@transaction.atomic
def record_sent(*, incident_id: UUID, dispatch: Dispatch, by: Actor, now: datetime) -> Sending:
    """Record that the newest letter was sent. Raises Refused, ValidationError."""
    incident = _working(incident_id, by, now)
    letter = incident.letters.defer("pdf").first()
    if letter is None or incident.state not in {State.ASSESSED, State.NOTIFIED}:
        raise ValidationError("Assess the incident and write the letter first.")
    if not by.profile.agency.day(incident.discovered_at) <= dispatch.sent_date <= by.today:
        raise ValidationError({"sent_date": "Enter a day between the discovery and today."})
    sending = Sending.objects.create(
        letter=letter,
        to=dispatch.to.strip(),
        people=dispatch.people,
        how=dispatch.how,
        sent_date=dispatch.sent_date,
        by=User(pk=by.user_id),
        recorded_at=now,
    )
    journal("incidents.notice.sent", incident, by, now, people=dispatch.people, how=dispatch.how.lower())
    return sending


@transaction.atomic
def record_delay(
    *, incident_id: UUID, asked_by: str, until_date: date | None, by: Actor, now: datetime
) -> Delay:
    """Record that a law enforcement agency asked that the notice wait. Raises Refused, ValidationError."""
    incident = _working(incident_id, by, now)
    if not asked_by.strip():
        raise ValidationError({"asked_by": "Write which agency asked, and who there."})
    if until_date and until_date < by.today:
        raise ValidationError({"until_date": "This day is past."})
    delay = Delay.objects.create(
        incident=incident,
        asked_by=asked_by.strip(),
        until_date=until_date,
        by=User(pk=by.user_id),
        recorded_at=now,
    )
    journal("incidents.notice.delayed", incident, by, now)
    return delay


def _working(incident_id: UUID, by: Actor, now: datetime) -> Incident:
    incident = locked(incident_id, by, now)
    if incident.ended_at:
        raise ValidationError("This incident is ended: nothing is added to it.")
    return incident

"""The public's requests for records: received, extended, determined by letter, closed; all of it on file."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.documents.kinds import PDF
from plateward.documents.typesetting import typeset
from plateward.governance.actor import Actor
from plateward.notices import actions as notices
from plateward.notices.rules import to_person
from plateward.policy import enforces
from plateward.releases import records_rules as rules
from plateward.releases.answer_rules import frozen_problem, undecided_problem
from plateward.releases.answer_store import forget_originals
from plateward.releases.records_models import RecordsPaper, RecordsRequest
from plateward.releases.records_papers import WORK, file_copy, journal, paper_of, subject_of
from plateward.releases.records_rules import Determination, RecordsState, Unusual
from plateward.releases.redaction import UnredactableError, redacted_table

KIND: Final = "records-request"
LETTER: Final = Path(__file__).resolve().parent / "letter.typ"


@enforces("B-466.7¶2")
@transaction.atomic
def receive(
    *,
    requester: str,
    contact: str,
    channel: str,
    described: str,
    received_date: date,
    by: Actor,
    now: datetime,
) -> RecordsRequest:
    """Take a request in; the clock runs from the day it was received. Raises Refused, ValidationError."""
    by.require(WORK)
    if received_date > by.today:
        raise ValidationError({"received_date": "The request came today at the latest."})
    request = RecordsRequest(
        agency_id=by.agency,
        number=_next_number(by),
        state=RecordsState.RECEIVED,
        requester=requester.strip(),
        contact=contact.strip(),
        channel=channel,
        described=described.strip(),
        received_date=received_date,
        entered_by_id=by.user_id,
        entered_at=now,
    )
    request.full_clean()
    request.save(force_insert=True)
    detail = {"number": request.number, "due": request.due_date.isoformat()}
    journal("releases.records.received", request, by, now, detail)
    _ask_for(request, by, now)
    return request


@enforces("B-466.7¶2")
@transaction.atomic
def extend(
    *, request: RecordsRequest, reason: Unusual, until: date, text: str, by: Actor, now: datetime
) -> RecordsPaper:
    """Extend the time once, by a letter that says why and until when; raises Refused, ValidationError."""
    known = _locked(request, "EXTEND", by)
    if known.extended_until_date:
        raise ValidationError("The time was extended already; the statute allows it once.")
    if problem := rules.extension_problem(known.received_date, until, by.today):
        raise ValidationError({"until": problem})
    known.extended_until_date, known.extension_reason = until, reason
    known.save()
    told = [
        f"Your request needs more time than 10 days ({rules.STATUTE}). {reason.label}.",
        f"You will have our determination by {until:%B %-d, %Y}.",
        text,
    ]
    letter = _letter(known, "EXTENSION", "Notice of extension", told, by, now)
    detail = {"number": known.number, "until": until.isoformat(), "reason": reason.label}
    journal("releases.records.extended", known, by, now, detail)
    _settle(known, by, now)
    _ask_for(known, by, now)
    return letter


@enforces("B-466.7¶2")
@transaction.atomic
def determine(*, request: RecordsRequest, made: Determination, by: Actor, now: datetime) -> RecordsPaper:
    """Determine what is disclosed, by a letter; raises Refused, ValidationError for what it must say."""
    known = _locked(request, "DETERMINE", by)
    if problems := rules.determination_problems(made, by.today):
        raise ValidationError(problems)
    _require_decided(known)
    known.state, known.outcome, known.determined_date = RecordsState.DETERMINED, made.outcome, by.today
    known.save()
    told = [f"{made.outcome.label}.", made.text]
    if made.outcome.withholds:
        told += [f"Ground: {made.ground}.", f"Responsible for this determination: {made.responsible}."]
    if made.available_date:
        told.append(f"The records will be available by {made.available_date:%B %-d, %Y} (estimated).")
    letter = _letter(known, "DETERMINATION", "Determination", told, by, now)
    detail = {"number": known.number, "outcome": made.outcome.label, "ground": made.ground}
    journal("releases.records.determined", known, by, now, detail)
    _settle(known, by, now)
    return letter


@transaction.atomic
def close(*, request: RecordsRequest, note: str, by: Actor, now: datetime) -> RecordsRequest:
    """Close a determined request: what was handed over, or that nothing was; raises as `extend`.

    Our copies of the pictures' originals are destroyed.
    """
    _require_decided(_mine(request, by))
    return _end(request, "CLOSE", RecordsState.CLOSED, note, "releases.records.closed", by, now)


@transaction.atomic
def withdraw(*, request: RecordsRequest, note: str, by: Actor, now: datetime) -> RecordsRequest:
    """Note that the requester withdrew; our copies of originals are destroyed. Raises as `extend`."""
    return _end(request, "WITHDRAW", RecordsState.WITHDRAWN, note, "releases.records.withdrawn", by, now)


@transaction.atomic
def redact_table(
    *, request: RecordsRequest, data: bytes, columns: Sequence[str], name: str, by: Actor, now: datetime
) -> RecordsPaper:
    """Put a copy of a CSV file on file without these columns' texts; the original is not kept.

    Raises Refused, and ValidationError for what cannot be redacted.
    """
    known = _mine(request, by)
    if problem := frozen_problem(RecordsState(known.state)):
        raise ValidationError(problem)
    try:
        clean = redacted_table(data, columns)
    except UnredactableError as error:
        raise ValidationError({"columns": str(error)}) from error
    taken_out = f"Columns: {', '.join(columns)}"
    return file_copy(
        request=known,
        clean=clean,
        media_type="text/csv",
        name=name,
        taken_out=taken_out,
        original=hashlib.sha256(data).hexdigest(),
        by=by,
        now=now,
    )


def _letter(
    request: RecordsRequest, kind: str, title: str, told: Sequence[str], by: Actor, now: datetime
) -> RecordsPaper:
    content = {
        "agency": by.agency_name,
        "title": title,
        "number": request.number,
        "date": f"{by.today:%B %-d, %Y}",
        "to": request.requester or "the requester",
        "received": f"{request.received_date:%B %-d, %Y}",
        "described": request.described,
        "paragraphs": [paragraph.strip() for paragraph in told if paragraph.strip()],
        "signed": f"{by.name}, {by.title_name}",
    }
    data = typeset(LETTER, content, created=now)
    paper = paper_of(request, kind, f"{title} {request.number}", data, PDF, by, now)
    paper.save(force_insert=True)
    return paper


def _end(
    request: RecordsRequest,
    act: str,
    target: RecordsState,
    note: str,
    verb: str,
    by: Actor,
    now: datetime,
) -> RecordsRequest:
    known = _locked(request, act, by)
    known.state, known.ended_note = target, note.strip()
    known.save()
    gone = forget_originals(known)
    journal(verb, known, by, now, {"number": known.number, "note": note, "originals_destroyed": gone})
    _settle(known, by, now)
    return known


def _require_decided(request: RecordsRequest) -> None:
    """No answer leaves while a picture of it waits for a decision; the database refuses it too."""
    waiting = request.pictures.filter(decision="").values_list("name", flat=True)
    if problem := undecided_problem(list(waiting)):
        raise ValidationError(problem)


def _mine(request: RecordsRequest, by: Actor) -> RecordsRequest:
    by.require(WORK)
    return RecordsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk, agency_id=by.agency)


def _locked(request: RecordsRequest, act: str, by: Actor) -> RecordsRequest:
    known = _mine(request, by)
    if not rules.may_become(RecordsState(known.state), act):
        raise ValidationError(f"The request is {known.get_state_display().lower()}. Open its page again.")
    return known


def _ask_for(request: RecordsRequest, by: Actor, now: datetime) -> None:
    """Leave the task to determine by its day, anew when the day changed."""
    notices.raise_notice(
        agency=by.agency,
        key=f"records:{request.pk}:{request.due_date.isoformat()}",
        kind=KIND,
        to=to_person(by.user_id, by.name),
        text=f"Determine {request.number} by {request.due_date:%b %-d, %Y}.",
        link=reverse("releases:records-request", args=[request.pk]),
        subject=subject_of(request),
        is_task=True,
        by=by.who,
        now=now,
    )


def _settle(request: RecordsRequest, by: Actor, now: datetime) -> None:
    notices.settle_about(agency=by.agency, subject=subject_of(request), kind=KIND, by=by.who, now=now)


def _next_number(by: Actor) -> str:
    Agency.objects.select_for_update(no_key=True).get(pk=by.agency)
    year = f"PR-{by.today.year}-"
    mine = RecordsRequest.objects.filter(agency_id=by.agency, number__startswith=year)
    last = max((int(one.removeprefix(year)) for one in mine.values_list("number", flat=True)), default=0)
    return f"{year}{last + 1:04}"

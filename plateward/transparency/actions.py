"""Recording what the agency's website showed, and reminding of checks that are due."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import Profile, enforces
from plateward.transparency import queries, rules
from plateward.transparency.models import Posting, Way
from plateward.transparency.posted_text import UnreadableError, text_of

KIND = "posting-check"


@enforces("B-466.3.1(g)", "H-426.2.1(g)")
@transaction.atomic
def record_posting(*, document: str, url: str, body: bytes, note: str, by: Actor, now: datetime) -> Posting:
    """Keep what a person found posted; empty `body` says that nothing was there.

    Raises Refused, and ValidationError for a document that is not to be posted or bytes that are no text.
    """
    by.require(rules.RECORD)
    check = _Check(document, url, body, note, Way.BY_HAND)
    return _keep(by.agency, by.profile, check, by=by.who, now=now)


@enforces("B-466.3.1(g)", "H-426.2.1(g)")
@transaction.atomic
def record_fetched(*, agency: str, document: str, url: str, body: bytes, note: str, now: datetime) -> Posting:
    """Keep what the worker fetched from the address of the last check; empty `body`: `note` says why not.

    Raises ValidationError as `record_posting`.
    """
    check = _Check(document, url, body, note, Way.FETCHED)
    return _keep(agency, profile_for(agency, now), check, by=CLOCK, now=now)


@dataclass(frozen=True, slots=True)
class _Check:
    """What was found where, and how."""

    document: str
    url: str
    body: bytes
    note: str
    way: Way


def _keep(agency: str, profile: Profile, check: _Check, *, by: Who, now: datetime) -> Posting:
    document, body = check.document, check.body
    if document not in {layer.id for layer in rules.to_be_posted(profile)}:
        raise ValidationError({"document": "The policy in force does not ask for this to be posted."})
    try:
        text = text_of(body) if body else ""
    except UnreadableError as unreadable:
        raise ValidationError({"file": str(unreadable)}) from unreadable
    found = rules.compare_posted(profile, document, text)
    posting = Posting(
        agency_id=agency,
        document=document,
        url=check.url,
        checked_at=now,
        checked_by=by.name,
        way=check.way,
        outcome=found.outcome,
        version=profile.version,
        sha256=hashlib.sha256(body).hexdigest() if body else "",
        text=text,
        missing=list(found.missing),
        note=check.note.strip(),
    )
    posting.full_clean()
    posting.save(force_insert=True)
    audit.record(
        verb="transparency.posting.checked",
        by=by,
        agency=agency,
        subject=f"transparency.Posting:{posting.pk}",
        detail={
            "document": profile.layers[document].name,
            "url": check.url,
            "outcome": found.outcome.label.lower(),
            "sha256": posting.sha256,
        },
        profile_version=profile.version,
        now=now,
    )
    if found.outcome is rules.Outcome.SAME or check.way is Way.BY_HAND:
        notices.settle_about(agency=agency, subject=_subject(agency, document), kind=KIND, by=by, now=now)
    return posting


@transaction.atomic
def remind_of_checks(*, now: datetime) -> int:
    """Leave a notice for each posting whose check is due, once for each due time; returns how many are."""
    due = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError:
            continue  # doctor says so
        position = profile.public.designee.settled
        for document in queries.documents(agency, now):
            if document.is_due and document.due_at is not None and position:
                due += 1
                notices.raise_notice(
                    agency=agency,
                    key=f"{KIND}:{document.layer.id}:{document.due_at.isoformat()}",
                    kind=KIND,
                    to=to_position(position),
                    text=f"Check that {document.layer.name} is posted as it is in force.",
                    by=CLOCK,
                    now=now,
                    link=f"{reverse('transparency:record')}?document={document.layer.id}",
                    subject=_subject(agency, document.layer.id),
                    is_task=True,
                )
    return due


def _subject(agency: str, document: str) -> str:
    return f"transparency.Document:{agency}/{document}"

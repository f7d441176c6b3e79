"""Entering meetings, reviews and contracts, and reminding of reviews that are due."""

import hashlib
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.documents.kinds import UnusableFileError, media_type_of
from plateward.governance import queries, rules
from plateward.governance.actor import Actor
from plateward.governance.models import PublicComment, Review, VendorContract
from plateward.governance.queries import PolicyUnavailableError
from plateward.governance.registers import Reviewed, review_due, schedule
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import Profile, enforces

KIND = "policy-review"
_VERBS: dict[type, str] = {
    PublicComment: "governance.comment.entered",
    Review: "governance.review.entered",
    VendorContract: "governance.contract.entered",
}


@enforces("CC-1798.90.55", "B-466.3.1(f)", "H-426.2.1(f)")
@transaction.atomic
def enter(
    *, entry: PublicComment | Review | VendorContract, by: Actor, now: datetime, document: bytes = b""
) -> PublicComment | Review | VendorContract:
    """Put an entry into its register, a contract with its `document` if there is one.

    Raises Refused, and ValidationError for what is missing and for a document that is no PDF or picture.
    """
    by.require(rules.PROPOSE)
    entry.agency_id, entry.entered_at, entry.entered_by = by.agency, now, by.name
    if isinstance(entry, VendorContract) and document:
        _name_document(entry, document)
    entry.full_clean()
    if isinstance(entry, VendorContract) and document:
        queries.file_store().put(entry.document_path, document)
    entry.save(force_insert=True)
    audit.record(
        verb=_VERBS[type(entry)],
        by=by.who,
        agency=by.agency,
        subject=f"governance.{type(entry).__name__}:{entry.pk}",
        detail={"what": str(entry), "sha256": getattr(entry, "document_sha256", "")},
        profile_version=by.profile.version,
        now=now,
    )
    if isinstance(entry, Review):
        about = _subject(by.agency, Reviewed(entry.subject))
        notices.settle_about(agency=by.agency, subject=about, kind=KIND, by=by.who, now=now)
    return entry


def _name_document(contract: VendorContract, document: bytes) -> None:
    try:
        contract.document_type = media_type_of(document)
    except UnusableFileError as error:
        raise ValidationError({"document": str(error)}) from error
    contract.document_sha256 = hashlib.sha256(document).hexdigest()


def next_review(agency: str, profile: Profile, subject: Reviewed, at: datetime) -> datetime | None:
    """When the next review is due; None where nothing asks for one."""
    last = Review.objects.filter(agency_id=agency, subject=subject).first()
    zone = ZoneInfo(profile.agency.time_zone)
    done = datetime.combine(last.done_date, time.min, zone) if last else None
    since = queries.adoption_in_force(agency, at).effective_at
    return review_due(schedule(profile, subject), done, since)


@transaction.atomic
def remind_of_reviews(*, now: datetime) -> int:
    """Leave a notice for each review that is due, once for each due time; returns how many are."""
    due = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = queries.profile_for(agency, now)
        except PolicyUnavailableError:
            continue  # doctor says so
        position = profile.public.designee.settled
        for subject in Reviewed:
            at = next_review(agency, profile, subject, now)
            if at is not None and at <= now and position:
                due += 1
                notices.raise_notice(
                    agency=agency,
                    key=f"{KIND}:{subject}:{at.isoformat()}",
                    kind=KIND,
                    to=to_position(position),
                    text=f"Review the {subject.lower()}: it is due.",
                    by=CLOCK,
                    now=now,
                    link=reverse("governance:registers"),
                    subject=_subject(agency, subject),
                    is_task=True,
                )
    return due


def _subject(agency: str, subject: Reviewed) -> str:
    return f"governance.Review:{agency}/{subject}"

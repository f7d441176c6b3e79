"""Letters and redacted copies put on file for a public request, and how the journal names it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.governance.queries import file_store
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.records_models import RecordsPaper, RecordsRequest

WORK: Final = "releases.public"


def paper_of(
    request: RecordsRequest, kind: str, name: str, data: bytes, media_type: str, by: Actor, now: datetime
) -> RecordsPaper:
    """A paper whose bytes are in the store, not saved yet."""
    paper = RecordsPaper(
        agency_id=request.agency_id,
        request=request,
        kind=kind,
        name=name,
        media_type=media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        made_by_id=by.user_id,
        made_at=now,
    )
    paper.full_clean()
    file_store().put(paper.path, data)
    return paper


def file_copy(
    *,
    request: RecordsRequest,
    clean: bytes,
    media_type: str,
    name: str,
    taken_out: str,
    original: str,
    by: Actor,
    now: datetime,
    kind: str = "REDACTED",
) -> RecordsPaper:
    """Put a copy that goes out on file, in a transaction; `original` is the SHA-256 of what it is of."""
    paper = paper_of(request, kind, name, clean, media_type, by, now)
    paper.taken_out, paper.original_sha256 = taken_out[:500], original
    paper.save(force_insert=True)
    detail = {"number": request.number, "taken_out": taken_out, "original": original, "sha256": paper.sha256}
    journal("releases.records.redacted", request, by, now, detail)
    return paper


def papers(agency: str) -> QuerySet[RecordsPaper]:
    """An agency's letters and copies; `is_replaced` marks a picture's copy that is not the one decided on."""
    made_of = AnswerPicture.objects.filter(request=OuterRef("request"), sha256=OuterRef("original_sha256"))
    replaced = Exists(made_of.exclude(paper__isnull=False, paper=OuterRef("pk")))
    known = RecordsPaper.objects.filter(agency_id=agency).select_related("request", "made_by")
    return known.annotate(is_replaced=replaced)


def is_replaced(paper: RecordsPaper) -> bool:
    """Whether another decision about its picture replaced a copy on file."""
    made_of = AnswerPicture.objects.filter(request_id=paper.request_id, sha256=paper.original_sha256)
    return made_of.exclude(paper_id=paper.pk).exists()


def subject_of(request: RecordsRequest) -> str:
    """How the journal names a public request."""
    return f"releases.RecordsRequest:{request.pk}"


def journal(
    verb: str, request: RecordsRequest, by: Actor, now: datetime, detail: Mapping[str, object]
) -> None:
    """Write the row of an act on a public request."""
    audit.record(
        verb=verb,
        by=by.acting(WORK),
        agency=request.agency_id,
        subject=subject_of(request),
        detail=detail,
        profile_version=by.profile.version,
        now=now,
    )

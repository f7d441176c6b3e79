"""Pictures of an answer to the public: added, looked at, and each decided on by a person (B-466.7¶2)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import CLOCK
from plateward.governance.actor import Actor
from plateward.policy import enforces
from plateward.reads.imaging import NotAPictureError, inspect
from plateward.releases import answer_store
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.answer_rules import PictureDecision, frozen_problem
from plateward.releases.records_models import RecordsRequest
from plateward.releases.records_papers import WORK, file_copy, journal, subject_of
from plateward.releases.records_rules import RecordsState
from plateward.releases.redaction import Box, UnredactableError, upright_size
from plateward.vault.masters import MasterKeyError

LARGEST: Final = 30 * 1024 * 1024
PURPOSE: Final = "public-records"
"""Answering the public, which no agency's list of purposes of use names; the record says so."""
NOTHING_TAKEN_OUT: Final = "Nothing of the picture; its file’s metadata"


@enforces("B-466.7¶2")
@transaction.atomic
def add_picture(
    *, request: RecordsRequest, data: bytes, name: str, by: Actor, now: datetime
) -> AnswerPicture:
    """Put a picture into the answer; it waits for a decision. Raises Refused and ValidationError."""
    known = _open(request, by)
    if len(data) > LARGEST:
        raise ValidationError({"file": f"The picture has more than {LARGEST // 1024**2} MB."})
    try:
        facts, (width, height) = inspect(data), upright_size(data)
    except (NotAPictureError, UnredactableError) as error:
        raise ValidationError({"file": f"The picture cannot be taken: {error}."}) from error
    picture = AnswerPicture(
        agency_id=by.agency,
        request=known,
        name=name.strip(),
        media_type=facts.media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        width=width,
        height=height,
        added_by_id=by.user_id,
        added_at=now,
    )
    picture.full_clean()
    picture.save(force_insert=True)
    try:
        answer_store.keep(picture, data)
    except MasterKeyError as error:
        raise ValidationError(answer_store.NO_KEY) from error
    _journal("releases.picture.added", picture, by, now, {"sha256": picture.sha256})
    return picture


@transaction.atomic
def note_found(*, picture: AnswerPicture, boxes: Sequence[Sequence[int]], now: datetime) -> None:
    """Keep the boxes around plates that the recognizer found, to be offered; done by the clock."""
    known = AnswerPicture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
    known.found, known.unsearched = [list(box) for box in boxes], ""
    known.save(update_fields=["found", "unsearched"])
    audit.record(
        verb="releases.picture.searched",
        by=CLOCK,
        agency=known.agency_id,
        subject=subject_of(known.request),
        detail={"name": known.name, "count": len(boxes)},
        now=now,
    )


@transaction.atomic
def note_unsearched(*, picture: AnswerPicture, why: str, now: datetime) -> None:
    """Keep why no plate could be looked for in a picture, so that nobody waits for it; done by the clock."""
    known = AnswerPicture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
    known.unsearched = why[:200]
    known.save(update_fields=["unsearched"])
    audit.record(
        verb="releases.picture.unsearched",
        by=CLOCK,
        agency=known.agency_id,
        subject=subject_of(known.request),
        detail={"name": known.name, "why": known.unsearched},
        now=now,
    )


@transaction.atomic
def search_again(*, picture: AnswerPicture, by: Actor, now: datetime) -> AnswerPicture:
    """Have plates looked for again in a picture in which that failed, once what stood against it is mended.

    Raises Refused, and ValidationError where it did not fail, or the answer is determined.
    """
    known = _decidable(picture, by)
    if not known.unsearched:
        raise ValidationError("Plates were looked for in this picture, or are being looked for now.")
    why, known.unsearched = known.unsearched, ""
    known.save(update_fields=["unsearched"])
    _journal("releases.picture.retried", known, by, now, {"why": why})
    return known


@transaction.atomic
def open_picture(*, picture: AnswerPicture, by: Actor, now: datetime) -> bytes:
    """The original, for who decides on it, on record; raises Refused, FileLost and MasterKeyError."""
    by.require(WORK)
    known = AnswerPicture.objects.select_related("request").get(pk=picture.pk, agency_id=by.agency)
    data = answer_store.original(known)
    _accessed(known, {}, by, now)
    _journal("releases.picture.opened", known, by, now, {})
    return data


@transaction.atomic
def preview_picture(*, picture: AnswerPicture, boxes: Sequence[Box], by: Actor, now: datetime) -> bytes:
    """The copy that these boxes would make, looked at before it is made; an access, for most of it is shown.

    Raises Refused and ValidationError.
    """
    known = _decidable(picture, by)
    data = answer_store.covered(known, boxes)
    _accessed(known, {"covered": [str(box) for box in boxes]}, by, now)
    return data


@enforces("B-466.7¶2")
@transaction.atomic
def redact_picture(
    *, picture: AnswerPicture, boxes: Sequence[Box], previewed: str, by: Actor, now: datetime
) -> AnswerPicture:
    """Make the copy whose preview was looked at, with every box filled; the original stays as it is.

    `previewed` is the preview's SHA-256. Raises Refused, and ValidationError where the copy is another.
    """
    known = _decidable(picture, by)
    clean = answer_store.covered(known, boxes)
    if hashlib.sha256(clean).hexdigest() != previewed:
        raise ValidationError("The boxes are others than those of the preview. Look at the preview first.")
    told = f"{len(boxes)} filled: " + "; ".join(str(box) for box in boxes)
    known.paper = file_copy(
        request=known.request,
        clean=clean,
        media_type="image/png",
        name=known.name,
        taken_out=told,
        original=known.sha256,
        by=by,
        now=now,
    )
    return _decide(known, PictureDecision.REDACTED, "", by, now)


@enforces("B-466.7¶2")
@transaction.atomic
def leave_whole(*, picture: AnswerPicture, reason: str, by: Actor, now: datetime) -> AnswerPicture:
    """Decide that nothing in a picture is to be redacted, and why; raises Refused, ValidationError.

    What goes out is put on file too: the picture alone, upright, without its file's metadata.
    """
    known = _decidable(picture, by)
    known.paper = file_copy(
        request=known.request,
        clean=answer_store.whole(known),
        kind="WHOLE",
        media_type="image/png",
        name=known.name,
        taken_out=NOTHING_TAKEN_OUT,
        original=known.sha256,
        by=by,
        now=now,
    )
    return _decide(known, PictureDecision.WHOLE, reason, by, now)


@enforces("B-466.7¶2")
@transaction.atomic
def withhold_picture(*, picture: AnswerPicture, reason: str, by: Actor, now: datetime) -> AnswerPicture:
    """Decide that a picture does not go out, and on which ground; raises Refused, ValidationError."""
    known = _decidable(picture, by)
    known.paper = None
    return _decide(known, PictureDecision.WITHHELD, reason, by, now)


def _open(request: RecordsRequest, by: Actor) -> RecordsRequest:
    by.require(WORK)
    known = RecordsRequest.objects.select_for_update(of=("self",)).get(pk=request.pk, agency_id=by.agency)
    if problem := frozen_problem(RecordsState(known.state)):
        raise ValidationError(problem)
    return known


def _decidable(picture: AnswerPicture, by: Actor) -> AnswerPicture:
    """The picture, held for this transaction with its request: nobody determines or ends that meanwhile."""
    _open(picture.request, by)
    known = AnswerPicture.objects.select_for_update(of=("self",)).select_related("request")
    return known.get(pk=picture.pk, agency_id=by.agency)


def _decide(
    picture: AnswerPicture, decision: PictureDecision, reason: str, by: Actor, now: datetime
) -> AnswerPicture:
    picture.decision, picture.reason = decision, reason.strip()
    picture.decided_by_id, picture.decided_at = by.user_id, now
    picture.full_clean(validate_unique=False)
    picture.save()
    detail = {"decision": decision.label, "reason": picture.reason, "sha256": picture.sha256}
    _journal("releases.picture.decided", picture, by, now, detail)
    return picture


@enforces("CC-1798.90.52", "B-466.6(a)")
def _accessed(picture: AnswerPicture, more: Mapping[str, object], by: Actor, now: datetime) -> None:
    """Put on record that somebody sees ALPR data, for the public's request; shown once that is committed."""
    audit.record_access(
        by=by.acting(WORK),
        agency=picture.agency_id,
        elements={"picture": picture.name, "sha256": picture.sha256, **more},
        purpose=PURPOSE,
        reason=f"A picture of the answer to {picture.request.number} looked at to decide on it",
        reference=picture.request.number,
        result_count=1,
        subject=subject_of(picture.request),
        profile_version=by.profile.version,
        now=now,
    )


def _journal(
    verb: str, picture: AnswerPicture, by: Actor, now: datetime, detail: Mapping[str, object]
) -> None:
    named = {"number": picture.request.number, "name": picture.name}
    journal(verb, picture.request, by, now, {**named, **detail})

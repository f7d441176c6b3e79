"""A read's own picture put into an answer to the public, out of the picture store (B-466.7¶2)."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.audit import actions as audit
from plateward.governance.actor import Actor
from plateward.policy import enforces
from plateward.reads import pictures, queries
from plateward.reads.models import Picture, Read
from plateward.reads.store import PictureError
from plateward.releases.answer_actions import PURPOSE, add_picture
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.answer_store import NO_KEY
from plateward.releases.records_models import RecordsRequest
from plateward.releases.records_papers import WORK, subject_of
from plateward.vault.masters import MasterKeyError


@enforces("B-466.7¶2", "CC-1798.90.52", "B-466.6(a)")
@transaction.atomic
def add_read_picture(
    *, request: RecordsRequest, read: UUID, role: str, name: str, by: Actor, now: datetime
) -> AnswerPicture:
    """Put a read's picture into the answer, as it came; it waits for a decision as every other.

    Taking it out of the store is an access, on record with the read. Raises Refused, and ValidationError for
    a read that is not there (or not in sight), and one without such a picture, which says since when.
    """
    by.require(WORK)
    by.require("reads.view")
    try:
        of = queries.read_by_id(by.agency, read)
    except Read.DoesNotExist as error:
        raise ValidationError({"read": "There is no such read. Copy its id from the read’s page."}) from error
    picture = _picture(of, role)
    try:
        data = pictures.picture_bytes(picture)
    except PictureError as error:
        raise ValidationError({"role": f"The picture cannot be taken: {error}."}) from error
    except MasterKeyError as error:
        raise ValidationError(NO_KEY) from error
    made = add_picture(request=request, data=data, name=name, by=by, now=now)
    audit.record_access(
        by=by.acting(WORK),
        agency=by.agency,
        elements={"read": str(of.id), "plate": of.plate, "picture": str(picture.pk), "sha256": made.sha256},
        purpose=PURPOSE,
        reason=f"A picture of this read put into the answer to {made.request.number}",
        reference=made.request.number,
        result_count=1,
        subject=subject_of(made.request),
        profile_version=by.profile.version,
        now=now,
    )
    return made


def _picture(of: Read, role: str) -> Picture:
    found = [one for one in queries.pictures_of([of.id])[of.id] if one.role == role]
    if not found:
        gone = queries.pictures_destroyed(of)
        raise ValidationError({"role": gone or "The device sent no such picture with this read."})
    return found[0]

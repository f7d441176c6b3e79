"""Originals of an answer's pictures: sealed while the request is worked, gone when it ends."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.documents.store import FileLost
from plateward.governance.queries import file_store
from plateward.reads.keys import masters, masters_that_wrap
from plateward.releases.answer_models import AnswerPicture, AnswerPictureKey
from plateward.releases.records_models import RecordsRequest
from plateward.releases.redaction import Box, UnredactableError, redacted_picture, whole_picture
from plateward.vault import envelope
from plateward.vault.masters import MasterKeyError, Wrapped

NO_KEY: Final = (
    "The server’s master key cannot open or seal pictures now. Tell the I.T. manager; nothing is lost."
)


def keep(picture: AnswerPicture, data: bytes) -> None:
    """Seal the original under a fresh key, in a transaction. Raises MasterKeyError, OSError."""
    row = AnswerPictureKey(picture=picture, agency_id=picture.agency_id)
    key = envelope.new_key()
    wrapped = masters_that_wrap().wrap(key, row.context)
    row.master, row.wrapped = wrapped.master, wrapped.key
    row.save(force_insert=True)
    sealed = envelope.sealed(data, key=key, key_id=picture.pk, label=_label(picture))
    file_store().put(picture.path, sealed)


def original(picture: AnswerPicture) -> bytes:
    """The original's bytes as they came. Raises FileLost, also once the request ended, and MasterKeyError."""
    row = AnswerPictureKey.objects.filter(picture=picture).first()
    if row is None:
        raise FileLost("Our copy of the original was destroyed when the request ended")
    key = masters().unwrap(Wrapped(row.master, bytes(row.wrapped)), row.context)
    try:
        sealed = (file_store().root / picture.path).read_bytes()
        data = envelope.opened(sealed, key=key, key_id=picture.pk, label=_label(picture))
    except (OSError, envelope.UnopenableError) as error:
        raise FileLost(f"{picture.path} cannot be opened: {error}") from error
    if hashlib.sha256(data).hexdigest() != picture.sha256:
        raise FileLost(f"{picture.path} is damaged: its SHA-256 is not that of the picture received")
    return data


def covered(picture: AnswerPicture, boxes: Sequence[Box]) -> bytes:
    """The copy that these boxes make, as PNG; the original stays as it is. Raises ValidationError."""
    return _copy(picture, partial(redacted_picture, boxes=boxes))


def whole(picture: AnswerPicture) -> bytes:
    """The copy of a picture in which nothing is redacted, as PNG. Raises ValidationError."""
    return _copy(picture, whole_picture)


def _copy(picture: AnswerPicture, make: Callable[[bytes], bytes]) -> bytes:
    try:
        return make(original(picture))
    except UnredactableError as error:
        raise ValidationError({"boxes": str(error)}) from error
    except FileLost as error:
        raise ValidationError(f"{error}. Add the picture again.") from error
    except MasterKeyError as error:
        raise ValidationError(NO_KEY) from error


def forget_originals(request: RecordsRequest) -> int:
    """Destroy our copies of a request's originals in the caller's transaction; how many there were."""
    pictures = list(AnswerPicture.objects.filter(request=request, key__isnull=False))
    AnswerPictureKey.objects.filter(picture__in=pictures).delete()
    for picture in pictures:
        transaction.on_commit(partial(file_store().remove, picture.path))
    return len(pictures)


def _label(picture: AnswerPicture) -> str:
    return f"{picture.agency_id}\nanswer picture {picture.pk}"

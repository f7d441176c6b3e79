"""Addresses of pictures: short-lived, bound to one person and to the access record that let them look."""

import logging
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import StrEnum
from uuid import UUID

from django.core import signing
from django.urls import reverse

from plateward.reads import imaging, keys
from plateward.reads.models import Picture, Read
from plateward.reads.store import (
    PLAIN_PATTERN,
    Filed,
    Kind,
    PictureLost,
    PictureStore,
    picture_store,
    plain_path,
)

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=15)
_SALT = "plateward.reads.picture"


class Cut(StrEnum):
    """How much of a picture an address shows."""

    WHOLE = "whole"
    PLATE = "plate"
    """The plate cut out."""
    SMALL = "small"
    """The whole, small, for lists."""


@dataclass(frozen=True, slots=True)
class PictureGrant:
    """What a signed address allows: one picture, in one cut, for one person.

    `deleted` where the access on record was one to what is deleted logically.
    """

    picture_id: UUID
    user_id: UUID
    access_id: int
    cut: Cut
    deleted: bool = False


def signed_url(
    *,
    picture: Picture,
    user_id: UUID,
    access_id: int,
    crop: bool = False,
    small: bool = False,
    deleted: bool = False,
) -> str:
    """The address under which this person may see the picture for 15 minutes.

    `crop` cuts the plate out where the read's box lies in this picture, and shows the whole otherwise;
    `small` shows the whole at most 320 pixels wide, `deleted` also one that is deleted logically.
    """
    cut = Cut.PLATE if crop else Cut.SMALL if small else Cut.WHOLE
    grant = PictureGrant(picture.pk, user_id, access_id, cut, deleted)
    return reverse("reads:picture", args=[signed(grant)])


def signed(grant: PictureGrant) -> str:
    """What an address carries, read back by `granted` for 15 minutes."""
    fields = [str(grant.picture_id), str(grant.user_id), grant.access_id, grant.cut]
    if grant.deleted:
        fields.append("deleted")
    return signing.dumps(fields, salt=_SALT)


def granted(token: str) -> PictureGrant:
    """Read an address back. Raises signing.SignatureExpired after its time, BadSignature if forged."""
    picture_id, user_id, access_id, cut, *more = signing.loads(token, salt=_SALT, max_age=LIFE)
    return PictureGrant(UUID(picture_id), UUID(user_id), access_id, Cut(cut), deleted=bool(more))


def filed(picture: Picture) -> Filed:
    """Where a picture lies and what it is bound to."""
    return Filed(picture.agency_id, _day(picture), picture.pk, picture.sha256)


def _day(picture: Picture) -> date:
    return picture.captured_at.astimezone(UTC).date()


def picture_bytes(picture: Picture, store: PictureStore | None = None) -> bytes:
    """The original bytes. Raises PictureError."""
    store = store or picture_store()
    if picture.data_key is None:
        path = plain_path(picture.agency_id, _day(picture), picture.sha256, picture.media_type)
        return store.plain(path, picture.sha256)
    return store.get(filed(picture), keys.key_of(picture))


def thumbnail(picture: Picture) -> tuple[bytes, str]:
    """The picture small, with its media type; made and kept when it is first asked for. Raises PictureError.

    One that is damaged is made again. One of a plain picture is not kept: it would be plain too.
    """
    if picture.data_key is not None:
        try:
            return picture_store().get(filed(picture), keys.key_of(picture), Kind.THUMBNAIL), "image/webp"
        except PictureLost:
            pass  # not made yet, or damaged; whether the original is lost shows next
    data = picture_bytes(picture)
    try:
        made = imaging.thumbnail(data)
    except imaging.NotAPictureError as error:
        raise PictureLost(f"it cannot be decoded: {error}") from error
    _keep(picture, made)
    return made, "image/webp"


def _keep(picture: Picture, made: bytes) -> None:
    """A thumbnail that cannot be kept is made again next time; nobody waits for the disc."""
    if picture.data_key is None:
        return
    try:
        picture_store().put(filed(picture), made, keys.key_of(picture), Kind.THUMBNAIL)
    except OSError as error:
        log.warning("The thumbnail of picture %s was not kept: %s", picture.pk, error)


def plate_cut_out(picture: Picture, read: Read) -> tuple[bytes, str]:
    """The plate cut out of its picture, with the media type; the whole picture where that cannot be done.

    Raises PictureError.
    """
    data = picture_bytes(picture)
    if read.plate_box and read.plate_box["picture"].upper() == picture.role:
        try:
            return imaging.crop(data, read.plate_box), "image/jpeg"
        except imaging.NotAPictureError:
            pass  # the whole picture shows more than an error would
    return data, picture.media_type


def remove_plain(store: PictureStore | None = None) -> int:
    """Remove plain files that no picture needs any more; returns how many. Raises OSError.

    Run when no earlier release is at work: its fresh files have no row yet.
    """
    store = store or picture_store()
    removed = 0
    for path in store.root.glob(PLAIN_PATTERN):
        agency, _, _ = path.relative_to(store.root).parts
        needed = Picture.objects.filter(agency_id=agency, sha256=path.stem, data_key=None)
        if path.is_file() and not needed.exists():
            path.unlink()
            removed += 1
    return removed

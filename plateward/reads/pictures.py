"""Addresses of pictures: short-lived, bound to one person and to the access record that let them look."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from plateward.reads import imaging
from plateward.reads.models import Picture, Read
from plateward.reads.store import PictureKey, picture_store

LIFE = timedelta(minutes=15)
_SALT = "plateward.reads.picture"


@dataclass(frozen=True, slots=True)
class PictureGrant:
    """What a signed address allows: one picture, whole or cropped to the plate, for one person."""

    picture_id: UUID
    user_id: UUID
    access_id: int
    crop: bool


def signed_url(*, picture: Picture, user_id: UUID, access_id: int, crop: bool = False) -> str:
    """The address under which this person may see the picture for 15 minutes.

    `crop` cuts the plate out where the read's box lies in this picture, and shows the whole otherwise.
    """
    grant = [str(picture.pk), str(user_id), access_id, int(crop)]
    return reverse("reads:picture", args=[signing.dumps(grant, salt=_SALT)])


def granted(token: str) -> PictureGrant:
    """Read an address back. Raises signing.SignatureExpired after its time, BadSignature if forged."""
    picture_id, user_id, access_id, crop = signing.loads(token, salt=_SALT, max_age=LIFE)
    return PictureGrant(UUID(picture_id), UUID(user_id), access_id, bool(crop))


def picture_bytes(picture: Picture) -> bytes:
    """The original bytes. Raises PictureLost."""
    day = picture.captured_at.astimezone(UTC).date()
    return picture_store().get(PictureKey(picture.agency_id, day, picture.sha256, picture.media_type))


def plate_cut_out(picture: Picture, read: Read) -> tuple[bytes, str]:
    """The plate cut out of its picture, with the media type; the whole picture where that cannot be done.

    Raises PictureLost.
    """
    data = picture_bytes(picture)
    if read.plate_box and read.plate_box["picture"].upper() == picture.role:
        try:
            return imaging.crop(data, read.plate_box), "image/jpeg"
        except imaging.NotAPictureError:
            pass  # the whole picture shows more than an error would
    return data, picture.media_type

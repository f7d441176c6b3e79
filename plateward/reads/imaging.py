"""Looking at pictures without changing them: what they are, and the plate cut out for the screen."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
"""What every browser shows; each further decoder would be one more way in for a crafted file."""

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # what Pillow calls a stereo camera's JPEG
    "PNG": "image/png",
    "WEBP": "image/webp",
}
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

THUMBNAIL_WIDTH = 320
THUMBNAIL_HEIGHT = 320
"""Pixels; a list shows them half as wide, so that they stay sharp on dense screens."""

CROP_MARGIN = 0.6
"""Share of the box's height shown around the plate, so that its frame and state name can be compared."""


class NotAPictureError(ValueError):
    """The bytes are no picture we take; the message says why."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture's own header says."""

    media_type: str
    width: int
    height: int


def inspect(data: bytes) -> PictureFacts:
    """Read the header of a JPEG, PNG or WebP picture. Raises NotAPictureError."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            kind, (width, height) = picture.format, picture.size
            picture.verify()
    except UnidentifiedImageError as error:
        raise NotAPictureError("it is not a JPEG, PNG or WebP file") from error
    except Exception as error:  # Pillow's decoders raise whatever a damaged header provokes
        raise NotAPictureError(f"the file is damaged ({error})") from error
    if kind is None or not width or not height:
        raise NotAPictureError("its header is incomplete")
    if width * height > MAX_PIXELS:
        raise NotAPictureError(f"{width} × {height} pixels are more than the {MAX_PIXELS:,} taken")
    return PictureFacts(MEDIA_TYPES[kind], width, height)


def crop(data: bytes, box: Mapping[str, Any]) -> bytes:
    """Cut the plate out of a picture, upright and with a margin, as JPEG.

    `box` holds x, y, w and h in pixels of the upright picture; it is clamped to the picture. Raises
    NotAPictureError when the picture cannot be decoded or the box lies outside it.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Exception as error:  # see inspect
        raise NotAPictureError(f"the file is damaged ({error})") from error
    margin = box["h"] * CROP_MARGIN
    left, top = max(0, int(box["x"] - margin)), max(0, int(box["y"] - margin))
    right = min(upright.width, int(box["x"] + box["w"] + margin) + 1)
    bottom = min(upright.height, int(box["y"] + box["h"] + margin) + 1)
    if left >= right or top >= bottom:
        raise NotAPictureError("the plate's box lies outside the picture")
    out = io.BytesIO()
    upright.crop((left, top, right, bottom)).save(out, "JPEG", quality=90)
    return out.getvalue()


def thumbnail(data: bytes) -> bytes:
    """The whole picture, upright, at most 320 pixels wide and high, as WebP without any of its notes.

    Raises NotAPictureError when it cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            picture.draft("RGB", (THUMBNAIL_WIDTH * 2, THUMBNAIL_HEIGHT * 2))  # lets JPEG decode small
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Exception as error:  # see inspect
        raise NotAPictureError(f"the file is damaged ({error})") from error
    upright.thumbnail((THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT))
    out = io.BytesIO()
    upright.save(out, "WEBP", quality=75)
    return out.getvalue()

import io

import pytest
from PIL import Image

from plateward.reads.imaging import NotAPictureError, PictureFacts, crop, inspect


def picture(
    size: tuple[int, int] = (80, 40), kind: str = "JPEG", exif_orientation: int | None = None
) -> bytes:
    image = Image.new("RGB", size, "white")
    image.paste("black", (60, 10, 76, 20))
    exif = Image.Exif()
    if exif_orientation:
        exif[0x0112] = exif_orientation
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_pictures_tell_their_type_and_size(kind: str, media_type: str) -> None:
    assert inspect(picture(kind=kind)) == PictureFacts(media_type, 80, 40)


@pytest.mark.parametrize(
    "data", [b"", b"not a picture", picture(kind="GIF"), picture()[:20], picture(kind="PNG")[:60]]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPictureError):
        inspect(data)


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (10_000, 6_001)).save(out, "PNG")
    with pytest.raises(NotAPictureError, match="pixels"):
        inspect(out.getvalue())


def test_the_plate_is_cut_out_with_a_margin_and_clamped() -> None:
    cut = Image.open(io.BytesIO(crop(picture(), {"x": 60, "y": 10, "w": 16, "h": 10})))
    assert cut.size == (80 - 54, 27 - 4)


def test_the_box_counts_in_the_upright_picture() -> None:
    turned = picture(exif_orientation=6)  # shown a quarter turn clockwise: 40 wide, 80 high
    cut = Image.open(io.BytesIO(crop(turned, {"x": 20, "y": 60, "w": 10, "h": 16})))
    center = cut.convert("L").getpixel((15, 18))
    assert isinstance(center, int)
    assert center < 50


def test_a_box_outside_the_picture_is_refused() -> None:
    with pytest.raises(NotAPictureError, match="outside"):
        crop(picture(), {"x": 500, "y": 500, "w": 10, "h": 10})

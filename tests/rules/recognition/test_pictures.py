import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plateward.recognition import pictures
from plateward.recognition.pictures import PictureError, decode, open_picture

RED, GREEN = (200, 30, 20), (20, 180, 40)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def halves(mode: str = "RGB") -> Image.Image:
    """Left red, right green, 64 × 32."""
    image = Image.new("RGB", (64, 32), RED)
    image.paste(GREEN, (32, 0, 64, 32))
    return image.convert(mode)


def test_colors_come_blue_first() -> None:
    picture = decode(saved(halves(), "PNG"))
    assert picture.shape == (32, 64, 3)
    assert picture.dtype == np.uint8
    assert picture[0, 0].tolist() == [20, 30, 200]


@pytest.mark.parametrize(
    ("orientation", "place"), [(1, (16, 8)), (3, (16, 56)), (6, (8, 16)), (8, (56, 16)), (2, (16, 56))]
)
def test_the_camera_held_sideways_is_turned_upright(orientation: int, place: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(saved(halves(), "JPEG", quality=95, exif=exif))
    blue, green, red = picture[place].tolist()
    assert red > 150 > max(blue, green)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_lose_the_picture() -> None:
    data = saved(halves(), "JPEG", exif=b"Exif\x00\x00MM\x00*broken")
    assert decode(data).shape == (32, 64, 3)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "YCbCr"])
def test_every_color_mode_is_decoded(mode: str) -> None:
    kind = "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"
    assert decode(saved(halves(mode), kind)).shape == (32, 64, 3)


def test_transparency_lies_on_white() -> None:
    assert decode(saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")).min() == 255


def test_sixteen_bit_sensors_keep_their_contrast() -> None:
    deep = np.linspace(0, 4095, 64 * 32).reshape(32, 64).astype(np.uint16)
    picture = decode(saved(Image.fromarray(deep), "PNG"))
    assert (picture.min(), picture.max()) == (0, 255)


def test_floating_point_and_flat_pictures_are_decoded() -> None:
    flat = Image.fromarray(np.full((20, 20), 7000.0, dtype=np.float32))
    assert decode(saved(flat, "TIFF")).shape == (20, 20, 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"not a picture at all", "known format"),
        (saved(halves(), "JPEG")[:-200], "damaged or cut off"),
        (saved(halves(), "PNG")[:90], "damaged or cut off"),
        (saved(Image.new("RGB", (8, 300)), "PNG"), "at least 16"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "known format"),
    ],
    ids=["empty", "text", "cut-off-jpeg", "cut-off-png", "thumbnail", "svg"],
)
def test_what_is_no_usable_picture_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        decode(data)


@pytest.mark.parametrize("side", [9_000, 9_800, 60_000])
def test_a_decompression_bomb_is_refused_before_it_fills_the_memory(side: int) -> None:
    """A small file that says it is huge: each side is below, between and above Pillow's own two limits."""
    data = bytearray(saved(Image.new("1", (20, 20)), "PNG"))
    data[16:24] = struct.pack(">II", side, side)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(PictureError, match="80 million"):
        decode(bytes(data))


def test_a_file_too_large_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    (tmp_path / "big.jpg").write_bytes(b"x" * 11)
    with pytest.raises(PictureError, match="Reduce"):
        open_picture(tmp_path / "big.jpg")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="No such file"):
        open_picture(tmp_path / "none.jpg")

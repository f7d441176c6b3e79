"""Bytes to pixels: every picture a camera, telephone or scanner writes, upright, or a clear refusal."""

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from plateward.recognition.geometry import Picture

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "PPM")
"""What is tried; each further decoder would be one more way in. Stereo cameras' MPO comes with JPEG."""
SUFFIXES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".mpo",
        ".png",
        ".webp",
        ".tif",
        ".tiff",
        ".bmp",
        ".gif",
        ".jp2",
        ".ppm",
        ".pgm",
    )
)
MOST_PIXELS = 80_000_000
MOST_BYTES = 100_000_000
SMALLEST_SIDE = 16
WHITE = (255, 255, 255)

# Pillow only warns about pictures that would fill the memory; here they are refused.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# Cameras write broken EXIF every day; the picture is what counts.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")


class PictureError(ValueError):
    """The bytes are no usable picture; the message says why and what to do."""


def decode(data: bytes) -> Picture:
    """Decode a picture as a person sees it: EXIF rotation applied, transparency on white, 8 bits a channel.

    Returns:
        Height × width × 3, blue-green-red.

    Raises:
        PictureError: empty, no picture, damaged, too small or too large.
    """
    if not data:
        raise PictureError("The file is empty. Copy it from the camera again.")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _check_size(image)
            return _pixels(_upright(image))
    except PictureError:
        raise
    except UnidentifiedImageError as problem:
        raise PictureError(
            f"Not a picture in a known format. Supply one of {', '.join(FORMATS)}."
        ) from problem
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise PictureError(_too_large()) from problem
    # Decoders fail in every one of these ways on crafted or cut-off files.
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        OverflowError,
        TypeError,
    ) as problem:
        raise PictureError(f"The picture is damaged or cut off ({problem}). Copy it again.") from problem


def open_picture(path: Path) -> Picture:
    """Read and decode a file.

    Raises:
        PictureError: it cannot be read, or is no usable picture.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise PictureError(
                f"The file has {size / 1e6:.0f} MB; at most {MOST_BYTES / 1e6:.0f} MB are read. Reduce it."
            )
        data = path.read_bytes()
    except OSError as problem:
        raise PictureError(f"The file cannot be read: {problem.strerror}.") from problem
    return decode(data)


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PictureError(_too_large())
    if min(width, height) < SMALLEST_SIDE:
        raise PictureError(
            f"The picture is {width}×{height} pixels; both sides need at least {SMALLEST_SIDE}. "
            "Supply the original, not a thumbnail."
        )


def _too_large() -> str:
    return f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels. Reduce it to at most that."


def _upright(image: Image.Image) -> Image.Image:
    """Turned as EXIF says; pictures with broken EXIF stay as they are stored."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, OverflowError, UserWarning):
        return image


def _pixels(image: Image.Image) -> Picture:
    if image.mode.startswith(("I", "F")):
        gray = _to_8_bits(np.asarray(image, dtype=np.float64))
        return np.ascontiguousarray(np.repeat(gray[:, :, np.newaxis], 3, axis=2))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, WHITE)
        image.paste(layer, mask=layer.getchannel("A"))
    rgb = np.asarray(image.convert("RGB"), dtype=np.uint8)
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _to_8_bits(deep: NDArray[np.float64]) -> NDArray[np.uint8]:
    """10-, 12- and 16-bit sensors all store into 16 bits; so darkest and brightest pixels set the scale."""
    finite = np.nan_to_num(deep, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 255:  # noqa: PLR2004 - 8 bits in a wider store
        return finite.astype(np.uint8)
    return ((finite - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8)

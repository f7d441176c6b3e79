"""What an uploaded file is, by its content and never by its name. Nothing here looks for viruses."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS: Mapping[str, str] = MappingProxyType({PDF: "pdf", JPEG: "jpg", PNG: "png"})

LARGEST = 5 * 1024 * 1024  # bytes
_PDF_TAIL = 1024  # bytes from the end in which readers look for the end mark (ISO 32000-1, annex H.3)


class UnusableFileError(ValueError):
    """The file is not taken; the message says why and what to do."""


def _is_pdf(data: bytes) -> bool:
    return data.startswith((b"%PDF-1.", b"%PDF-2.")) and b"%%EOF" in data[-_PDF_TAIL:]


def _is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff") and data.rstrip(b"\0").endswith(b"\xff\xd9")


def _is_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") and data.endswith(b"IEND\xaeB\x60\x82")


_KINDS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType({PDF: _is_pdf, JPEG: _is_jpeg, PNG: _is_png})


def media_type_of(data: bytes) -> str:
    """The media type of a whole PDF, JPEG or PNG file. Raises UnusableFileError."""
    if len(data) > LARGEST:
        limit = LARGEST // 1024**2
        raise UnusableFileError(f"The file has more than {limit} MB. Scan it with a lower resolution.")
    found = next((kind for kind, holds in _KINDS.items() if holds(data)), None)
    if found is None:
        raise UnusableFileError("This is no whole PDF, JPEG or PNG file. Choose the scan or photo itself.")
    return found

"""The text of what was posted: a page, a PDF, or plain text."""

import io
import re
from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser

from pypdf import PdfReader
from pypdf.errors import PyPdfError

MAX_BYTES = 5 * 1024 * 1024
MAX_CHARACTERS = 500_000
MAX_PAGES = 300


class UnreadableError(ValueError):
    """Bytes that are no text; the message says what to do."""


def text_of(body: bytes) -> str:
    """Return the readable text of a PDF, an HTML page or plain text, told by the bytes themselves.

    Raises UnreadableError for too much, for a PDF without text such as a scan, and for anything else.
    """
    if len(body) > MAX_BYTES:
        raise UnreadableError(f"It has more than {MAX_BYTES // 1024**2} MB. Paste its text instead.")
    text = _pdf(body) if body.startswith(b"%PDF-") else _page(body)
    if not text.strip():
        raise UnreadableError("It holds no text, as a scan does not. Paste its text instead.")
    return text[:MAX_CHARACTERS].replace("\x00", "")


def _pdf(body: bytes) -> str:
    try:
        pages = PdfReader(io.BytesIO(body)).pages
        if len(pages) > MAX_PAGES:
            raise UnreadableError(f"It has more than {MAX_PAGES} pages. Paste its text instead.")
        return "\n".join(_without_furniture([page.extract_text().splitlines() for page in pages]))
    except (PyPdfError, ValueError, RecursionError, KeyError, TypeError) as broken:
        if isinstance(broken, UnreadableError):
            raise
        raise UnreadableError("The PDF cannot be read. Paste its text instead.") from broken


def _without_furniture(pages: list[list[str]]) -> list[str]:
    """Drop heads and feet, which may part a sentence: first or last lines that are alike on most pages."""
    edges = Counter(kind for lines in pages for kind in {_kind(line) for line in _edges(lines)})
    repeated = {kind for kind, times in edges.items() if times > max(1, len(pages) // 2)}
    return [
        line
        for lines in pages
        for at, line in enumerate(lines)
        if _kind(line) not in repeated or _EDGE <= at < len(lines) - _EDGE
    ]


_EDGE = 3  # lines


def _edges(lines: list[str]) -> list[str]:
    return [*lines[:_EDGE], *lines[-_EDGE:]]


def _kind(line: str) -> str:
    """A line without its page number."""
    return re.sub(r"\d+", "#", line.strip())


def _page(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\x00" in body:
            raise UnreadableError("It is no text, no page and no PDF. Paste its text instead.") from None
        text = body.decode("cp1252", errors="replace")
    if "<html" not in text[:2000].lower() and "<body" not in text[:5000].lower():
        return text
    reader = _PageReader()
    reader.feed(text)
    return "".join(reader.parts)


class _PageReader(HTMLParser):
    """What a page shows, without scripts and styles."""

    _HIDDEN = frozenset({"script", "style", "template", "noscript"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self._hidden += tag in self._HIDDEN
        self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self._HIDDEN and self._hidden > 0
        self.parts.append("\n" if tag in _BLOCKS else " ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


_BLOCKS: Mapping[str, bool] = dict.fromkeys(("p", "li", "div", "h1", "h2", "h3", "h4", "tr"), True)

"""Multipart bodies: their parts, and the digest that tells two deliveries of the same content apart."""

import hashlib
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

JSON = "application/json"
MULTIPART = "multipart/form-data"
NDJSON = "application/x-ndjson"
FORM = "application/x-www-form-urlencoded"
XML = frozenset({"application/xml", "text/xml"})


class FramingError(ValueError):
    """The body cannot be taken apart; the message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One named part of a multipart body; `filename` is "" where the sender gave none."""

    name: str
    data: bytes
    filename: str = ""


def media_type(content_type: str) -> str:
    """The bare media type of a Content-Type header, lower-case."""
    return content_type.partition(";")[0].strip().lower()


def content_sha256(body: bytes, content_type: str) -> str:
    """SHA-256 of a body without its multipart boundary, which differs in each delivery of one content."""
    boundary = _boundary(content_type)
    content = body.replace(b"--" + boundary, b"--") if boundary else body
    return hashlib.sha256(content).hexdigest()


def parts_of(body: bytes, content_type: str) -> list[Part]:
    """The parts of a multipart body, in order. Raises FramingError."""
    boundary = _boundary(content_type)
    if not boundary:
        raise FramingError("the Content-Type header names no boundary")
    gatherer = _Gatherer()
    try:
        parser = MultipartParser(boundary, gatherer.callbacks())  # type: ignore[arg-type]  # its TypedDict
        parser.write(body)
    except FormParserError as error:
        raise FramingError(str(error)) from error
    if not gatherer.ended:
        raise FramingError("the body ends before its closing boundary")
    return gatherer.parts


def _boundary(content_type: str) -> bytes:
    if media_type(content_type) != MULTIPART:
        return b""
    return parse_options_header(content_type)[1].get(b"boundary", b"")


@dataclass
class _Gatherer:
    """Collects what the parser calls out."""

    parts: list[Part] = field(default_factory=list)
    ended: bool = False
    _field: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _data: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._data, self._disposition = bytearray(), b""

    def _header(self) -> None:
        if bytes(self._field).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._field, self._value = bytearray(), bytearray()

    def _end(self) -> None:
        options = parse_options_header(self._disposition.decode("latin-1"))[1]
        name, filename = (options.get(key, b"").decode("utf-8", "replace") for key in (b"name", b"filename"))
        self.parts.append(Part(name, bytes(self._data), filename))

    def _finish(self) -> None:
        self.ended = True

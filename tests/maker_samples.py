"""Synthetic samples of every maker's payload; a file's name begins with its adapter's id."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring

from plateward.reads import framing
from plateward.reads.adapters import ADAPTERS, Message, Parsed

ARRIVED = datetime(2026, 1, 13, 0, 1, tzinfo=UTC)
MULTIPART = 'multipart/form-data; boundary="SYNTHBOUNDARY"'
TYPES = {".json": "application/json", ".xml": "application/xml", ".multipart": MULTIPART}
Edit = tuple[Callable[[], None], Callable[[Any], None]]
"""How to take a place of a document away, and how to put something else there."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of tests/samples: a document, alone or with pictures beside it."""

    name: str
    body: bytes
    content_type: str

    @property
    def adapter(self) -> str:
        return max((one for one in ADAPTERS if self.name.startswith(f"{one}-")), key=len)

    @property
    def kind(self) -> str:
        """What the body is: json, xml or multipart."""
        return next(suffix[1:] for suffix, media in TYPES.items() if media == self.content_type)

    @property
    def document(self) -> Any:
        """The JSON's values or the XML's tree; a fresh copy each time."""
        data = self._part[1]
        return fromstring(data) if data.lstrip().startswith(b"<") else json.loads(data)

    def with_document(self, document: Any) -> bytes:
        """The body with another document in its place."""
        data = ET.tostring(document) if isinstance(document, ET.Element) else json.dumps(document).encode()
        start, old = self._part
        return self.body[:start] + data + self.body[start + len(old) :]

    @property
    def _part(self) -> tuple[int, bytes]:
        """Where the document stands in the body, and what it is."""
        if framing.media_type(self.content_type) != framing.MULTIPART:
            return 0, self.body
        first = framing.parts_of(self.body, self.content_type)[0].data
        return self.body.index(first), first

    def parse(
        self, body: bytes | None = None, *, received_at: datetime = ARRIVED, zone: str = "UTC"
    ) -> Parsed:
        """What the sample's adapter makes of it, or of another body in its place."""
        data = self.body if body is None else body
        message = Message(body=data, content_type=self.content_type, received_at=received_at, zone=zone)
        return ADAPTERS[self.adapter].parse(message)


def _loaded(path: Path) -> Sample:
    return Sample(path.stem, path.read_bytes(), TYPES[path.suffix])


FOLDER = Path(__file__).parent / "samples"
SAMPLES = [
    _loaded(path)
    for path in sorted(FOLDER.iterdir())
    if path.suffix in TYPES and not path.name.startswith("hotlist")  # those are lists, no reads
]


def sample(name: str) -> Sample:
    """One sample by its file's name."""
    return _loaded(FOLDER / name)


def edits(document: Any) -> Iterator[Edit]:
    """An edit for every place of a document."""
    if isinstance(document, ET.Element):
        yield from _of_tree(document)
    elif isinstance(document, dict | list):
        for key in list(document) if isinstance(document, dict) else range(len(document)):
            yield partial(document.__delitem__, key), partial(document.__setitem__, key)
            yield from edits(document[key])


def _of_tree(element: ET.Element) -> Iterator[Edit]:
    for name in list(element.attrib):
        yield partial(element.attrib.__delitem__, name), partial(_set_attribute, element, name)
    for child in list(element):
        yield partial(element.remove, child), partial(_set_text, child)
        yield from _of_tree(child)


def _set_attribute(element: ET.Element, name: str, value: object) -> None:
    element.set(name, _xml_text(value))


def _set_text(element: ET.Element, value: object) -> None:
    element.text = _xml_text(value)


def _xml_text(value: object) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", str(value))

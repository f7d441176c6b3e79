"""Bodies taken apart: multipart with a document and pictures, and XML as nested objects."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from plateward.reads import framing
from plateward.reads.adapters.base import Message, Unreadable
from plateward.reads.framing import Part

DEEPEST = 40


def parts_of(message: Message) -> list[Part]:
    """The parts of a multipart body. Raises Unreadable."""
    try:
        return framing.parts_of(message.body, message.content_type)
    except framing.FramingError as error:
        raise Unreadable(f"The multipart body cannot be taken apart: {error}") from error


def is_multipart(message: Message) -> bool:
    """Whether the body is multipart by its Content-Type."""
    return framing.media_type(message.content_type) == framing.MULTIPART


def xml_of(document: bytes) -> tuple[str, dict[str, Any]]:
    """The root's name and content of an XML document, entities and document types refused. Raises Unreadable.

    Names lose their namespaces, which differ between firmwares. An element becomes its text, or where it
    has attributes or children an object: attributes as `@name`, text as `#text`, repeated children a list.
    """
    try:
        root = fromstring(document, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable("The payload's XML declares a document type or entities; that is refused") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"The payload is not valid XML: {error}") from error
    content = _plain(root, 0)
    return _name(root), content if isinstance(content, dict) else {"#text": content}


def _plain(element: Element, depth: int) -> Any:
    if depth > DEEPEST:
        raise Unreadable("The payload's XML is nested too deeply")
    found: dict[str, Any] = {f"@{_bare(name)}": value for name, value in element.attrib.items()}
    for child in element:
        _add(found, _name(child), _plain(child, depth + 1))
    words = (element.text or "").strip()
    if not found:
        return words
    return found | ({"#text": words} if words else {})


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _name(element: Element) -> str:
    return _bare(str(element.tag))


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def every(value: object, name: str) -> Iterator[Any]:
    """Every value under a name, at any depth, in order; a list's members one by one."""
    if isinstance(value, list):
        for one in value:
            yield from every(one, name)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == name:
                yield from one if isinstance(one, list) else [one]
            yield from every(one, name)


def several(value: object) -> list[Any]:
    """A repeated element's values, also when there is only one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def words_of(value: object) -> object:
    """An element's text, whether or not it has attributes."""
    return value.get("#text") if isinstance(value, dict) else value

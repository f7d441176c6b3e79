"""Makers' formats, each a small module that turns a payload into canonical reads."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from plateward.devices.ways import Format, Way
from plateward.reads.adapters.axis import AXIS
from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    OutsidePicture,
    Parsed,
    Passing,
    Sent,
    SentPicture,
    Unreadable,
    sha256,
)
from plateward.reads.adapters.blueiris import BLUE_IRIS
from plateward.reads.adapters.dahua import DAHUA
from plateward.reads.adapters.flock import FLOCK
from plateward.reads.adapters.frigate import FRIGATE
from plateward.reads.adapters.genetec import GENETEC
from plateward.reads.adapters.hikvision import HIKVISION
from plateward.reads.adapters.milesight import MILESIGHT
from plateward.reads.adapters.milestone import MILESTONE
from plateward.reads.adapters.native import NATIVE
from plateward.reads.adapters.onvif import ONVIF
from plateward.reads.adapters.openalpr import OPENALPR
from plateward.reads.adapters.platerecognizer import PARKPOW, PLATE_RECOGNIZER
from plateward.reads.adapters.unifi import UNIFI
from plateward.reads.adapters.unit import UNIT
from plateward.reads.adapters.verkada import VERKADA

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        one.id: one
        for one in (
            NATIVE,
            OPENALPR,
            PLATE_RECOGNIZER,
            PARKPOW,
            HIKVISION,
            AXIS,
            FRIGATE,
            DAHUA,
            GENETEC,
            MILESIGHT,
            VERKADA,
            UNIFI,
            BLUE_IRIS,
            ONVIF,
            MILESTONE,
            FLOCK,
            UNIT,
        )
    }
)
"""Every adapter by its part of the receiver's address."""


def as_formats() -> Iterator[Format]:
    """The same as the device register knows them."""
    for one in ADAPTERS.values():
        ways = [Way.KEY]
        ways += [Way.DIGEST] if KeyPlace.DIGEST in one.key_places else []
        ways += [Way.SIGNATURE] if KeyPlace.SIGNATURE in one.key_places else []
        places = tuple(place.value for place in KeyPlace if place in one.key_places)
        yield Format(id=one.id, maker=one.maker, ways=tuple(ways), key_places=places, paths=one.paths)


__all__ = [
    "ADAPTERS",
    "Adapter",
    "KeyPlace",
    "Message",
    "OutsidePicture",
    "Parsed",
    "Passing",
    "Sent",
    "SentPicture",
    "Unreadable",
    "as_formats",
    "sha256",
]

"""Makers' formats, each a small module that turns a payload into canonical reads."""

from collections.abc import Mapping
from types import MappingProxyType

from plateward.reads.adapters.base import (
    Adapter,
    KeyPlace,
    Message,
    Parsed,
    Sent,
    SentPicture,
    Unreadable,
    sha256,
)
from plateward.reads.adapters.native import NATIVE
from plateward.reads.adapters.openalpr import OPENALPR

ADAPTERS: Mapping[str, Adapter] = MappingProxyType({one.id: one for one in (NATIVE, OPENALPR)})
"""Every adapter by its part of the receiver's address."""

__all__ = [
    "ADAPTERS",
    "Adapter",
    "KeyPlace",
    "Message",
    "Parsed",
    "Sent",
    "SentPicture",
    "Unreadable",
    "sha256",
]

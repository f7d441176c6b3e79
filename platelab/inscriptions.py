"""What plates say: serials by the issuers' formats, chosen words ("vanity"), stacked characters, two rows."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from platelab.issuers import ISSUERS, TERRITORY_MASKS, Issuer
from plateward.plates.formats import FORMATS
from plateward.recognition.interfaces import ALPHABET

LETTERS: Final = ALPHABET[10:]
DIGITS: Final = ALPHABET[:10]
SELDOM: Final = "IOQ"
"""Letters most issuers leave out of their serials."""

AMERICAN_SHARE: Final = 0.73
BRAZILIAN_SHARE: Final = 0.13
POPULOUS: Final = (
    "CA", "CA", "CA", "TX", "TX", "FL", "FL", "NY", "NY", "IL", "PA", "OH", "GA", "NC", "MI", "NJ",
    "VA", "WA", "AZ", "MO", "MO", "MO",
)  # fmt: skip
STACKS: Final = (
    "MC", "CU", "DV", "TR", "FF", "CV", "EX", "RV", "US", "XA", "YR", "AB", "AF", "LF", "NG", "PD",
    "DL", "TK", "TL", "BH", "JK", "ZR", "HQ", "CO", "PO", "MU", "KJ", "FE", "GV", "ST",
)  # fmt: skip
SYLLABLES: Final = (
    "BA", "BE", "BI", "BO", "BOO", "CAR", "CAT", "CO", "COOL", "DA", "DAD", "DE", "DO", "DOG", "EL",
    "ER", "ES", "FA", "FAST", "FLY", "FUN", "GO", "GR8", "GRL", "HA", "HI", "HOT", "ICE", "IM",
    "IN", "IT", "JAM", "JO", "KA", "KID", "KING", "LA", "LE", "LI", "LO", "LUV", "LV", "MA", "ME",
    "MI", "MOM", "MY", "NA", "NE", "NO", "NU", "ON", "OUT", "OZ", "PA", "PE", "QT", "RA", "RE",
    "RI", "RIDE", "RO", "RU", "SA", "SE", "SHE", "SO", "SUN", "TA", "TE", "TEX", "TI", "TO", "TOY",
    "UP", "VET", "VIP", "VW", "WA", "WE", "WI", "WO", "XO", "YA", "YO", "ZA", "ZEN", "ZO", "1", "2",
    "3", "4", "7", "8", "88", "99",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Characters that stand together; stacked ones stand above each other at about half height."""

    text: str
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Inscription:
    """What a plate says, in reading order, and who issued it; `rows` is 1, or 2 on motorcycles."""

    region: str
    rows: tuple[tuple[Group, ...], ...]

    @property
    def text(self) -> str:
        return "".join(group.text for row in self.rows for group in row)

    @property
    def issuer(self) -> Issuer:
        return ISSUERS[self.region]


def inscription(chance: random.Random) -> Inscription:
    """Some plate; the shares of kinds are what the reader trains on."""
    drawn = chance.random()
    if drawn < AMERICAN_SHARE:
        return _american(chance)
    if drawn < AMERICAN_SHARE + BRAZILIAN_SHARE:
        return _in_rows("BR", _groups(_serial(_mask("BR", chance), chance), chance), chance, 0.08)
    region = chance.choice([code for code, issuer in ISSUERS.items() if issuer.style == "EU"])
    return _in_rows(region, _groups(_serial(_mask(region, chance), chance), chance), chance, 0.06)


def _american(chance: random.Random) -> Inscription:
    region = f"US-{chance.choice(POPULOUS)}" if chance.random() < 0.4 else chance.choice(_american_regions())
    kind = chance.random()
    if kind < 0.70:
        groups = _groups(_serial(_mask(region, chance), chance), chance)
    elif kind < 0.79:
        groups = _words(chance)
    elif kind < 0.90:
        length = chance.choice((4, 5, 5, 6, 6, 6, 7, 7, 7))
        groups = _groups("".join(chance.choice(ALPHABET) for _ in range(length)), chance)
    else:
        groups = _stacked(chance)
    return _in_rows(region, groups, chance, 0.02)


@cache
def _american_regions() -> tuple[str, ...]:
    return tuple(code for code in ISSUERS if code.startswith("US-"))


@cache
def _masks() -> Mapping[str, tuple[str, ...]]:
    known = dict(TERRITORY_MASKS)
    for plate in FORMATS:
        known[plate.jurisdiction] = (*known.get(plate.jurisdiction, ()), plate.mask)
    return known


def _mask(region: str, chance: random.Random) -> str:
    return chance.choice(_masks()[region])


def _serial(mask: str, chance: random.Random) -> str:
    return "".join(_character(slot, chance) for slot in mask)


def _character(slot: str, chance: random.Random) -> str:
    if slot == "1" or (slot == "X" and chance.random() < 0.5):
        return chance.choice(DIGITS)
    letter = chance.choice(LETTERS)
    return chance.choice(LETTERS) if letter in SELDOM else letter


def _groups(text: str, chance: random.Random) -> tuple[Group, ...]:
    """Split where letters meet digits; a text that alternates is split near its middle."""
    runs = re.findall(r"[A-Z]+|\d+", text)
    if len(runs) > 3 or len(runs) == 1:
        middle = len(text) // 2 + (len(text) % 2) * chance.randrange(2)
        runs = [text[:middle], text[middle:]]
    if len(runs) == 3 and chance.random() < 0.5:
        cut = chance.choice((1, 2))
        runs = ["".join(runs[:cut]), "".join(runs[cut:])]
    return tuple(Group(run) for run in runs if run)


def _words(chance: random.Random) -> tuple[Group, ...]:
    parts: list[str] = []
    length = chance.randrange(3, 8)
    while sum(map(len, parts)) < length:
        parts.append(chance.choice(SYLLABLES))
    text = "".join(parts)[:7]
    if chance.random() < 0.6:
        return (Group(text),)
    cut = chance.randrange(1, len(text))
    return Group(text[:cut]), Group(text[cut:])


def _stacked(chance: random.Random) -> tuple[Group, ...]:
    pair = chance.choice(STACKS) if chance.random() < 0.6 else "".join(chance.choices(ALPHABET, k=2))
    rest = _serial(chance.choice(("1111", "11111", "111A", "A111", "1111A", "11AA", "A1111")), chance)
    place = chance.random()
    if place < 0.45:
        return Group(pair, stacked=True), Group(rest)
    if place < 0.85:
        return Group(rest), Group(pair, stacked=True)
    cut = len(rest) // 2
    return Group(rest[:cut]), Group(pair, stacked=True), Group(rest[cut:])


def _in_rows(region: str, groups: Sequence[Group], chance: random.Random, share: float) -> Inscription:
    """One row, or with probability `share` two."""
    if len(groups) > 1 and not any(group.stacked for group in groups) and chance.random() < share:
        return Inscription(region, (tuple(groups[:1]), tuple(groups[1:])))
    return Inscription(region, (tuple(groups),))

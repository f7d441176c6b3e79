"""How much a stated reason says (R46): "bolo", "susp", "test" or a bare place name say nothing. Pure."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

FEWEST_WORDS = 3


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERIC: Final = _words(
    """
    a an and at by for from in of on re the to with
    bolo susp suspect suspicious suspicion test testing tested training check checking checked locate located
    locating location investigation investigate investigating investigative inv lookup look looking up find
    police law enforcement le leo official business use work duty case crime criminal matter info information
    intel query search run plate plates vehicle veh car auto truck driver person subject poi follow followup
    misc other general random none na unknown needed need asap per request pls please my own
    """
)
"""Words that alone tell of no investigation or action."""

_PLACE: Final = _words(
    """
    street st avenue ave av boulevard blvd road rd drive dr lane ln way court ct place pl highway hwy
    freeway fwy route i north south east west n s e w nb sb eb wb block ramp exit corner intersection
    first second third
    """
)
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_NUMBER = re.compile(r"\d+(?:st|nd|rd|th)?|[a-z]\d+")


def weakness(reason: str, places: AbstractSet[str]) -> str:
    """Why a reason says too little, in words that fit after it in brackets; "" when it says enough.

    `places` are the words, in small letters, of the agency's camera names and locations.
    """
    words = _WORD.findall(reason.casefold())
    telling = [word for word in words if word not in GENERIC]
    if not telling:
        return "only words that tell of no investigation"
    if all(word in _PLACE or word in places or _NUMBER.fullmatch(word) for word in telling):
        return "a place or a number and nothing else"
    if len(words) < FEWEST_WORDS:
        return f"fewer than {FEWEST_WORDS} words"
    return ""

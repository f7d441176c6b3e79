"""Colors of vehicles in words: spelled one way, understood in both spellings of English."""

import re

_BRITISH = re.compile(r"\b(gr)(e)(y)", re.IGNORECASE)
_AMERICAN = re.compile(r"\b(gr)(a)(y)", re.IGNORECASE)


def color_word(text: str) -> str:
    """A color as Plateward spells it: "light grey" is "light gray"."""
    return _BRITISH.sub(lambda found: _respelled(found, "a"), text)


def color_spellings(text: str) -> tuple[str, ...]:
    """Every spelling in which a sender may have named the color, Plateward's own first."""
    word = color_word(text)
    return tuple(dict.fromkeys((word, _AMERICAN.sub(lambda found: _respelled(found, "e"), word))))


def _respelled(found: re.Match[str], vowel: str) -> str:
    return found[1] + (vowel.upper() if found[2].isupper() else vowel) + found[3]

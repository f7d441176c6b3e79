"""How usual a text is as a plate: serial formats, lengths, and letters that serials avoid."""

from functools import lru_cache

from plateward.plates import exact_formats

FORMAT_GAIN = 2.5
REGION_GAIN = 0.7
AVOIDED_LETTERS = "IOQ"
"""Most jurisdictions leave these out of serials because they look like 1 and 0; vanity plates have them."""
AVOIDED_COST = 0.35
LENGTH_COST = 1.0
USUAL_LENGTHS = range(5, 8)


@lru_cache(maxsize=65536)
def usualness(text: str, region: str | None = None) -> float:
    """Natural logarithm of how usual `text` is, up to a constant; more when it fits the region's serials."""
    fits = exact_formats(text)
    score = -LENGTH_COST * _beyond(len(text))
    if not fits:
        return score
    score += FORMAT_GAIN * fits[0].prior - AVOIDED_COST * sum(char in AVOIDED_LETTERS for char in text)
    at_home = region is not None and any(fit.jurisdiction == region for fit in fits)
    return score + REGION_GAIN * at_home


def _beyond(length: int) -> int:
    return max(USUAL_LENGTHS.start - length, length - USUAL_LENGTHS[-1], 0)

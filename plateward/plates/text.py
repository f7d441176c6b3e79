"""Plate text: one spelling for storing, one key for matching."""

import re
import unicodedata

# Each character a plate reader or a person at the roadside mistakes for the one it folds to.
LOOK_ALIKES = {"O": "0", "Q": "0", "D": "0", "B": "8", "I": "1", "L": "1", "S": "5", "Z": "2", "G": "6"}

_FOLD = str.maketrans(LOOK_ALIKES)
_DROP = re.compile(r"[^A-Z0-9]+")


def normalize(text: str) -> str:
    """Return `text` upper-case with everything but A–Z and 0–9 dropped; "" if nothing remains.

    Full-width and other compatibility characters are folded to plain ones first (Unicode NFKC).
    """
    if text.isascii() and text.isalnum():  # nearly all: nothing to fold or to drop
        return text.upper()
    return _DROP.sub("", unicodedata.normalize("NFKC", text).upper())


def plate_key(text: str) -> str:
    """Return the matching key of `text`: normalized, with look-alike characters folded together."""
    return normalize(text).translate(_FOLD)

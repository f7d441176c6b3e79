"""The list of passwords that nobody may use, compared at every choice and each quarter (CJIS IA-5(1)(a)).

It is made of what two libraries bring, Django's 20 000 compromised passwords and the frequency lists,
keyboards and patterns of zxcvbn, and of words of this trade. Its version changes with any of them, whereupon
every password is compared again at its person's next log-in.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from threading import Lock

import django
from django.contrib.auth.password_validation import CommonPasswordValidator
from zxcvbn import zxcvbn

OWN_WORDS = (
    "plateward",
    "police",
    "policeman",
    "policewoman",
    "sheriff",
    "deputy",
    "officer",
    "sergeant",
    "lieutenant",
    "captain",
    "detective",
    "dispatch",
    "dispatcher",
    "patrol",
    "department",
    "license",
    "plate",
    "licenseplate",
    "alpr",
    "anpr",
    "hotlist",
    "clets",
    "ncic",
    "cjis",
    "badge",
    "squad",
    "cruiser",
    "headquarters",
    "sunshine",
    "california",
)
"""What people of this trade think of first."""

VERSION = f"1/{django.get_version()}/{version('zxcvbn')}"
"""Ours, Django's and zxcvbn's; raise the first when OWN_WORDS or GUESSES change."""

GUESSES = 10**8
"""A password that so few guesses find counts as listed: words, names, dates, keyboard runs, mixtures."""

LOOKED_AT = 72
"""Letters at the beginning that patterns are sought in: the search grows with the square."""

_searching = Lock()  # zxcvbn keeps the names it was given in one place for all
_PLAIN = re.compile(r"[\W_]+")


def why_banned(password: str, names: Sequence[str]) -> str:
    """Why a password is banned; empty if it is not. `names` are the person's and the agency's own words.

    The password is compared as typed, in small letters, and without what joins its parts.
    """
    variants = {password, password.casefold(), _PLAIN.sub("", password.casefold())}
    if variants & _common():
        return "It is on the list of passwords that are known to be common or stolen."
    with _searching:
        found = zxcvbn(password[:LOOKED_AT], user_inputs=[*names, *OWN_WORDS], max_length=LOOKED_AT)
    if found["guesses"] >= GUESSES:
        return ""
    warning = str(found["feedback"]["warning"]).rstrip(".")
    said = f"{warning}. " if warning else ""
    return f"{said}It is guessed within few tries, like the passwords on the list."


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)

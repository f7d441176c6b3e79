"""Codes that a person carries from one screen to another: for enrolling a unit, and for signing in on one."""

import hashlib
import secrets
from typing import Final

ENROLLMENT_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter looks like a digit. Twelve of them are 60 random bits."""
ENROLLMENT_LENGTH: Final = 12
SIGN_IN_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Consonants, so that no word comes out (RFC 8628, section 6.1); eight of them are 34 random bits."""
SIGN_IN_LENGTH: Final = 8
_GROUP: Final = 4
_MEANT: Final = str.maketrans("OIL", "011")


def new_enrollment_code() -> str:
    """A fresh code for one unit, without its dashes."""
    return _random(ENROLLMENT_LETTERS, ENROLLMENT_LENGTH)


def new_sign_in_code() -> str:
    """A fresh code that a person compares or types, without its dash."""
    return _random(SIGN_IN_LETTERS, SIGN_IN_LENGTH)


def in_groups(code: str) -> str:
    """The code as people read it: "7K3M-9QXA-00TE"."""
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))


def enrollment_code(typed: str) -> str:
    """What was meant by a typed enrollment code: any case, with or without dashes, O for 0; "" for none."""
    meant = _bare(typed).translate(_MEANT)
    return meant if len(meant) == ENROLLMENT_LENGTH and set(meant) <= set(ENROLLMENT_LETTERS) else ""


def sign_in_code(typed: str) -> str:
    """What was meant by a typed sign-in code; "" for none."""
    meant = _bare(typed)
    return meant if len(meant) == SIGN_IN_LENGTH and set(meant) <= set(SIGN_IN_LETTERS) else ""


def digest(code: str) -> str:
    """Under what a code is kept: SHA-256 in hexadecimal."""
    return hashlib.sha256(code.encode()).hexdigest()


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _bare(typed: str) -> str:
    return "".join(typed.upper().split()).replace("-", "")

"""PINs: what one is, and what is kept to know it again (scrypt, RFC 7914)."""

import hashlib
import hmac
import secrets
from typing import Final, Self

from msgspec import Struct

SHORTEST: Final = 6
LONGEST: Final = 12
_DIGITS: Final = "0123456789"
_COST: Final = 2**14
_BLOCK: Final = 8
"""With the cost: 16 MiB for each try."""


class PinError(ValueError):
    """The PIN cannot be taken; the message says what to do."""


class Verifier(Struct, frozen=True):
    """What a PIN leaves behind."""

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, pin: str) -> Self:
        """The verifier of a new PIN. Raises PinError."""
        if problem := problem_of(pin):
            raise PinError(problem)
        salt = secrets.token_bytes(16)
        return cls(salt, _digest(pin, salt))

    def fits(self, pin: str) -> bool:
        """Whether it is the same PIN."""
        return hmac.compare_digest(self.digest, _digest(pin[: LONGEST + 1], self.salt))


def problem_of(pin: str) -> str:
    """Why this is no PIN to take, and what to do; "" where it is one."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        return f"A PIN has {SHORTEST} to {LONGEST} digits."
    if len(set(pin)) == 1 or pin in _DIGITS * 2 or pin in _DIGITS[::-1] * 2:
        return "This PIN is soon guessed: take digits that are neither all the same nor in a row."
    return ""


def _digest(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=1)

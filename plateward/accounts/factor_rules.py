"""Second factors, proving oneself again, and when a password must be changed.

Sources: CJIS Security Policy v6.0 IA-2(1), IA-2(8), IA-5, IA-5(1), IA-11; NIST SP 800-63B; RFC 6238.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

CODE_DIGITS = 6
CODE_LASTS_S = 30
CODE_DRIFT = 1
"""Steps of a clock ahead or behind: a code opens for 90 seconds at most (CJIS IA-5: two minutes)."""

RECOVERY_CODES = 10
FACTORS_AT_MOST = 10

SECOND_STEP_WITHIN = timedelta(minutes=10)
"""So long a right password waits for the second factor."""

FRESH_FOR = timedelta(minutes=15)
"""So long after both factors were given privileged pages open. CJIS IA-11 demands re-authentication for
privileged functions and names no number; half of the session lock is ours."""

SENT_WITHIN = FRESH_FOR + timedelta(minutes=30)
"""A form that was shown while fresh may be sent this long: as long as a session without activity lasts."""

PASSWORD_LASTS = timedelta(days=365)
"""A password is changed annually, or when it is compromised (CJIS IA-5 f)."""

COMPARED_EVERY = timedelta(days=90)
"""Passwords are compared with the list of banned ones quarterly (CJIS IA-5(1)(a))."""


class FactorKind(StrEnum):
    """What a person has: an app that shows codes (RFC 6238), or a security key or passkey (WebAuthn)."""

    APP = "APP"
    KEY = "KEY"

    @property
    def label(self) -> str:
        """The kind in words."""
        return "Authenticator app" if self is FactorKind.APP else "Security key"


class Way(StrEnum):
    """How somebody says who they are."""

    PASSWORD = "PASSWORD"  # noqa: S105  the name of a way, no password
    PROVIDER = "PROVIDER"


PROVIDERS_FACTOR = Way.PROVIDER.value
"""The kind of a second factor that the agency's provider vouches for."""


class Purpose(StrEnum):
    """What somebody proves who they are for."""

    LOG_IN = "LOG_IN"
    UNLOCK = "UNLOCK"
    PRIVILEGED = "PRIVILEGED"


def accepted_step(given: str, code_at: Callable[[int], str], now: datetime, used: int) -> int | None:
    """The time step whose code was given, None if it is none of now's or not after the last `used` one.

    `code_at(step)` computes the code of a step. Each code opens once (CJIS IA-2(8), RFC 6238 section 5.2).
    """
    present = int(now.timestamp()) // CODE_LASTS_S
    steps = range(present - CODE_DRIFT, present + CODE_DRIFT + 1)
    found = [step for step in steps if hmac.compare_digest(code_at(step).encode(), given.encode())]
    return next((step for step in found if step > used), None)


def counted_on(before: int, after: int) -> bool:
    """Whether a security key's counter went up; many count nothing and always say 0 (WebAuthn §6.1.1)."""
    return after > before or before == after == 0


def is_fresh(proved_at: datetime, now: datetime, *, is_sent: bool = False) -> bool:
    """Whether both factors were given lately enough for a privileged page, or for sending its form."""
    return now - proved_at < (SENT_WITHIN if is_sent else FRESH_FOR)


def may_enroll(until_at: datetime | None, now: datetime) -> bool:
    """Whether an account without a second factor opens for setting one up: for a while after being issued."""
    return until_at is not None and now < until_at


def must_compare(compared_at: datetime | None, compared_with: str, version: str, now: datetime) -> bool:
    """Whether a password is due to be compared with the list of banned ones, whose version is `version`."""
    return compared_at is None or compared_with != version or now - compared_at >= COMPARED_EVERY


def why_change(*, is_one_time: bool, fault: str, changed_at: datetime | None, now: datetime) -> str:
    """Why a password must be changed before anything else; empty if it need not."""
    if is_one_time:
        return "The password that you were given counts once. Choose your own before you go on."
    if fault:
        return f"Your password can no longer be used. {fault} Choose another before you go on."
    if changed_at is not None and now - changed_at >= PASSWORD_LASTS:
        return "Your password is a year old; it is changed every year. Choose another before you go on."
    return ""


def name_problem(name: str, taken: Sequence[str]) -> str:
    """What is wrong with the name of a new factor; empty if nothing."""
    if name.casefold() in (other.casefold() for other in taken):
        return f"You have one named {name} already. Give this one another name."
    if len(taken) >= FACTORS_AT_MOST:
        return f"You have {FACTORS_AT_MOST} second factors, which is the most. Remove one first."
    return ""

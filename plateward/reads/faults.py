"""Telling faults of disc, keys and database, which pass, from those that a payload brings with it."""

from traceback import format_tb

from django.db import DataError, Error, IntegrityError

from plateward.audit.local import JournalUnwritableError
from plateward.vault.masters import MasterKeyError

_LIMIT_EXCEEDED = "54"  # PostgreSQL's class of errors for what is too large or too deeply nested


def is_passing(error: BaseException) -> bool:
    """True when disc, server, key or database failed: the payload may be sound, and waits for them."""
    if isinstance(error, OSError | JournalUnwritableError | MasterKeyError):
        return True
    if not isinstance(error, Error) or isinstance(error, DataError | IntegrityError):
        return False
    return not (getattr(error.__cause__, "sqlstate", None) or "").startswith(_LIMIT_EXCEEDED)


def in_words(error: BaseException) -> str:
    """The fault in one line. A database error's further lines and parameters hold plates and are left out."""
    return f"{type(error).__name__}: {error}".partition("\n")[0].replace("\0", "")[:300]


def with_places(error: BaseException) -> str:
    """The same for a log, with the lines of code it came through and nothing of what they held."""
    return f"{in_words(error)}\n{''.join(format_tb(error.__traceback__))}".rstrip()

"""Whose rows the database shows to the code that runs now: one agency's, all of them to the system, or none.

The scope belongs to the request or task, not to a connection: every connection is told before its next
statement (see walls.postgresql), so that none carries one agency's scope into another's request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

NOTHING: Final = ""
EVERYTHING: Final = "*"
"""No agency's slug can be this."""

_scope: ContextVar[str | None] = ContextVar("plateward_agency", default=None)
_process = {"scope": NOTHING}
"""What holds where nothing was said, for all threads of the process."""


def current() -> str:
    """An agency's slug, EVERYTHING or NOTHING."""
    said = _scope.get()
    return _process["scope"] if said is None else said


@contextmanager
def as_agency(slug: str) -> Iterator[None]:
    """See and write one agency's rows."""
    with _limited(slug):
        yield


@contextmanager
def as_system(why: str) -> Iterator[None]:
    """See and write every agency's rows: for what belongs to none of them. `why` is for the code's readers.

    Raises ValueError without a reason.
    """
    if not why.strip():
        raise ValueError("Say why every agency's rows are needed here.")
    with _limited(EVERYTHING):
        yield


@contextmanager
def as_nobody() -> Iterator[None]:
    """See no agency's rows; the block may narrow down to an agency by `enter`, and leaves no trace of it."""
    with _limited(NOTHING):
        yield


def enter(slug: str) -> None:
    """From here to the end of the surrounding block see one agency's rows."""
    _scope.set(slug)


def become_system(why: str) -> None:
    """Let the whole process see every agency's rows: intake, worker, command line. Never web or receiver."""
    if not why.strip():
        raise ValueError("Say why every agency's rows are needed here.")
    _process["scope"] = EVERYTHING


@contextmanager
def _limited(scope: str) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)

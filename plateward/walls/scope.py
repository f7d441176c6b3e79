"""Whose rows the database shows to the code that runs now: one agency's, all of them to the system, or none.

Of an agency's reads it shows those that are not deleted logically: the gate says from when on (`hide`), and
the database leaves the others out of whatever is asked, until they are purged (ADR 0045).

The scope belongs to the request or task, not to a connection: every connection is told before its next
statement (see walls.postgresql), so that none carries one agency's scope into another's request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple

NOTHING: Final = ""
EVERYTHING: Final = "*"
"""No agency's slug can be this."""


class Scope(NamedTuple):
    """What the database is told: whose rows, and what of their reads is hidden (JSON; "" hides nothing)."""

    agency: str
    hidden: str = ""


_scope: ContextVar[Scope | None] = ContextVar("plateward_agency", default=None)
_process = {"scope": Scope(NOTHING)}
"""What holds where nothing was said, for all threads of the process."""


def current() -> str:
    """An agency's slug, EVERYTHING or NOTHING."""
    return told().agency


def told() -> Scope:
    """Whose rows, and what of them is hidden."""
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
    _scope.set(Scope(slug))


def hide(limits: str) -> None:
    """From here to the end of the surrounding block see no read that `limits` hides (`governance.hiding`)."""
    _scope.set(Scope(current(), limits))


@contextmanager
def beyond(why: str) -> Iterator[None]:
    """See also what is deleted logically: for holds, purges, and who may look it up on record.

    `why` is for the code's readers. Also a decorator. Raises ValueError without a reason.
    """
    if not why.strip():
        raise ValueError("Say why what is deleted logically is needed here.")
    with _limited(current()):
        yield


def become_system(why: str) -> None:
    """Let the whole process see every agency's rows: intake, worker, command line. Never web or receiver."""
    if not why.strip():
        raise ValueError("Say why every agency's rows are needed here.")
    _process["scope"] = Scope(EVERYTHING)


@contextmanager
def _limited(agency: str) -> Iterator[None]:
    token = _scope.set(Scope(agency))
    try:
        yield
    finally:
        _scope.reset(token)

"""Processes that are really killed: a fork of the test's, ended by SIGKILL right before a change it makes.

Told apart are changes to the database, the ends of its transactions, and changes of files. Each is known by
the line of the product it comes from, so that one child after another dies at a place where none did before.
"""

import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

from django.db import connection

LIMIT_S: Final = 60
_CHANGES: Final = re.compile(r"\s*(WITH|INSERT|UPDATE|DELETE|SELECT plateward_purge)", re.IGNORECASE)
_FILES: Final = {"open", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree"}
_PRODUCT: Final = f"{os.sep}plateward{os.sep}"
_BETWEEN: Final = tuple(f"{_PRODUCT}{name}{os.sep}" for name in ("audit", "walls", "vault", "config"))
"""Folders that work for many: a place is named by who asks them."""


def _asked_by(frame: FrameType | None) -> str:
    """The line of the product, and who called it, that a frame of a library or a helper works for."""
    lines: list[str] = []
    while frame is not None and len(lines) < 2:
        path = frame.f_code.co_filename
        if _PRODUCT in path and not any(name in path for name in _BETWEEN):
            lines.append(f"{Path(path).stem}.{frame.f_code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(lines)


class _Scythe:
    """Kills its own process at the first place that is not among those given."""

    def __init__(self, known: set[str], out: int, below: tuple[Path, ...]) -> None:
        self._known, self._out, self._below = known, out, tuple(map(str, below))

    def reached(self, what: str) -> None:
        place = f"{what} by {_asked_by(sys._getframe(1))}"
        if place not in self._known:
            os.write(self._out, place.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        text = str(sql)
        if _CHANGES.match(text):
            self.reached(" ".join(text.split())[:48])
        return execute(sql, *rest)

    def file(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in _FILES or not self._below:
            return
        if event == "open" and not (isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)):
            return
        if str(args[0]).startswith(self._below):
            self.reached(event)


@contextmanager
def _armed(scythe: _Scythe) -> Iterator[None]:
    sys.addaudithook(scythe.file)  # stays, in this process, which ends
    connection.ensure_connection()
    commit = connection._commit  # type: ignore[attr-defined]  # Django's own, before and after which to die

    def committed() -> None:
        scythe.reached("COMMIT")
        commit()
        scythe.reached("COMMITTED")

    connection._commit = committed  # type: ignore[attr-defined]  # the same
    with connection.execute_wrapper(scythe.statement):
        yield


def killed_anew(act: Callable[[], object], known: set[str], *, below: tuple[Path, ...] = ()) -> bool:
    """Do an act in a process of its own that is killed at the first place not yet `known`, which it becomes.

    False when the act came to its end instead. Files are watched `below` some folders. The test's
    transactions are real ones.
    """
    pid, told = _forked(lambda out: _Scythe(known, out, below), act)
    place = _all_of(told)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        assert place not in known
        known.add(place)
        return True
    assert status == 0, "the act failed by itself"
    return False


def _forked(scythe: Callable[[int], _Scythe], act: Callable[[], object]) -> tuple[int, int]:
    connection.close()  # a connection is one process's
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        signal.alarm(LIMIT_S)  # its end also where the test that stopped it is ended itself
        code = 1
        try:
            with _armed(scythe(write)):
                act()
            code = 0
        except BaseException:  # noqa: BLE001  nothing may return to the test from here
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)
    os.close(write)
    return pid, read


def _all_of(end: int) -> str:
    with os.fdopen(end, "rb") as pipe:
        return pipe.read().decode()


@contextmanager
def stopped_at(part: str, act: Callable[[], object]) -> Iterator[None]:
    """Have an act come, in a process of its own, to the place whose name has this part; then it is killed.

    Until the block ends it stands there, with its transaction open.
    """
    pid, told = _forked(lambda out: _Stops(part, out), act)
    try:
        assert os.read(told, 1), f"the act never came to {part}"
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(told)


class _Stops(_Scythe):
    """Stands still at a place instead."""

    def __init__(self, part: str, out: int) -> None:
        super().__init__(set(), out, ())
        self._part = part

    def reached(self, what: str) -> None:
        if self._part in f"{what} by {_asked_by(sys._getframe(1))}":
            os.write(self._out, b".")
            signal.pause()

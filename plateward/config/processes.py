"""Starting child processes that cannot outlive us."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1  # prctl(2), Linux only


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    account: pwd.struct_passwd | None = None,
    output: IO[bytes] | int | None = None,
    cwd: Path | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that Ctrl-C in the terminal reaches only its parent.

    On Linux the kernel sends the child `last_signal` should this process die without ending it. `output`
    receives both standard streams. With `account` (root only) it runs as that user. Raises OSError when the
    command cannot be executed.
    """
    with warnings.catch_warnings():
        # Python 3.12+ warns of code between fork and exec beside threads; ours is two system calls.
        warnings.simplefilter("ignore", DeprecationWarning)
        return subprocess.Popen(  # noqa: S603  the command lines are ours
            [os.fspath(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=None if env is None else dict(env),
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_bound_to_parent(last_signal),  # noqa: PLW1509  see the comment above
        )


def run_as(
    account: pwd.struct_passwd | None, command: Sequence[str | Path], *, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as `account` (None: as ourselves) and return what it said and its status."""
    return subprocess.run(  # noqa: S603  the command lines are ours
        [os.fspath(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def is_alive(pid: int) -> bool:
    """True while a process with this number exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """A process's command line, "" when it is gone or cannot be seen."""
    path = Path("/proc") / str(pid) / "cmdline"
    if path.exists():
        try:
            return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    try:
        found = subprocess.run(  # noqa: S603  the command line is ours
            ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607  where there is no /proc, ps is on the path
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return found.stdout


def _bound_to_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return bind

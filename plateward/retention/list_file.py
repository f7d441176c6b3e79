"""A file of lines that only grows: one writer at a time, each line whole and on disc for good."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def append(path: Path, line: bytes) -> None:
    """Add a line, or nothing; who else writes waits. Raises OSError.

    What stands there is never touched: a last line without its end, whole or torn, gets one.
    """
    with path.open("a+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.fchmod(file.fileno(), 0o600)
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        rest = memoryview((b"" if file.read(1) in {b"", b"\n"} else b"\n") + line + b"\n")
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), end)
            raise


def lines(path: Path) -> list[str]:
    """Every line while nobody writes. Raises OSError and UnicodeDecodeError."""
    with path.open("rb") as file:
        with suppress(OSError):  # a medium that knows no locks has no writer either
            fcntl.flock(file, fcntl.LOCK_SH)
        return file.read().decode().splitlines()

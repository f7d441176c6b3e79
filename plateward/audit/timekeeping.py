"""What the operating system says about its clock: whether it is held to a time server (CJIS AU-8, R134)."""

import ctypes
import shutil
import subprocess
import sys
from enum import StrEnum
from typing import Final

_UNSYNCHRONIZED: Final = 0x40  # STA_UNSYNC of adjtimex(2)
_ERROR: Final = 5  # TIME_ERROR, the answer for a clock that nothing disciplines
_PATIENCE_S: Final = 5.0


class ClockState(StrEnum):
    """What is known of the clock; what nobody tells is unknown, never assumed."""

    SYNCHRONIZED = "SYNCHRONIZED"
    UNSYNCHRONIZED = "UNSYNCHRONIZED"
    UNKNOWN = "UNKNOWN"

    @property
    def words(self) -> str:
        """For people."""
        return _WORDS[self]


_WORDS: Final = {
    ClockState.SYNCHRONIZED: "follows a time server",
    ClockState.UNSYNCHRONIZED: "follows no time server",
    ClockState.UNKNOWN: "unknown",
}


class _Timex(ctypes.Structure):
    """The beginning of adjtimex(2)'s struct timex, with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def clock_state() -> ClockState:
    """Ask the kernel, else systemd; what neither tells stays unknown. Changes nothing."""
    return _of_the_kernel() or _of_systemd() or ClockState.UNKNOWN


def _of_the_kernel() -> ClockState | None:
    """None where the kernel has no such call or keeps it from this process, as some containers do."""
    if not sys.platform.startswith("linux"):
        return None
    told = _Timex()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return None
    if answer < 0:
        return None
    is_adrift = answer == _ERROR or told.status & _UNSYNCHRONIZED
    return ClockState.UNSYNCHRONIZED if is_adrift else ClockState.SYNCHRONIZED


def _of_systemd() -> ClockState | None:
    program = shutil.which("timedatectl")
    if program is None:
        return None
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)  # noqa: S603  ours
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": ClockState.SYNCHRONIZED, "no": ClockState.UNSYNCHRONIZED}.get(done.stdout.strip())

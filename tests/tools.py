"""What tests need of the system beside Python and PostgreSQL."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The browser for tests/browser: PLATEWARD_CHROMIUM, or what the system has."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("PLATEWARD_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def find_mosquitto() -> str | None:
    """The MQTT broker; Debian keeps it where only root's search path leads."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def find_torch() -> str | None:
    """PyTorch, which only the laboratory's environment has."""
    found = importlib.util.find_spec("torch")
    return found.origin if found else None


@cache
def find_mount() -> str | None:
    """What mounts a small disc in memory, where this user may."""
    program = shutil.which("mount")
    if program is None or os.geteuid() != 0:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603  ours
            return None
        subprocess.run(["umount", folder], check=True)  # noqa: S603, S607  what was mounted just now
    return program


@dataclass(frozen=True, slots=True)
class Tool:
    """What some tests need of the system: without it they are left out, and the last lines say so."""

    find: Callable[[], str | None]
    place: Path
    missing: str

    def needed_by(self, item: pytest.Item) -> bool:
        """Whether the test lies where this is needed."""
        return item.path.is_relative_to(self.place)


TESTS: Final = Path(__file__).parent
BROWSER: Final = TESTS / "browser"
TOOLS: Final = (
    Tool(
        find_chromium,
        BROWSER,
        "The browser tests were left out: no Chromium was found. Install it (Debian: apt-get install "
        "chromium) or set PLATEWARD_CHROMIUM to its path.",
    ),
    Tool(
        find_mosquitto,
        TESTS / "db" / "ingest" / "test_mqtt.py",
        "The tests with an MQTT broker were left out: no mosquitto was found. Install it (Debian: apt-get "
        "install mosquitto).",
    ),
    Tool(
        find_mount,
        TESTS / "db" / "ingest" / "test_full_disc.py",
        "The tests on a really full disc were left out: this user may not mount one. Run them as root.",
    ),
    Tool(
        find_mount,
        TESTS / "edge" / "test_small_disc.py",
        "The test of a unit on a really full disc was left out: this user may not mount one. Run it as root.",
    ),
    Tool(
        find_torch,
        TESTS / "lab" / "nets",
        "The tests of the networks' training were left out: PyTorch is not installed. They run in the "
        "laboratory's environment (platelab/README.md).",
    ),
)

"""The real models, loaded once, and the demo's pictures with what they show."""

import csv
from pathlib import Path

import pytest

from plateward.recognition import Recognizer

PICTURES = Path(__file__).parents[2] / "plateward" / "config" / "demo" / "pictures"


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return Recognizer.default(threads=1)


@pytest.fixture(scope="session")
def manifest() -> dict[str, dict[str, str]]:
    """The demo's rows by file name."""
    with (PICTURES / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


@pytest.fixture
def pictures() -> Path:
    return PICTURES

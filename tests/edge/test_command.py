"""`plateward edge` as a person types it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plateward.config.cli import main
from plateward.config.commands import edge as commands
from plateward.edge.agent import Unit
from plateward.edge.settings import Settings
from plateward.recognition import Recognizer
from plateward.recognition.sources import Frame, frames
from tests.edge.spools import NOW, read
from tests.edge.unit_server import UnitServer
from tests.edge.units import put_pictures

PACKAGED = Path(__file__).parents[2] / "packaging" / "unit.toml"


@pytest.fixture
def settings(tmp_path: Path, server: UnitServer) -> Path:
    path = tmp_path / "unit.toml"
    path.write_text(
        f'[unit]\nserver = "{server.url}"\ndata = "state"\nkey_file = "unit.key"\n\n'
        '[spool]\nreserve_mb = 4\nstop_below_mb = 8\n\n[[source]]\nname = "yard"\nfolder = "yard"\n',
        encoding="utf-8",
    )
    return path


def edge(settings: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["edge", "--settings", str(settings), *words])


def test_the_settings_that_are_shipped_can_be_used() -> None:
    settings = Settings.load(PACKAGED)
    assert [source.name for source in settings.sources] == ["front"]


def test_a_drive_is_drawn_to_try_a_unit_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SHOWN", ("scene-005", "scene-001"))
    monkeypatch.setattr(commands, "PASS_S", 0.2)
    drive = tmp_path / "drive.avi"
    told = edge(tmp_path / "none.toml", "draw", str(drive)).output
    assert [line.split()[::2] for line in told.splitlines()] == [
        ["8YHR948", "approaching"],
        ["9CJD779", "receding"],
    ]
    seen = [item.picture.shape for item in frames(str(drive), 0.05) if isinstance(item, Frame)]
    assert seen == [(720, 1280, 3)] * 4
    refused = edge(tmp_path / "none.toml", "draw", str(tmp_path / "nowhere" / "drive.avi"))
    assert (refused.exit_code, "in a folder that is there" in refused.output) == (1, True)


def test_a_unit_is_enrolled_and_says_how_it_stands(settings: Path) -> None:
    said = edge(settings, "enroll", "7k3m-9qxa-oote")
    assert said.exit_code == 0, said.output
    assert "This unit is Unit 12 of barstow-pd now" in said.output
    assert (settings.parent / "unit.key").stat().st_mode & 0o077 == 0
    said = edge(settings, "status")
    assert "Device     Unit 12" in said.output
    assert "Waiting    0; 0 refused" in said.output
    assert "No list has come yet" in said.output


def test_what_is_wrong_is_said_in_words(settings: Path, server: UnitServer) -> None:
    said = edge(settings, "status")
    assert said.exit_code == 1
    assert "On a new unit `plateward edge enroll` makes one" in said.output
    assert "12 letters and digits" in edge(settings, "enroll", "7K3M").output
    assert "code-refused" in edge(settings, "enroll", "AAAA-AAAA-AAAA").output
    server.is_away = True
    assert "unavailable" in edge(settings, "enroll", "7K3M-9QXA-00TE").output
    assert "is not enrolled: make a code" in edge(settings, "run").output
    settings.write_text("[unit]\nserver = 5\n", encoding="utf-8")
    assert "line 2, unit.server: expected `str`" in edge(settings, "status").output


def test_check_looks_at_everything_and_says_what_to_do(
    settings: Path, server: UnitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recognizer, "default", lambda *_: None)
    edge(settings, "enroll", "7K3M-9QXA-00TE")
    said = edge(settings, "check")
    assert said.exit_code == 1
    assert "✗ Source yard" in said.output
    assert "Make the folder" in said.output
    put_pictures(settings.parent / "yard", [])
    server.clock_ahead_s = 3600
    said = edge(settings, "check")
    assert re.search(r"✗ Clock: The unit's clock is 3(599|600|601) s behind the server's", said.output)
    server.clock_ahead_s = 0
    said = edge(settings, "check")
    assert said.exit_code == 0, said.output
    assert "✓ Server" in said.output
    server.is_away = True
    said = edge(settings, "check")
    assert server.healths == [], "a check says nothing of a unit that runs"
    assert "• Server" in said.output
    assert "waits here until the server answers" in said.output


def test_reads_that_wait_are_counted(settings: Path) -> None:
    edge(settings, "enroll", "7K3M-9QXA-00TE")
    unit = Unit.opened(Settings.load(settings))
    unit.spool.add([read(), read()], NOW)
    unit.close()
    assert "Waiting    2, the oldest of 2026-03-01 08:00 UTC; 0 refused" in edge(settings, "status").output

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from plateward.config.cli import COMMANDS, main
from plateward.config.commands import demo
from plateward.config.environment import Environment
from plateward.config.problems import Problem

NAMES = sorted(path.stem.replace("_", "-") for path in COMMANDS.glob("[!_]*.py"))


def test_help_lists_every_command_with_a_sentence_and_loads_none() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from plateward.config.cli import main;"
        "print(CliRunner().invoke(main, ['--help']).output);"
        "print('LOADED', [name for name in sys.modules if 'config.commands.' in name or name == 'django'])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout  # noqa: S603  ours
    listed = said.split("Commands:")[1].splitlines()
    for name in NAMES:
        assert any(line.split()[:1] == [name] and len(line.split()) > 2 for line in listed), name
    assert "LOADED []" in said


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str) -> None:
    if name == "manage":  # hands --help on to Django
        return
    told = CliRunner().invoke(main, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert len(told.output) > 80


def test_a_misspelt_command_is_answered_with_the_one_that_was_meant() -> None:
    told = CliRunner().invoke(main, ["dmeo"])
    assert told.exit_code == 2
    assert "did you mean 'demo'?" in told.output


def test_a_problem_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATEWARD_PORT", "eighty")
    told = CliRunner().invoke(main, ["doctor"])
    assert told.exit_code == 1
    assert "PLATEWARD_PORT is 'eighty'" in told.output
    assert "Traceback" not in told.output


def test_the_demonstration_never_touches_a_database_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://alpr@db.example/alpr")
    told = CliRunner().invoke(main, ["demo"])
    assert told.exit_code == 1
    assert "Unset DATABASE_URL" in told.output


def test_the_demonstration_refuses_a_folder_with_real_data(tmp_path: Path) -> None:
    (tmp_path / "postgresql").mkdir()
    with pytest.raises(Problem, match="holds a real system's data"):
        demo._refuse_real_data(tmp_path, tmp_path / "DEMO")
    (tmp_path / "DEMO").touch()
    demo._refuse_real_data(tmp_path, tmp_path / "DEMO")


def test_a_real_system_refuses_a_demonstrations_folder() -> None:
    mark = Environment.load().prepared_data() / "DEMO"
    mark.touch()
    try:
        told = CliRunner().invoke(main, ["up"])
    finally:
        mark.unlink()
    assert told.exit_code == 1
    assert "holds a demonstration" in told.output

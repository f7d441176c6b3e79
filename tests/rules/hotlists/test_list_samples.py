"""Made-up extracts: what is in them is read as it was written, and each fault is found."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from plateward.config.cli import main
from plateward.hotlists.layouts import layout_of
from plateward.hotlists.list_file import ListLines, Terms
from plateward.hotlists.list_samples import FAULTS, Kind, Sample

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
TERMS = Terms(now=NOW, zone="America/Los_Angeles", partial=True)


@pytest.mark.parametrize("kind", ["FIXED", "DELIMITED"])
def test_every_line_is_taken_but_the_faulty_ones(kind: Kind) -> None:
    sample = Sample(count=1_000, kind=kind, day=NOW.date(), fault_every=50)
    lines = ListLines(BytesIO("".join(sample.lines()).encode()), sample.layout(), TERMS)
    taken = list(lines)
    assert len({line.plate for line in taken}) == len(taken) == 980
    assert {problem.line for problem in lines.problems} == set(sample.faults)
    assert set(sample.faults.values()) == set(FAULTS)
    assert all(line.plate.startswith("TST") and line.region for line in taken)


def test_the_same_seed_gives_the_same_file() -> None:
    one, same, other = (Sample(count=20, kind="FIXED", day=NOW.date(), seed=seed) for seed in (1, 1, 2))
    assert list(one.lines()) == list(same.lines()) != list(other.lines())


def test_the_command_writes_file_and_layout_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "extract.txt"
    asked = ["sample-list", str(file), "--lines", "40", "--kind", "delimited", "--fault-every", "10"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0
    assert "40 lines, 4 of them with a fault" in done.output
    layout = layout_of((tmp_path / "extract.txt.layout.json").read_bytes())
    assert "INVENTED" in json.dumps(layout.note)
    with file.open("rb") as data:
        lines = ListLines(data, layout, Terms(now=datetime.now(UTC), zone="UTC", partial=True))
        assert len(list(lines)) == 36
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == 1
    assert "cannot be written (File exists)" in again.output


def test_an_impossible_separator_is_refused(tmp_path: Path) -> None:
    asked = ["sample-list", str(tmp_path / "x"), "--kind", "delimited", "--separator", "||"]
    assert "must be one character" in CliRunner().invoke(main, asked).output

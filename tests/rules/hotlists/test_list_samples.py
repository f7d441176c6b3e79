"""Made-up extracts: what is in them is read as it was written, and each fault is found."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from plateward.config.cli import main
from plateward.hotlists.layouts import Layout, layout_of
from plateward.hotlists.list_file import ListLines, Terms
from plateward.hotlists.list_samples import FAULTS, Kind, Sample
from plateward.policy import IMMIGRATION, category_codes, forbidden_categories
from tests.rules.policy.shipped import profile_of

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
TERMS = Terms(now=NOW, zone="America/Los_Angeles", partial=True)


@pytest.mark.parametrize("kind", ["HEADED", "FIXED", "DELIMITED"])
def test_every_line_is_taken_but_the_faulty_ones(kind: Kind) -> None:
    sample = Sample(count=1_000, kind=kind, day=NOW.date(), fault_every=50)
    lines = ListLines(BytesIO("".join(sample.lines()).encode()), sample.layout(), TERMS)
    taken = list(lines)
    assert len({line.plate for line in taken}) == len(taken) == 980
    assert {problem.line for problem in lines.problems} == set(sample.faults)
    assert set(sample.faults.values()) == set(FAULTS)
    assert all(line.plate.startswith("TST") and line.region for line in taken)


@pytest.mark.parametrize("agency", ["barstow-pd", "huntington-park-pd"])
@pytest.mark.parametrize("kind", ["HEADED", "FIXED", "DELIMITED"])
def test_the_shipped_policies_know_every_file_of_it_and_keep_immigration_out(kind: Kind, agency: str) -> None:
    profile = profile_of(agency)
    terms = replace(
        TERMS, categories=category_codes(profile), forbidden=frozenset(forbidden_categories(profile))
    )
    sample = Sample(count=1_000, kind=kind, day=NOW.date(), fault_every=50)
    lines = ListLines(BytesIO("".join(sample.lines()).encode()), sample.layout(), terms)
    found = {line.category for line in lines}
    assert not lines.unknown_codes
    assert not lines.unknown_states
    assert lines.left_out == {IMMIGRATION: sample.kept_out}
    assert sample.kept_out == 25
    alerts = {"amber-alert", "blue-alert", "silver-alert", "yellow-alert"}  # of another list
    assert found == profile.hotlists.categories.keys() - {IMMIGRATION} - alerts


def test_the_same_seed_gives_the_same_file() -> None:
    one, same, other = (Sample(count=20, kind="FIXED", day=NOW.date(), seed=seed) for seed in (1, 1, 2))
    assert list(one.lines()) == list(same.lines()) != list(other.lines())


def test_the_command_writes_file_and_layout_and_overwrites_nothing(tmp_path: Path) -> None:
    file = tmp_path / "extract.txt"
    asked = ["sample-list", str(file), "--lines", "40", "--kind", "delimited", "--fault-every", "10"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0
    assert "40 lines, 4 of them with a fault, 1 of the Immigration Violator file" in done.output
    layout = layout_of((tmp_path / "extract.txt.layout.json").read_bytes())
    assert "INVENTED" in json.dumps(layout.note)
    with file.open("rb") as data:
        lines = ListLines(data, layout, Terms(now=datetime.now(UTC), zone="UTC", partial=True))
        assert len(list(lines)) == 36
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == 1
    assert "cannot be written (File exists)" in again.output


def test_one_that_names_its_columns_needs_no_layout(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["sample-list", str(tmp_path / "extract.csv"), "--lines", "5"])
    assert "Its first line names the columns" in done.output
    assert [file.name for file in tmp_path.iterdir()] == ["extract.csv"]
    with (tmp_path / "extract.csv").open("rb") as data:
        assert len(list(ListLines(data, Layout(kind="HEADED"), TERMS))) == 5


def test_an_impossible_separator_is_refused(tmp_path: Path) -> None:
    asked = ["sample-list", str(tmp_path / "x"), "--kind", "delimited", "--separator", "||"]
    assert "must be one character" in CliRunner().invoke(main, asked).output

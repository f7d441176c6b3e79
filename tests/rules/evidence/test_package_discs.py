"""The package's verifier on discs of a set, whose own list is no part of the package and may be forged."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from plateward.evidence import package_verifier
from plateward.evidence.bag import Bag
from plateward.evidence.disc_rules import DoesNotFitError, Medium, plan

FILES = {"data/a.txt": b"first", "data/b.txt": b"second", "README.txt": b"read me"}


def discs(folder: Path) -> tuple[list[str], str]:
    """Two discs of a set, and the package's fingerprint."""
    stream = BytesIO()
    bag = Bag(stream, folder="package", made_at=datetime(2026, 11, 23, tzinfo=UTC))
    for name, data in FILES.items():
        bag.add(name, data)
    bag.seal_payload()
    fingerprint = bag.finish({"Source-Organization": "Barstow Police Department"})
    archive = zipfile.ZipFile(stream)
    names = [info.filename.partition("/")[2] for info in archive.infolist()]
    places = {name: {"data/a.txt": 1, "data/b.txt": 2}.get(name, 0) for name in names}
    for disc in (1, 2):
        for name in names:
            if places[name] in {0, disc}:
                path = folder / str(disc) / "package" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(f"package/{name}"))
        rewrite(folder / str(disc), fingerprint=fingerprint, disc=disc, files=places)
    return [str(folder / "1"), str(folder / "2")], fingerprint


def rewrite(folder: Path, **changes: Any) -> None:
    path = folder / "set.json"
    told = {"format": package_verifier.SET_FORMAT, "package": "2026-0001", "of": 2}
    told |= json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(told | changes))


def verdict(paths: list[str], fingerprint: str) -> int:
    return package_verifier.verify(paths, key=None, fingerprint=fingerprint, report_to=None)


def test_all_discs_together_pass_and_one_alone_only_in_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths, fingerprint = discs(tmp_path)
    assert verdict(paths, fingerprint) == 0
    assert verdict(paths[:1], fingerprint) == 3
    assert "IN PART" in capsys.readouterr().out


def test_a_changed_file_is_found_whatever_the_list_of_the_disc_says_of_it(tmp_path: Path) -> None:
    paths, fingerprint = discs(tmp_path)
    (tmp_path / "1/package/data/a.txt").write_bytes(b"FIRST")
    assert verdict(paths, fingerprint) == 1
    places = json.loads((tmp_path / "1/set.json").read_text())["files"]
    for forged in (99, 2):
        for disc in (1, 2):
            rewrite(tmp_path / str(disc), files=places | {"data/a.txt": forged})
        assert verdict(paths, fingerprint) == 1
        assert verdict(paths[:1], fingerprint) == 1


def test_each_copy_of_a_file_is_looked_at(tmp_path: Path) -> None:
    paths, fingerprint = discs(tmp_path)
    (tmp_path / "2/package/README.txt").write_bytes(b"changed")
    assert verdict(paths, fingerprint) == 1


def test_discs_whose_lists_differ_and_one_named_twice_are_refused(tmp_path: Path) -> None:
    paths, fingerprint = discs(tmp_path)
    assert verdict([paths[0], paths[0]], fingerprint) == 1
    rewrite(tmp_path / "2", of=3)
    assert verdict(paths, fingerprint) == 1


def test_files_go_on_as_many_discs_as_they_need() -> None:
    picture = 25_000_000
    sizes = {f"data/{number:03}.jpg": picture for number in range(60)} | {"README.txt": 1000}
    split = plan(sizes, Medium.CD)
    assert (split.total, split.files["README.txt"]) == (3, 0)
    assert sorted(name for disc in (1, 2, 3) for name in split.of(disc) if name != "README.txt") == sorted(
        name for name in sizes if name != "README.txt"
    )
    for disc in (1, 2, 3):
        assert sum(sizes[name] for name in split.of(disc)) < Medium.CD.capacity
    assert plan(sizes, Medium.DVD).total == 1
    with pytest.raises(DoesNotFitError, match="larger medium"):
        plan({"data/reads.json": 800_000_000}, Medium.CD)

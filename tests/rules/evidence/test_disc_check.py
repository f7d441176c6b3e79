"""`plateward disc verify` on a mounted or copied disc: one disc of a set counts by itself, if it is whole."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from plateward.config.commands.disc import command
from plateward.evidence.disc_rules import CONTAINER, SEALED_FORMAT
from tests.rules.evidence.test_package_discs import discs


def verify(disc: Path | str, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["verify", str(disc), *options])
    return done.exit_code, done.output


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """The second disc of a set of two, with a copy of the README at its top."""
    (_, disc), _ = discs(tmp_path)
    Path(disc, "README.txt").write_bytes(b"read me")
    return Path(disc)


def test_one_disc_of_a_set_passes_and_its_report_says_which_it_is(second: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    status, said = verify(second, "--report", str(report))
    assert (status, "PASS: disc 2 of 2 is as it was made." in said) == (0, True)
    told: dict[str, Any] = json.loads(report.read_text())
    assert (told["discs"], told["of"], told["passed"]) == ([2], 2, True)
    assert told["sets"] == [hashlib.sha256((second / "set.json").read_bytes()).hexdigest()]


def test_a_fingerprint_of_another_package_fails(second: Path) -> None:
    status, said = verify(second, "--fingerprint", "0" * 64)
    assert (status, "the fingerprint is the one you gave" in said) == (1, True)


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("package/data/b.txt", None, "data/b.txt is missing"),
        ("package/data/b.txt", b"seconD", "data/b.txt was changed"),
        ("package/data/more.txt", b"more", "data/more.txt is not part of the package"),
        ("README.txt", b"run this", "README.txt at the top is not the package's"),
        ("README.txt", None, "README.txt at the top is not the package's"),
        ("set.json", None, "there is no set.json"),
        ("set.json", b"{}", "another format"),
    ],
)
def test_a_missing_file_an_altered_byte_and_an_added_file_are_named(
    second: Path, file: str, content: bytes | None, told: str
) -> None:
    if content is None:
        (second / file).unlink()
    else:
        (second / file).write_bytes(content)
    status, said = verify(second)
    assert (status, told in said) == (1, True), said


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (CONTAINER, b"sealeD", "contents.zip.age was changed"),
        (CONTAINER, None, "contents.zip.age is missing"),
        ("virus.exe", b"x", "virus.exe is not part of the disc"),
    ],
)
def test_an_encrypted_disc_passes_without_being_opened_and_fails_when_changed(
    tmp_path: Path, file: str, content: bytes | None, told: str
) -> None:
    (tmp_path / CONTAINER).write_bytes(b"sealed")
    listed = {
        "format": SEALED_FORMAT,
        "package": "2026-0001",
        "fingerprint": "a" * 64,
        "disc": 1,
        "of": 1,
        "files": {CONTAINER: hashlib.sha256(b"sealed").hexdigest()},
    }
    (tmp_path / "set.json").write_text(json.dumps(listed))
    status, said = verify(tmp_path, "--fingerprint", "a" * 64)
    assert (status, "still sealed" in said) == (0, True), said
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    status, said = verify(tmp_path)
    assert (status, told in said) == (1, True), said


def test_what_is_no_disc_is_refused(tmp_path: Path) -> None:
    (tmp_path / "image.iso").write_bytes(b"no image" * 4096)
    assert "no image of a disc" in verify(tmp_path / "image.iso")[1]
    assert verify(tmp_path)[0] == 1

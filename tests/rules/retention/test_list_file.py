"""The list of purges as a file: two who write, a last line without its end, a full disc."""

import fcntl
import json
import os
from pathlib import Path
from threading import Thread

import pytest

from plateward.retention import list_file


def test_who_writes_waits_for_another_who_is_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "purges.jsonl"
    with path.open("ab", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b'{"purge": ')
        second = Thread(target=list_file.append, args=[path, b'{"purge": "2"}'])
        second.start()
        second.join(0.2)
        assert second.is_alive()
        other.write(b'"1"}\n')
    second.join(20)
    assert [json.loads(line)["purge"] for line in list_file.lines(path)] == ["1", "2"]


def test_who_reads_waits_for_a_line_to_be_whole(tmp_path: Path) -> None:
    path, found = tmp_path / "purges.jsonl", list[str]()
    with path.open("ab", buffering=0) as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        writer.write(b"half")
        reader = Thread(target=lambda: found.extend(list_file.lines(path)))
        reader.start()
        reader.join(0.2)
        assert found == []
        writer.write(b" and half\n")
    reader.join(20)
    assert found == ["half and half"]


@pytest.mark.parametrize("last", ['{"purge": "1"}', '{"purge": "'], ids=["whole", "torn"])
def test_a_last_line_without_its_end_stays(tmp_path: Path, last: str) -> None:
    path = tmp_path / "purges.jsonl"
    path.write_text(last, encoding="utf-8")
    list_file.append(path, b'{"purge": "2"}')
    assert list_file.lines(path) == [last, '{"purge": "2"}']


def test_what_cannot_be_written_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "purges.jsonl"
    list_file.append(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        list_file.append(path, b"two")
    assert path.read_bytes() == b"one\n"

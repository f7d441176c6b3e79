"""An upload is what its content says, never what its name says."""

import hashlib
from pathlib import Path

import pytest

from plateward.documents.kinds import LARGEST, UnusableFileError, media_type_of
from plateward.documents.store import FileLost, FileStore

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17) + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%%EOF\n", "application/pdf"),
        (b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9", "image/jpeg"),
        (PNG, "image/png"),
    ],
)
def test_whole_files_are_told_by_their_content(data: bytes, kind: str) -> None:
    assert media_type_of(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ\x90\0 a program",
        b"<html>%PDF-1.7 %%EOF",
        b"%PDF-1.7\n cut off",
        b"\xff\xd8\xff\xe0 cut off",
        PNG[:-4],
    ],
)
def test_anything_else_and_cut_files_are_refused(data: bytes) -> None:
    with pytest.raises(UnusableFileError, match="no whole PDF, JPEG or PNG"):
        media_type_of(data)


def test_a_file_that_is_too_large_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnusableFileError, match="lower resolution"):
        media_type_of(b"%PDF-1.7" + bytes(LARGEST))


def test_a_stored_file_that_was_changed_on_disc_is_found_out(tmp_path: Path) -> None:
    store, data = FileStore(tmp_path), b"%PDF-1.7\n%%EOF\n"
    store.put(Path("a/b.pdf"), data)
    digest = hashlib.sha256(data).hexdigest()
    assert store.get(Path("a/b.pdf"), digest) == data
    (store.root / "a/b.pdf").write_bytes(b"%PDF-1.7 another")
    with pytest.raises(FileLost, match="is damaged"):
        store.get(Path("a/b.pdf"), digest)
    with pytest.raises(FileLost, match="cannot be read"):
        store.get(Path("a/c.pdf"), digest)

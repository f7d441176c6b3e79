"""Files on disc for good before a row speaks of them, compared with their SHA-256 when they are read."""

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


class FileLost(Exception):
    """A stored file is missing or no longer what was stored; the message says which."""


@dataclass(frozen=True, slots=True)
class FileStore:
    """Files below `root`, readable by their owner alone."""

    root: Path

    def put(self, path: Path, data: bytes) -> None:
        """Have the file on disc before returning; one that is there stays, as if put now. Raises OSError.

        Written under another name, synced, renamed, and the folder synced: a crash leaves all or nothing.
        """
        final = self.root / path
        self._make_folders(final.parent)
        try:
            os.utime(final)
        except FileNotFoundError:
            _rename_into(final, data)
        _sync_folder(final.parent)

    def replace(self, path: Path, data: bytes) -> None:
        """Have the file on disc in the place of any that was there, whole or not at all. Raises OSError.

        Who had the old one open goes on reading it. What a killed process left half written is removed.
        """
        final = self.root / path
        self._make_folders(final.parent)
        for left in final.parent.glob(f".{final.name}.*"):
            left.unlink(missing_ok=True)
        _rename_into(final, data)
        _sync_folder(final.parent)

    def get(self, path: Path, sha256: str) -> bytes:
        """The file's bytes as they were put, compared with their digest. Raises FileLost."""
        try:
            data = (self.root / path).read_bytes()
        except OSError as error:
            raise FileLost(f"{path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise FileLost(f"{path} is damaged: its SHA-256 is not that of the file received")
        return data

    def remove(self, path: Path) -> None:
        """Have the file gone; one that is gone already is well. Raises OSError."""
        (self.root / path).unlink(missing_ok=True)

    def _make_folders(self, folder: Path) -> None:
        """Create what is missing down to the folder, each name synced in its parent."""
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _sync_folder(folder.parent)


def _rename_into(final: Path, data: bytes) -> None:
    fresh = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    try:
        _write_synced(fresh, data)
        fresh.rename(final)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()


def _write_synced(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

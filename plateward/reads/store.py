"""The picture store: original bytes under their SHA-256, on disc for good before a row speaks of them."""

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from plateward.reads.imaging import EXTENSIONS


class PictureLost(Exception):
    """A stored picture is missing or no longer what was stored; the message says which."""


@dataclass(frozen=True, slots=True)
class PictureKey:
    """Where a picture lies: its agency, the UTC date of its capture, its digest and media type."""

    agency: str
    day: date
    sha256: str
    media_type: str

    @property
    def path(self) -> Path:
        """Path below the store's folder."""
        return Path(self.agency, self.day.isoformat(), f"{self.sha256}.{EXTENSIONS[self.media_type]}")


@dataclass(frozen=True, slots=True)
class PictureStore:
    """Files below `root`, readable by their owner alone."""

    root: Path

    def put(self, key: PictureKey, data: bytes) -> None:
        """Have the picture on disc before returning; the same picture again costs nothing. Raises OSError.

        Written under another name, synced, renamed, and the folder synced: a crash leaves all or nothing.
        """
        final = self.root / key.path
        self._make_folders(final.parent)
        if not final.exists():
            fresh = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
            try:
                _write_synced(fresh, data)
                fresh.rename(final)
            finally:
                with contextlib.suppress(OSError):
                    fresh.unlink()
        _sync_folder(final.parent)

    def get(self, key: PictureKey) -> bytes:
        """The picture's original bytes, compared with their digest. Raises PictureLost."""
        path = self.root / key.path
        try:
            data = path.read_bytes()
        except OSError as error:
            raise PictureLost(f"{key.path} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != key.sha256:
            raise PictureLost(f"{key.path} is damaged: its SHA-256 is not that of the picture received")
        return data

    def _make_folders(self, folder: Path) -> None:
        """Create what is missing down to the folder, each name synced in its parent."""
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        _sync_folder(folder.parent)


def picture_store() -> PictureStore:
    """The store of this installation."""
    return PictureStore(settings.ENVIRONMENT.pictures)


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

"""The picture store: original bytes under their SHA-256, on disc for good before a row speaks of them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from plateward.documents.store import FileLost, FileStore
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
    """Pictures below `root`, readable by their owner alone."""

    root: Path

    def put(self, key: PictureKey, data: bytes) -> None:
        """Have the picture on disc before returning; the same picture again costs nothing. Raises OSError."""
        FileStore(self.root).put(key.path, data)

    def get(self, key: PictureKey) -> bytes:
        """The picture's original bytes, compared with their digest. Raises PictureLost."""
        try:
            return FileStore(self.root).get(key.path, key.sha256)
        except FileLost as error:
            raise PictureLost(str(error)) from error


def picture_store() -> PictureStore:
    """The store of this installation."""
    return PictureStore(settings.ENVIRONMENT.pictures)

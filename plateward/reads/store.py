"""The picture store: original bytes, sealed, at their place for good before a row speaks of them."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from plateward.documents.store import FileLost, FileStore
from plateward.reads.imaging import EXTENSIONS
from plateward.vault import envelope
from plateward.vault.places import Folder, Place

log = logging.getLogger(__name__)


class PictureError(Exception):
    """A stored picture cannot be shown; the message says why."""


class PictureLost(PictureError):
    """It is missing, no longer what was stored, or its key is gone."""


class PictureUnavailableError(PictureError):
    """It cannot be fetched now, and may be later."""


class Kind(StrEnum):
    """What a file of the store holds."""

    ORIGINAL = "original"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True)
class DayKey:
    """An unwrapped data key."""

    id: UUID
    key: bytes

    def __repr__(self) -> str:
        return f"DayKey({self.id})"


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a picture lies and what it is bound to: agency, UTC date of capture, id and SHA-256."""

    agency: str
    day: date
    picture: UUID
    sha256: str

    def name(self, kind: Kind, key_id: UUID) -> str:
        """The file's name. A key has a folder of its own, so that no file is sealed under two keys."""
        return f"{key_folder(self.agency, self.day, key_id)}/{self.picture}.{kind}"

    def label(self, kind: Kind) -> str:
        """What the file is authenticated as."""
        return f"{self.agency}\n{self.picture}\n{self.sha256}\n{kind}"


def key_folder(agency: str, day: date, key_id: UUID) -> str:
    """The folder of everything sealed under a data key."""
    return f"{agency}/{day.isoformat()}/{key_id}"


@dataclass(frozen=True, slots=True)
class PictureStore:
    """Sealed pictures at a place, by default below `root`, where plain ones of earlier releases lie too."""

    root: Path
    elsewhere: Place | None = None

    @property
    def place(self) -> Place:
        """Where sealed files lie."""
        return self.elsewhere or Folder(self.root)

    def put(self, filed: Filed, data: bytes, key: DayKey, kind: Kind = Kind.ORIGINAL) -> None:
        """Have the file at its place before returning. Raises OSError, and nothing half-written remains."""
        file = envelope.sealed(data, key=key.key, key_id=key.id, label=filed.label(kind))
        self.place.put(filed.name(kind, key.id), file)

    def get(self, filed: Filed, key: DayKey, kind: Kind = Kind.ORIGINAL) -> bytes:
        """The bytes as they were put. Raises PictureLost, PictureUnavailableError."""
        name = filed.name(kind, key.id)
        try:
            file = self.place.get(name)
        except FileNotFoundError as error:
            raise _lost(name, kind, "its file is missing") from error
        except OSError as error:
            log.warning("Picture file %s: %s", name, error)
            told = error.strerror or str(error)
            raise PictureUnavailableError(f"its file cannot be read now: {told}") from error
        try:
            data = envelope.opened(file, key=key.key, key_id=key.id, label=filed.label(kind))
        except envelope.UnopenableError as error:
            raise _lost(name, kind, f"its file is damaged: {error}") from error
        if kind is Kind.ORIGINAL and hashlib.sha256(data).hexdigest() != filed.sha256:
            raise _lost(name, kind, "its file is damaged: its SHA-256 is not that of the picture received")
        return data

    def plain(self, path: Path, sha256: str) -> bytes:
        """A picture that an earlier release stored unencrypted. Raises PictureLost."""
        try:
            return FileStore(self.root).get(path, sha256)
        except FileLost as error:
            raise PictureLost(str(error)) from error


def _lost(name: str, kind: Kind, why: str) -> PictureLost:
    """The loss, told to people without the file's name, which the log has; thumbnails are made again."""
    if kind is Kind.ORIGINAL:
        log.error("Picture file %s: %s", name, why)
    return PictureLost(why)


def plain_path(agency: str, day: date, sha256: str, media_type: str) -> Path:
    """Where earlier releases stored a picture, below the store's root."""
    return Path(agency, day.isoformat(), f"{sha256}.{EXTENSIONS[media_type]}")


PLAIN_PATTERN: Final = "*/*/*.*"
"""Matches what earlier releases stored, and nothing that is sealed."""


def picture_store() -> PictureStore:
    """The store of this installation."""
    return PictureStore(settings.ENVIRONMENT.pictures, _bucket())


@cache
def _bucket() -> Place | None:
    """The bucket that the settings name; one for the process, since it keeps connections open."""
    if settings.ENVIRONMENT.bucket is None:
        return None
    from plateward.vault.s3 import S3  # noqa: PLC0415  loaded only where it is used

    return S3(settings.ENVIRONMENT.bucket)

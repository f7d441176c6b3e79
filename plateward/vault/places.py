"""Where sealed files lie: a folder on this machine, or (see `s3`) a bucket."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from plateward.documents.store import FileStore

PUT_AT_ONCE: Final = 8
"""So many files are put side by side, since each waits for the disc or the server."""


class PlaceError(OSError):
    """The place cannot be used now; the message says why and what to do. What waits for it is kept."""


class Place(Protocol):
    """Files under names such as `agency/day/key/picture`. Every method raises OSError."""

    def put(self, name: str, data: bytes) -> None:
        """Have the file there for good before returning, whole or not at all."""
        ...

    def get(self, name: str) -> bytes:
        """The file. Raises FileNotFoundError when there is none."""
        ...

    def remove_all(self, folder: str) -> None:
        """Remove every file below a folder; none is fine too."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file; that there is none is fine too."""
        ...

    def check(self) -> None:
        """Raise PlaceError unless files can be read here."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """Files below a folder of this machine, readable by their owner alone."""

    root: Path

    def put(self, name: str, data: bytes) -> None:
        FileStore(self.root).put(Path(name), data)

    def get(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def remove_all(self, folder: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.root / folder)

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def check(self) -> None:
        if self.root.exists() and not self.root.is_dir():
            raise PlaceError(f"{self.root} is no folder: move it away.")

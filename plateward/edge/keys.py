"""The key under which everything on the unit's disc is sealed; it lies apart from the spool."""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID

from plateward.vault import envelope
from plateward.vault.masters import Master, new_master


class UnitKeyError(Exception):
    """The key is missing, damaged or open to others; the message says what to do."""


@dataclass(frozen=True, slots=True)
class UnitKey:
    """32 random bytes; `id` names them and gives nothing of them away."""

    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the key. Raises UnitKeyError."""
        try:
            text, mode = path.read_text(encoding="ascii"), path.stat().st_mode
        except FileNotFoundError as error:
            raise UnitKeyError(
                f"The unit's key {path} is missing. Restore it: without it what waits in the spool cannot be "
                "sent. On a new unit `plateward edge enroll` makes one."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            told = getattr(error, "strerror", None) or "it is no text"
            raise UnitKeyError(f"The unit's key {path} cannot be read ({told}).") from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO) and not _is_credential(path):
            raise UnitKeyError(f"The unit's key {path} can be read by others: run `chmod 600 {path}`.")
        try:
            return cls(Master.parse(text.strip()).key)
        except ValueError as error:
            raise UnitKeyError(f"The unit's key {path} is damaged: {error}. Restore its copy.") from error

    @classmethod
    def made(cls, path: Path) -> Self:
        """A new key in a new file that its owner alone may read. Raises UnitKeyError."""
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(new_master() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UnitKeyError(
                f"The unit's key {path} cannot be written ({error.strerror}). Make its folder, run as a user "
                "who may write there, or name another place in the settings: unit.key_file."
            ) from error
        return cls.read(path)

    @property
    def id(self) -> UUID:
        """The beginning of a digest."""
        return UUID(bytes=hashlib.sha256(b"plateward unit key\0" + self.secret).digest()[:16])

    def sealed(self, data: bytes, label: str) -> bytes:
        """The data under AES-256-GCM, bound to what it is."""
        return envelope.sealed(data, key=self.secret, key_id=self.id, label=label)

    def opened(self, file: bytes, label: str) -> bytes:
        """What was sealed. Raises vault.envelope.UnopenableError."""
        return envelope.opened(file, key=self.secret, key_id=self.id, label=label)


def _is_credential(path: Path) -> bool:
    """Tell whether systemd gave it: a service has its credentials in a folder of its own."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return folder is not None and path.parent == Path(folder)

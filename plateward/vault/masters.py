"""Master keys, which wrap the data keys: kept in a file, given in the environment, or held by a KMS.

A wrapped data key names the master that wrapped it. The first of several masters wraps; the others only
unwrap what they wrapped, until everything is wrapped anew.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from plateward.vault.envelope import KEY_BYTES

COMMAND_S: Final = 20
LONGEST_ID: Final = 100
_NONCE_BYTES: Final = 12


class MasterKeyError(Exception):
    """The master key is missing, unreadable or not the right one; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is kept."""

    master: str
    """Which master key wrapped it."""
    key: bytes


class Masters(Protocol):
    """Where master keys come from. Every method raises MasterKeyError."""

    def current(self) -> str:
        """The id of the one that wraps now."""
        ...

    def wrap(self, key: bytes, context: str) -> Wrapped:
        """A data key wrapped; `context` says whose it is and must be said again."""
        ...

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        """The data key."""
        ...


@dataclass(frozen=True, slots=True)
class Master:
    """A master key that this process holds."""

    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Master":
        """Read a key as it is written: 32 bytes in base64. Raises ValueError."""
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("a master key is 32 random bytes in base64") from error
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has 32 bytes, and this one {len(key)}")
        return cls(key)

    @property
    def id(self) -> str:
        """The beginning of a digest: it names the key and gives nothing of it away."""
        return hashlib.sha256(b"plateward master key\0" + self.key).hexdigest()[:16]

    def wrap(self, key: bytes, context: str) -> Wrapped:
        """AES-256-GCM with a random nonce, bound to the context."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return Wrapped(self.id, nonce + AESGCM(self.key).encrypt(nonce, key, context.encode()))

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        """Raises MasterKeyError."""
        nonce, sealed = wrapped.key[:_NONCE_BYTES], wrapped.key[_NONCE_BYTES:]
        try:
            return AESGCM(self.key).decrypt(nonce, sealed, context.encode())
        except (InvalidTag, ValueError) as error:
            raise MasterKeyError(
                f"The data key of {context} does not open under master key {self.id}, which wrapped it: its "
                "row was changed. Restore that row from a backup of the database."
            ) from error


def new_master() -> str:
    """A fresh master key as it is written."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_masters(text: str) -> tuple[Master, ...]:
    """Keys apart by white space or commas, the one that wraps first. Raises ValueError."""
    found = tuple(map(Master.parse, text.replace(",", " ").split()))
    if not found:
        raise ValueError("no master key is in it")
    return found


@dataclass(frozen=True, slots=True)
class GivenMasters:
    """Master keys given by the environment."""

    text: str = field(repr=False)

    def masters(self) -> tuple[Master, ...]:
        """All of them, the one that wraps first."""
        try:
            return parse_masters(self.text)
        except ValueError as error:
            raise MasterKeyError(f"PLATEWARD_MASTER_KEY is wrong: {error}.") from error

    def current(self) -> str:
        return self.masters()[0].id

    def wrap(self, key: bytes, context: str) -> Wrapped:
        return self.masters()[0].wrap(key, context)

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        return _named(self.masters(), wrapped.master, "PLATEWARD_MASTER_KEY").unwrap(wrapped, context)


@dataclass(frozen=True, slots=True)
class KeptMasters:
    """Master keys in a file that its owner alone may read, one a line; read anew each time it is needed."""

    path: Path

    def masters(self) -> tuple[Master, ...]:
        """All of them, the one that wraps first."""
        try:
            text = self.path.read_text(encoding="ascii")
            mode = self.path.stat().st_mode
        except FileNotFoundError as error:
            raise MasterKeyError(
                f"The master key {self.path} is missing. Restore it from where you keep its copy: without it "
                "no picture opens."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            told = getattr(error, "strerror", None) or "it is no text"
            raise MasterKeyError(f"The master key {self.path} cannot be read ({told}).") from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise MasterKeyError(
                f"The master key {self.path} can be read by other users: run `chmod 600 {self.path}`, and "
                "`plateward keys rotate` if somebody may have."
            )
        try:
            return parse_masters(text)
        except ValueError as error:
            raise MasterKeyError(
                f"The master key {self.path} is damaged: {error}. Restore its copy."
            ) from error

    def make(self) -> None:
        """Have a master key; of processes that make one at once exactly one does. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        if not self.path.exists():
            fresh = self._written([new_master()])
            try:
                os.link(fresh, self.path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
            _sync(self.path.parent)

    def add(self, text: str) -> None:
        """Let this master key wrap from now on, and the earlier ones unwrap."""
        self._replace([text, *map(_written, self.masters())])

    def forget_earlier(self) -> None:
        """Keep only the one that wraps."""
        self._replace([_written(self.masters()[0])])

    def current(self) -> str:
        return self.masters()[0].id

    def wrap(self, key: bytes, context: str) -> Wrapped:
        return self.masters()[0].wrap(key, context)

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        return _named(self.masters(), wrapped.master, str(self.path)).unwrap(wrapped, context)

    def _replace(self, lines: Sequence[str]) -> None:
        self._written(lines).replace(self.path)
        _sync(self.path.parent)

    def _written(self, lines: Sequence[str]) -> Path:
        """The lines on disc beside their place, under another name."""
        fresh = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return fresh


@dataclass(frozen=True, slots=True)
class MovedMasters:
    """A master key that is kept elsewhere from now on, while the data folder still holds the earlier ones."""

    now: Masters
    earlier: KeptMasters

    def current(self) -> str:
        return self.now.current()

    def wrap(self, key: bytes, context: str) -> Wrapped:
        return self.now.wrap(key, context)

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        is_earlier = wrapped.master in {master.id for master in self.earlier.masters()}
        return (self.earlier if is_earlier else self.now).unwrap(wrapped, context)


@dataclass(frozen=True, slots=True)
class CommandMasters:
    """A master key that never leaves its KMS: a command of the agency's wraps and unwraps.

    It is run as `COMMAND id`, `COMMAND wrap CONTEXT` and `COMMAND unwrap ID CONTEXT`, takes a key in base64
    on its standard input, and prints the master's id; the id and the wrapped key in base64; the key alone.
    """

    command: tuple[str, ...]

    def current(self) -> str:
        return self._id(self._run("", "id"))

    def wrap(self, key: bytes, context: str) -> Wrapped:
        said = self._run(base64.b64encode(key).decode(), "wrap", context).split()
        if len(said) != 2:  # noqa: PLR2004  the id and the key
            raise MasterKeyError(f"{self.command[0]} wrap printed no id and wrapped key.")
        return Wrapped(self._id(said[0]), self._bytes(said[1]))

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        text = base64.b64encode(wrapped.key).decode()
        return self._bytes(self._run(text, "unwrap", wrapped.master, context).strip())

    def _id(self, text: str) -> str:
        found = text.strip()
        if not 1 <= len(found) <= LONGEST_ID or not found.isprintable() or " " in found:
            raise MasterKeyError(f"{self.command[0]} printed no id of at most {LONGEST_ID} characters.")
        return found

    def _bytes(self, text: str) -> bytes:
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise MasterKeyError(f"{self.command[0]} printed something else than base64.") from error

    def _run(self, text: str, *words: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603  the agency's own command, without a shell
                [*self.command, *words],
                input=text,
                capture_output=True,
                text=True,
                timeout=COMMAND_S,
                check=False,
            )
        except (OSError, ValueError) as error:
            raise MasterKeyError(
                f"PLATEWARD_MASTER_KEY_COMMAND names {self.command[0]}, which cannot be run ({error})."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise MasterKeyError(f"{self.command[0]} {words[0]} gave no answer in {COMMAND_S} s.") from error
        if done.returncode:
            told = done.stderr.strip().partition("\n")[0][:200] or f"status {done.returncode}"
            raise MasterKeyError(f"{self.command[0]} {words[0]} refused: {told}")
        return done.stdout


def _named(masters: Sequence[Master], wanted: str, where: str) -> Master:
    for master in masters:
        if master.id == wanted:
            return master
    raise MasterKeyError(
        f"The data key was wrapped by master key {wanted}, and {where} holds "
        f"{', '.join(one.id for one in masters)}. Restore that one from where you keep its copy."
    )


def _written(master: Master) -> str:
    return base64.b64encode(master.key).decode()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

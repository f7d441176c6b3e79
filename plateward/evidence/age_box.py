"""Containers by the age format (age-encryption.org/v1), which any program of that format opens (R97).

What is put on a disc may be of any size, so that it is always sealed for public keys, which takes no memory.
A passphrase opens the private key of one: it lies beside the container in a file sealed under the passphrase,
as age's own tools write and read it. So the passphrase is needed to open a disc, and by nobody to make one.
"""

import io
import secrets
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

import pyrage

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look like others, as they are copied from paper by hand."""
_GROUPS: Final = 6
_GROUP: Final = 4


_File = IO[bytes] | io.RawIOBase


class _Told(io.BufferedIOBase):
    """A file whose own error is remembered: the library hides it behind one of its own."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self.error: Exception | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return self._file.read(-1 if size is None else size) or b""
        except Exception as error:
            self.error = error
            raise

    def write(self, data: Any, /) -> int:
        try:
            return self._file.write(data) or 0
        except Exception as error:
            self.error = error
            raise

    def flush(self) -> None:
        """Nothing waits here."""


class UnusableKeyError(ValueError):
    """A public key that is none; the message says which and what one looks like."""


class UnopenableBoxError(Exception):
    """A container that its key does not open, or that was changed."""


def new_passphrase() -> str:
    """A passphrase of 118 bits, in groups that can be read aloud."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def key_under(passphrase: str) -> tuple[str, str]:
    """A fresh key pair: its public key, and the file of its private key, sealed under the passphrase.

    The file was opened with the passphrase before this returns. Raises UnopenableBoxError.
    """
    identity = pyrage.x25519.Identity.generate()
    sealed = pyrage.passphrase.encrypt(f"{identity}\n".encode(), passphrase, armored=True)
    opened = pyrage.passphrase.decrypt(sealed, passphrase).decode().strip()
    if opened != str(identity):
        raise UnopenableBoxError("The key's file does not open with its passphrase.")
    return str(identity.to_public()), sealed.decode()


def checked_recipient(text: str) -> str:
    """A public key as age writes it. Raises UnusableKeyError."""
    try:
        return str(pyrage.x25519.Recipient.from_str(text.strip()))
    except pyrage.RecipientError as error:
        told = f"“{text.strip()[:70]}” is no public key of age: it begins with age1 and has 62 characters."
        raise UnusableKeyError(told) from error


class Witness:
    """A key that lives as long as this does: what was sealed for it too is opened once, to be read back."""

    def __init__(self) -> None:
        self._identity = pyrage.x25519.Identity.generate()

    @property
    def public(self) -> str:
        """Its public key, as whoever is to open a disc names theirs."""
        return str(self._identity.to_public())

    def seal(self, reader: _File, writer: _File, recipients: Sequence[str]) -> None:
        """Seal what is read for these public keys and this one. Raises what reader and writer do."""
        keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
        source, out = _Told(reader), _Told(writer)
        try:
            pyrage.encrypt_io(source, out, [*keys, self._identity.to_public()])
        except (pyrage.EncryptError, OSError) as error:
            raise (source.error or out.error or error) from error

    def open(self, reader: _File, writer: _File) -> None:
        """Open what was sealed. Raises UnopenableBoxError, and what reader and writer do."""
        source, out = _Told(reader), _Told(writer)
        try:
            pyrage.decrypt_io(source, out, [self._identity])
        except (pyrage.DecryptError, OSError) as error:
            unopened = UnopenableBoxError(f"The container cannot be opened: {error}")
            raise (source.error or out.error or unopened) from error


class Drawn(io.RawIOBase):
    """What an iterator yields, as a file to be read: so what is written piece by piece can be sealed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._left = iter(pieces), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._left:
            try:
                self._left = next(self._pieces)
            except StopIteration:
                return 0
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)

"""Where packages lie: below the data folder, sealed under keys of their own, whole or not at all."""

import contextlib
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from plateward.evidence.package_models import Package, PackageKey
from plateward.reads.keys import masters, masters_that_wrap, remembered
from plateward.vault import envelope
from plateward.vault.masters import Wrapped
from plateward.vault.streams import SealedReader, SealedWriter

BUFFER: Final = 1 << 20
BAG: Final = "bag"


def folder(package: Package) -> Path:
    """The folder of a package's files."""
    return Path(settings.ENVIRONMENT.packages, package.agency_id, str(package.pk))


def make_key(package: Package) -> PackageKey:
    """A fresh key for the package, saved; in a transaction. Raises MasterKeyError."""
    source = masters_that_wrap()
    row = PackageKey(package=package, agency_id=package.agency_id)
    wrapped = source.wrap(envelope.new_key(), row.context)
    row.master, row.wrapped = wrapped.master, wrapped.key
    row.save(force_insert=True)
    return row


def _key(package: Package) -> bytes:
    """The package's key. Raises PackageKey.DoesNotExist once our copy was destroyed, MasterKeyError."""
    row = PackageKey.objects.get(package=package)
    wrapped = Wrapped(row.master, bytes(row.wrapped))
    return remembered(package.pk, lambda: masters().unwrap(wrapped, row.context))


def _label(package: Package, name: str) -> str:
    return f"{package.agency_id}\npackage {package.pk}\n{name}"


@contextmanager
def writing(package: Package, name: str) -> Iterator[SealedWriter]:
    """Write a file that is there for good when this ends without an error, and not at all otherwise.

    What a killed process left half written under this name is removed first. Raises OSError, also for a full
    disc.
    """
    below = folder(package)
    below.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in below.glob(f".{name}.*"):
        left.unlink(missing_ok=True)
    fresh = below / f".{name}.{secrets.token_hex(4)}"
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", BUFFER) as file:
            writer = SealedWriter(file, key=_key(package), key_id=package.pk, label=_label(package, name))
            yield writer
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(below / name)
        _sync(below)
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()


@contextmanager
def reading(package: Package, name: str) -> Iterator[SealedReader]:
    """Read a file from any place on. Raises OSError, UnopenableError, PackageKey.DoesNotExist."""
    with (folder(package) / name).open("rb") as file:
        yield SealedReader(file, key=_key(package), key_id=package.pk, label=_label(package, name))


def opened(package: Package, name: str) -> SealedReader:
    """The same for whoever sends it and closes it: closing the reader closes the file."""
    file = (folder(package) / name).open("rb")
    try:
        return _Closing(file, key=_key(package), key_id=package.pk, label=_label(package, name))
    except BaseException:
        file.close()
        raise


class _Closing(SealedReader):
    def close(self) -> None:
        super().close()
        self._stream.close()


def pieces(reader: io.RawIOBase) -> Iterator[bytes]:
    """What is left of a file, in pieces."""
    while piece := reader.read(BUFFER):
        yield piece


def remove(package: Package) -> None:
    """Remove every file of a package; its key is what makes other copies of them unreadable."""
    below = folder(package)
    with contextlib.suppress(FileNotFoundError):
        for path in below.iterdir():
            path.unlink()
        below.rmdir()


def remove_file(package: Package, name: str) -> None:
    """Remove one file of a package, and what a killed process left half written of it."""
    below = folder(package)
    for path in (below / name, *below.glob(f".{name}.*")):
        path.unlink(missing_ok=True)


def remove_like(package: Package, beginning: str) -> None:
    """Remove every file of a package whose name begins so, also what was left half written."""
    below = folder(package)
    for path in (*below.glob(f"{beginning}*"), *below.glob(f".{beginning}*")):
        path.unlink(missing_ok=True)


def _sync(below: Path) -> None:
    descriptor = os.open(below, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

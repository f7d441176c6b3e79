"""Writing an evidence package as a BagIt bag (RFC 8493, version 1.0) into a ZIP file, in one go.

Files are hashed while they are written, so that nothing lies anywhere in plain and a package of any size
takes little memory: of each file its path and its SHA-256 are remembered.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import IO, Any, Final

BAGIT: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD: Final = "data/"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
TOKEN: Final = "tagmanifest-sha256.txt.tsr"  # noqa: S105  a file's name
"""A time stamp over the tag manifest (RFC 3161); no list can name it (RFC 8493 § 2.2.4 allows that)."""
_PACKED: Final = (".jpg", ".png", ".webp", ".pdf")
"""Kinds of files that become no smaller by compression."""


class Bag:
    """A bag while it is written; every path is relative to its one folder."""

    def __init__(self, stream: IO[bytes], *, folder: str, made_at: datetime) -> None:
        self._archive = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self._folder = folder
        self._when = made_at.astimezone(UTC).timetuple()[:6]
        self.payload: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.payload_bytes = 0
        self.size = 0

    def add(self, path: str, data: bytes | Iterable[bytes]) -> str:
        """Write a file, whole or in pieces; returns its SHA-256. Raises ValueError for a path used twice.

        What lies below `data/` is evidence, the rest is about it.
        """
        kept = self.payload if path.startswith(PAYLOAD) else self.tags
        if path in kept:
            raise ValueError(f"{path} is in the package already")
        digest, size = hashlib.sha256(), 0
        with self._archive.open(self._entry(path), "w", force_zip64=True) as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        kept[path] = digest.hexdigest()
        self.size += size
        self.payload_bytes += size if kept is self.payload else 0
        return kept[path]

    def _entry(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(f"{self._folder}/{path}", self._when)
        info.external_attr = 0o100644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        # A stored file of unknown size cannot be unpacked by every tool; one deflated by nothing can.
        info._compresslevel = 0 if path.endswith(_PACKED) else 6  # type: ignore[attr-defined]  # noqa: SLF001  the way before Python 3.13
        return info

    @property
    def oxum(self) -> str:
        """Size and number of the payload's files (RFC 8493 § 2.2.2)."""
        return f"{self.payload_bytes}.{len(self.payload)}"

    def seal_payload(self) -> str:
        """Write the payload's manifest, after which nothing is added below `data/`; returns its SHA-256."""
        return self.add(MANIFEST, _manifest(self.payload))

    def finish(self, info: Mapping[str, str], stamp: Callable[[bytes], bytes] = lambda _: b"") -> str:
        """Write what is left and close the bag; returns the SHA-256 of the tag manifest.

        That one digest stands for every file: the tag manifest names the manifest, which names the payload.
        `stamp` makes the time stamp of the tag manifest, the one file that none names; empty for none.
        """
        lines = [*info.items(), ("Payload-Oxum", self.oxum)]
        self.add("bag-info.txt", "".join(f"{name}: {_one_line(value)}\n" for name, value in lines).encode())
        self.add("bagit.txt", BAGIT.encode())
        text = _manifest(self.tags)
        fingerprint = self.add(TAG_MANIFEST, text)
        if token := stamp(text):
            self.add(TOKEN, token)
        self._archive.close()
        return fingerprint


def _manifest(files: Mapping[str, str]) -> bytes:
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items())).encode()


def _one_line(value: str) -> str:
    """A value of bag-info.txt, where a line break would begin another element."""
    return " ".join(value.split())


def json_list(items: Iterable[Mapping[str, Any]]) -> Iterable[bytes]:
    """A JSON list with one object on each line, so that a long one can be read line by line too."""
    before = b"[\n"
    for item in items:
        yield before + json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[]\n"


def json_file(value: object) -> bytes:
    """A JSON file for people too."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"

"""Building a package's file: written whole under its own key, then read back and hashed anew."""

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, cast

from django.conf import settings

import plateward
from plateward.audit import sealing_actions
from plateward.evidence import package_papers, package_store, standalone
from plateward.evidence.bag import MANIFEST, TAG_MANIFEST, TOKEN, Bag
from plateward.evidence.package_models import Package
from plateward.evidence.packing import Packing
from plateward.evidence.stamping import Authority, Stamp, stamped
from plateward.governance.actor import Actor
from plateward.walls import scope


class UnsoundPackageError(Exception):
    """What was read back is not what was written; the message says which file."""


@dataclass(frozen=True, slots=True)
class Built:
    """A package's file, as it was read back."""

    fingerprint: str
    size: int
    files: int
    reads: int
    pictures: int
    missing: int
    stamp: Stamp
    """Of the time; neither answer nor failure where none was asked for."""


def pack(*, package: Package, by: Actor, now: datetime, progress: Callable[[int], object]) -> Built:
    """Write the package's file and read it back; nothing is there when this fails.

    Raises what `Packing` does, UnsoundPackageError, MasterKeyError, OSError for a full disc.
    """
    with scope.as_system("The journal is sealed for every agency at once, before the proofs are taken."):
        sealing_actions.seal(now=now)
    with package_store.writing(package, package_store.BAG) as stream:
        bag = Bag(cast(IO[bytes], stream), folder=package.folder, made_at=now)
        authority = stamping_authority()
        packing = Packing(package=package, by=by, bag=bag, now=now, progress=progress, authority=authority)
        packing.evidence()
        manifest = bag.seal_payload()
        packing.proof()
        for name, content in package_papers.papers(packing, manifest):
            bag.add(name, content)
        bag.add("verify.py", standalone.verify_file())
        stamps = [Stamp()]

        def stamp(content: bytes) -> bytes:
            if authority:
                stamps.append(stamped(content, authority))
            return stamps[-1].answer

        fingerprint = bag.finish(_info(packing), stamp)
    read_back(package, fingerprint, stamps[-1].answer)
    pictures = sum(1 for place in packing.files.values() if place.startswith("data/"))
    files = len(bag.payload) + len(bag.tags)
    return Built(fingerprint, bag.size, files, packing.reads, pictures, packing.missing, stamps[-1])


def _info(packing: Packing) -> dict[str, str]:
    """The bag's description (RFC 8493 § 2.2.2)."""
    package = packing.package
    return {
        "Source-Organization": packing.by.agency_name,
        "Bagging-Date": packing.by.today.isoformat(),
        "External-Identifier": f"{packing.by.agency} {package.name}",
        "Internal-Sender-Identifier": package.reference or "none",
        "Internal-Sender-Description": package.reason,
        "Bag-Software-Agent": f"Plateward {plateward.__version__}",
    }


def stamping_authority() -> Authority | None:
    """Who is asked for time stamps, where the installation names one."""
    environment = settings.ENVIRONMENT
    if environment.timestamp_url and environment.timestamp_ca:
        return Authority(environment.timestamp_url, environment.timestamp_ca, environment.send_networks)
    return None


def read_back(package: Package, fingerprint: str, token: bytes = b"") -> None:
    """Open the stored file as anybody will, and hash every file in it. Raises UnsoundPackageError."""
    with package_store.reading(package, package_store.BAG) as reader:
        archive = zipfile.ZipFile(cast(IO[bytes], reader))
        folder = package.folder
        if _sha256(archive, f"{folder}/{TAG_MANIFEST}") != fingerprint:
            raise UnsoundPackageError(f"{TAG_MANIFEST} is not what was written")
        if token and archive.read(f"{folder}/{TOKEN}") != token:
            raise UnsoundPackageError(f"{TOKEN} is not what was written")
        for manifest in (TAG_MANIFEST, MANIFEST):
            for line in archive.read(f"{folder}/{manifest}").decode().splitlines():
                digest, _, path = line.partition("  ")
                if _sha256(archive, f"{folder}/{path}") != digest:
                    raise UnsoundPackageError(f"{path} is not what was written")


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    made = hashlib.sha256()
    with archive.open(name) as file:
        while piece := file.read(package_store.BUFFER):
            made.update(piece)
    return made.hexdigest()

"""Megabytes a second of evidence packages and disc images, against a plain copy with SHA-256 in the same run.

Usage: DATABASE_URL=postgresql://OWNER@… python bench/packages.py [--reads 1000] [--picture-kb 300]
           [--rounds 3]

Makes a database and a data folder of its own, stores that many reads with one picture each, sealed as the
intake seals them, and removes all of it afterwards. Each round builds a package, makes its disc images in
the clear and encrypted, and copies the same pictures from one file to another with their SHA-256, each file
on disc for good (fsync). A build reads the pictures, seals the package and reads it back: so do images. The
figures are of the pictures' bytes; client and server share this machine's processors, so the ratios matter.
"""

import argparse
import hashlib
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# ruff: noqa: E402 - the settings take the folder below
from plateward.config.values import ROOT_DATA

_BELOW = ROOT_DATA if os.geteuid() == 0 else Path(tempfile.gettempdir())
_BELOW.mkdir(mode=0o710, exist_ok=True)
_DATA = tempfile.TemporaryDirectory(prefix="plateward-bench-packages-", dir=_BELOW)
os.environ["PLATEWARD_DATA"] = _DATA.name

from bench.city import scratch_database
from plateward.evidence import disc_actions, disc_work, package_actions, package_store
from plateward.evidence.age_box import Witness
from plateward.evidence.disc_rules import Medium, Protection, SetState, WantedDiscs
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState, Wanted
from plateward.reads import keys
from plateward.reads.models import Picture, PictureRole, Read
from plateward.reads.rules import picture_id
from plateward.reads.store import Filed, picture_store
from plateward.walls import scope
from tests.personas import Town, build_barstow
from tests.sightings import seen

Took = dict[str, list[float]]
PICTURE = "a plain copy with SHA-256"


@contextmanager
def timed(took: Took, name: str) -> Iterator[None]:
    """Note the seconds of a step."""
    began = time.perf_counter()
    yield
    took.setdefault(name, []).append(time.perf_counter() - began)


def stored(town: Town, count: int, size: int, now: datetime) -> list[Read]:
    """Reads with a picture each, of bytes that nothing compresses."""
    reads, store = [], picture_store()
    for number in range(count):
        read = seen(town.camera, f"8ABC{number:03d}"[-7:], now - timedelta(seconds=number + 1))
        data = secrets.token_bytes(size)
        of = keys.KeyOf(read.agency_id, read.device_id, read.captured_at.astimezone(UTC).date())
        key = keys.keys_for([of], now)[of]
        sha256 = hashlib.sha256(data).hexdigest()
        row = Picture(
            id=picture_id(read.id, "scene", sha256),
            agency_id=read.agency_id,
            read_id=read.id,
            captured_at=read.captured_at,
            role=PictureRole.SCENE,
            data_key_id=key.id,
            sha256=sha256,
            media_type="image/jpeg",
            size=size,
            width=1920,
            height=1080,
        )
        store.put(Filed(read.agency_id, of.day, row.pk, row.sha256), data, key)
        row.save(force_insert=True)
        reads.append(read)
    return reads


def built(town: Town, reads: list[Read], now: datetime) -> Package:
    """A package of them all."""
    wanted = Wanted(
        reads=tuple(read.id for read in reads),
        purpose="stolen-or-wanted-vehicle",
        reason="bench",
        reference="26-00001",
        for_outside=False,
    )
    package = package_actions.build(by=town.actor("diaz", now), wanted=wanted, now=now)
    if package.state != PackageState.BUILT:
        raise SystemExit(package.failure)
    return package


def on_discs(town: Town, package: Package, recipients: tuple[str, ...], now: datetime) -> int:
    """Its disc images; returns their size in bytes."""
    protection = Protection.KEYS if recipients else Protection.PLAIN
    wanted = WantedDiscs(medium=Medium.DVD, protection=protection, recipients=recipients)
    diaz = town.actor("diaz", now)
    discs, _ = disc_actions.order_discs(package=package, wanted=wanted, by=diaz, now=now)
    discs = disc_work.make(discs=discs, by=diaz, now=now)
    if discs.state != SetState.BUILT:
        raise SystemExit(discs.failure)
    return sum(discs.discs.values_list("size", flat=True))


def copied(source: Path, target: Path) -> None:
    """Copy a file and take its SHA-256 on the way, for good."""
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(1 << 20):
            digest.update(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())


def measured(count: int, size: int, rounds: int) -> tuple[Took, int]:
    """Seconds of each step in turns; the size of a package's images in bytes."""
    took, images, now = Took(), 0, datetime.now(UTC)
    folder = Path(_DATA.name)
    with scratch_database(called="plateward_bench_packages"):
        scope.become_system("A bench sees every agency's rows.")
        town = build_barstow(now)
        reads = stored(town, count, size, now)
        plain = folder / "plain"
        with plain.open("wb") as out:
            for _ in range(count):
                out.write(secrets.token_bytes(size))
        keys_of = (Witness().public,)
        for _ in range(rounds):
            with timed(took, PICTURE):
                copied(plain, folder / "copy")
            with timed(took, "package built and read back"):
                package = built(town, reads, now)
            with timed(took, "disc image made and read back"):
                images = on_discs(town, package, (), now)
            with timed(took, "encrypted image made and read back"):
                on_discs(town, package, keys_of, now)
            package_store.remove(package)
    return took, images


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--reads", type=int, default=1000)
    options.add_argument("--picture-kb", type=int, default=300)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    size = given.picture_kb * 1000
    with _DATA:
        took, images = measured(given.reads, size, given.rounds)
    total = given.reads * size / 1e6
    print(f"{given.reads:,} reads, a picture of {given.picture_kb} KB each: {total:,.0f} MB of pictures,")
    print(f"images of {images / 1e6:,.0f} MB; median of {given.rounds} rounds, {os.cpu_count()} processors")
    base = statistics.median(took[PICTURE])
    for name, times in took.items():
        seconds = statistics.median(times)
        print(
            f"  {name:36}{seconds:8.2f} s{total / seconds:9.1f} MB/s   {seconds / base:6.1f} times the copy"
        )


if __name__ == "__main__":
    main()

"""Pictures stored a second: sealed and plain, one after the other and eight at once, on the same disc.

Usage: python bench/pictures.py [--pictures 200] [--picture-kb 100] [--rounds 5] [--folder DIR]

Needs no database. Every picture is on disc for good (fsync) before it counts, as in the intake. The kinds
take turns, so the ratios matter, not the figures. `--folder` says on which disc; default: a temporary one.
"""

import argparse
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from plateward.vault import envelope
from plateward.vault.places import PUT_AT_ONCE, Folder

Put = Callable[[str, bytes], None]
Run = Callable[[Put, list[bytes]], None]


def plain(place: Folder) -> Put:
    """As an earlier release stored it."""
    return place.put


def sealed(place: Folder) -> Put:
    """Encrypted under a data key."""
    key, key_id = envelope.new_key(), uuid4()

    def put(name: str, data: bytes) -> None:
        place.put(name, envelope.sealed(data, key=key, key_id=key_id, label=name))

    return put


def one_by_one(put: Put, pictures: list[bytes]) -> None:
    """Each waits for the disc alone."""
    for picture in pictures:
        put(f"agency/day/key/{uuid4()}.original", picture)


def at_once(put: Put, pictures: list[bytes]) -> None:
    """Several wait for the disc together, as in the intake."""
    with ThreadPoolExecutor(PUT_AT_ONCE) as pool:
        list(pool.map(lambda picture: put(f"agency/day/key/{uuid4()}.original", picture), pictures))


@contextmanager
def emptied(folder: Path | None) -> Iterator[Folder]:
    """A place that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        yield Folder(Path(made))


def crypto_only(pictures: list[bytes]) -> tuple[float, float]:
    """Megabytes a second that are sealed and opened without a disc."""
    key, key_id = envelope.new_key(), uuid4()
    size = sum(map(len, pictures)) / 1e6
    start = time.perf_counter()
    files = [envelope.sealed(one, key=key, key_id=key_id, label="bench") for one in pictures]
    sealing = time.perf_counter() - start
    start = time.perf_counter()
    for file in files:
        envelope.opened(file, key=key, key_id=key_id, label="bench")
    return size / sealing, size / (time.perf_counter() - start)


def main() -> None:
    """Run it and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--pictures", type=int, default=200)
    options.add_argument("--picture-kb", type=int, default=100)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    pictures = [secrets.token_bytes(given.picture_kb * 1024) for _ in range(given.pictures)]
    kinds: dict[str, tuple[Callable[[Folder], Put], Run]] = {
        "plain, one by one": (plain, one_by_one),
        "sealed, one by one": (sealed, one_by_one),
        "plain, at once": (plain, at_once),
        "sealed, at once": (sealed, at_once),
    }
    took: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(given.rounds):
        for name, (kind, run) in kinds.items():
            with emptied(given.folder) as place:
                start = time.perf_counter()
                run(kind(place), pictures)
                took[name].append(time.perf_counter() - start)
    print(f"{given.pictures} pictures of {given.picture_kb} KB, median of {given.rounds} rounds in turns,")
    print(f"{os.cpu_count()} processors, {PUT_AT_ONCE} at once")
    rates = {name: given.pictures / statistics.median(times) for name, times in took.items()}
    for name, rate in rates.items():
        print(f"  {name:20}{rate:8.0f}/s   {rate / rates['plain, one by one']:5.2f} of plain, one by one")
    print(
        f"  sealed of plain: one by one {rates['sealed, one by one'] / rates['plain, one by one']:.2f}, ",
        end="",
    )
    print(f"at once {rates['sealed, at once'] / rates['plain, at once']:.2f}")
    sealing, opening = crypto_only(pictures)
    print(f"  without a disc: sealed {sealing:,.0f} MB/s, opened {opening:,.0f} MB/s")


if __name__ == "__main__":
    main()

"""A really full disc, in memory: no read that was kept is lost, and pictures can always be given up."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from plateward.edge.spool import Spool, Waiting
from plateward.edge.store import NoRoomError
from tests.edge.spools import MEGABYTE, NOW, read, spool_in, store_in
from tests.tools import find_mount


@pytest.fixture
def disc(tmp_path: Path) -> Iterator[Path]:
    """A disc of ten megabytes."""
    program = find_mount()
    assert program, "without it these tests are left out"
    subprocess.run([program, "-t", "tmpfs", "-o", "size=10m", "tmpfs", tmp_path], check=True)  # noqa: S603  ours
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)  # noqa: S603, S607  mounted above


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_full_disc_costs_pictures_and_then_capturing_but_no_read(disc: Path) -> None:
    store = store_in(disc, reserve=2 * MEGABYTE)
    spool = spool_in(store, thin_below=5 * MEGABYTE, stop_below=3 * MEGABYTE)
    spool.add([read("7HIT777", size=100_000, is_hit=True)], NOW)
    for _ in range(100):
        spool.maintain(NOW)
        spool.add([read(size=100_000)], NOW)
    assert spool.last() == 101
    assert set(spool.pictures(1)) == set(spool.pictures(101)) == {"scene", "plate"}
    assert spool.pictures(2) == {}
    # Somebody else fills the rest.
    with suppress(OSError), (disc / "other").open("wb") as other:
        other.write(bytes(10 * MEGABYTE))
    with pytest.raises(NoRoomError):
        _add_until_there_is_no_room(spool)
    last = spool.last()
    assert last > 101, "pictures made room for reads"
    assert [one.sequence for one in _waiting(spool)] == list(range(1, last + 1))
    assert set(spool.pictures(1)) == {"scene", "plate"}, "those of hits stay"
    spool.clear(1, receipt="receipt-1", payload_sha256="00", now=NOW)
    (disc / "other").unlink()
    assert spool.add([read(size=100_000)], NOW) == (last + 1,)
    store.close()
    again = spool_in(store_in(disc))
    assert [one.sequence for one in _waiting(again)] == list(range(2, last + 2))


def _add_until_there_is_no_room(spool: Spool) -> None:
    while True:
        spool.add([read(size=100_000)], NOW)


def _waiting(spool: Spool) -> Iterator[Waiting]:
    after = 0
    while one := spool.next(after):
        after = one.sequence
        yield one


def test_a_unit_starts_on_a_full_disc(disc: Path) -> None:
    store = store_in(disc, reserve=2 * MEGABYTE)
    spool_in(store).add([read(size=100_000)], NOW)
    store.close()
    with suppress(OSError), (disc / "other").open("wb") as other:
        other.write(bytes(10 * MEGABYTE))
    again = store_in(disc, reserve=2 * MEGABYTE)
    spool = spool_in(again)
    spool.clear(1, receipt="receipt-1", payload_sha256="00", now=NOW)
    assert spool.next() is None
    again.close()

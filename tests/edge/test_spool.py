import json
import sqlite3
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from plateward.edge.keys import UnitKey, UnitKeyError
from plateward.edge.spool import Spool
from plateward.edge.store import FILE, NoRoomError, Store, StoreError
from plateward.edge.thinning import Level
from tests.edge.spools import KEY, MEGABYTE, NOW, fill_disc, read, spool_in, store_in


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_in(tmp_path / "state")


@pytest.fixture
def spool(store: Store) -> Spool:
    return spool_in(store)


def waiting(spool: Spool) -> list[int]:
    found, after = [], 0
    while one := spool.next(after):
        found.append(one.sequence)
        after = one.sequence
    return found


def fill(store: Store, spool: Spool, reads: int) -> None:
    """So many reads, and from then on a file that may not grow: the disc is full."""
    for number in range(reads):
        spool.add([read(f"7ABC{number:03}", size=40_000, minutes=number)], NOW)
    fill_disc(store)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_reads_come_out_as_they_went_in_and_in_order(spool: Spool) -> None:
    assert spool.add([read("7ABC123"), read("8XYZ999")], NOW) == (1, 2)
    assert spool.add([read("2DEF456")], NOW) == (3,)
    first = spool.next()
    assert first is not None
    assert json.loads(first.read) == {"event_id": f"{spool.id}-1", "plate": "7ABC123"}
    assert first.pictures == read("7ABC123").pictures
    assert waiting(spool) == [1, 2, 3]


def test_a_number_is_never_used_again_and_the_spool_keeps_its_name(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = spool_in(store)
    spool.add([read()], NOW)
    spool.clear(1, receipt="r-1", payload_sha256="00", now=NOW)
    store.close()
    again = spool_in(store_in(tmp_path))
    assert again.id == spool.id
    assert again.add([read()], NOW) == (2,)


def test_a_read_that_cannot_be_written_leaves_no_gap(spool: Spool) -> None:
    broken = read("8XYZ999")
    object.__setattr__(broken, "written", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        spool.add([read(), broken], NOW)
    assert spool.add([read()], NOW) == (1,)


def test_nothing_of_a_read_is_in_clear_on_the_disc(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool_in(store).add([read("7ABC123")], NOW)
    store.keep("configuration", {"agency_name": "Barstow Police Department"})
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"7ABC123" not in written
    assert b"Barstow" not in written


def test_another_key_opens_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    store_in(tmp_path).close()
    with pytest.raises(StoreError, match="sealed under another key: restore the unit's key"):
        Store(tmp_path, UnitKey(bytes(32)))


def test_a_damaged_file_is_refused_and_kept(tmp_path: Path) -> None:
    store_in(tmp_path).close()
    (tmp_path / FILE).write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreError, match="move the file to another place and keep it"):
        Store(tmp_path, KEY)
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")


def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    made = UnitKey.made(tmp_path / "unit.key")
    assert UnitKey.read(tmp_path / "unit.key") == made
    (tmp_path / "unit.key").chmod(0o644)
    with pytest.raises(UnitKeyError, match="chmod 600"):
        UnitKey.read(tmp_path / "unit.key")
    with pytest.raises(UnitKeyError, match="cannot be written"):
        UnitKey.made(tmp_path / "unit.key")


@pytest.mark.clause("B-466.5", "H-426.4")
def test_what_is_cleared_is_logged_with_its_receipt_until_it_was_told(spool: Spool) -> None:
    spool.add([read(), read(), read()], NOW)
    for sequence in (1, 2):
        spool.clear(sequence, receipt=f"r-{sequence}", payload_sha256="ab", now=NOW)
    assert waiting(spool) == [3]
    cleared = spool.unwritten_clearing()
    assert [sequence for _, _, sequence in cleared] == [1, 2]
    spool.prune_log(NOW + timedelta(days=400))
    assert [line[3] for line in spool.deletions()] == ["r-1", "r-2"]
    spool.told([n for n, _, _ in cleared])
    assert spool.unwritten_clearing() == []
    spool.prune_log(NOW + timedelta(days=400))
    assert list(spool.deletions()) == []


def test_a_read_the_server_refuses_stays_and_holds_up_no_other(spool: Spool) -> None:
    spool.add([read(), read()], NOW)
    spool.refuse(1, "too large")
    assert waiting(spool) == [2]
    assert spool.standing().refused == 1
    assert spool.retry_refused() == 1
    assert waiting(spool) == [1, 2]


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_full_disc_costs_the_oldest_scenes_of_reads_without_hit_and_no_read(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = spool_in(store, thin_below=1)
    spool.add([read(is_hit=True, size=40_000)], NOW)
    spool.add([read(is_matched=False, size=40_000)], NOW)
    fill(store, spool, 4)
    assert spool.add([read("9NEW999", size=40_000)], NOW) == (7,)
    assert waiting(spool) == [1, 2, 3, 4, 5, 6, 7]
    given_up = [(one.sequence, one.what) for one in spool.untold_thinning(100)]
    assert given_up[:1] == [(3, "scene")]
    assert {sequence for sequence, _ in given_up} <= {3, 4, 5}
    assert set(spool.pictures(1)) == set(spool.pictures(2)) == set(spool.pictures(7)) == {"scene", "plate"}


@pytest.mark.clause("B-466.5", "H-426.4")
def test_with_no_picture_left_reads_are_kept_alone_and_then_capturing_stops(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = spool_in(store, thin_below=1)
    fill(store, spool, 3)
    kept = _until_there_is_no_room(spool)
    assert kept > 3
    assert waiting(spool) == list(range(1, kept + 1))
    assert all(spool.pictures(sequence) == {} for sequence in range(1, kept + 1))
    assert len({one.sequence for one in spool.untold_thinning(9999)}) == kept


def _until_there_is_no_room(spool: Spool) -> int:
    """The number of the last read that was kept."""
    kept = 0
    with suppress(NoRoomError):
        while True:
            (kept,) = spool.add([read(size=40_000)], NOW)
    return kept


@pytest.mark.clause("B-466.5", "H-426.4")
def test_where_the_policy_names_no_room_no_picture_is_given_up(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    spool = spool_in(store, thin_below=None)
    fill(store, spool, 3)
    with pytest.raises(NoRoomError):
        spool.add([read(size=40_000)], NOW)
    assert [set(spool.pictures(n)) for n in (1, 2, 3)] == [{"scene", "plate"}] * 3
    assert spool.untold_thinning(1) == []


def test_pictures_are_given_up_until_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_in(tmp_path)
    spool = spool_in(store, thin_below=10 * MEGABYTE, stop_below=2 * MEGABYTE)
    for _ in range(5):
        spool.add([read(size=MEGABYTE)], NOW)
    start = store.size()
    monkeypatch.setattr(store, "room", lambda: 8 * MEGABYTE + start - store.size())
    assert spool.level() is Level.THIN
    assert spool.maintain(NOW) is Level.ENOUGH
    assert [(one.sequence, one.what) for one in spool.untold_thinning(10)] == [(1, "scene"), (2, "scene")]


def test_the_reserve_is_given_to_a_full_disc_and_taken_back(tmp_path: Path) -> None:
    store = store_in(tmp_path, reserve=MEGABYTE)
    spool = spool_in(store, thin_below=1, stop_below=1)
    assert (tmp_path / "reserve").stat().st_size == MEGABYTE
    fill(store, spool, 2)
    spool.add([read(size=40_000)], NOW)
    assert not (tmp_path / "reserve").exists()
    assert spool.maintain(NOW) is Level.ENOUGH
    assert (tmp_path / "reserve").stat().st_size == MEGABYTE


def test_progress_goes_with_the_reads_or_not_at_all(spool: Spool, store: Store) -> None:
    spool.add([read()], NOW, progress=("yard", "a.jpg", "done"))
    assert spool.progress("yard", "a.jpg") == "done"
    fill_disc(store)
    with pytest.raises(NoRoomError):
        spool.add([read(size=400_000)], NOW, progress=("yard", "b.jpg", "done"))
    assert spool.progress("yard", "b.jpg") == ""


def test_only_a_full_disc_is_called_one(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.rows("SELECT * FROM missing")

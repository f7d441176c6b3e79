import contextlib
import socket
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from plateward.reads.store import DayKey, Filed, Kind, PictureLost, PictureStore, PictureUnavailableError
from plateward.vault import envelope, s3
from plateward.vault.places import Folder, Place, PlaceError
from plateward.vault.s3 import S3
from tests.buckets import bucket
from tests.payloads import picture

KEY = DayKey(uuid4(), envelope.new_key())


def filed() -> Filed:
    return Filed("barstow-pd", date(2026, 11, 22), uuid4(), "")


def test_a_file_is_there_as_it_was_put(place: Place) -> None:
    name = f"barstow-pd/2026-11-22/{uuid4()}/one.original"
    place.check()
    place.put(name, b"one")
    place.put(name, b"one")
    assert place.get(name) == b"one"
    place.check()


def test_a_file_that_was_never_put_is_missing(place: Place) -> None:
    with pytest.raises(FileNotFoundError):
        place.get(f"barstow-pd/{uuid4()}")


def test_everything_under_a_key_goes_and_nothing_else(place: Place) -> None:
    gone, kept = (f"barstow-pd/2026-11-22/{uuid4()}" for _ in range(2))
    for number in range(30):
        place.put(f"{gone}/{number}.original", b"gone")
    place.put(f"{kept}/1.original", b"kept")
    place.remove_all(gone)
    place.remove_all(gone)
    for number in range(30):
        with pytest.raises(FileNotFoundError):
            place.get(f"{gone}/{number}.original")
    assert place.get(f"{kept}/1.original") == b"kept"


def test_one_file_goes_and_its_neighbor_stays(place: Place) -> None:
    gone, kept = (f"barstow-pd/2026-11-22/{uuid4()}/1.{kind}" for kind in ("original", "thumbnail"))
    place.put(gone, b"gone")
    place.put(kept, b"kept")
    place.remove(gone)
    place.remove(gone)
    with pytest.raises(FileNotFoundError):
        place.get(gone)
    assert place.get(kept) == b"kept"


def stored(place: Place, data: bytes) -> tuple[PictureStore, Filed]:
    import hashlib  # noqa: PLC0415  only here

    one = Filed("barstow-pd", date(2026, 11, 22), uuid4(), hashlib.sha256(data).hexdigest())
    store = PictureStore(Path("/nowhere"), place)
    store.put(one, data, KEY)
    return store, one


def test_a_picture_lies_sealed_and_comes_back_as_it_was(place: Place) -> None:
    data = picture()
    store, one = stored(place, data)
    assert store.get(one, KEY) == data
    assert data[:30] not in place.get(one.name(Kind.ORIGINAL, KEY.id))


def test_pictures_that_were_exchanged_tampered_with_or_cut_are_lost_and_say_so(place: Place) -> None:
    store, one = stored(place, picture("black"))
    _, other = stored(place, picture("red"))
    name = one.name(Kind.ORIGINAL, KEY.id)
    file = place.get(name)
    damage = {
        place.get(other.name(Kind.ORIGINAL, KEY.id)): "another one's file",
        file[:-1] + bytes([file[-1] ^ 1]): "changed",
        file[:100]: "cut short",
        b"": "cut short",
    }
    for forged, told in damage.items():
        with contextlib.suppress(FileNotFoundError):
            place.remove_all(name.rpartition("/")[0])
        place.put(name, forged)
        with pytest.raises(PictureLost, match=told):
            store.get(one, KEY)
    place.remove_all(name.rpartition("/")[0])
    with pytest.raises(PictureLost, match="missing"):
        store.get(one, KEY)


def test_a_full_disc_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    place = Folder(tmp_path)
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="No space left"):
        place.put("a/one", b"data")
    assert not list((tmp_path / "a").iterdir())


def test_a_folder_that_is_a_file_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("")
    with pytest.raises(PlaceError, match="no folder"):
        Folder(tmp_path / "pictures").check()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"secret": "wrong"}, "does not let this key keep files .*PLATEWARD_S3_SECRET_KEY"),
        ({"who": "nobody"}, "does not let this key keep files"),
        ({"who": "reader"}, "does not let this key keep files"),
    ],
)
def test_a_refusing_server_says_what_to_correct(s3_port: int, changes: dict[str, str], told: str) -> None:
    place = S3(bucket(s3_port, **changes))
    for _ in range(2):
        with pytest.raises(PlaceError, match=told):
            place.put("a/b", b"data")


def test_a_missing_bucket_is_told_apart_from_a_missing_file(s3_port: int) -> None:
    place = S3(bucket(s3_port, who="maker", name="no-such-bucket"))
    with pytest.raises(PlaceError, match="no such bucket"):
        place.check()


def test_a_server_that_gives_no_answer_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(s3.time, "monotonic", lambda: now)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        place = S3(bucket(silent.getsockname()[1]), answer_s=0.3)
        with pytest.raises(PlaceError, match="no usable answer"):
            place.put("a/b", b"data")
        with pytest.raises(PlaceError, match="a moment ago"):
            place.put("a/b", b"data")
        store = PictureStore(Path("/nowhere"), place)
        with pytest.raises(PictureUnavailableError, match="a moment ago"):
            store.get(filed(), KEY)
        now += s3.REST_S + 1
        with pytest.raises(PlaceError, match="no usable answer"):
            place.put("a/b", b"data")


def test_the_secret_is_not_shown_when_a_place_is_printed() -> None:
    assert "plateward-secret" not in repr(S3(bucket(1)))

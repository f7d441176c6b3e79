"""What must not go wrong over a unit's life: another agency, damaged discs, half files, removed entries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import msgspec
import numpy as np
import pytest

from plateward.edge import sources
from plateward.edge.agent import Agent, Unit
from plateward.edge.alerts import Alerts
from plateward.edge.capturing import Capturing, Parts
from plateward.edge.clock import Clock
from plateward.edge.enrolling import enroll
from plateward.edge.link import Away, Revoked, Unwilling
from plateward.edge.listing import Freshness, Head, state_of
from plateward.edge.sender import Sender
from plateward.edge.settings import SourceSettings
from plateward.edge.sources import UNREADABLE, Ended, Feeder, Taken, Waiting
from plateward.edge.spool import Spool
from plateward.recognition import PictureResult
from plateward.recognition.geometry import Picture
from plateward.unitwire.calls import PictureCompared, event_id
from plateward.unitwire.documents import Configuration, HotList, ListChanges
from plateward.unitwire.signing import opened
from tests.edge.spools import NOW, fill_disc, read, spool_in, store_in
from tests.edge.unit_server import CODE, UnitServer, entry
from tests.edge.units import EveryFrame, NumberReader, drawn, enrolled, plate_of, put_pictures, settings_in


def put_list(unit: Unit, server: UnitServer, *plates: str) -> None:
    who = unit.identities.now()
    assert who is not None
    server.entries = tuple(entry(plate) for plate in plates)
    told = server.listed({})
    unit.listing.put(opened(told, who.keys, HotList, device_id=who.device_id, agency=who.agency))


def capturing(unit: Unit, recognizer: Any = None) -> Capturing:
    parts = Parts(unit.store, unit.spool, unit.listing, unit.alerts, unit.clock, unit.state, 88)
    return Capturing(parts, recognizer or NumberReader(), {})


def see(unit: Unit, number: int, recognizer: Any = None) -> None:
    source = unit.settings.sources[0]
    capturing(unit, recognizer).take(Taken(source, unit.clock.now(), drawn(number), None, f"{number}.png"))


def damage(unit: Unit, table: str, column: str) -> None:
    """A bit of each value flips on the disc."""
    with unit.store.transaction() as db:
        for rowid, file in db.execute(f"SELECT rowid, {column} FROM {table}").fetchall():  # noqa: S608  ours
            worse = file[:-1] + bytes([file[-1] ^ 1])
            db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (worse, rowid))  # noqa: S608  ours


@pytest.mark.clause("B-466.7", "H-426.6")
def test_another_agency_gets_neither_list_nor_reads_of_the_one_before(unit: Unit, server: UnitServer) -> None:
    put_list(unit, server, plate_of(5))
    see(unit, 5)
    first = unit.spool.id
    server.agency = "huntington-park-pd"
    with pytest.raises(Unwilling, match="1 reads of barstow-pd wait on this unit"):
        enroll(unit.settings, CODE)
    unit.spool.clear(1, receipt="r", payload_sha256="00", now=NOW)
    assert unit.store.claim()
    with pytest.raises(Unwilling, match="stop it first"):
        enroll(unit.settings, CODE)
    unit.store.disclaim()
    enroll(unit.settings, CODE)
    assert unit.store.is_moved(), "a unit that runs meanwhile starts anew"
    other = Unit.opened(unit.settings)
    assert other.spool.id != first
    assert (other.spool.standing().waiting, other.listing.head, other.alerts.all()) == (0, None, [])
    assert other.identities.now().agency == "huntington-park-pd"  # type: ignore[union-attr]  # enrolled just now
    (kept,) = unit.settings.data.glob("unit.sqlite.barstow-pd.*")
    other.close()
    kept.replace(unit.settings.data / "unit.sqlite")
    again = Unit.opened(unit.settings)
    assert (again.spool.id, again.spool.last()) == (first, 1)
    again.close()


def test_a_receiver_without_tls_is_refused(unit: Unit, server: UnitServer) -> None:
    server.receiver = "http://plateward.city.example:8001"
    with pytest.raises(Unwilling, match=r"without TLS.*PLATEWARD_RECEIVER_URL"):
        enroll(unit.settings, CODE)
    who = unit.identities.now()
    assert who is not None
    server.configuration = {"receiver": server.receiver}
    told = server.configured()
    found = opened(told, who.keys, Configuration, device_id=who.device_id, agency=who.agency)
    unit.state.tell(configuration=found)
    unit.spool.add([read()], NOW)
    assert Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state).step() == 0
    assert len(server.order) == 1, "by the receiver of its enrollment"


@pytest.mark.clause("B-466.11")
def test_an_alert_says_that_nobody_wants_the_plate_any_more(unit: Unit, server: UnitServer) -> None:
    put_list(unit, server, plate_of(5))
    see(unit, 5)
    head = unit.listing.head
    assert head is not None
    gone = ListChanges(
        device_id="",
        agency="",
        issued_at=NOW,
        serial=9,
        from_version=head.version,
        version=head.version + 1,
        as_of=head.as_of,
        added=(),
        removed=(f"entry-{plate_of(5)}",),
    )
    unit.listing.change(gone)
    unit.alerts.compare(unit.listing, unit.clock.true_now())
    (alert,) = unit.state.snapshot().alerts
    assert alert.withdrawn_at is not None
    assert alert.list_told.startswith("No longer wanted since ")
    assert unit.alerts.forget_past(unit.clock.true_now()) == 0
    unit.spool.clear(1, receipt="r", payload_sha256="00", now=NOW)
    assert unit.alerts.forget_past(unit.clock.true_now()) == 1
    assert unit.state.snapshot().alerts == ()


def test_a_damaged_read_is_told_and_holds_up_no_other(unit: Unit, server: UnitServer) -> None:
    unit.spool.add([read()], NOW)
    damage(unit, "item", "read")
    unit.spool.add([read("8XYZ999")], NOW)
    assert Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state).step() == 0
    assert [one["plate"] for one in server.reads()] == ["8XYZ999"]
    (told,) = unit.spool.untold_thinning(10)
    assert (told.sequence, told.what) == (1, "read")
    who = unit.identities.now()
    assert who is not None
    Agent(unit, NumberReader())._talk._transfers(who)
    assert [one.what for one in server.transfers[0].thinned] == ["read"]
    assert "unit.read_lost" in [one.verb for one in unit.journal.unmerged()]
    assert unit.spool.standing().refused == 1


def test_damaged_pictures_list_and_journal_are_missed_but_end_nothing(unit: Unit, server: UnitServer) -> None:
    unit.spool.add([read()], NOW)
    damage(unit, "picture", "file")
    assert unit.spool.pictures(1) == {}
    assert {one.what for one in unit.spool.untold_thinning(10)} == {"scene", "plate"}
    put_list(unit, server, plate_of(5))
    damage(unit, "wanted", "entry")
    assert unit.listing.matches(plate_of(5), None, NOW) == []
    assert unit.listing.head is None, "the whole list is asked for"
    damage(unit, "journal", "entry")
    name = unit.journal.name
    assert unit.journal.write("unit.started").n == 1
    assert unit.journal.name != name


def test_a_picture_that_breaks_recognition_is_told_and_left_where_it_is(unit: Unit) -> None:
    class Broken(EveryFrame):
        def recognize(self, picture: Picture) -> PictureResult:
            raise ValueError(f"a network refuses {picture.shape}")

    see(unit, 5, Broken())
    assert unit.spool.progress("yard", "5.png") == UNREADABLE
    assert unit.spool.last() == 0


def test_a_copied_disc_gives_its_reads_numbers_of_a_new_spool(unit: Unit, server: UnitServer) -> None:
    first = unit.spool.id
    unit.spool.add([read(), read("8XYZ999")], NOW)
    server.refuses, server.refusal = lambda _: 422, "idempotency-key-reused"
    sender = Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state)
    put_list(unit, server, plate_of(5))
    see(unit, 5)
    (alert,) = unit.alerts.all()
    compared = said_of(alert.event_id)
    unit.answers.add(compared)
    unit.spool.clear(1, receipt="r", payload_sha256="00", now=NOW)
    with unit.store.transaction() as db:
        db.execute("DELETE FROM item WHERE sequence = 2")
    assert sender.step() == 0
    assert unit.spool.id != first
    server.refuses = lambda _: 0
    assert sender.step() == 0
    (sent,) = server.reads()
    assert (sent["plate"], sent["unit"]["spool"], sent["unit"]["sequence"]) == (
        plate_of(5),
        str(unit.spool.id),
        1,
    )
    assert set(server.parts_of(server.order[0])) == {"read", "scene", "plate"}
    (alert,) = unit.alerts.all()
    assert (alert.event_id, alert.sequence) == (sent["event_id"], 1)
    assert [one.event_id for one in unit.state.snapshot().reads] == [sent["event_id"]]
    assert unit.answers.waiting() == (msgspec.structs.replace(compared, event_id=sent["event_id"]),)
    (told,) = unit.spool.untold_thinning(10)
    assert (told.spool, told.sequence, told.what) == (first, 3, "number")
    assert told.why == f"it goes on as 1 of {unit.spool.id}"


def said_of(event_id: str, minutes: int = 0) -> PictureCompared:
    return PictureCompared(
        id=uuid4(),
        session=uuid4(),
        at=NOW + timedelta(minutes=minutes),
        event_id=event_id,
        entry=uuid4(),
        characters="YES",
    )


def test_answers_that_wait_for_their_reads_hold_up_no_other_and_go_when_the_read_can_never_come(
    unit: Unit, server: UnitServer
) -> None:
    unit.spool.add([read()], NOW)
    waiting = [said_of(event_id(unit.spool.id, 1), minutes) for minutes in range(100)]
    last = said_of(event_id(unit.spool.id, 2), 100)
    for one in (*waiting, last):
        unit.answers.add(one)
    server.later = True
    talk, who = Agent(unit, NumberReader())._talk, unit.identities.now()
    assert who is not None
    talk._answer(who)
    talk._answer(who)
    assert [len(asked) for asked in server.answers] == [100, 1]
    assert len(unit.answers.waiting()) == 100, (
        "its read is not on the unit, and the server has no receipt of it"
    )
    entries = [one for one in unit.journal.unmerged() if one.verb == "unit.refused"]
    assert [one.subject for one in entries] == [f"answer:{last.id}"]
    assert unit.state.snapshot().refused == "Its read can never come."
    unit.spool.clear(1, receipt="r", payload_sha256="00", now=NOW)
    talk._answer(who)
    assert len(unit.answers.waiting()) == 100, "the server has the read, and must match it first"
    server.later = False
    talk._answer(who)
    assert unit.answers.waiting() == ()
    assert unit.state.snapshot().refused == ""


def test_a_journal_that_the_server_never_joins_is_begun_anew_once_a_round(
    unit: Unit, server: UnitServer
) -> None:
    server.breaks_chains = True
    agent, who = Agent(unit, NumberReader()), unit.identities.now()
    assert who is not None
    for rounds in (1, 2):
        with pytest.raises(Away, match="begins anew"):
            agent._talk._portions(who)
        assert server.asked.count("/unit/v1/journal") == rounds
    assert [one.verb for one in unit.journal.unmerged()] == ["unit.enrolled"], "nothing is lost by it"


def test_one_document_that_is_not_believed_keeps_nothing_else_back(unit: Unit, server: UnitServer) -> None:
    agent, who = Agent(unit, NumberReader()), unit.identities.now()
    assert who is not None
    agent._talk._configuration(who)
    server.serial = -9
    agent._talk._etag = ""
    agent._round(who)
    assert "not newer" in agent._untold
    assert "/unit/v1/transfers" in server.asked
    assert unit.journal.unmerged() == (), "what was done here is told all the same"


def test_a_revocation_takes_effect_on_a_full_disc_and_keeps_what_people_did(
    unit: Unit, server: UnitServer
) -> None:
    put_list(unit, server, plate_of(5))
    see(unit, 5)
    (alert,) = unit.alerts.all()
    unit.answers.add(said_of(alert.event_id))
    fill_disc(unit.store)
    unit.revoke(Revoked("This key opens nothing"))
    assert (unit.listing.count(), unit.alerts.all(), unit.identities.now()) == (0, [], None)
    assert unit.spool.standing().waiting == 1
    assert len(unit.answers.waiting()) == 1
    left = (unit.settings.data / "unit.sqlite-wal").read_bytes()
    assert left == b"", "nothing of the list is left in the log beside the file"


def test_an_alert_beyond_those_that_are_shown_is_withdrawn_as_well(
    unit: Unit, server: UnitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Alerts.all, "__defaults__", (1,))
    put_list(unit, server, plate_of(5), plate_of(6))
    see(unit, 5)
    see(unit, 6)
    assert [one.plate for one in unit.alerts.all()] == [plate_of(6)]
    put_list(unit, server)
    unit.alerts.compare(unit.listing, unit.clock.true_now())
    assert all(one.withdrawn_at for one in unit.alerts.all(9))


def test_a_proxys_refusal_is_none_of_the_read(
    unit: Unit, server: UnitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.edge.unit_server.PROBLEM", "text/html")
    server.refuses = lambda _: 413
    unit.spool.add([read()], NOW)
    assert Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state).step() > 0
    assert unit.spool.standing().waiting == 1


def test_a_clock_of_long_ago_brings_back_no_entry_and_is_said(tmp_path: Path, server: UnitServer) -> None:
    unit = enrolled(settings_in(tmp_path, server.url), Clock(lambda: 0.0))
    put_list(unit, server)
    who = unit.identities.now()
    assert who is not None
    server.entries = (entry(plate_of(5), hours=-1),)
    unit.listing.put(opened(server.listed({}), who.keys, HotList, device_id=who.device_id, agency=who.agency))
    assert unit.listing.matches(plate_of(5), None, unit.clock.true_now()) == []
    listed = state_of(unit.listing.head, None, unit.clock.true_now())
    assert "clock shows a time before the list was made" in listed.told
    unit.close()


@pytest.mark.clause("B-466.11")
def test_a_list_that_is_too_old_is_not_stored_any_longer(unit: Unit, server: UnitServer) -> None:
    put_list(unit, server, plate_of(5))
    unit.listing.destroy_entries()
    assert unit.store.rows("SELECT * FROM wanted") == []
    head = unit.listing.head
    assert head is not None
    assert not head.is_whole
    who = unit.identities.now()
    assert who is not None
    told = opened(server.configured(), who.keys, Configuration, device_id=who.device_id, agency=who.agency)
    listed = state_of(head, told, unit.clock.true_now())
    assert (listed.freshness, listed.is_used) == (Freshness.STALE, False)


def test_a_disabled_unit_keeps_its_key_and_is_itself_again_when_enabled(unit: Unit) -> None:
    before = unit.identities.now()
    unit.revoke(Revoked("This unit is disabled", is_disabled=True))
    assert (unit.identities.now(), unit.identities.disabled()) == (None, before)
    unit.identities.enable()
    assert (unit.identities.now(), unit.identities.revocation()) == (before, None)
    unit.revoke(Revoked("This key opens nothing"))
    unit.identities.enable()
    assert unit.identities.now() is None


@pytest.fixture
def feeder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Feeder, Spool, list[Any]]]:
    monkeypatch.setattr(sources, "SETTLED_S", 3.0)
    store = store_in(tmp_path / "feeder")
    spool = spool_in(store)
    given: list[Any] = []
    waiting = SimpleNamespace(put_next=lambda item: given.append(item) or True)
    source = SourceSettings(
        name="yard",
        kind="folder",
        place=str(tmp_path / "yard"),
        frames_per_s=10,
        after="move",
        done=tmp_path / "done",
    )
    yield Feeder(source, waiting, Clock(), spool), spool, given  # type: ignore[arg-type]  # it puts only
    store.close()


def test_a_half_written_picture_is_waited_for_and_never_moved_or_deleted(
    tmp_path: Path, feeder: tuple[Feeder, Spool, list[Any]]
) -> None:
    one, spool, given = feeder
    put_pictures(tmp_path / "yard", [5])
    path = tmp_path / "yard" / "005.png"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    one._file(path, path.parent, unchanged_s=5)
    assert given == []
    one._file(path, path.parent, unchanged_s=90)
    (ended,) = given
    assert isinstance(ended, Ended)
    spool.add([], NOW, progress=("yard", ended.name, ended.outcome))
    one._file(path, path.parent, unchanged_s=95)
    assert path.exists()
    path.write_bytes(whole)
    one._file(path, path.parent, unchanged_s=5)
    assert isinstance(given[-1], Taken)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_picture_that_recognition_still_works_on_is_not_handed_on_again(
    tmp_path: Path, feeder: tuple[Feeder, Spool, list[Any]]
) -> None:
    one, spool, given = feeder
    put_pictures(tmp_path / "yard", [5])
    path = tmp_path / "yard" / "005.png"
    for unchanged_s in (5, 6, 7):
        one._file(path, path.parent, unchanged_s=unchanged_s)
    (taken,) = given
    spool.add([], NOW, progress=("yard", taken.name, sources.DONE))
    one._file(path, path.parent, unchanged_s=8)
    assert not path.exists(), "it is put away once it is in the spool"


def test_pictures_of_one_name_in_two_folders_are_two_and_neither_is_written_over(
    tmp_path: Path, feeder: tuple[Feeder, Spool, list[Any]]
) -> None:
    one, spool, given = feeder
    yard = tmp_path / "yard"
    for place in (yard, yard / "a", yard / "b"):
        put_pictures(place, [5])
    for path in sorted(yard.rglob("*.png")):
        one._file(path, yard, unchanged_s=5)
    assert len({item.name for item in given}) == 3
    for item in given:
        spool.add([], NOW, progress=("yard", item.name, sources.DONE))
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "005.png").write_bytes(b"moved before")
    for path in sorted(yard.rglob("*.png")):
        one._file(path, yard, unchanged_s=5)
    moved = {str(path.relative_to(tmp_path / "done")) for path in (tmp_path / "done").rglob("*.png")}
    assert moved == {"005.png", "005-2.png", "a/005.png", "b/005.png"}
    assert (tmp_path / "done" / "005.png").read_bytes() == b"moved before"


def test_a_picture_is_offered_once_and_kept_once(
    tmp_path: Path, unit: Unit, feeder: tuple[Feeder, Spool, list[Any]]
) -> None:
    one, _, given = feeder
    put_pictures(tmp_path / "yard", [5])
    for _ in range(3):
        one._file(tmp_path / "yard" / "005.png", tmp_path / "yard", unchanged_s=5)
    assert len(given) == 1
    eye = capturing(unit)
    for _ in range(2):
        eye.take(given[0])
    assert unit.spool.last() == 1


def test_a_camera_that_comes_and_goes_leaves_one_frame_behind() -> None:
    waiting = Waiting()
    source = SourceSettings(name="front", kind="stream", place="rtsp://camera", frames_per_s=10)
    picture = np.zeros((4, 4, 3), dtype=np.uint8)
    for second in range(50):
        waiting.put_newest(Taken(source, datetime.now(UTC) + timedelta(seconds=second), picture, second))
        waiting.put_newest(Ended(source))
    waiting.put_newest(Taken(source, datetime.now(UTC), picture, 99))
    first, second, third = (waiting.take(0) for _ in range(3))
    assert isinstance(first, Ended)
    assert isinstance(second, Taken)
    assert second.seconds == 99
    assert third is None


def test_a_head_without_its_entries_takes_no_changes() -> None:
    head = Head(version=3, as_of=NOW, is_whole=False)
    assert not state_of(head, None, NOW).is_used
    assert Away("x").retry_after == ""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plateward.edge import agent, sources
from plateward.edge.agent import Agent, Unit
from plateward.edge.clock import Clock
from plateward.edge.enrolling import CodeError, enroll
from plateward.edge.link import Away, Unwilling
from plateward.edge.state import LinkState
from plateward.unitwire.documents import NextKey
from plateward.unitwire.signing import DocumentKey
from tests.edge import unit_server
from tests.edge.unit_server import CODE, UnitServer, entry
from tests.edge.units import NumberReader, enrolled, plate_of, put_pictures, settings_in, until


@dataclass
class Time:
    """A clock that somebody sets."""

    set_by: float = 0.0
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: datetime.now(UTC).timestamp() + self.set_by)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "LOOK_S", 0.05)
    monkeypatch.setattr(sources, "POLL_S", 0.05)
    monkeypatch.setattr(sources, "SETTLED_S", 0.0)


@contextmanager
def running(unit: Unit) -> Iterator[Agent]:
    """The unit at work, in threads of this process."""
    at_work = Agent(unit, NumberReader())
    thread = threading.Thread(target=at_work.run)
    thread.start()
    try:
        yield at_work
    finally:
        at_work.stop()
        thread.join()


@pytest.fixture
def unit(tmp_path: Path, server: UnitServer) -> Iterator[Unit]:
    (tmp_path / "yard").mkdir()
    unit = enrolled(settings_in(tmp_path, server.url))
    yield unit
    unit.close()


def verbs(server: UnitServer) -> list[str]:
    return [one.verb for entries in server.journals.values() for one in entries]


def test_a_code_is_checked_before_it_goes_over_the_network(tmp_path: Path, server: UnitServer) -> None:
    settings = settings_in(tmp_path, server.url)
    with pytest.raises(CodeError, match="12 letters and digits"):
        enroll(settings, "7K3M")
    assert server.asked == []
    with pytest.raises(Unwilling, match="code-refused"):
        enroll(settings, "AAAA-AAAA-AAAA")


def reached(server: UnitServer) -> set[int]:
    """Up to which numbers the unit said that its spool goes."""
    return {transfer.highest_sequence for transfer in server.transfers}


def source_states(server: UnitServer) -> set[str]:
    """What the unit said of its sources."""
    return {source.state for health in server.healths for source in health.sources}


def test_a_picture_comes_out_of_the_unit_as_a_stored_read(
    tmp_path: Path, server: UnitServer, unit: Unit
) -> None:
    with running(unit):
        until(lambda: unit.clock.offset_s() is not None, "the server's time was heard")
        put_pictures(tmp_path / "yard", [0, 12])
        until(lambda: bool(server.order), "the read arrives")
        until(lambda: "unit.copy_cleared" in verbs(server), "the journal says what was cleared")
        until(lambda: 1 in reached(server), "the server hears how far the spool goes")
        until(lambda: "RUNNING" in source_states(server), "it hears how the source does")
    (read,) = server.reads()
    assert read["plate"] == plate_of(12)
    assert read["captured_at"].startswith("2026-03-02T04:00:00")
    assert read["unit"]["sequence"] == 1
    assert read["unit"]["source"] == "yard"
    assert abs(read["unit"]["clock_offset_s"]) < 5
    original = (tmp_path / "yard" / "012.png").read_bytes()
    assert server.parts_of(server.order[0])["scene"] == original
    assert verbs(server)[:2] == ["unit.enrolled", "unit.started"]


@pytest.mark.clause("B-466.11")
def test_a_wanted_plate_alerts_on_the_unit_as_unverified_and_without_the_server(
    tmp_path: Path, server: UnitServer, unit: Unit
) -> None:
    wanted = plate_of(12).replace("B", "8")
    server.entries, server.parts = (entry(wanted), entry("9ZZZ999"), entry("5*77")), 2
    with running(unit):
        until(lambda: unit.state.snapshot().listed.is_used, "the list comes, in two parts")
        server.is_away = True
        put_pictures(tmp_path / "yard", [12, 13])
        until(lambda: len(unit.state.snapshot().reads) == 2, "both are read")
    (alert,) = unit.alerts.all()
    assert (alert.plate, alert.verdict, alert.entry.plate) == (plate_of(12), "UNVERIFIED", wanted)
    assert "one look-alike (B/8)" in alert.explanation
    assert alert.picture.startswith(b"\xff\xd8")
    by_plate = {read.plate: read.alert for read in unit.state.snapshot().reads}
    assert by_plate == {plate_of(12): alert.id, plate_of(13): None}


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_revoked_unit_destroys_the_list_keeps_its_reads_and_sends_them_when_enrolled_anew(
    tmp_path: Path, server: UnitServer, unit: Unit
) -> None:
    server.entries = (entry(plate_of(12)),)
    server.refuses = lambda _: 503
    with running(unit):
        until(lambda: unit.state.snapshot().listed.is_used, "the list comes")
        put_pictures(tmp_path / "yard", [12])
        until(lambda: bool(unit.state.snapshot().alerts), "it alerts")
        server.is_disabled = True
        until(lambda: unit.state.snapshot().link.state is LinkState.REVOKED, "it learns that it is disabled")
        until(lambda: "disabled this unit" in unit.state.snapshot().stopped, "it stops and says so")
        asked = len(server.asked)
        shown = unit.state.snapshot()
        assert (shown.alerts, shown.reads, shown.listed.is_used) == ((), (), False)
        assert (unit.listing.count(), unit.alerts.all(), unit.identities.now()) == (0, [], None)
        assert unit.spool.standing().waiting == 1
        put_pictures(tmp_path / "yard", [13])
        server.is_disabled, server.key, server.refuses = False, "key-2", lambda _: 0
        assert len(server.asked) == asked, "a revoked unit asks nothing"
        enroll(unit.settings, CODE)
        until(lambda: len(server.order) == 2, "it sends what waited, and goes on")
        until(lambda: "unit.revoked" in verbs(server), "its journal tells of the revocation")
    assert [read["plate"] for read in server.reads()] == [plate_of(12), plate_of(13)]


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_a_log_in_page_of_some_network_revokes_nothing(
    unit: Unit, server: UnitServer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(unit_server, "PROBLEM", kind)
    server.is_disabled = True
    who = unit.identities.now()
    assert who is not None
    with pytest.raises(Away, match="on the way refused"):
        unit.link.get("configuration", who)


@pytest.mark.parametrize("step", [86_400.0, -86_400.0])
def test_a_clock_that_is_set_is_recorded_and_reads_carry_how_far_it_is_off(
    tmp_path: Path, server: UnitServer, step: float
) -> None:
    (tmp_path / "yard").mkdir()
    time = Time()
    settings = settings_in(tmp_path, server.url)
    unit = enrolled(settings, time.clock)
    with running(unit):
        until(lambda: unit.clock.offset_s() is not None, "the server's time was heard")
        time.set_by = step
        until(lambda: "unit.clock_jumped" in verbs(server), "the journal tells of the jump")
        put_pictures(tmp_path / "yard", [12])
        until(lambda: bool(server.order), "the read arrives")
    (read,) = server.reads()
    assert abs(read["unit"]["clock_offset_s"] + step) < 5
    jump = next(one for log in server.journals.values() for one in log if one.verb == "unit.clock_jumped")
    assert abs(float(jump.detail["seconds"] or 0) - step) < 5
    unit.close()


def test_a_document_of_a_key_that_nobody_vouched_for_is_not_believed(unit: Unit, server: UnitServer) -> None:
    stranger = DocumentKey(bytes(32))
    first, server.signing = server.signing, stranger
    with running(unit):
        until(lambda: "not a trusted one" in unit.state.snapshot().link.told, "it is refused")
        assert unit.state.snapshot().configuration is None
        following = NextKey(
            device_id="", agency="", issued_at=datetime.now(UTC), serial=0, public=stranger.public
        )
        server.turns = (first.sign(following),)
        until(lambda: unit.state.snapshot().configuration is not None, "the chain of keys is followed")
        who = unit.identities.now()
        assert who is not None
        assert set(who.keys) == {stranger.id}, "what the former key signs is believed no more"


@pytest.mark.clause("B-466.11")
@pytest.mark.parametrize("may_be_used", [True, False])
def test_a_stale_list_is_used_or_not_as_the_agency_says(
    tmp_path: Path, server: UnitServer, unit: Unit, *, may_be_used: bool
) -> None:
    server.entries = (entry(plate_of(12)),)
    server.configuration = {"list_may_be_used_stale": may_be_used, "list_fresh_for_s": 0}
    with running(unit):
        until(lambda: unit.state.snapshot().listed.version is not None, "the list comes")
        server.is_away = True
        until(lambda: unit.state.snapshot().listed.freshness == "STALE", "it grows old")
        put_pictures(tmp_path / "yard", [12])
        until(lambda: bool(unit.state.snapshot().reads), "it is read")
    told = unit.state.snapshot().listed.told
    assert "older than the 0 hours that B-466.11 allows" in told
    assert ("is used further" in told) is may_be_used
    assert len(unit.alerts.all()) == may_be_used
    if may_be_used:
        assert unit.alerts.all()[0].list_told == told


def test_journals_that_the_server_cannot_join_begin_anew(unit: Unit, server: UnitServer) -> None:
    unit.journal.write("unit.started")
    first = unit.journal.name
    server.journals[str(first)] = [unit.journal.write("unit.locked")]
    with running(unit):
        until(lambda: len(server.journals) > 1, "a new journal begins")
        until(lambda: not unit.journal.unmerged(), "all of it is merged")
    assert unit.journal.name != first
    assert verbs(server).count("unit.locked") == 2


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_unit_without_room_stops_capturing_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, server: UnitServer, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = {"bytes": 1000}
    monkeypatch.setattr(unit.store, "room", lambda: room["bytes"])
    put_pictures(tmp_path / "yard", [12])
    with running(unit):
        until(lambda: "no room" in unit.state.snapshot().stopped, "it stops and says so")
        assert unit.spool.last() == 0
        room["bytes"] = 10**9
        until(lambda: bool(server.order), "the very read that found no room arrives")
        until(lambda: unit.state.snapshot().stopped == "", "it captures again")
    assert [read["plate"] for read in server.reads()] == [plate_of(12)]


def test_the_state_wakes_who_waits_for_it(unit: Unit) -> None:
    version = unit.state.snapshot().version
    threading.Timer(0.05, lambda: unit.state.tell(stopped="for a reason")).start()
    assert unit.state.wait(version, 10) != version
    assert unit.state.wait(unit.state.snapshot().version, 0.01) == unit.state.snapshot().version
    assert unit.state.snapshot().stopped == "for a reason"

"""The power goes at any step: what was read arrives once, and only what has its receipt is gone from here."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from plateward.edge.agent import Unit
from plateward.edge.enrolling import enroll
from plateward.edge.settings import Settings
from plateward.unitwire.calls import event_id
from tests.edge.unit_server import CODE, UnitServer, entry
from tests.edge.units import plate_of, put_pictures, settings_in, start, until

STEPS = (
    "before spooling",
    "while spooling",
    "after spooling",
    "before sending",
    "after sending",
    "while clearing",
    "after clearing",
)


@pytest.mark.clause("B-466.5", "H-426.4")
@pytest.mark.parametrize("step", STEPS)
def test_a_cut_of_the_power_loses_no_read_and_sends_none_twice(
    tmp_path: Path, server: UnitServer, step: str
) -> None:
    numbers = range(1, 4)
    put_pictures(tmp_path / "yard", numbers)
    settings = settings_in(tmp_path, server.url)
    enroll(settings, CODE)
    cut = start(settings, killed_at=step, time_of=2)
    cut.join(20)
    assert cut.exitcode == -9, f"the unit was not killed {step}"
    again = start(settings)
    until(lambda: len(server.order) == 3, "three reads arrive")
    again.terminate()
    again.join(20)
    unit = Unit.opened(settings)
    assert server.order == [event_id(unit.spool.id, number) for number in numbers]
    assert [read["plate"] for read in server.reads()] == [plate_of(number) for number in numbers]
    assert unit.spool.standing().waiting == 0
    assert [line[1] for line in unit.spool.deletions()] == ["copy"] * 3
    unit.close()


def test_a_process_that_is_killed_again_and_again_gets_everything_over_in_the_end(
    tmp_path: Path, server: UnitServer
) -> None:
    put_pictures(tmp_path / "yard", range(1, 13))
    settings = settings_in(tmp_path, server.url)
    enroll(settings, CODE)
    for kill in range(4):
        before = len(server.order)
        unit = start(settings)
        until(lambda wanted=before + 1 + kill % 3: len(server.order) >= wanted, "it goes on")  # type: ignore[misc]  # a default binds
        unit.kill()
        unit.join(20)
    unit = start(settings)
    until(lambda: len(server.order) == 12, "twelve reads arrive")
    unit.terminate()
    unit.join(20)
    assert sorted(read["plate"] for read in server.reads()) == [plate_of(number) for number in range(1, 13)]
    assert [read["unit"]["sequence"] for read in server.reads()] == list(range(1, 13))


def test_the_file_of_a_killed_unit_is_whole(tmp_path: Path, server: UnitServer) -> None:
    server.is_away = True
    put_pictures(tmp_path / "yard", range(1, 6))
    settings = settings_in(tmp_path, server.url)
    server.is_away = False
    enroll(settings, CODE)
    server.is_away = True
    start(settings, killed_at="while spooling", time_of=4).join(20)
    with sqlite3.connect(settings.data / "unit.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT sequence FROM item ORDER BY 1").fetchall() == [(1,), (2,), (3,)]
    db.close()
    assert json.dumps(plate_of(1)).encode() not in (settings.data / "unit.sqlite").read_bytes()


@pytest.mark.clause("B-466.5", "H-426.4")
def test_days_without_a_server_a_clock_that_is_set_and_kills_between_lose_no_read(
    tmp_path: Path, server: UnitServer
) -> None:
    settings = settings_in(tmp_path, server.url)
    enroll(settings, CODE)
    server.is_away = True
    for day, clock_set_by in enumerate((0.0, 2 * 86_400.0, -20 * 365 * 86_400.0)):
        put_pictures(tmp_path / "yard", (2 * day + 1, 2 * day + 2))
        unit = start(settings, clock_set_by=clock_set_by)
        until(lambda wanted=2 * day + 2: kept(settings) == wanted, "it keeps what it reads")  # type: ignore[misc]  # a default binds
        unit.kill()
        unit.join(20)
    server.is_away = False
    unit = start(settings)
    until(lambda: len(server.order) == 6, "six reads arrive")
    unit.terminate()
    unit.join(20)
    reads = server.reads()
    assert [read["unit"]["sequence"] for read in reads] == [1, 2, 3, 4, 5, 6]
    assert [read["plate"] for read in reads] == [plate_of(number) for number in range(1, 7)]
    assert all("clock_offset_s" not in read["unit"] for read in reads), "nobody knew how far it was off"


def kept(settings: Settings) -> int:
    """How many reads wait on the disc, also while the unit works on it."""
    with closing(sqlite3.connect(settings.data / "unit.sqlite", timeout=10)) as db:
        (found,) = db.execute("SELECT count(*) FROM item").fetchone()
        return int(found)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_cut_while_pictures_are_given_up_leaves_none_missing_without_a_word(
    tmp_path: Path, server: UnitServer
) -> None:
    server.configuration = {"keep_pictures_bytes": 10**15}  # more than any disc has
    server.refuses = lambda _: 503
    settings = settings_in(tmp_path, server.url)
    enroll(settings, CODE)
    put_pictures(tmp_path / "yard", range(1, 4))
    cut = start(settings, killed_at="while thinning", time_of=2)
    cut.join(20)
    assert cut.exitcode == -9
    server.refuses = lambda _: 0
    again = start(settings)
    until(lambda: len(server.order) == 3, "three reads arrive")
    every = {(n, role) for n in (1, 2, 3) for role in ("scene", "plate")}
    until(lambda: given_up(server) | sent(server) >= every, "a picture arrives, or the server hears of it")
    again.terminate()
    again.join(20)
    assert not given_up(server) & sent(server)


def given_up(server: UnitServer) -> set[tuple[int, str]]:
    told = [one for report in list(server.transfers) for one in report.thinned]
    return {(one.sequence, one.why.partition(":")[0]) for one in told}


def sent(server: UnitServer) -> set[tuple[int, str]]:
    names = list(server.order)
    return {(n, role) for n, name in enumerate(names, 1) for role in server.parts_of(name) if role != "read"}


def verbs(server: UnitServer) -> list[str]:
    return [one.verb for entries in server.journals.values() for one in entries]


@pytest.mark.parametrize("step", ["between parts of the list", "before the merging is noted"])
def test_a_cut_while_the_server_talks_leaves_a_whole_list_and_a_whole_journal(
    tmp_path: Path, server: UnitServer, step: str
) -> None:
    server.entries, server.parts = (entry(plate_of(1)), entry(plate_of(2)), entry(plate_of(3))), 2
    settings = settings_in(tmp_path, server.url)
    enroll(settings, CODE)
    cut = start(settings, killed_at=step)
    cut.join(20)
    assert cut.exitcode == -9
    again = start(settings)
    until(lambda: verbs(server).count("unit.started") == 2, "it starts again and says so")
    until(lambda: any(one.list_version == server.version for one in server.healths), "the list is in force")
    again.terminate()
    again.join(20)
    unit = Unit.opened(settings)
    assert (unit.listing.count(), len(server.journals)) == (3, 1)
    assert verbs(server)[0] == "unit.enrolled"
    unit.close()

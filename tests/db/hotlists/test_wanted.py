"""The index of wanted plates: never a removed entry, never a missed one, whatever became of its file."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from plateward.hotlists import actions, building, queries, wanted
from plateward.hotlists.building import Standing
from plateward.hotlists.models import Entry
from plateward.hotlists.wanted import FILE, WantedPlates
from tests.alarms import wanted as approved
from tests.ownership import the_owner
from tests.personas import Town

pytestmark = pytest.mark.django_db(transaction=True)

BARSTOW = "barstow-pd"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an index of the test's own, which matching uses."""
    monkeypatch.setattr(queries, "fitting", WantedPlates(tmp_path / FILE).fitting)
    return tmp_path


def hits(plate: str, now: datetime) -> list[str]:
    """The plates of the entries that a read matches."""
    with transaction.atomic():
        found = queries.wanted_among([(BARSTOW, plate)], now)
        return [match.entry.plate for match in found.matches(agency=BARSTOW, plate=plate, region="")]


@contextmanager
def another_connection(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('plateward.agency', '*', false)")
        connection.commit()
        yield connection


def asks_the_database(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count how often memory did not do."""
    times = []
    look = wanted._of_database
    monkeypatch.setattr(wanted, "_of_database", lambda asked: times.append(1) or look(asked))
    return lambda: len(times)


def test_without_an_index_the_database_is_asked(barstow: Town, now: datetime, folder: Path) -> None:
    approved(barstow, "8ABC123", now)
    assert building.standing(now, folder) == (Standing.MISSING, None)
    assert hits("8A8C123", now) == ["8ABC123"]


def test_an_entry_of_the_index_is_found_in_memory(
    barstow: Town, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(barstow, "8ABC123", now)
    assert building.build(now, folder).size == 1
    asked = asks_the_database(monkeypatch)
    assert hits("8A8C123", now) == ["8ABC123"]
    assert hits("8A8C124", now) == []
    assert asked() == 0


@pytest.mark.clause("B-466.11")
def test_an_entry_removed_or_expired_since_never_hits(barstow: Town, now: datetime, folder: Path) -> None:
    removed, expiring = approved(barstow, "8ABC123", now), approved(barstow, "7XYZ456", now)
    building.build(now, folder)
    assert hits("8A8C123", now) == ["8ABC123"]
    actions.remove(entry=removed, note="Found", by=barstow.actor("ortiz", now), now=now)
    assert hits("8A8C123", now) == []
    assert expiring.expires_at is not None
    assert hits("7XY2456", expiring.expires_at - timedelta(seconds=1)) == ["7XYZ456"]
    assert hits("7XY2456", expiring.expires_at) == []


def test_an_entry_added_since_is_found_at_once(barstow: Town, now: datetime, folder: Path) -> None:
    building.build(now, folder)
    assert hits("8A8C123", now) == []
    approved(barstow, "8ABC123", now)
    assert hits("8A8C123", now) == ["8ABC123"]
    approved(barstow, "7XYZ456", now)
    assert (hits("8A8C123", now), hits("7XY2456", now)) == (["8ABC123"], ["7XYZ456"])


def test_an_entry_is_found_whose_older_transaction_commits_after_a_younger_one_was_seen(
    barstow: Town, now: datetime, folder: Path, owner_database_url: str
) -> None:
    slow, quick = approved(barstow, "8ABC123", now), approved(barstow, "7XYZ456", now)
    Entry.objects.update(state="REMOVED")
    activate = "UPDATE hotlists_entry SET state = 'ACTIVE' WHERE id = %s RETURNING changed_in::text::bigint"
    with another_connection(owner_database_url) as older, another_connection(owner_database_url) as younger:
        (first,) = older.execute(activate, [slow.pk]).fetchone() or ()
        (second,) = younger.execute(activate, [quick.pk]).fetchone() or ()
        assert first < second
        younger.commit()
        building.build(now, folder)
        assert (hits("7XY2456", now), hits("8A8C123", now)) == (["7XYZ456"], [])
        older.commit()
    assert hits("8A8C123", now) == ["8ABC123"]


def test_a_change_that_is_taken_back_adds_nothing(
    barstow: Town, now: datetime, folder: Path, owner_database_url: str
) -> None:
    entry = approved(barstow, "8ABC123", now)
    Entry.objects.update(state="REMOVED")
    building.build(now, folder)
    with another_connection(owner_database_url) as other:
        other.execute("UPDATE hotlists_entry SET state = 'ACTIVE' WHERE id = %s", [entry.pk])
        assert hits("8A8C123", now) == []
        other.rollback()
    assert hits("8A8C123", now) == []


def test_a_new_generation_is_taken_up_between_two_batches(
    barstow: Town, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.build(now, folder)
    monkeypatch.setattr(wanted, "MOST_CHANGES", 0)
    asked = asks_the_database(monkeypatch)
    approved(barstow, "8ABC123", now)
    assert hits("8A8C123", now) == ["8ABC123"]
    assert asked() == 1  # more had changed than memory takes
    building.build(now, folder)
    assert hits("8A8C123", now) == ["8ABC123"]
    assert asked() == 1


def test_a_generation_taken_up_by_one_thread_takes_nothing_from_what_another_has_caught_up_with(
    barstow: Town, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.build(now, folder)
    approved(barstow, "8ABC123", now)
    index = WantedPlates(folder / FILE)
    fits = {(BARSTOW, "8A8C123"): ("8A8C123",)}
    assert index.fitting(list(fits)) == fits
    assert index.generation is not None
    server = index.generation.server
    real, waits, goes_on = wanted.changed_since, threading.Event(), threading.Event()

    def slowly(snapshot: str, _limit: int) -> tuple[str, str, list[wanted.Pair]]:
        waits.set()
        goes_on.wait(0.5)
        return server, snapshot, []

    def after_the_other(snapshot: str, limit: int) -> tuple[str, str, list[wanted.Pair]]:
        goes_on.set()
        first.exception()
        return real(snapshot, limit)

    monkeypatch.setattr(wanted, "changed_since", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(index.fitting, list(fits))
        assert waits.wait(60)
        monkeypatch.setattr(wanted, "changed_since", after_the_other)
        (folder / FILE).touch()  # as if a generation from before the entry were put in its place
        assert index.fitting(list(fits)) == fits
        assert first.result() == fits


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-1], lambda data: data[:90] + bytes([data[90] ^ 1]) + data[91:], bytes]
)
def test_a_damaged_file_is_said_and_misses_nothing(
    barstow: Town,
    now: datetime,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[bytes], bytes],
) -> None:
    approved(barstow, "8ABC123", now)
    building.build(now, folder)
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(spoil(whole) if spoil is not bytes else b"")
    assert hits("8A8C123", now) == ["8ABC123"]
    assert "cannot be used" in caplog.text
    assert building.standing(now, folder)[0] is Standing.DAMAGED
    building.build(now, folder)
    assert building.standing(now, folder)[0] is Standing.CURRENT


def test_an_index_of_another_server_counts_for_nothing(
    barstow: Town, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(building, "SERVER", "'another server'")
        building.build(now, folder)
    assert building.standing(now, folder)[0] is Standing.OF_ANOTHER_SERVER
    approved(barstow, "8ABC123", now)
    assert hits("8A8C123", now) == ["8ABC123"]


def test_a_full_disc_leaves_the_old_generation_and_what_came_since(
    barstow: Town, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.build(now, folder)
    before = (folder / FILE).read_bytes()
    approved(barstow, "8ABC123", now)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disc:
        disc.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            building.build(now, folder)
    assert (folder / FILE).read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [FILE.name]
    assert hits("8A8C123", now) == ["8ABC123"]


def test_a_builder_killed_while_it_writes_leaves_the_old_generation(
    barstow: Town, now: datetime, folder: Path
) -> None:
    approved(barstow, "8ABC123", now)
    building.build(now, folder)
    before = (folder / FILE).read_bytes()
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from plateward.documents.store import FileStore\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"FileStore(Path(sys.argv[1])).replace(Path({str(FILE)!r}), b'half')\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)  # noqa: S603  our own script
    assert killed.returncode == -signal.SIGKILL
    assert (folder / FILE).read_bytes() == before
    assert hits("8A8C123", now) == ["8ABC123"]
    building.build(now, folder)
    assert [path.name for path in folder.iterdir()] == [FILE.name]


def test_an_index_is_built_anew_when_much_changed_or_time_went_by(
    barstow: Town, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building.build(now, folder)
    approved(barstow, "8ABC123", now)
    assert building.standing(now, folder)[0] is Standing.CURRENT
    assert building.standing(now + building.FEW_WAIT, folder)[0] is Standing.LEFT_BEHIND
    monkeypatch.setattr(building, "REBUILD_AFTER", 1)
    assert building.standing(now, folder)[0] is Standing.LEFT_BEHIND


COPIES = """
INSERT INTO hotlists_entry ({columns})
SELECT {values} FROM hotlists_entry, generate_series(1, 4000) AS number
"""


def many_entries(now: datetime, town: Town) -> None:
    """Four thousand entries like an approved one, every hundredth of them partial."""
    entry = approved(town, "8ABC123", now)
    columns = [field.column for field in Entry._meta.concrete_fields]
    made = {
        "id": "gen_random_uuid()",
        "plate_key": "lpad(number::text, 7, '0') || CASE number % 100 WHEN 0 THEN '*' ELSE '' END",
    }
    values = ", ".join(made.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(COPIES.format(columns=", ".join(columns), values=values))
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE hotlists_entry")
    assert Entry.objects.filter(hotlist=entry.hotlist).count() == 4001


def test_what_changed_is_wanted_or_partial_is_found_by_indexes_through_the_wall(
    barstow: Town, now: datetime
) -> None:
    many_entries(now, barstow)
    newest = str(10**12)
    plans = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(wanted._BY_INDEX)
        for statement, parameters in (
            (wanted._CHANGED, [newest, str(10**12 + 2), 10]),
            (wanted._ASKED, {"agencies": [BARSTOW], "keys": ["0000001", "0000002"]}),
        ):
            cursor.execute(f"EXPLAIN {statement}", parameters)
            plans.append(" ".join(row[0] for row in cursor.fetchall()))
    assert "entry_changed" in plans[0]
    assert "entry_matching" in plans[1]
    assert "entry_partial" in plans[1]
    assert not any("Seq Scan on hotlists_entry" in plan for plan in plans)


def test_an_index_is_never_built_of_what_may_be_taken_back(now: datetime, folder: Path) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside of any transaction"):
        building.build(now, folder)

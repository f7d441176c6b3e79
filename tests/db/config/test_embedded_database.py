import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import psycopg
import pytest

from plateward.config.database import DatabaseProblem, EmbeddedDatabase, _wheel_programs, copied_programs
from plateward.config.processes import run_as


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that may hold a cluster, as root too (where only /var/lib/plateward may)."""
    made = Path(tempfile.mkdtemp(dir=os.environ["PLATEWARD_DATA"]))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def database(place: Path) -> Iterator[EmbeddedDatabase]:
    with EmbeddedDatabase(place, for_tests=True) as running:
        yield running


def killed(database: EmbeddedDatabase) -> None:
    assert database.process is not None
    database.process.send_signal(signal.SIGKILL)
    database.process.wait()


def test_it_answers_as_an_ordinary_role_in_utc(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.url) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper, current_setting('TimeZone'), current_setting('listen_addresses') "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == ("plateward", False, "UTC", "")


def test_its_socket_and_files_are_closed_to_other_users(database: EmbeddedDatabase) -> None:
    assert database.run.stat().st_mode & 0o077 == 0
    assert database.files.stat().st_mode & 0o077 == 0


def test_what_was_committed_survives_a_restart(place: Path) -> None:
    with EmbeddedDatabase(place, for_tests=True) as database, psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE kept (it text)")
    with EmbeddedDatabase(place, for_tests=True) as database, psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_it_starts_again_after_the_server_was_killed(database: EmbeddedDatabase) -> None:
    killed(database)
    assert (database.files / "postmaster.pid").exists()
    with EmbeddedDatabase(database.data, for_tests=True) as again:
        assert again.answers()


def test_a_killed_server_whose_processes_are_still_ending_is_waited_for(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.url) as client:
        left = client.info.backend_pid
        os.kill(left, signal.SIGSTOP)
        killed(database)
        before = database.log.stat().st_size

        def let_it_end_once_it_was_in_the_way() -> None:
            while "shared memory block" not in database.log.read_text()[before:]:
                time.sleep(0.01)
            os.kill(left, signal.SIGKILL)

        threading.Thread(target=let_it_end_once_it_was_in_the_way, daemon=True).start()
        told = [database.check() or ""]
        while not database.is_ready:
            told += filter(None, [database.check()])
    assert "ended unexpectedly (status -9) and is started again" in told[0]
    assert told[1:] == ["the database answers again"]


def test_a_recovery_may_take_longer_than_a_start(
    database: EmbeddedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_deadline", 0.0)
    refused = psycopg.OperationalError("FATAL:  the database system is starting up")
    monkeypatch.setattr(database, "connect", Mock(side_effect=[*[refused] * 3, Mock()]))
    database.is_ready = False
    told = [database.check() for _ in range(4)]
    assert told == [None, None, None, "the database answers again"]


def test_a_server_that_says_nothing_is_given_up(
    database: EmbeddedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_deadline", 0.0)
    monkeypatch.setattr(database, "connect", Mock(side_effect=psycopg.OperationalError("Connection refused")))
    database.is_ready = False
    with pytest.raises(DatabaseProblem, match="did not start"):
        database.check()


def test_a_lock_file_whose_number_another_process_has_does_not_stop_it(
    database: EmbeddedDatabase,
) -> None:
    killed(database)
    (database.files / "postmaster.pid").write_text(f"{os.getpid()}\n")
    with EmbeddedDatabase(database.data, for_tests=True) as again:
        assert again.answers()


def test_a_server_that_somebody_else_started_is_used_and_left_running(database: EmbeddedDatabase) -> None:
    with EmbeddedDatabase(database.data, for_tests=True) as guest:
        assert not guest.owned
    assert database.answers()


def test_stopping_cuts_clients_off_instead_of_waiting_for_them(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.url) as connection:
        database.stop()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_data_of_another_version_are_left_alone_with_advice(place: Path) -> None:
    (place / "postgresql").mkdir()
    (place / "postgresql" / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseProblem, match="written by PostgreSQL 16"):
        EmbeddedDatabase(place).start()


def test_a_failed_start_shows_what_postgresql_said(database: EmbeddedDatabase) -> None:
    database.stop()
    with (database.files / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(DatabaseProblem, match="no_such_setting"):
        EmbeddedDatabase(database.data).start()


def test_a_half_made_cluster_is_made_anew(place: Path) -> None:
    (place / "postgresql.new").mkdir()
    (place / "postgresql.new" / "half").touch()
    with EmbeddedDatabase(place, for_tests=True) as database:
        assert database.answers()


def test_a_socket_folder_that_somebody_else_planted_is_refused(place: Path, tmp_path: Path) -> None:
    (place / "run").symlink_to(tmp_path)
    with pytest.raises(DatabaseProblem, match="belongs to somebody else"):
        EmbeddedDatabase(place).start()


def test_programs_copied_to_another_place_run_there(tmp_path: Path) -> None:
    home = copied_programs(_wheel_programs(), tmp_path / "programs")
    said = run_as(None, [home / "bin" / "initdb", "--version"], cwd=tmp_path)
    assert said.stdout.startswith("initdb (PostgreSQL) 18"), said.stderr
    assert (tmp_path / "programs").stat().st_mode & 0o777 == 0o755
    assert copied_programs(_wheel_programs(), tmp_path / "programs") == home

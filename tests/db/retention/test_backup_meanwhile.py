"""A purge while somebody looks by an old snapshot, as pg_dump does: nobody finds gone what stays."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from subprocess import Popen
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from plateward.config.database import _programs
from plateward.reads.models import Read
from plateward.reads.partitions import Partition
from plateward.reads.store import PictureStore
from plateward.retention import destruction, list_file, purge_list
from plateward.retention.models import Purge
from plateward.retention.rules import PurgeState
from plateward.walls.rights import APPLICATION, INGEST
from tests import holds
from tests.conftest import as_role
from tests.personas import Town
from tests.purges import approved, drive, long_ago, ready, run
from tests.servers import COMMAND_LINE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One try after the first, and no pause before it."""
    monkeypatch.setattr(destruction, "PAUSES", (0.01,))


@contextmanager
def another() -> Iterator[psycopg.Connection]:
    """Another client of this database, which sees every agency's rows."""
    params = connection.get_connection_params()
    told = {name: params[name] for name in ("dbname", "user", "host", "port", "password") if params.get(name)}
    with closing(psycopg.connect(**told, autocommit=True)) as client:
        client.execute("SELECT set_config('plateward.agency', '*', false)")
        yield client


def one_held(town: Town, now: datetime) -> tuple[Read, Purge]:
    ready(town, now)
    kept, _ = drive(town.camera, long_ago(now), ["7XYZ789", "8ABC123"])
    holds.asked(town, "ortiz", now, holds.plate("7XYZ789"))
    return kept, approved(town, now)


def seen_by(client: psycopg.Connection) -> set[object]:
    return {found for (found,) in client.execute("SELECT id FROM reads_read").fetchall()}


@pytest.mark.clause("B-466.5¶2-purge")
def test_while_a_backup_has_its_snapshot_nothing_goes_and_afterwards_the_purge_goes_on(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    kept, purge = one_held(barstow, now)
    with another() as backup:
        backup.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        backup.execute("SELECT 1")
        refused = run(purge, now, store)
        assert refused.state == PurgeState.RUNNING
        assert refused.problem.startswith("A backup or a long transaction is under way")
        assert "tried again by itself" in refused.problem
        assert len(seen_by(backup)) == Read.objects.filter(agency=barstow.agency).count() == 2
        backup.execute("COMMIT")
        done = run(purge, now, store)
        assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
        assert seen_by(backup) == {kept.id}


def test_a_backup_that_begins_while_the_partition_is_emptied_undoes_that(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, purge = one_held(barstow, now)
    real: Callable[..., Any] = destruction.counts
    with another() as backup, monkeypatch.context() as patch:

        def begun(*facts: Any) -> Any:
            if connection.savepoint_ids and not backup.info.transaction_status:  # it is emptied by now
                backup.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                backup.execute("SELECT 1")
            return real(*facts)

        patch.setattr(destruction, "counts", begun)
        assert "A backup" in run(purge, now, store).problem
        assert len(seen_by(backup)) == 2
        backup.execute("COMMIT")
    assert run(purge, now, store).state == PurgeState.VERIFIED


def test_who_reads_what_is_committed_waits_and_finds_what_stays(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, purge = one_held(barstow, now)
    found: list[set[object]] = []
    real = destruction.refuse_old_snapshots
    with another() as client:
        searching = Thread(target=lambda: found.append(seen_by(client)))

        def then_searched(part: Partition) -> None:
            real(part)
            searching.start()
            until_it_waits(client.info.backend_pid)

        monkeypatch.setattr(destruction, "refuse_old_snapshots", then_searched)
        done = run(purge, now, store)
        searching.join()
    assert (done.state, found) == (PurgeState.VERIFIED, [{kept.id}])


def until_it_waits(pid: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", [pid])
            if cursor.fetchone() != (0,):
                return
            Event().wait(0.01)
    pytest.fail("Nobody waited for the partition.")


def test_a_statement_under_way_by_itself_is_let_be_and_one_in_a_transaction_is_not(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    _, purge = one_held(barstow, now)
    with another() as client:
        for begin, problem in (("BEGIN", "A backup or a long transaction i"), ("", "")):
            if begin:
                client.execute(begin)
            asking = Thread(target=long_asking, args=[client])
            asking.start()
            try:
                until_it_looks(client.info.backend_pid)
                done = run(purge, now, store)
                assert (done.state == PurgeState.RUNNING, done.problem[:32]) == (begin != "", problem)
            finally:
                client.cancel_safe()
                asking.join()
                client.execute("ROLLBACK")


def long_asking(client: psycopg.Connection) -> None:
    with suppress(psycopg.errors.QueryCanceled):
        client.execute("SELECT pg_sleep(600)")


def until_it_looks(pid: int) -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT backend_xmin IS NOT NULL FROM pg_stat_activity WHERE pid = %s", [pid])
            if cursor.fetchone() == (True,):
                return
            Event().wait(0.01)
    pytest.fail("Nobody asked.")


@contextmanager
def dumping(url: str, file: Path, programs: Path) -> Iterator[None]:
    """A pg_dump that has its snapshot and stands still in the block, since one table is taken."""
    with another() as gate:
        gate.execute("BEGIN")
        gate.execute("LOCK TABLE releases_recordspaper IN ACCESS EXCLUSIVE MODE")
        with Popen([programs / "pg_dump", "--no-owner", f"--file={file}", url]) as dump:  # noqa: S603  ours
            try:
                until_it_waits(pid_of("pg_dump"))
                yield
            finally:
                gate.execute("ROLLBACK")
        assert dump.returncode == 0


def pid_of(program: str) -> int:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s "
                "AND datname = current_database() AND backend_xmin IS NOT NULL",
                [program],
            )
            if found := cursor.fetchone():
                return int(found[0])
            Event().wait(0.01)
    pytest.fail(f"No {program} came.")


@contextmanager
def restored(url: str, file: Path, programs: Path) -> Iterator[str]:
    """The address of a database of its own, with what was dumped."""
    name = f"{urlsplit(url).path[1:]}_restored"
    where = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as server:
        known = sql.Identifier(name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(known))
        server.execute(sql.SQL("CREATE DATABASE {}").format(known))
        try:
            # Options of a newer server than this one are told and passed over.
            run_program([programs / "psql", "--quiet", f"--file={file}", where], os.environ)
            yield where
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(known))


def run_program(command: list[str | Path], environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  ours
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_real_dump_is_complete_and_what_it_brings_back_is_purged_again_by_the_list(
    barstow: Town, now: datetime, store: PictureStore, owner_database_url: str, tmp_path: Path
) -> None:
    kept, purge = one_held(barstow, now)
    file, programs = tmp_path / "dump.sql", _programs(None)
    gone = Read.objects.exclude(pk=kept.pk).get(agency=barstow.agency)
    with dumping(owner_database_url, file, programs):
        waits = run(purge, now, store)
        assert (waits.state, waits.problem[:8]) == (PurgeState.RUNNING, "A backup")
        assert Read.objects.filter(agency=barstow.agency).count() == 2
    dumped = file.read_text(encoding="utf-8")
    assert (str(kept.id) in dumped, str(gone.id) in dumped) == (True, True)
    assert run(purge, now, store).state == PurgeState.VERIFIED
    listed = tmp_path / "purges.jsonl"
    (line,) = [line for line in list_file.lines(purge_list.path()) if str(purge.pk) in line]
    list_file.append(listed, line.encode())
    with restored(owner_database_url, file, programs) as url, psycopg.connect(url, autocommit=True) as owner:
        assert seen_by(owner) == {kept.id, gone.id}
        environment = os.environ | {
            "DATABASE_URL": as_role(url, APPLICATION),
            "DATABASE_OWNER_URL": url,
            "DATABASE_INGEST_URL": as_role(url, INGEST),
        }
        told = run_program(
            [*COMMAND_LINE, "retention", "reapply", "--by", "Ivy Imani", "--list", listed], environment
        )
        assert "1 had to be done again" in told
        assert seen_by(owner) == {kept.id}
        found = owner.execute("SELECT number, state FROM retention_purge").fetchall()
        assert found == [(purge.number, "VERIFIED")]

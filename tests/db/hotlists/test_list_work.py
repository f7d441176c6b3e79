"""The worker's part in taking in lists of others: seen from outside, stopped, interrupted, tried again."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction

from plateward.governance.queries import actor_for
from plateward.hotlists import list_actions, list_work, lists
from plateward.hotlists.list_reading import Rejects, place, store, sweep
from plateward.hotlists.models import Entry, EntryState, FileState, ListFile, RejectedLines
from plateward.hotlists.presenters import progress_of
from plateward.hotlists.tasks import work_files_soon
from tests.listing import checked_file, list_file, take_in, takes_lists_in, work_files
from tests.personas import Town

PLATES = 60
TEXT = b"plate,nic\n" + b"".join(b"8STA%03d,V%d\n" % (number, number) for number in range(PLATES))
Uploads = Callable[..., ListFile]


@pytest.fixture
def uploaded(barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    """Upload a file as Sergeant Soto, which the worker reads in parts of 20 lines."""
    takes_lists_in(barstow, now)
    monkeypatch.setattr(list_work, "PART", 20)

    def upload(**facts: Any) -> ListFile:
        soto = barstow.actor("soto", now)
        return list_actions.upload_file(by=soto, now=now, **(list_file(TEXT) | facts))

    return upload


def seen_while_reading(monkeypatch: pytest.MonkeyPatch, act: Callable[[ListFile], None]) -> None:
    """Do something each time that a part was received."""
    receive = lists.receive

    def received(*args: Any) -> None:
        receive(*args)
        act(ListFile.objects.get())

    monkeypatch.setattr(lists, "receive", received)


def test_its_progress_is_told_while_the_worker_reads(
    now: datetime, uploaded: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uploaded()
    assert progress_of(file, now).told == "It waits for the worker."
    told: list[str] = []
    seen_while_reading(monkeypatch, lambda file: told.append(progress_of(file, now).told))
    work_files(now)
    assert [one.partition(" %")[0] for one in told] == ["0", "33", "66"]
    file.refresh_from_db()
    assert (file.state, file.found["named"], file.read_bytes) == (FileState.CHECKED, PLATES, file.size)


def test_a_file_found_wrong_further_down_says_so_and_is_gone(
    uploaded: Uploads, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_actions, "FIRST_BYTES", len(TEXT))
    file = uploaded(data=TEXT + b"8STA\0\n")
    work_files(now)
    file.refresh_from_db()
    assert file.state == FileState.FAILED
    assert file.found["why"] == f"Line {PLATES + 2} holds a NUL character: this is no text file."
    with pytest.raises(ValidationError, match="not usable already"):
        list_actions.order_taking(file=file, by=actor_for(file.uploaded_by, at=now), now=now)


def test_whoever_may_not_any_more_has_nothing_taken_in(
    barstow: Town, uploaded: Uploads, now: datetime
) -> None:
    file = uploaded()
    barstow.users["soto"].data_authorizations.update(revoked_at=now, revoked_by="Cole", revoked_note="Left.")
    work_files(now)
    file.refresh_from_db()
    assert file.state == FileState.FAILED
    assert "B-466.4(e)" in file.found["why"]


@pytest.mark.parametrize("is_ordered", [False, True])
def test_somebody_stops_it_and_nothing_is_taken_in(
    barstow: Town, now: datetime, uploaded: Uploads, monkeypatch: pytest.MonkeyPatch, *, is_ordered: bool
) -> None:
    soto, file = barstow.actor("soto", now), uploaded()
    if is_ordered:
        work_files(now)
        list_actions.order_taking(file=file, by=soto, now=now)
    seen_while_reading(monkeypatch, lambda file: discard(file, soto, now))
    work_files(now)
    file.refresh_from_db()
    assert (file.state, file.decided_by_id) == (FileState.DISCARDED, soto.user_id)
    assert not Entry.objects.exists()


def discard(file: ListFile, by: Any, now: datetime) -> None:
    if file.state != FileState.DISCARDED:
        list_actions.discard_file(file=file, by=by, now=now)


def test_a_worker_that_is_to_end_leaves_it_to_the_next(uploaded: Uploads, now: datetime) -> None:
    file = uploaded()
    asked = iter([False, True])
    assert list_work.work_next(now=now, is_ending=lambda: next(asked))
    file.refresh_from_db()
    assert (file.state, file.read_bytes > 0) == (FileState.UPLOADED, True)
    work_files(now)
    file.refresh_from_db()
    assert file.state == FileState.CHECKED


def test_what_fails_again_and_again_is_given_up_and_said(
    uploaded: Uploads, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uploaded()
    with monkeypatch.context() as broken:
        broken.setattr(lists, "compare_received", lambda *_: 1 / 0)
        for _ in range(list_work.MOST_ATTEMPTS):
            with pytest.raises(ZeroDivisionError):
                list_work.work_next(now=now)
    file.refresh_from_db()
    assert progress_of(file, now).troubles == "The work was interrupted and began anew; this is attempt 5."
    work_files(now)
    file.refresh_from_db()
    assert "failed at it several times" in file.found["why"]


def full(*_: Any, **__: Any) -> None:
    """What a write to a full disc does."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("during", ["receive", "compare_received", "put_in_place"])
def test_a_full_disc_has_the_file_wait_however_often_and_go_on_when_there_is_room(
    barstow: Town, uploaded: Uploads, now: datetime, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    file, is_taking = uploaded(), during == "put_in_place"
    if is_taking:
        work_files(now)
        list_actions.order_taking(file=file, by=barstow.actor("soto", now), now=now)
    with monkeypatch.context() as disc:
        disc.setattr(lists, during, no_room_in_the_database)
        for _ in range(list_work.MOST_ATTEMPTS + 1):
            with pytest.raises(OperationalError, match="no space left"):
                list_work.work_next(now=now)
    file.refresh_from_db()
    assert file.state == (FileState.TAKING if is_taking else FileState.UPLOADED)
    assert "There is no room on the disc" in progress_of(file, now).troubles
    assert not Entry.objects.exists()
    work_files(now)
    file.refresh_from_db()
    assert (file.state, file.found["named"]) == (
        FileState.TAKEN if is_taking else FileState.CHECKED,
        PLATES,
    )
    assert "no_room" not in file.found


def no_room_in_the_database(*_: Any, **__: Any) -> None:
    """Have the database say that its disc is full."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'no space left'; END $$"
        )


def test_lines_left_out_that_find_no_room_leave_the_file_waiting_whole(
    uploaded: Uploads, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uploaded(data=TEXT + b"*\n")
    with monkeypatch.context() as disc:
        disc.setattr(Rejects, "keep", full)
        with pytest.raises(OSError, match="No space left"):
            list_work.work_next(now=now)
    file.refresh_from_db()
    assert (file.state, file.attempts) == (FileState.UPLOADED, 0)
    work_files(now)
    file.refresh_from_db()
    assert (file.state, RejectedLines.objects.get().count) == (FileState.CHECKED, 1)


def test_what_a_killed_upload_left_is_swept_and_what_waits_is_not(
    uploaded: Uploads, now: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    file = uploaded()
    kept = store().root / place(file)
    left = kept.with_name(f"{'0' * 64}.list")
    left.write_bytes(b"plate\n8STA733\n")
    for path in (kept, left):
        os.utime(path, (now.timestamp(), now.timestamp()))
    assert sweep(now) == 0
    assert sweep(now + timedelta(minutes=1)) == 1
    assert (kept.exists(), left.exists()) == (True, False)


def test_what_comes_again_beside_the_sweep_stays_until_its_row_is_there(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    left = Path(barstow.agency.pk, f"{'0' * 64}.list")
    store().put(left, b"plate\n8STA733\n")
    long_ago = now.timestamp() - 86_400
    os.utime(store().root / left, (long_ago, long_ago))
    (store().root / left).with_name("folder").mkdir()
    store().put(left, b"plate\n8STA733\n")
    assert sweep(now - timedelta(hours=1)) == 0
    assert (store().root / left).exists()


KILLED = """
import os, signal
from dataclasses import replace
from pathlib import Path
from plateward.config.cli import setup_django
setup_django()
from django.conf import settings
from django.utils import timezone
from plateward.hotlists import list_work, lists
from plateward.walls import scope

scope.become_system("The worker of a test.")
settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=Path(os.environ["LISTS_BELOW"]))
list_work.PART = 20
act = getattr(lists, os.environ["KILL_AFTER"])

def act_and_die(*args, **named):
    act(*args, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(lists, os.environ["KILL_AFTER"], act_and_die)
list_work.work_next(now=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", ["receive", "put_in_place"])
def test_killed_in_between_no_list_is_half_taken_in(
    barstow: Town, now: datetime, uploaded: Uploads, test_database_url: str, after: str
) -> None:
    soto = barstow.actor("soto", now)
    take_in(checked_file(soto, now), soto, now)
    file = uploaded()
    work_files(now)
    list_actions.order_taking(file=file, by=soto, now=now, reason="The source cleaned up.")
    environment = {
        **os.environ,
        "KILL_AFTER": after,
        "LISTS_BELOW": str(settings.ENVIRONMENT.data),
        "DATABASE_URL": test_database_url,
    }
    ended = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "-c", KILLED], env=environment, check=False, timeout=120
    )
    assert ended.returncode == -signal.SIGKILL
    standing = Entry.objects.filter(state=EntryState.ACTIVE)
    assert [entry.plate for entry in standing] == ["8STA733"]
    work_files(now)
    file.refresh_from_db()
    assert (file.state, file.attempts, standing.all().count()) == (FileState.TAKEN, 2, PLATES)


@pytest.mark.django_db(transaction=True)
def test_what_is_being_put_in_place_cannot_be_stopped(
    barstow: Town, now: datetime, uploaded: Uploads
) -> None:
    file = uploaded()
    other = connection.copy()
    try:
        with other.cursor() as cursor, transaction.atomic():
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM hotlists_listfile FOR UPDATE")
            with pytest.raises(ValidationError, match="cannot be stopped"):
                list_actions.discard_file(file=file, by=barstow.actor("soto", now), now=now)
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_works_on_lists(barstow: Town) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [list_work._ONE_WORKER])
            with list_work.alone() as is_alone:
                assert not is_alone
            # Closing alone lets go of it only once the server has noticed.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [list_work._ONE_WORKER])
    finally:
        other.close()
    with list_work.alone() as is_alone:
        assert is_alone
    assert barstow.users


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_told_at_once_and_not_twice(barstow: Town) -> None:
    work_files_soon()
    work_files_soon()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'hotlists.files'")
        assert cursor.fetchone() == (1,)
    assert barstow.users

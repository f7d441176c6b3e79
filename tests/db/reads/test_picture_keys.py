"""Data keys and master keys: made once, turned without a pause, destroyed with one act on record."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from plateward.audit.models import AuditRecord
from plateward.audit.who import Who
from plateward.config.commands.keys import command as keys_command
from plateward.config.commands.pictures import command as pictures_command
from plateward.config.picture_checks import findings
from plateward.reads import actions, key_actions, keys, pictures
from plateward.reads.key_actions import KeyRefusedError
from plateward.reads.models import DataKey, InboxItem, InboxState, Picture, Read
from plateward.reads.store import PictureLost, PictureStore, PictureUnavailableError, plain_path
from plateward.vault.buckets import Bucket
from plateward.vault.masters import KeptMasters, MasterKeyError, new_master
from plateward.vault.s3 import S3
from plateward.walls import scope
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town

CLERK = Who(username="test", name="Kim Ito", title="", organization="")
SCENE = picture()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    keys.forget_unwrapped()


@pytest.fixture
def kept() -> KeptMasters:
    found = keys.masters()
    assert isinstance(found, KeptMasters)
    return found


Shoot = Callable[..., Picture]


@pytest.fixture
def shoot(barstow: Town, now: datetime) -> Shoot:
    """Have a picture stored, of a day so many days ago."""

    def shot(days: int = 0, **details: Any) -> Picture:
        event = uuid4().hex
        body = as_multipart(as_json(now - timedelta(days=days), event_id=event, **details), scene=SCENE)
        inbox_item(barstow.camera, body, now, content_type=MULTIPART)
        assert actions.store_waiting(limit=9, now=now) == 1
        return Picture.objects.select_related("data_key").get(
            read_id=Read.objects.get(source_event_id=event).id
        )

    return shot


def opened_anew(shown: Picture) -> bytes:
    """As a process sees it that has just started."""
    keys.forget_unwrapped()
    return pictures.picture_bytes(Picture.objects.select_related("data_key").get(pk=shown.pk))


def test_a_days_pictures_share_a_key_and_another_days_do_not(shoot: Shoot, now: datetime) -> None:
    first, second, earlier = shoot(), shoot(), shoot(days=2)
    assert first.data_key == second.data_key != earlier.data_key
    assert DataKey.objects.count() == 2
    assert {opened_anew(one) for one in (first, second, earlier)} == {SCENE}
    assert first.data_key
    assert (first.data_key.device_id, first.data_key.created_at) == (Read.objects.first().device_id, now)  # type: ignore[union-attr]  # there are three


def test_a_batch_of_pictures_asks_for_its_keys_once(
    barstow: Town, shoot: Shoot, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    shoot()
    asked = []
    found = keys._found
    monkeypatch.setattr(keys, "_found", lambda wanted: asked.append(wanted) or found(wanted))
    for event in range(5):
        body = as_multipart(as_json(now, event_id=str(event)), scene=SCENE, plate=picture("red"))
        inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    assert actions.store_waiting(limit=9, now=now) == 5
    assert [len(wanted) for wanted in asked] == [1]


@pytest.mark.django_db(transaction=True)
def test_two_intakes_that_need_the_same_new_key_make_one(barstow: Town, now: datetime) -> None:
    wanted = {keys.KeyOf("barstow-pd", barstow.camera.pk, date(2026, 11, 20 + n)) for n in range(3)}
    found: list[Any] = []
    start = threading.Barrier(4, timeout=60)

    def intake() -> None:
        with scope.as_system("An intake of the test."):
            start.wait()
            with transaction.atomic():
                found.append(keys.keys_for(wanted, now))
        connection.close()

    intakes = [threading.Thread(target=intake) for _ in range(4)]
    for one in intakes:
        one.start()
    for one in intakes:
        one.join()
    assert len(found) == 4
    assert all(one == found[0] for one in found)
    assert DataKey.objects.count() == 3


def test_an_attempt_that_failed_leaves_nothing_that_the_next_one_trips_over(
    barstow: Town, now: datetime
) -> None:
    """Its key was never committed, and the file under it stands in nobody's way."""
    body = as_multipart(as_json(now), scene=SCENE)
    item = inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    with pytest.MonkeyPatch.context() as failing:

        def fall_over(*_: Any) -> None:
            raise OSError("the database fell over")

        failing.setattr("plateward.reads.storing.insert_pictures", fall_over)
        actions.store_waiting(limit=9, now=now)
    assert not DataKey.objects.exists()
    item.refresh_from_db()
    assert item.retry_at is not None
    assert actions.store_waiting(limit=9, now=item.retry_at) == 1
    assert opened_anew(Picture.objects.get()) == SCENE


def test_a_payload_waits_while_the_master_key_is_away_and_is_stored_when_it_is_back(
    barstow: Town, shoot: Shoot, kept: KeptMasters, now: datetime, tmp_path: Path
) -> None:
    shoot(days=2)
    keys.forget_unwrapped()
    kept.path.rename(tmp_path / "away")
    body = as_multipart(as_json(now), scene=SCENE)
    item = inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    for _ in range(7):
        actions.store_waiting(limit=9, now=item.retry_at or now)
        item.refresh_from_db()
        assert (item.state, item.attempts) == (InboxState.RECEIVED, 0)
        assert "is missing. Restore it" in item.reason
    assert not kept.path.exists()  # a new one would never open what the lost one wrapped
    (tmp_path / "away").rename(kept.path)
    actions.store_waiting(limit=9, now=item.retry_at or now)
    assert InboxItem.objects.get(pk=item.pk).state == InboxState.STORED


def test_another_agencys_act_never_makes_a_lost_master_key_anew(
    shoot: Shoot, huntington_park: Town, kept: KeptMasters
) -> None:
    shoot()
    kept.path.unlink()
    with scope.as_agency(huntington_park.agency.pk), pytest.raises(MasterKeyError, match="missing"):
        keys.masters_that_wrap().wrap(b"k" * 32, "context")
    assert not kept.path.exists()


def test_while_the_s3_server_is_away_reads_without_pictures_are_stored_and_the_others_wait(
    barstow: Town, now: datetime
) -> None:
    away = S3(Bucket("pictures", "http://127.0.0.1:1", "us-east-1", "key", "secret"), answer_s=1)
    store = PictureStore(Path("/nowhere"), away)
    body = as_multipart(as_json(now, event_id="seen"), scene=SCENE)
    waiting = [inbox_item(barstow.camera, body, now, content_type=MULTIPART) for _ in range(3)]
    plain = inbox_item(barstow.camera, as_json(now, event_id="plain"), now)
    actions.store_waiting(limit=9, now=now, store=store)
    plain.refresh_from_db()
    assert plain.state == InboxState.STORED
    for item in waiting:
        item.refresh_from_db()
        assert (item.state, item.attempts) == (InboxState.RECEIVED, 0)
        assert "The S3 server http://127.0.0.1:1" in item.reason


def rotate(name: str = "rotate", *options: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plateward.config.commands.keys.setup_django", lambda: None)
        return CliRunner().invoke(keys_command, [name, "--by", "Kim Ito", *options])


def test_turning_the_master_key_wraps_every_key_anew_and_leaves_the_pictures_alone(
    shoot: Shoot, kept: KeptMasters, tmp_path: Path
) -> None:
    shown = [shoot(), shoot(days=3)]
    files = {path: path.read_bytes() for path in tmp_path.rglob("*.original")}
    before = kept.current()
    done = rotate()
    assert (done.exit_code, "2 keys and secrets" in done.output) == (0, True)
    assert kept.current() != before
    assert set(DataKey.objects.values_list("master", flat=True)) == {kept.current()}
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.original")} == files
    assert [opened_anew(one) for one in shown] == [SCENE, SCENE]
    master = AuditRecord.objects.filter(verb__startswith="reads.master").order_by("id")
    verbs = list(master.values_list("verb", "name"))
    assert verbs == [("reads.master.added", "Kim Ito"), ("reads.master.rewrapped", "Kim Ito")]

    forgotten = rotate("forget", "--yes")
    assert "1 earlier master key destroyed" in forgotten.output
    assert len(kept.masters()) == 1
    assert opened_anew(shown[0]) == SCENE
    assert "0 earlier" in rotate("forget", "--yes").output


def test_an_interrupted_turn_goes_on_with_the_same_master_key(
    shoot: Shoot, kept: KeptMasters, now: datetime
) -> None:
    shown = [shoot(days=days) for days in range(3)]
    added = key_actions.add_master(by=CLERK, now=now)
    assert key_actions.rewrap(by=CLERK, now=now, limit=1) == 1
    assert [opened_anew(one) for one in shown] == [SCENE] * 3
    with pytest.raises(KeyRefusedError, match="2 keys and secrets"):
        key_actions.forget_earlier_masters(by=CLERK, now=now)
    assert "2 keys and secrets" in rotate().output
    assert kept.current() == added
    assert [opened_anew(one) for one in shown] == [SCENE] * 3


def test_the_master_key_moves_out_of_the_data_folder(
    shoot: Shoot, kept: KeptMasters, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = shoot()
    given = replace(settings.ENVIRONMENT, given_master_key=new_master())
    monkeypatch.setattr(settings, "ENVIRONMENT", given)
    assert opened_anew(shown) == SCENE
    assert "1 key or secret" in rotate().output
    kept.path.unlink()
    assert opened_anew(shown) == SCENE
    refused = rotate("forget", "--yes")
    assert "destroy the earlier ones there" in str(refused.exception)


def test_a_wrong_master_key_shows_no_picture_and_changes_no_key(shoot: Shoot, kept: KeptMasters) -> None:
    shown = shoot()
    assert shown.data_key
    kept.path.write_text(new_master())
    with pytest.raises(PictureUnavailableError, match=f"wrapped by master key {shown.data_key.master}"):
        opened_anew(shown)
    assert "Restore that one" in str(rotate().exception)
    shown.data_key.refresh_from_db()
    assert shown.data_key.master != kept.current()


def test_destroying_a_key_makes_its_pictures_unreadable_for_good_and_no_other(
    shoot: Shoot, now: datetime, tmp_path: Path
) -> None:
    gone, other = shoot(days=2), shoot()
    assert gone.data_key
    copy = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.original")}
    with pytest.raises(KeyRefusedError, match="Say why"):
        key_actions.destroy_key(by=CLERK, key_id=gone.data_key.pk, because=" ", now=now)
    count = key_actions.destroy_key(by=CLERK, key_id=gone.data_key.pk, because="a year is over", now=now)
    assert count == 1
    with pytest.raises(PictureLost, match="a year is over"):
        opened_anew(gone)
    assert opened_anew(other) == SCENE
    record = AuditRecord.objects.get(verb="reads.key.destroyed")
    assert (record.agency, record.detail["reason"], record.detail["pictures"]) == (
        "barstow-pd",
        "a year is over",
        1,
    )
    with pytest.raises(KeyRefusedError, match="already"):
        key_actions.destroy_key(by=CLERK, key_id=gone.data_key.pk, because="again", now=now)
    for path, data in copy.items():  # as from a backup of the pictures
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    with pytest.raises(PictureLost):
        opened_anew(gone)


@pytest.mark.django_db(transaction=True)
def test_the_files_under_a_destroyed_key_go_with_it(shoot: Shoot, now: datetime, tmp_path: Path) -> None:
    gone, other = shoot(days=2), shoot()
    assert gone.data_key
    key_actions.destroy_key(by=CLERK, key_id=gone.data_key.pk, because="a year is over", now=now)
    assert [path.stem for path in tmp_path.rglob("*.original")] == [str(other.pk)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reads_datakey SET wrapped = 'x', destroyed_at = NULL",
        "UPDATE reads_datakey SET destroyed_because = 'another reason'",
        "DELETE FROM reads_datakey",
    ],
)
def test_the_database_keeps_a_destroyed_key_destroyed(shoot: Shoot, now: datetime, statement: str) -> None:
    gone = shoot()
    assert gone.data_key
    key_actions.destroy_key(by=CLERK, key_id=gone.data_key.pk, because="a year is over", now=now)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_payload_that_comes_after_its_days_key_was_destroyed_is_stored_under_a_fresh_one(
    barstow: Town, shoot: Shoot, now: datetime
) -> None:
    gone = shoot(days=2)
    assert gone.data_key
    key_actions.destroy_key(by=CLERK, key_id=gone.data_key.pk, because="a year is over", now=now)
    late = as_multipart(as_json(now - timedelta(days=2), event_id="late"), scene=SCENE)
    items = [
        inbox_item(barstow.camera, body, now, content_type=kind)
        for body, kind in ((late, MULTIPART), (as_json(now, event_id="new"), "application/json"))
    ]
    actions.store_waiting(limit=9, now=now)
    for item in items:
        item.refresh_from_db()
    assert [item.state for item in items] == [InboxState.STORED, InboxState.STORED]
    key = Picture.objects.select_related("data_key").get(read_id=items[0].read_ids[0]).data_key
    assert key is not None
    assert (key.kept_for, key.wrapped is None) == ("late 1", False)
    with pytest.raises(PictureLost):
        opened_anew(gone)


def test_a_picture_held_as_evidence_outlives_its_days_key(shoot: Shoot, now: datetime) -> None:
    held, gone = shoot(), shoot()
    assert held.data_key
    kept_for = {"by": CLERK, "picture_ids": [held.pk], "kept_for": "hold 26-1234", "now": now}
    with pytest.raises(KeyRefusedError, match="kept for"):
        key_actions.keep_apart(**kept_for | {"kept_for": ""})  # type: ignore[arg-type]  # mixed values
    assert key_actions.keep_apart(**kept_for) == 1  # type: ignore[arg-type]  # the same
    assert key_actions.keep_apart(**kept_for) == 0  # type: ignore[arg-type]  # the same
    assert AuditRecord.objects.get(verb="reads.picture.kept").detail["kept_for"] == "hold 26-1234"
    key_actions.destroy_key(by=CLERK, key_id=held.data_key.pk, because="a year is over", now=now)
    assert opened_anew(held) == SCENE
    assert pictures.thumbnail(Picture.objects.select_related("data_key").get(pk=held.pk))[1] == "image/webp"
    with pytest.raises(PictureLost):
        opened_anew(gone)


def made_plain(shown: Picture, tmp_path: Path) -> Path:
    """As an earlier release stored it."""
    path = plain_path("barstow-pd", shown.captured_at.date(), shown.sha256, shown.media_type)
    file = tmp_path / "pictures" / path
    file.write_bytes(SCENE)
    Picture.objects.filter(pk=shown.pk).update(data_key=None)
    return file


def encrypt() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plateward.config.commands.pictures.setup_django", lambda: None)
        return CliRunner().invoke(pictures_command, ["encrypt", "--by", "Kim Ito"])


def test_plain_pictures_of_an_earlier_release_are_encrypted_and_then_removed(
    shoot: Shoot, tmp_path: Path
) -> None:
    first, second = shoot(), shoot(days=2)
    plain = [made_plain(one, tmp_path) for one in (first, second)]
    done = encrypt()
    assert (done.exit_code, done.output) == (0, "2 pictures encrypted, 2 plain files removed.\n")
    assert not any(path.exists() for path in plain)
    assert [opened_anew(one) for one in (first, second)] == [SCENE, SCENE]
    assert AuditRecord.objects.get(verb="reads.picture.sealed").detail["count"] == 2
    assert encrypt().output == "0 pictures encrypted, 0 plain files removed.\n"


def test_encrypting_that_was_interrupted_goes_on_and_loses_nothing(
    shoot: Shoot, now: datetime, tmp_path: Path
) -> None:
    shown = [shoot(), shoot()]
    (plain,) = {made_plain(one, tmp_path) for one in shown}
    assert key_actions.seal_plain(by=CLERK, now=now, limit=1) == 1
    assert pictures.remove_plain() == 0  # the second picture still needs the file they shared
    assert [opened_anew(one) for one in shown] == [SCENE, SCENE]
    assert encrypt().output == "1 pictures encrypted, 1 plain files removed.\n"
    assert not plain.exists()
    assert [opened_anew(one) for one in shown] == [SCENE, SCENE]


def test_a_damaged_plain_picture_stops_the_encrypting_and_stays_as_it_is(
    shoot: Shoot, tmp_path: Path
) -> None:
    plain = made_plain(shoot(), tmp_path)
    plain.write_bytes(b"damaged")
    assert "is damaged" in str(encrypt().exception)
    assert plain.exists()
    assert Picture.objects.filter(data_key=None).count() == 1


def told() -> dict[str, tuple[str, str]]:
    return {one.name: (one.state.name, one.found) for one in findings(settings.ENVIRONMENT)}


def test_the_doctor_looks_at_the_master_key_and_the_pictures(
    shoot: Shoot, kept: KeptMasters, tmp_path: Path
) -> None:
    assert told()["master key"] == ("NOTE", "none yet")
    shown = shoot()
    assert told()["master key"][0] == "FINE"
    assert told()["pictures"] == ("FINE", str(tmp_path / "pictures"))

    kept.path.chmod(0o644)
    assert "chmod 600" in told()["master key"][1]
    kept.path.chmod(0o600)
    text = kept.path.read_text()
    kept.path.write_text(new_master())
    assert "was wrapped by master key" in told()["master key"][1]
    kept.path.write_text("torn")
    assert "damaged" in told()["master key"][1]
    kept.path.unlink()
    assert "missing" in told()["master key"][1]
    kept.path.touch(0o600)
    kept.path.write_text(text)
    kept.add(new_master())
    assert told()["master key"] == ("NOTE", "an earlier one still wraps 1 key or secret")
    made_plain(shown, tmp_path)
    assert told()["pictures"] == ("WRONG", "1 of an earlier release are not encrypted")


@pytest.mark.django_db(transaction=True)
def test_a_key_being_made_while_the_master_turns_is_waited_for_and_wrapped_anew(
    barstow: Town, kept: KeptMasters, now: datetime
) -> None:
    """Else it would be wrapped by a master that nobody has any more."""
    of = keys.KeyOf("barstow-pd", barstow.camera.pk, now.astimezone(UTC).date())
    kept.make()
    before = kept.current()
    turned = threading.Event()

    def turn() -> None:
        with scope.as_system("The command of the test."):
            key_actions.add_master(by=CLERK, now=now)
            turned.set()
        connection.close()

    turning = threading.Thread(target=turn)
    with transaction.atomic():
        made = keys.keys_for({of}, now)
        turning.start()
        assert not turned.wait(1)
        assert kept.current() == before
    turning.join()
    assert key_actions.rewrap(by=CLERK, now=now) == 1
    assert key_actions.forget_earlier_masters(by=CLERK, now=now) == 1
    keys.forget_unwrapped()
    with transaction.atomic():
        assert keys.keys_for({of}, now) == made


KILLED = """
import os, signal
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from plateward.config.cli import setup_django
setup_django()
from django.conf import settings
settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=Path(os.environ["PICTURES_BELOW"]))
from plateward.audit.who import Who
from plateward.reads import key_actions, pictures
from plateward.reads.store import PictureStore

left = [int(os.environ["KILL_AFTER"])]
put = PictureStore.put

def put_and_die(*args, **named):
    put(*args, **named)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

PictureStore.put = put_and_die
by = Who(username="test", name="Kim Ito", title="", organization="")
while key_actions.seal_plain(by=by, now=datetime.now(UTC), limit=2):
    pass
pictures.remove_plain()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [1, 3, 4])
def test_killed_while_encrypting_it_leaves_every_picture_readable(
    shoot: Shoot, test_database_url: str, tmp_path: Path, after: int
) -> None:
    shown = [shoot(days=days) for days in range(4)]
    for one in shown:
        made_plain(one, tmp_path)
    environment = {
        **os.environ,
        "KILL_AFTER": str(after),
        "PICTURES_BELOW": str(tmp_path),
        "DATABASE_URL": test_database_url,
    }
    done = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "-c", KILLED], env=environment, check=False, timeout=120
    )
    assert done.returncode == -signal.SIGKILL
    assert Picture.objects.filter(data_key=None).exists()
    assert [opened_anew(one) for one in shown] == [SCENE] * 4
    assert encrypt().exit_code == 0
    assert [opened_anew(one) for one in shown] == [SCENE] * 4
    assert not list(tmp_path.rglob("*.jpg"))

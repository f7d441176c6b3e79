"""Lists' files that the worker fetches: from a watched folder and an SFTP server, once and whole."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from pytest_django import Settings

from plateward.governance.queries import PolicyUnavailableError
from plateward.hotlists import list_actions, pickup_actions, pickup_secrets, pickup_work
from plateward.hotlists.models import Entry, FileState, ListFile
from plateward.hotlists.pickup_actions import PickupFacts
from plateward.hotlists.pickup_models import PickedUp, Pickup, PickupSecret
from plateward.hotlists.pickup_places import PickupTrouble, Reach
from plateward.hotlists.pickup_work import work_pickups
from plateward.notices.models import Notice
from plateward.policy import Refused
from plateward.reads import keys
from plateward.vault.chosen import masters_of
from plateward.vault.masters import GivenMasters, Wrapped, new_master
from tests.listing import takes_lists_in, work_files
from tests.personas import Town
from tests.pickups import FOLDER, came, ordered, pickup_on_record
from tests.sftp_servers import USER, SftpServer


@pytest.fixture(autouse=True)
def own_data(settings: Settings, tmp_path: Path) -> None:
    """A data folder of the test's own: what is watched lies there."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=tmp_path / "data")


SERVER: dict[str, Any] = {
    "way": "SFTP",
    "host": "sftp.state.example",
    "login": USER,
    "host_key": "SHA256:" + "A" * 43,
    "proof": "KEY",
}
MINUTE = timedelta(minutes=1)
TEXT = b"plate\n8STA733\n8STA734\n"


def folder(pickup: Pickup) -> Path:
    """The watched folder, there as after a first look."""
    found = pickup_secrets.watched_folder(pickup)
    found.mkdir(parents=True, exist_ok=True)
    return found


def passes(now: datetime, minutes: int = 1) -> datetime:
    """Let the worker do its rounds each minute."""
    for _ in range(minutes):
        now += MINUTE
        work_pickups(now=now)
        work_files(now)
        work_pickups(now=now)
    return now


def test_a_file_is_taken_over_once_it_has_stopped_growing_and_waits_for_a_person(
    barstow: Town, now: datetime
) -> None:
    pickup = ordered(barstow, now)
    drop = folder(pickup) / "extract.csv"
    drop.write_bytes(TEXT[:10])
    now = passes(now)
    drop.write_bytes(TEXT)
    now = passes(now)
    assert not ListFile.objects.exists()
    now = passes(now)
    file = ListFile.objects.get()
    assert (file.state, file.name, file.found["named"]) == (FileState.CHECKED, "extract.csv", 2)
    assert not drop.exists()
    assert (folder(pickup) / "done" / "extract.csv").read_bytes() == TEXT
    task = Notice.objects.get(kind="list-file-waits")
    assert task.is_task
    assert "waits for your decision" in task.text
    assert not Entry.objects.exists()
    list_actions.discard_file(file=file, by=barstow.actor("soto", now), now=now)
    passes(now)
    task.refresh_from_db()
    assert task.done_at is not None


def test_with_a_marker_a_file_is_whole_at_once_and_not_before(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now, readiness="MARKER", pattern="*.csv")
    drop = folder(pickup) / "extract.csv"
    drop.write_bytes(TEXT)
    (folder(pickup) / "notes.txt").write_bytes(b"not of this list")
    now = passes(now, 3)
    assert not ListFile.objects.exists()
    drop.with_name("extract.csv.done").touch()
    now = passes(now, 10)
    assert ListFile.objects.get().state == FileState.CHECKED
    assert sorted(one.name for one in folder(pickup).iterdir()) == ["done", "failed", "notes.txt"]


def test_bytes_that_are_a_version_already_wait_for_a_person_whatever_was_ordered(
    barstow: Town, now: datetime
) -> None:
    pickup = ordered(barstow, now, takes_in=True)
    (folder(pickup) / "monday.csv").write_bytes(TEXT)
    now = passes(now, 3)
    assert ListFile.objects.get().state == FileState.TAKEN
    (folder(pickup) / "tuesday.csv").write_bytes(TEXT)
    now = passes(now, 12)
    again = PickedUp.objects.get(name="tuesday.csv")
    assert again.first is not None
    assert again.first.name == "monday.csv"
    assert again.file is not None
    assert again.file.state == FileState.CHECKED
    assert "This very file came in as version 1" in Notice.objects.get(kind="list-file-waits").text


def test_a_file_that_was_discarded_and_is_sent_again_is_looked_at_again(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now)
    for _ in range(2):
        drop = folder(pickup) / "extract.csv"
        drop.write_bytes(TEXT)
        os.utime(drop, (1_700_000_000, 1_700_000_000))  # as rsync keeps it
        now = passes(now, 12)
        file = ListFile.objects.get(state=FileState.CHECKED)
        list_actions.discard_file(file=file, by=barstow.actor("soto", now), now=now)
        now = passes(now)
    assert ListFile.objects.filter(state=FileState.DISCARDED).count() == 2


def test_a_fetched_file_is_not_forgotten_while_it_waits(barstow: Town, now: datetime) -> None:
    came(ordered(barstow, now), now)
    work_files(now)
    assert list_actions.discard_forgotten(now=now + timedelta(days=3)) == 0
    assert ListFile.objects.get().state == FileState.CHECKED


def test_what_goes_wrong_with_one_holds_up_no_other(
    barstow: Town, huntington_park: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ordered(barstow, now)
    own = pickup_on_record(huntington_park, now)
    Pickup.objects.filter(pk=own.pk).update(is_on=True)
    came(first, now)
    looks = pickup_work.look

    def look(pickup: Pickup, at: datetime) -> bool:
        if pickup.pk == first.pk:
            raise OSError(28, "No space left on device")
        return looks(pickup, at)

    def fails(**_: object) -> str:
        raise PolicyUnavailableError("barstow-pd")

    monkeypatch.setattr(pickup_work, "look", look)
    monkeypatch.setattr(pickup_actions, "follow_up", fails)
    work_pickups(now=now + MINUTE)
    first.refresh_from_db()
    own.refresh_from_db()
    assert "There is no room on the disc" in first.trouble
    assert own.succeeded_at == now + MINUTE
    assert Notice.objects.get(kind="list-pickup-trouble").agency == first.agency_id
    assert "cannot see to it" in Notice.objects.get(kind="list-file-waits").text


def test_by_standing_order_a_list_is_taken_in_without_a_person(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now, takes_in=True)
    (folder(pickup) / "extract.csv").write_bytes(TEXT)
    now = passes(now, 3)
    assert ListFile.objects.get().state == FileState.TAKEN
    assert Entry.objects.filter(state="ACTIVE").count() == 2
    assert not Notice.objects.filter(kind="list-file-waits").exists()


def test_a_file_against_which_something_speaks_waits_for_a_person_all_the_same(
    barstow: Town, now: datetime
) -> None:
    pickup = ordered(barstow, now, takes_in=True)
    plates = [f"8STA{number}" for number in range(700, 740)]
    (folder(pickup) / "1.csv").write_text("plate\n" + "\n".join(plates) + "\n")
    now = passes(now, 3)
    (folder(pickup) / "2.csv").write_text(f"plate\n{plates[0]}\n")
    now = passes(now, 12)
    assert list(ListFile.objects.values_list("name", "state")) == [("2.csv", "CHECKED"), ("1.csv", "TAKEN")]
    assert "not taken in by itself" in Notice.objects.get(kind="list-file-waits").text
    assert Entry.objects.filter(state="ACTIVE").count() == 40


def test_a_file_with_codes_that_nobody_knows_waits_for_a_person(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now, takes_in=True)
    (folder(pickup) / "1.csv").write_text("plate,category\n8STA733,stolen vehicle\n8STA734,Gang member\n")
    passes(now, 3)
    assert ListFile.objects.get().state == FileState.CHECKED
    assert "not taken in by itself" in Notice.objects.get(kind="list-file-waits").text
    assert not Entry.objects.exists()


def test_a_file_that_cannot_be_used_goes_to_failed_and_is_told(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now)
    (folder(pickup) / "wrong.csv").write_bytes(b"color\nblue\n")
    (folder(pickup) / "later.csv").write_bytes(b"plate\n" + b"8STA733\n" * 1_100 + b"8STA\0\n")
    now = passes(now, 4)
    assert {one.name for one in (folder(pickup) / "failed").iterdir()} == {"wrong.csv", "later.csv"}
    assert "No column is headed plate" in PickedUp.objects.get(name="wrong.csv").why
    assert "NUL character" in PickedUp.objects.get(name="later.csv").why
    assert Notice.objects.filter(kind="list-file-of-no-use").count() == 2
    assert not Entry.objects.exists()


def test_links_are_left_alone(barstow: Town, now: datetime, tmp_path: Path) -> None:
    pickup = ordered(barstow, now)
    secret = tmp_path / "secret.csv"
    secret.write_bytes(TEXT)
    (folder(pickup) / "link.csv").symlink_to(secret)
    passes(now, 3)
    assert not ListFile.objects.exists()


def test_whoever_ordered_it_and_may_not_any_more_has_nothing_fetched(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now)
    barstow.users["soto"].data_authorizations.update(revoked_at=now, revoked_by="Cole", revoked_note="Left.")
    drop = folder(pickup) / "extract.csv"
    drop.write_bytes(TEXT)
    passes(now, 3)
    pickup.refresh_from_db()
    assert "may not any more" in pickup.trouble
    assert drop.exists()
    assert not ListFile.objects.exists()


def test_a_list_that_did_not_come_is_a_task_until_it_comes(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now, expected_hours=24)
    passes(now, 1)
    assert not Notice.objects.exists()
    now = passes(now + timedelta(hours=24))
    task = Notice.objects.get(kind="list-did-not-come")
    assert task.text == "No file of “State and federal hotlists” came for 24 hours. Ask its source."
    (folder(pickup) / "extract.csv").write_bytes(TEXT)
    passes(now, 12)
    task.refresh_from_db()
    assert task.done_at is not None


def test_without_a_layout_a_file_waits_until_its_columns_are_laid_down(barstow: Town, now: datetime) -> None:
    pickup = ordered(barstow, now, layout="KEPT", takes_in=True)
    (folder(pickup) / "extract.csv").write_bytes(TEXT)
    passes(now, 3)
    assert ListFile.objects.get().state == FileState.UNREAD
    assert "columns are not laid down" in Notice.objects.get(kind="list-file-waits").text


def test_only_who_takes_lists_in_and_sees_their_data_orders(barstow: Town, now: datetime) -> None:
    takes_lists_in(barstow, now)
    for username in ("ortiz", "cole"):
        with pytest.raises(Refused):
            pickup_actions.set_pickup(by=barstow.actor(username, now), facts=PickupFacts(**FOLDER), now=now)
    assert not Pickup.objects.exists()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """A server of the tests' own on this machine, which may be asked here alone."""
    monkeypatch.setattr(pickup_secrets, "reach", lambda: Reach(own=True))
    root = tmp_path / "sftp"
    (root / "out").mkdir(parents=True)
    with SftpServer(root).running() as running:
        yield running


def of_server(server: SftpServer, **facts: Any) -> dict[str, Any]:
    return {
        "way": "SFTP",
        "host": "127.0.0.1",
        "port": server.port,
        "login": USER,
        "folder": "out",
        "host_key": server.fingerprint,
        "proof": "KEY",
    } | facts


def test_a_server_is_read_by_a_key_of_our_own_and_nothing_there_is_deleted(
    barstow: Town, now: datetime, server: SftpServer
) -> None:
    pickup = ordered(barstow, now, **of_server(server))
    server.public_key = pickup.public_key
    (server.root / "out" / "extract.csv").write_bytes(TEXT)
    now = passes(now, 2)
    assert ListFile.objects.get().state == FileState.CHECKED
    assert (server.root / "out" / "extract.csv").exists()
    passes(now, 11)
    assert (ListFile.objects.count(), PickedUp.objects.count()) == (1, 1)
    (server.root / "out" / "extract.csv").rename(server.root / "kept.csv")
    now = passes(now + timedelta(minutes=11), 11)
    (server.root / "kept.csv").rename(server.root / "out" / "extract.csv")  # the same size and time
    passes(now, 22)
    assert (ListFile.objects.count(), PickedUp.objects.count()) == (2, 2)


def test_a_password_lets_in_and_a_file_is_deleted_only_where_that_was_ordered(
    barstow: Town, now: datetime, server: SftpServer
) -> None:
    server.password = "correct horse"
    facts = of_server(server, proof="PASSWORD", removes=True, readiness="MARKER")
    ordered(barstow, now, password="correct horse", **facts)
    (server.root / "out" / "extract.csv").write_bytes(TEXT)
    (server.root / "out" / "extract.csv.done").touch()
    passes(now, 1)
    assert ListFile.objects.get().state == FileState.CHECKED
    assert list((server.root / "out").iterdir()) == []


def test_a_server_with_another_key_is_told_nothing(barstow: Town, now: datetime, server: SftpServer) -> None:
    server.password = "correct horse"
    facts = of_server(server, proof="PASSWORD", host_key="SHA256:" + "A" * 43)
    pickup = ordered(barstow, now, password="correct horse", **facts)
    now = passes(now)
    pickup.refresh_from_db()
    assert "does not show the key that was written down" in pickup.trouble
    assert server.fingerprint not in pickup.trouble
    assert server.refused == 0
    task = Notice.objects.get(kind="list-pickup-trouble")
    pickup_actions.set_pickup(
        by=barstow.actor("soto", now),
        facts=PickupFacts(**FOLDER | facts | {"host_key": server.fingerprint}),
        password="correct horse",
        now=now,
    )
    passes(now)
    task.refresh_from_db()
    assert task.done_at is not None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"proof": "KEY"}, "does not let plateward in"),
        ({"proof": "PASSWORD"}, "does not let plateward in"),
        ({"proof": "PASSWORD", "folder": "nowhere", "right": True}, "No such file"),
        ({"proof": "PASSWORD", "port": 1, "right": True}, "cannot be reached"),
    ],
)
def test_a_server_that_does_not_let_us_in_or_is_not_there_says_what_to_do(
    barstow: Town, now: datetime, server: SftpServer, facts: dict[str, Any], why: str
) -> None:
    server.password = "correct horse"
    password = "correct horse" if facts.pop("right", False) else "wrong"
    pickup = ordered(barstow, now, password=password, **of_server(server, **facts))
    passes(now)
    pickup.refresh_from_db()
    assert why in pickup.trouble
    assert Notice.objects.filter(kind="list-pickup-trouble").count() == 1


@pytest.mark.parametrize(
    "other", [{"host": "localhost"}, {"port": 2222}, {"login": "else"}, {"host_key": "SHA256:" + "B" * 43}]
)
def test_a_kept_password_serves_no_other_server(barstow: Town, now: datetime, other: dict[str, Any]) -> None:
    facts = FOLDER | SERVER | {"proof": "PASSWORD"}
    pickup = ordered(barstow, now, password="correct horse", **facts)
    soto = barstow.actor("soto", now)
    pickup_actions.set_pickup(by=soto, facts=PickupFacts(**facts | {"folder": "new"}), now=now)
    assert pickup_secrets.server_of(pickup).password == "correct horse"
    with pytest.raises(ValidationError, match="None that was given for another is used"):
        pickup_actions.set_pickup(by=soto, facts=PickupFacts(**facts | other), now=now)
    for name, value in other.items():
        setattr(pickup, name, value)
    with pytest.raises(PickupTrouble, match="Enter the pickup anew"):
        pickup_secrets.server_of(pickup)


def test_a_secret_is_wrapped_by_the_master_key_and_takes_part_in_its_change(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickup = ordered(barstow, now, password="correct horse", **FOLDER | SERVER | {"proof": "PASSWORD"})
    kept = PickupSecret.objects.get()
    assert b"correct horse" not in bytes(kept.wrapped)
    assert keys.wrapped_by_others(kept.master) == 0
    assert keys.wrapped_by_others("another master") == 1
    source = GivenMasters(new_master())
    opened = masters_of(settings.ENVIRONMENT).unwrap(Wrapped(kept.master, bytes(kept.wrapped)), kept.context)
    wrapped = source.wrap(opened, kept.context)
    PickupSecret.objects.update(master=wrapped.master, wrapped=wrapped.key)
    with pytest.raises(PickupTrouble, match="see to the master key"):
        pickup_secrets.server_of(pickup)
    monkeypatch.setattr(pickup_secrets, "masters_of", lambda _: source)
    assert pickup_secrets.server_of(pickup).password == "correct horse"


def test_a_secret_moved_to_another_server_does_not_open(barstow: Town, now: datetime) -> None:
    facts = FOLDER | SERVER | {"proof": "PASSWORD"}
    pickup = ordered(barstow, now, password="correct horse", **facts)
    pickup.host = "elsewhere.example"
    PickupSecret.objects.update(server=pickup_secrets._server(pickup))
    with pytest.raises(PickupTrouble, match="does not open"):
        pickup_secrets.server_of(pickup)


def test_an_order_that_is_taken_back_leaves_the_secret_there_was(barstow: Town, now: datetime) -> None:
    facts = FOLDER | SERVER | {"proof": "PASSWORD"}
    pickup = ordered(barstow, now, password="correct horse", **facts)
    with transaction.atomic():
        ordered(barstow, now, password="another", **facts)
        transaction.set_rollback(True)
    assert pickup_secrets.server_of(pickup).password == "correct horse"


def test_another_server_is_to_know_another_key(barstow: Town, now: datetime) -> None:
    facts = FOLDER | SERVER
    before = ordered(barstow, now, **facts).public_key
    assert ordered(barstow, now, **facts | {"folder": "new"}).public_key == before
    assert ordered(barstow, now, **facts | {"host": "localhost"}).public_key != before


@pytest.mark.parametrize(
    ("address", "networks", "why"),
    [
        ("127.0.0.1", ("127.0.0.0/8",), "this machine or its link, which is never asked"),
        ("169.254.169.254", (), "this machine or its link"),
        ("10.30.0.9", (), "names its network in PLATEWARD_LIST_NETWORKS"),
        ("10.30.0.9", ("10.31.0.0/16",), "PLATEWARD_LIST_NETWORKS"),
    ],
)
def test_servers_of_this_machine_and_of_networks_nobody_named_are_not_asked(
    barstow: Town,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    networks: tuple[str, ...],
    why: str,
) -> None:
    reach = Reach(networks=networks, resolver=lambda *_: ["8.8.8.8", address])
    monkeypatch.setattr(pickup_secrets, "reach", lambda: reach)
    pickup = ordered(barstow, now, **SERVER)
    passes(now)
    pickup.refresh_from_db()
    assert why in pickup.trouble
    assert address not in pickup.trouble


def test_a_server_of_a_named_network_and_a_public_one_may_be_asked() -> None:
    named = Reach(networks=("10.30.0.0/16",), resolver=lambda *_: ["10.30.0.9"])
    assert named.address_of("sftp.state.example", 22) == "10.30.0.9"
    public = Reach(resolver=lambda *_: ["8.8.8.8"])
    assert public.address_of("sftp.state.example", 22) == "8.8.8.8"


def test_a_password_must_be_entered_once(barstow: Town, now: datetime, server: SftpServer) -> None:
    with pytest.raises(ValidationError, match="Enter the password"):
        ordered(barstow, now, **of_server(server, proof="PASSWORD"))


@pytest.mark.django_db(transaction=True)
def test_a_stopped_pickup_fetches_nothing_and_its_secret_is_gone(
    barstow: Town, now: datetime, server: SftpServer
) -> None:
    pickup = ordered(barstow, now, **of_server(server))
    pickup_actions.stop_pickup(pickup=pickup, by=barstow.actor("soto", now), now=now)
    assert not PickupSecret.objects.exists()
    assert work_pickups(now=now + MINUTE) == 0

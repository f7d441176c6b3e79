"""A purge killed by SIGKILL before each change it makes: nothing held is lost, and nothing is doubled."""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from plateward.audit.models import AuditRecord
from plateward.evidence import hold_actions, holding
from plateward.ledger.merkle import verify_inclusion
from plateward.notices.models import Notice
from plateward.reads.models import DataKey, InboxItem, InboxState, Picture, Plate, Read
from plateward.reads.pictures import picture_bytes
from plateward.reads.store import PictureStore, key_folder
from plateward.retention import certificates, finishing_actions, purge_list
from plateward.retention.models import Certificate, DayRoot, HeldRead, KeptLeaf, Purge
from plateward.retention.rules import PurgeState
from tests import holds
from tests.killing import killed_anew, stopped_at
from tests.payloads import inbox_item, picture
from tests.personas import Town
from tests.purges import approved, drive, long_ago, pictured, ready

pytestmark = pytest.mark.django_db(transaction=True)
PLACES = 40
"""With far fewer places at which a purge can die the harness would have gone blind."""


@pytest.fixture(autouse=True)
def certificates_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What typesets has threads of its own, which a fork of a process that typeset before does not have."""
    monkeypatch.setattr(certificates, "as_pdf", lambda *_, **__: b"%PDF-")


def going(purge: Purge, now: datetime, store: PictureStore) -> None:
    """What the worker does each minute: nothing once the purge is over."""
    if Purge.objects.filter(pk=purge.pk, state__in=[PurgeState.APPROVED, PurgeState.RUNNING]).exists():
        assert finishing_actions.run(purge_id=purge.pk, clock=lambda: now, store=store)


def files(store: PictureStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def received(town: Town, *reads: Read) -> None:
    for read in reads:
        item = inbox_item(town.camera, b"{}", read.captured_at)
        stored = {"state": InboxState.MATCHED, "body": None, "plate_keys": [read.plate_key]}
        InboxItem.objects.filter(pk=item.pk).update(read_ids=[read.id], **stored)


def whole(town: Town, kept: Read, gone: list[Read], store: PictureStore) -> None:
    """What holds at every moment: the held read is there once, its picture opens, the rest is all or none."""
    there = Counter(Read.objects.filter(agency=town.agency).values_list("id", flat=True))
    assert there[kept.id] == 1
    shown = Picture.objects.select_related("data_key").get(read_id=kept.id)
    assert picture_bytes(shown, store) == picture()
    assert len({there[read.id] for read in gone}) == 1
    rest = Picture.objects.filter(read_id__in=[read.id for read in gone]).select_related("data_key")
    assert (len(rest) > 0) == (there[gone[0].id] == 1)
    for row in rest:
        assert picture_bytes(row, store) == picture()


@pytest.mark.clause("B-466.5¶2-purge")
def test_killed_before_any_change_it_goes_on_in_a_new_process_and_ends_whole(
    barstow: Town, now: datetime, store: PictureStore, tmp_path: Path
) -> None:
    ready(barstow, now)
    *gone, kept = drive(barstow.camera, long_ago(now), ["8ABC123", "6AAA111", "7XYZ789"])
    for read in (gone[0], kept):
        pictured(read, store, now)
    received(barstow, *gone, kept)
    holds.asked(barstow, "ortiz", now, holds.plate("7XYZ789"))
    purge = approved(barstow, now)
    known: set[str] = set()
    while killed_anew(lambda: going(purge, now, store), known, below=(tmp_path, settings.ENVIRONMENT.data)):
        whole(barstow, kept, gone, store)
    assert len(known) > PLACES, known
    purge.refresh_from_db()
    assert (purge.state, purge.problem) == (PurgeState.VERIFIED, "")
    only_the_held_is_left(barstow, kept, store)
    nothing_is_doubled(purge, kept)


def only_the_held_is_left(town: Town, kept: Read, store: PictureStore) -> None:
    assert list(Read.objects.filter(agency=town.agency).values_list("id", flat=True)) == [kept.id]
    assert list(Plate.objects.filter(agency=town.agency).values_list("plate", "read_count")) == [
        (kept.plate, 1)
    ]
    shown = Picture.objects.select_related("data_key").get()
    assert (shown.read_id, picture_bytes(shown, store)) == (kept.id, picture())
    key = DataKey.objects.get(wrapped__isnull=False)
    folder = store.root / key_folder(town.agency.pk, key.captured_date, key.pk)
    assert [path for path in files(store) if path.parent != folder] == []
    assert InboxItem.objects.get(device=town.camera).read_ids == [kept.id]
    leaf, root = KeptLeaf.objects.get(), DayRoot.objects.get()
    hashes = [bytes.fromhex(one) for one in leaf.hashes]
    verify_inclusion(bytes.fromhex(leaf.leaf), leaf.index, root.reads, hashes, bytes.fromhex(root.root))
    assert not HeldRead.objects.exists()


def nothing_is_doubled(purge: Purge, kept: Read) -> None:
    (day,) = purge.days.all()
    figures = (day.ingested, day.purged_before, day.purged, day.held, day.remaining, day.pictures)
    assert figures == (3, 0, 2, 1, 0, 1)
    assert {name: purge.stores[name] for name in ("receipts", "keys", "unproved")} == {
        "receipts": 2,
        "keys": 1,
        "unproved": 0,
    }
    said = Counter(AuditRecord.objects.filter(verb__startswith="retention.").values_list("verb", flat=True))
    for verb in ("purge.begun", "day.committed", "day.purged", "files.removed", "certificate.issued"):
        assert said[f"retention.{verb}"] == 1, verb
    assert AuditRecord.objects.filter(verb="reads.picture.kept").count() == 1
    assert Notice.objects.filter(kind="certificate-of-destruction").count() == 1
    told = json.loads(bytes(Certificate.objects.get().data))
    assert told["total"] == {"ingested": 3, "purged": 2, "purged_before": 0, "held": 1, "remaining": 0}
    (listed,) = [one for one in purge_list.read(purge_list.path()) if one.purge == str(purge.pk)]
    assert listed.held == (str(kept.id),)


def one_read(town: Town, now: datetime, store: PictureStore) -> tuple[Read, Purge]:
    ready(town, now)
    (read,) = drive(town.camera, long_ago(now), ["8ABC123"])
    pictured(read, store, now)
    return read, approved(town, now)


def held_now(town: Town, now: datetime) -> None:
    """Somebody holds the plate; who may not at once is told so after a moment."""
    by = town.actor("ortiz", now)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    hold_actions.request_hold(by=by, wanted=holds.wanted(holds.plate("8ABC123")), now=now)


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_hold_that_comes_between_two_steps_is_obeyed_by_who_goes_on(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    read, purge = one_read(barstow, now, store)
    with stopped_at("COMMITTED by running_actions.keep_held_pictures", lambda: going(purge, now, store)):
        held_now(barstow, now)
    going(purge, now, store)
    assert Read.objects.get(agency=barstow.agency).id == read.id
    assert picture_bytes(Picture.objects.select_related("data_key").get(), store) == picture()
    assert [(day.purged, day.held) for day in purge.days.all()] == [(0, 1)]


@pytest.mark.clause("B-466.5¶2-purge")
@pytest.mark.parametrize("step", ["delete_pictures", "_destroy_salts", "COMMIT by finishing_actions._pass"])
def test_a_hold_waits_for_the_step_under_way_and_keeps_all_if_that_is_killed(
    barstow: Town, now: datetime, store: PictureStore, step: str
) -> None:
    read, purge = one_read(barstow, now, store)
    waits = pytest.raises(OperationalError, match="lock timeout")
    with stopped_at(step, lambda: going(purge, now, store)), waits:
        held_now(barstow, now)
    held_now(barstow, now)
    going(purge, now, store)
    assert Read.objects.get(agency=barstow.agency).id == read.id
    assert picture_bytes(Picture.objects.select_related("data_key").get(), store) == picture()


def test_a_hold_that_comes_after_the_step_is_told_what_is_gone(
    barstow: Town, now: datetime, store: PictureStore
) -> None:
    read, purge = one_read(barstow, now, store)
    with stopped_at("remove_files", lambda: going(purge, now, store)):
        held_now(barstow, now)
    assert not Read.objects.filter(agency=barstow.agency).exists()
    at = read.captured_at
    (told,) = holding.purged_since(barstow.agency.pk, [(at, at + timedelta(hours=1))])
    assert "has destroyed so far" in told
    going(purge, now, store)
    purge.refresh_from_db()
    assert purge.state == PurgeState.VERIFIED

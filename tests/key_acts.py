"""Acts on keys and sealed pictures, for the test that walks every act (tests/db/test_every_act.py)."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from plateward.reads import actions as reads
from plateward.reads import inbox_actions, key_actions, keys
from plateward.reads.models import DataKey, Picture
from plateward.reads.store import picture_store, plain_path
from plateward.vault.masters import KeptMasters, new_master
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import SETUP
from tests.stage import Act, Stage


def pictured(s: Stage) -> Picture:
    """A stored picture, and with it a data key and a master key."""
    body = as_multipart(as_json(s.now), scene=picture())
    inbox_item(s.town.camera, body, s.now, content_type=MULTIPART)
    reads.store_waiting(limit=10, now=s.now)
    return Picture.objects.select_related("data_key").get()


def another_master() -> None:
    source = keys.masters()
    assert isinstance(source, KeptMasters)
    source.add(new_master())


def add_master(s: Stage) -> Act:
    pictured(s)
    return lambda: key_actions.add_master(by=SETUP, now=s.now)


def rewrap(s: Stage) -> Act:
    pictured(s)
    another_master()
    return lambda: key_actions.rewrap(by=SETUP, now=s.now)


def forget_earlier_masters(s: Stage) -> Act:
    pictured(s)
    another_master()
    key_actions.rewrap(by=SETUP, now=s.now)
    return lambda: key_actions.forget_earlier_masters(by=SETUP, now=s.now)


def destroy_key(s: Stage) -> Act:
    pictured(s)
    key = DataKey.objects.get()
    return lambda: key_actions.destroy_key(by=SETUP, key_id=key.pk, because="Its time is over.", now=s.now)


def keep_apart(s: Stage) -> Act:
    shown = pictured(s)
    return lambda: key_actions.keep_apart(
        by=SETUP, picture_ids=[shown.pk], kept_for="hold 26-1234", now=s.now
    )


def seal_plain(s: Stage) -> Act:
    shown = pictured(s)
    store = picture_store()
    path = store.root / plain_path("barstow-pd", s.now.astimezone(UTC).date(), shown.sha256, shown.media_type)
    path.write_bytes(picture())
    Picture.objects.update(data_key=None)
    return lambda: key_actions.seal_plain(by=SETUP, now=s.now)


def destroy_spent_keys(s: Stage) -> Act:
    inbox_actions.make_inbox_keys(now=s.now - timedelta(days=1))
    inbox_actions.make_inbox_keys(now=s.now)
    return lambda: inbox_actions.destroy_spent_keys(now=s.now)


def seal_plain_bodies(s: Stage) -> Act:
    inbox_actions.make_inbox_keys(now=s.now)
    inbox_item(s.town.camera, as_json(s.now), s.now - timedelta(hours=1))
    return lambda: inbox_actions.seal_plain_bodies(now=s.now)


KEY_ACTS: dict[str, Callable[[Stage], Any]] = {
    "reads.add_master": add_master,
    "reads.destroy_key": destroy_key,
    "reads.destroy_spent_keys": destroy_spent_keys,
    "reads.forget_earlier_masters": forget_earlier_masters,
    "reads.keep_apart": keep_apart,
    "reads.rewrap": rewrap,
    "reads.seal_plain": seal_plain,
    "reads.seal_plain_bodies": seal_plain_bodies,
}

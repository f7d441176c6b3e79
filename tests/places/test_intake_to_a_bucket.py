"""The whole way with a real S3-compatible server: stored, shown, thumbnailed, kept apart, destroyed."""

from datetime import datetime
from pathlib import Path

import pytest

from plateward.audit.who import Who
from plateward.reads import actions, key_actions, keys, pictures
from plateward.reads import store as stores
from plateward.reads.models import InboxItem, InboxState, Picture
from plateward.reads.store import Kind, PictureLost, PictureStore
from plateward.vault.s3 import S3
from tests.buckets import bucket
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town

CLERK = Who(username="test", name="Kim Ito", title="", organization="")


def arrives(town: Town, now: datetime, event: str) -> InboxItem:
    body = as_multipart(as_json(now, event_id=event), scene=picture())
    return inbox_item(town.camera, body, now, content_type=MULTIPART)


@pytest.fixture
def in_bucket(s3_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PictureStore:
    """The installation's store, in the bucket."""
    place = S3(bucket(s3_port))
    monkeypatch.setattr(stores, "_bucket", lambda: place)
    keys.forget_unwrapped()
    return PictureStore(tmp_path, place)


@pytest.mark.django_db(transaction=True)
def test_a_picture_lives_and_ends_in_the_bucket(
    barstow: Town, in_bucket: PictureStore, now: datetime
) -> None:
    arrives(barstow, now, "one")
    arrives(barstow, now, "two")
    assert actions.store_waiting(limit=9, now=now) == 2
    held, gone = Picture.objects.select_related("data_key")
    assert pictures.picture_bytes(held) == pictures.picture_bytes(gone) == picture()
    assert pictures.thumbnail(gone) == pictures.thumbnail(gone)
    assert held.data_key
    day = held.data_key.pk
    name = pictures.filed(gone).name(Kind.THUMBNAIL, day)
    assert b"WEBP" not in in_bucket.place.get(name)
    assert not list(in_bucket.root.iterdir())

    key_actions.keep_apart(by=CLERK, picture_ids=[held.pk], kept_for="hold 26-1234", now=now)
    key_actions.destroy_key(by=CLERK, key_id=day, because="a year is over", now=now)
    with pytest.raises(FileNotFoundError):
        in_bucket.place.get(name)
    held, gone = (Picture.objects.select_related("data_key").get(pk=one.pk) for one in (held, gone))
    assert pictures.picture_bytes(held) == picture()
    with pytest.raises(PictureLost, match="a year is over"):
        pictures.picture_bytes(gone)


def test_a_refused_upload_waits_and_is_stored_once_the_bucket_lets_it(
    barstow: Town, s3_port: int, now: datetime, tmp_path: Path
) -> None:
    item = arrives(barstow, now, "one")
    refused = PictureStore(tmp_path, S3(bucket(s3_port, who="reader")))
    actions.store_waiting(limit=9, now=now, store=refused)
    item.refresh_from_db()
    assert (item.state, item.attempts) == (InboxState.RECEIVED, 0)
    assert "does not let this key keep files" in item.reason
    assert item.retry_at is not None
    let = PictureStore(tmp_path, S3(bucket(s3_port)))
    actions.store_waiting(limit=9, now=item.retry_at, store=let)
    item.refresh_from_db()
    assert item.state == InboxState.STORED
    assert pictures.picture_bytes(Picture.objects.select_related("data_key").get(), let) == picture()

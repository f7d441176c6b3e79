"""Really full discs, in memory: what was accepted is there to the last payload, and it goes on by itself."""

import asyncio
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image

from plateward.config.database import EmbeddedDatabase
from plateward.config.environment import embedded_database_url
from plateward.ingest.app import create_app
from plateward.reads import actions, pictures
from plateward.reads.models import InboxItem, InboxState, Picture
from plateward.reads.store import PictureStore
from plateward.walls.rights import INGEST
from tests.db.ingest.test_chaos import copy_into
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item
from tests.personas import Town
from tests.tools import find_mount

pytestmark = pytest.mark.django_db(transaction=True)
MB = 1024 * 1024


class Disc:
    """A small disc of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resize(self, size: int) -> None:
        self._mount(f"remount,size={size}")

    def fill(self, *, but: int) -> None:
        """Leave so many bytes free, by making the disc smaller."""
        self.resize(shutil.disk_usage(self.folder).used + but)

    def _mount(self, options: str) -> None:
        program = find_mount()
        assert program, "without it these tests are left out"
        command = [program, "-t", "tmpfs", "-o", options, "tmpfs", self.folder]
        subprocess.run(command, check=True)  # noqa: S603  ours

    @contextmanager
    def mounted(self, size: int) -> Iterator["Disc"]:
        self._mount(f"size={size},mode=0755")
        try:
            yield self
        finally:
            subprocess.run(["umount", "--lazy", self.folder], check=True)  # noqa: S603, S607  mounted above


@pytest.fixture
def disc(tmp_path: Path) -> Iterator[Disc]:
    folder = tmp_path / "disc"
    folder.mkdir()
    with Disc(folder).mounted(MB) as found:
        yield found


def test_pictures_that_find_no_room_wait_and_are_stored_when_there_is_some(
    barstow: Town, disc: Disc, now: datetime
) -> None:
    store = PictureStore(disc.folder / "pictures")
    scene = _large_picture()
    for event in range(12):
        body = as_multipart(as_json(now, event_id=str(event)), scene=scene)
        inbox_item(barstow.camera, body, now, content_type=MULTIPART)
    while actions.store_waiting(limit=1, now=now, store=store):
        pass
    waiting = list(InboxItem.objects.filter(state=InboxState.RECEIVED))
    assert 0 < len(waiting) < 12
    assert {item.attempts for item in waiting} == {0}
    assert all("No space left on device" in item.reason for item in waiting)
    disc.resize(64 * MB)
    actions.store_waiting(limit=99, now=now + timedelta(hours=1), store=store)
    assert not InboxItem.objects.filter(state=InboxState.RECEIVED).exists()
    found = Picture.objects.select_related("data_key")
    assert len(found) == 12
    assert all(pictures.picture_bytes(one, store) == scene for one in found)


def _large_picture() -> bytes:
    """About 150 KB that do not compress away."""
    out = io.BytesIO()
    Image.effect_noise((360, 360), 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_the_receiver_asks_to_come_again_while_the_disc_is_nearly_full(
    barstow: Town, disc: Disc, now: datetime, ingest_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.ingest.room.LOOK_S", 0.0)
    headers = {"Authorization": f"Bearer {barstow.camera_key}", "Content-Type": "application/json"}

    async def conversation() -> list[httpx.Response]:
        app = create_app(ingest_database_url, (disc.folder,))
        async with app.router.lifespan_context(app), _client(app) as client:
            low = await client.post("/v1/reads", content=as_json(now), headers=headers)
            disc.resize(1024 * MB)
            return [low, await client.post("/v1/reads", content=as_json(now), headers=headers)]

    low, enough = asyncio.run(conversation())
    assert (low.status_code, low.headers["retry-after"], enough.status_code) == (429, "60", 202)
    assert "512 MB are kept" in low.json()["detail"]
    assert InboxItem.objects.count() == 1


def test_a_database_whose_disc_is_full_loses_nothing_that_was_accepted(
    barstow: Town, now: datetime, owner_database_url: str
) -> None:
    folder = Path(tempfile.mkdtemp(dir=os.environ["PLATEWARD_DATA"]))
    headers = {"Authorization": f"Bearer {barstow.camera_key}", "Content-Type": "application/json"}

    async def sent(numbers: range) -> list[httpx.Response]:
        app = create_app(embedded_database_url(folder, INGEST))
        answers = []
        async with app.router.lifespan_context(app), _client(app) as client:
            for number in numbers:
                body = as_json(now, event_id=str(number), note=os.urandom(400_000).hex())
                answers.append(await client.post("/v1/reads", content=body, headers=headers))
                if not answers[-1].is_success:
                    break
        return answers

    try:
        with Disc(folder).mounted(2048 * MB) as disc, EmbeddedDatabase(folder) as database:
            copy_into(owner_database_url, database, folder / "copy.sql")
            disc.fill(but=24 * MB)
            answers = asyncio.run(sent(range(100)))
            *accepted, refused = answers
            assert accepted
            assert {answer.status_code for answer in accepted} == {202}
            assert refused.status_code in {503, 507}
            assert refused.json()["what_to_do"].startswith("Keep the read")
            disc.resize(2048 * MB)
            database.check()
            while not database.is_ready:
                database.check()
            (later,) = asyncio.run(sent(range(200, 201)))
            assert later.status_code == 202
            with psycopg.connect(database.url) as owner:
                rows = owner.execute(
                    "SELECT id::text, size, octet_length(body) FROM reads_inboxitem"
                ).fetchall()
            receipts = {answer.json()["receipt"] for answer in (*accepted, later)}
            assert receipts <= {receipt for receipt, *_ in rows}
            assert all(kept is not None and kept >= size for _, size, kept in rows)
    finally:
        shutil.rmtree(folder)


def _client(app: object) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # an ASGI app
    return httpx.AsyncClient(transport=transport, base_url="http://receiver", timeout=60)

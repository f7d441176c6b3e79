"""What waits in the inbox is sealed; its keys are made each day, turned with the master, and destroyed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from plateward.audit import actions as audit
from plateward.audit.models import AuditRecord
from plateward.audit.who import Who
from plateward.config.picture_checks import findings
from plateward.reads import (
    actions,
    inbox_actions,
    inbox_keys,
    key_actions,
    keys,
    passage_actions,
    upload_actions,
)
from plateward.reads.key_actions import KeyRefusedError
from plateward.reads.models import InboxItem, InboxKey, InboxState, Read
from plateward.reads.upload_actions import upload
from plateward.vault.masters import KeptMasters
from tests.db.reads.test_passages import event
from tests.payloads import as_json, inbox_item
from tests.personas import Town

CLERK = Who(username="test", name="Kim Ito", title="", organization="")
Waits = Callable[..., InboxItem]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    keys.forget_unwrapped()


@pytest.fixture
def waits(barstow: Town, now: datetime) -> Waits:
    """Have a payload in the inbox, sealed as the receiver does it."""

    def sealed(body: bytes, **columns: object) -> InboxItem:
        inbox_actions.make_inbox_keys(now=now)
        item = inbox_item(barstow.camera, body, now, **columns)
        item.body, item.body_key_id = inbox_keys.sealed(
            body, agency=item.agency_id, receipt=item.pk, sha256=item.body_sha256
        )
        item.save()
        return item

    return sealed


def work(now: datetime) -> None:
    keys.forget_unwrapped()
    actions.store_waiting(limit=9, now=now)


def state_of(item: InboxItem) -> tuple[str, str]:
    item.refresh_from_db()
    return item.state, item.reason


def test_a_sealed_payload_becomes_a_read_and_leaves_neither_body_nor_key(waits: Waits, now: datetime) -> None:
    body = as_json(now)
    item = waits(body)
    item.refresh_from_db()
    assert b"8ABC123" not in bytes(item.body or b"")
    assert inbox_keys.opened(item) == body
    work(now)
    assert state_of(item) == (InboxState.STORED, "")
    assert (item.body, item.body_key_id) == (None, None)
    assert Read.objects.get().plate == "8ABC123"


def test_what_an_earlier_release_left_in_plain_is_read_and_what_still_waits_is_sealed(
    barstow: Town, waits: Waits, now: datetime
) -> None:
    plain = inbox_item(barstow.camera, as_json(now, event_id="old"), now)
    aside = inbox_item(barstow.camera, b"{", now, state=InboxState.QUARANTINED, reason="no JSON")
    assert inbox_actions.seal_plain_bodies(now=now + timedelta(hours=1)) == 0, "no key yet"
    waits(as_json(now))
    work(now)
    assert state_of(plain)[0] == InboxState.STORED
    assert inbox_actions.seal_plain_bodies(now=now) == 0, "about to be stored, for all it knows"
    assert inbox_actions.seal_plain_bodies(now=now + timedelta(hours=1)) == 1
    aside.refresh_from_db()
    assert (inbox_keys.opened(aside), aside.body_key_id is not None) == (b"{", True)
    assert AuditRecord.objects.get(verb="reads.payload.sealed").detail == {"count": 1}


def test_readings_of_a_vehicle_in_view_wait_sealed(waits: Waits, now: datetime) -> None:
    item = waits(event("new", now), adapter="axis")
    work(now)
    assert state_of(item)[0] == InboxState.HELD
    keys.forget_unwrapped()
    passage_actions.close_passages(limit=9, now=now + timedelta(minutes=2))
    assert (state_of(item)[0], item.body_key_id, Read.objects.count()) == (InboxState.STORED, None, 1)


def test_the_quarantine_shows_replays_and_discards_what_is_sealed(
    barstow: Town, waits: Waits, now: datetime
) -> None:
    item, by = waits(as_json(now, confidence=93)), barstow.actor("imani", now)
    work(now)
    assert state_of(item)[0] == InboxState.QUARANTINED
    assert '"confidence": 93' in actions.inspect(by=by, item=item, now=now)
    actions.replay(by=by, item=item, now=now)
    work(now)
    assert "confidence" in state_of(item)[1]
    actions.discard(by=by, item=item, reason="a test picture", now=now)
    item.refresh_from_db()
    assert (item.body, item.body_key_id) == (None, None)


def test_a_body_put_into_another_row_goes_to_quarantine_and_is_not_shown(
    barstow: Town, waits: Waits, now: datetime
) -> None:
    item, other = waits(as_json(now)), waits(as_json(now, event_id="2"))
    InboxItem.objects.filter(pk=item.pk).update(body=other.body)
    work(now)
    state, reason = state_of(item)
    assert (state, "is damaged" in reason, "discard it" in reason) == (InboxState.QUARANTINED, True, True)
    shown = actions.inspect(by=barstow.actor("imani", now), item=item, now=now)
    assert shown.startswith("(It cannot be shown")
    assert state_of(other)[0] == InboxState.STORED


def test_without_its_master_key_a_payload_waits_and_says_why(waits: Waits, now: datetime) -> None:
    item, source = waits(as_json(now)), keys.masters()
    assert isinstance(source, KeptMasters)
    away = source.path.rename(source.path.with_name("away"))
    work(now)
    state, reason = state_of(item)
    assert (state, "is missing" in reason) == (InboxState.RECEIVED, True)
    assert any("is missing" in finding.found for finding in findings(settings.ENVIRONMENT))
    away.rename(source.path)
    work(now + timedelta(hours=1))
    assert state_of(item)[0] == InboxState.STORED


def test_each_agency_has_one_key_a_day(barstow: Town, huntington_park: Town, now: datetime) -> None:
    assert inbox_actions.make_inbox_keys(now=now) >= 2
    assert inbox_actions.make_inbox_keys(now=now) == 0
    inbox_actions.make_inbox_keys(now=now + timedelta(days=1))
    made = InboxKey.objects.filter(agency_id__in=[barstow.agency.pk, huntington_park.agency.pk])
    assert made.count() == 4
    assert len({bytes(key.public) for key in made}) == 4


def test_a_key_is_destroyed_when_nothing_waits_for_it_and_a_later_one_is_there(
    waits: Waits, now: datetime
) -> None:
    stored, held = waits(as_json(now)), waits(as_json(now, event_id="2", confidence=93))
    work(now)
    tomorrow = now + timedelta(days=1)
    assert inbox_actions.destroy_spent_keys(now=tomorrow) == 0, "it is the newest"
    inbox_actions.make_inbox_keys(now=tomorrow)
    assert inbox_actions.destroy_spent_keys(now=tomorrow) == 0, "a payload in quarantine waits for it"
    InboxItem.objects.filter(pk=held.pk).update(state=InboxState.DISCARDED, body=None, body_key=None)
    assert inbox_actions.destroy_spent_keys(now=tomorrow) == 1
    assert [key.made_date for key in InboxKey.objects.all()] == [tomorrow.astimezone(UTC).date()]
    record = AuditRecord.objects.get(verb="reads.inbox_key.destroyed")
    assert (record.agency, record.detail["day"]) == ("barstow-pd", f"{now.astimezone(UTC):%Y-%m-%d}")
    assert state_of(stored)[0] == InboxState.STORED


def test_the_database_destroys_no_key_for_which_something_waits(waits: Waits, now: datetime) -> None:
    item = waits(as_json(now))

    def destroy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM reads_inboxkey")
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        destroy()
    with pytest.raises(IntegrityError, match="inbox_key_while_body"), transaction.atomic():
        InboxItem.objects.filter(pk=item.pk).update(body=None, state=InboxState.DISCARDED)


def test_a_new_master_key_wraps_the_inboxes_keys_too(waits: Waits, now: datetime) -> None:
    item = waits(as_json(now))
    key_actions.add_master(by=CLERK, now=now)
    with pytest.raises(KeyRefusedError, match="plateward keys rotate"):
        key_actions.forget_earlier_masters(by=CLERK, now=now)
    assert key_actions.rewrap(by=CLERK, now=now) == InboxKey.objects.count()
    assert key_actions.rewrap(by=CLERK, now=now) == 0
    key_actions.forget_earlier_masters(by=CLERK, now=now)
    keys.forget_unwrapped()
    item.refresh_from_db()
    assert inbox_keys.opened(item) == as_json(now)


def test_an_uploaded_file_waits_sealed(barstow: Town, now: datetime) -> None:
    inbox_actions.make_inbox_keys(now=now)
    data = f"plate,captured_at\n8ABC123,{now.isoformat()}\n".encode()
    done = upload(by=barstow.actor("imani", now), device=barstow.camera, name="a.csv", data=data, now=now)
    (item,) = done.items
    item.refresh_from_db()
    assert item.body_key_id is not None
    assert (b"8ABC123" in bytes(item.body or b""), b"8ABC123" in inbox_keys.opened(item)) == (False, True)
    work(now)
    assert Read.objects.get().plate == "8ABC123"


@pytest.mark.django_db(transaction=True)
def test_the_key_of_a_file_is_not_destroyed_before_its_upload_is_committed(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox_actions.make_inbox_keys(now=now - timedelta(days=1))
    refused: list[BaseException | None] = []

    def destroys() -> int:
        with closing(connection), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            return inbox_actions.destroy_spent_keys(now=now)

    def recorded(**said: Any) -> AuditRecord:
        """Just before the upload ends, the night's task comes."""
        with ThreadPoolExecutor(1) as other:
            other.submit(inbox_actions.make_inbox_keys, now=now).result()
            refused.append(other.submit(destroys).exception())
        return audit.record(**said)

    monkeypatch.setattr(upload_actions, "audit", SimpleNamespace(record=recorded))
    data = f"plate,captured_at\n8ABC123,{now.isoformat()}\n".encode()
    done = upload(by=barstow.actor("imani", now), device=barstow.camera, name="a.csv", data=data, now=now)
    assert "lock timeout" in str(refused[0])
    assert b"8ABC123" in inbox_keys.opened(done.items[0])


def test_the_doctor_counts_what_waits_in_plain_and_misses_todays_key(barstow: Town, now: datetime) -> None:
    inbox_item(barstow.camera, b"{", now - timedelta(hours=1))
    inbox_actions.make_inbox_keys(now=now - timedelta(days=3))
    said = [finding.found for finding in findings(settings.ENVIRONMENT) if finding.name == "sealed inbox"]
    assert said[0] == "1 payload waiting in plain"
    assert "no key of today" in said[1]

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.policy import Refused
from plateward.reads import actions, queries
from plateward.reads.models import InboxItem, InboxState, Read
from plateward.reads.store import PictureStore
from tests.payloads import as_json, inbox_item
from tests.personas import Town

Held = Callable[[], InboxItem]


@pytest.fixture
def held(barstow: Town, store: PictureStore, now: datetime) -> InboxItem:
    """A payload that went to quarantine because of its confidence in percent."""
    item = inbox_item(barstow.camera, as_json(now, confidence=93), now)
    actions.store_waiting(limit=1, now=now, store=store)
    item.refresh_from_db()
    return item


def test_a_replayed_payload_is_parsed_again(
    barstow: Town, held: InboxItem, store: PictureStore, now: datetime
) -> None:
    # What a corrected adapter would now understand.
    InboxItem.objects.filter(pk=held.pk).update(body=as_json(now, confidence=0.93))
    actions.replay(by=barstow.actor("imani", now), item=held, now=now)
    assert actions.store_waiting(limit=1, now=now, store=store) == 1
    held.refresh_from_db()
    assert held.state == InboxState.STORED
    record = AuditRecord.objects.get(verb="reads.payload.replayed")
    assert (record.username, record.detail["sha256"]) == ("imani", held.body_sha256)


def test_a_replayed_payload_that_fails_again_comes_back(
    barstow: Town, held: InboxItem, store: PictureStore, now: datetime
) -> None:
    assert actions.replay_all(by=barstow.actor("imani", now), now=now) == 1
    actions.store_waiting(limit=1, now=now, store=store)
    held.refresh_from_db()
    assert held.state == InboxState.QUARANTINED
    assert AuditRecord.objects.filter(verb="reads.payload.quarantined").count() == 2


def test_replaying_all_touches_ones_own_agency_only(
    barstow: Town, huntington_park: Town, held: InboxItem, now: datetime
) -> None:
    del barstow
    with pytest.raises(InboxItem.DoesNotExist):
        queries.locked_item("huntington-park-pd", held.pk)
    assert actions.replay_all(by=huntington_park.actor("hayes", now), now=now) == 0
    held.refresh_from_db()
    assert held.state == InboxState.QUARANTINED


def test_discarding_destroys_the_payload_and_keeps_digest_and_reason(
    barstow: Town, held: InboxItem, now: datetime
) -> None:
    actions.discard(by=barstow.actor("imani", now), item=held, reason="test picture", now=now)
    held.refresh_from_db()
    assert (held.state, held.reason, held.body) == (InboxState.DISCARDED, "test picture", None)
    detail = AuditRecord.objects.get(verb="reads.payload.discarded").detail
    assert (detail["sha256"], detail["reason"]) == (held.body_sha256, "test picture")
    assert "confidence" in detail["quarantined_for"]


def test_discarding_needs_a_reason(barstow: Town, held: InboxItem, now: datetime) -> None:
    with pytest.raises(ValidationError, match="Say why"):
        actions.discard(by=barstow.actor("imani", now), item=held, reason="  ", now=now)


def test_what_left_quarantine_cannot_be_worked_again(barstow: Town, held: InboxItem, now: datetime) -> None:
    imani = barstow.actor("imani", now)
    actions.discard(by=imani, item=held, reason="test picture", now=now)
    for act in (
        lambda: actions.replay(by=imani, item=held, now=now),
        lambda: actions.discard(by=imani, item=held, reason="again", now=now),
        lambda: actions.inspect(by=imani, item=held, now=now),
    ):
        with pytest.raises(ValidationError, match="not in quarantine any more"):
            act()


@pytest.mark.parametrize("who", ["ortiz", "vendor"])
def test_an_officer_cannot_work_the_quarantine(
    barstow: Town, held: InboxItem, now: datetime, who: str
) -> None:
    actor = barstow.actor(who, now)
    for act in (
        lambda: actions.replay(by=actor, item=held, now=now),
        lambda: actions.replay_all(by=actor, now=now),
        lambda: actions.discard(by=actor, item=held, reason="x", now=now),
        lambda: actions.inspect(by=actor, item=held, now=now),
    ):
        with pytest.raises(Refused):
            act()
    held.refresh_from_db()
    assert held.state == InboxState.QUARANTINED


def test_looking_into_a_payload_is_journaled(barstow: Town, held: InboxItem, now: datetime) -> None:
    shown = actions.inspect(by=barstow.actor("imani", now), item=held, now=now)
    assert '"confidence": 93' in shown
    assert AuditRecord.objects.get(verb="reads.payload.inspected").username == "imani"
    access = AccessRecord.objects.get()
    assert (access.username, access.purpose) == ("imani", "system-maintenance")
    assert access.elements["payload"] == str(held.pk)


@pytest.mark.parametrize("act", ["replay", "discard"])
def test_nothing_changes_when_the_journal_fails(
    barstow: Town, held: InboxItem, now: datetime, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    def failing(**_: Any) -> None:
        raise RuntimeError("the journal is out of order")

    monkeypatch.setattr(audit, "record", failing)
    arguments = {"reason": "x"} if act == "discard" else {}
    with pytest.raises(RuntimeError, match="out of order"):
        getattr(actions, act)(by=barstow.actor("imani", now), item=held, now=now, **arguments)
    held.refresh_from_db()
    assert held.state == InboxState.QUARANTINED
    assert held.body is not None


@pytest.fixture
def read(barstow: Town, store: PictureStore, now: datetime) -> Read:
    inbox_item(barstow.camera, as_json(now), now)
    actions.store_waiting(limit=1, now=now, store=store)
    return Read.objects.get()


@pytest.mark.clause("B-466.6(a)")
def test_opening_a_read_writes_the_access_record(barstow: Town, read: Read, now: datetime) -> None:
    opened = actions.open_read(
        by=barstow.actor("ortiz", now),
        read_id=read.id,
        purpose="missing-person",
        reason="child last seen in this car",
        reference="26-1234",
        now=now,
    )
    assert opened.read == read
    access = AccessRecord.objects.get()
    assert access == opened.access
    assert (access.username, access.purpose, access.reason) == (
        "ortiz",
        "missing-person",
        "child last seen in this car",
    )
    assert (access.elements["plate"], access.result_count) == ("8ABC123", 1)


@pytest.mark.clause("B-466.6(a)")
def test_no_read_is_opened_without_purpose_training_or_agency(
    barstow: Town, huntington_park: Town, read: Read, now: datetime
) -> None:
    def opening(who: str, town: Town = barstow, purpose: str = "missing-person") -> Callable[[], object]:
        return lambda: actions.open_read(
            by=town.actor(who, now), read_id=read.id, purpose=purpose, reason="x", reference="", now=now
        )

    for refused in (opening("ortiz", purpose="curiosity"), opening("ruiz")):
        with pytest.raises(Refused):
            refused()
    with pytest.raises(Read.DoesNotExist):
        opening("hart", huntington_park)()
    assert not AccessRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_read_cannot_be_opened_inside_another_transaction(barstow: Town, read: Read, now: datetime) -> None:
    from django.db import transaction  # noqa: PLC0415  only here

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        actions.open_read(
            by=barstow.actor("ortiz", now),
            read_id=read.id,
            purpose="missing-person",
            reason="x",
            reference="",
            now=now,
        )
    assert not connection.in_atomic_block

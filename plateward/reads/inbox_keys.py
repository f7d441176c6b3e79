"""The keys of agencies' inboxes: what waits is sealed for a public key, and opened here, to be worked."""

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID, uuid4

from django.db.models import QuerySet

from plateward.accounts.models import Agency
from plateward.reads import keys
from plateward.reads.adapters import Unreadable
from plateward.reads.models import InboxItem, InboxKey
from plateward.reads.sealing import context, label
from plateward.vault import boxes, envelope
from plateward.vault.boxes import HEAD_BYTES, Letterbox
from plateward.vault.envelope import UnopenableError
from plateward.vault.masters import Masters, Wrapped

SETTLED: Final = timedelta(minutes=1)
"""What waits longer than this is not about to be stored."""


class Waiting(Protocol):
    """A row of the inbox."""

    @property
    def id(self) -> UUID: ...
    @property
    def agency_id(self) -> str: ...
    @property
    def body_sha256(self) -> str: ...
    @property
    def body(self) -> bytes | memoryview | None: ...
    @property
    def body_key_id(self) -> UUID | None: ...


def opened(item: Waiting) -> bytes:
    """The payload as it was sent. Raises Unreadable for one that was changed, MasterKeyError."""
    body, key_id = bytes(item.body or b""), item.body_key_id
    if key_id is None:
        return body
    head, file = body[:HEAD_BYTES], body[HEAD_BYTES:]
    try:
        key = keys.remembered(
            key_id.bytes + head, lambda: boxes.data_key(head, private=_private(key_id), key_id=key_id)
        )
        return envelope.opened(
            file, key=key, key_id=key_id, label=label(item.agency_id, item.id, item.body_sha256)
        )
    except UnopenableError as error:
        raise Unreadable(
            f"what waited in the inbox is damaged: {error}",
            "Restore its row from a backup of the database and replay it, or discard it.",
        ) from error


def _private(key_id: UUID) -> bytes:
    """The private key; the row is there as long as something waits that was sealed for it."""

    def unwrapped() -> bytes:
        row = InboxKey.objects.get(pk=key_id)
        bound = context(row.pk, row.agency_id, row.made_date)
        return keys.masters().unwrap(Wrapped(row.master, bytes(row.wrapped)), bound)

    return keys.remembered(key_id, unwrapped)


def sealed(body: bytes, *, agency: str, receipt: UUID, sha256: str) -> tuple[bytes, UUID | None]:
    """A payload as the receiver would store it, with the key it is sealed for; plain where there is none.

    Inside a transaction: until it ends, nobody destroys the key.
    """
    row = _held(agency)
    if row is None:
        return body, None
    return Letterbox(row.pk, bytes(row.public)).sealed(body, label(agency, receipt, sha256)), row.pk


def _held(agency: str) -> InboxKey | None:
    """The agency's newest key, locked; looked up anew when it was destroyed before the lock was got."""
    rows = InboxKey.objects.filter(agency_id=agency)
    while newest := rows.only("pk").order_by("-made_date").first():
        if held := rows.select_for_update(no_key=True).filter(pk=newest.pk).first():
            return held
    return None


def without_todays(now: datetime) -> QuerySet[Agency]:
    """Agencies whose inbox has no key of this UTC day yet."""
    made = InboxKey.objects.filter(made_date=now.astimezone(UTC).date())
    return Agency.objects.exclude(pk__in=made.values("agency_id"))


def fresh_key(agency: str, source: Masters, now: datetime) -> InboxKey:
    """A new key's row, not saved. Raises MasterKeyError."""
    key_id, pair, made = uuid4(), boxes.new_pair(), now.astimezone(UTC).date()
    wrapped = source.wrap(pair.private, context(key_id, agency, made))
    return InboxKey(
        id=key_id,
        agency_id=agency,
        made_date=made,
        public=pair.public,
        master=wrapped.master,
        wrapped=wrapped.key,
        created_at=now,
    )


def rewrap(source: Masters, limit: int) -> int:
    """Wrap up to `limit` keys by the current master key that another one wrapped; returns how many."""
    rows = list(InboxKey.objects.exclude(master=source.current()).select_for_update().order_by("pk")[:limit])
    for row in rows:
        bound = context(row.pk, row.agency_id, row.made_date)
        wrapped = source.wrap(source.unwrap(Wrapped(row.master, bytes(row.wrapped)), bound), bound)
        row.master, row.wrapped = wrapped.master, wrapped.key
    InboxKey.objects.bulk_update(rows, ["master", "wrapped"])
    return len(rows)


def plain(now: datetime) -> QuerySet[InboxItem]:
    """What waits in plain and is not about to be stored."""
    return InboxItem.objects.filter(body__isnull=False, body_key__isnull=True, received_at__lt=now - SETTLED)


def try_each_master(source: Masters) -> None:
    """Unwrap one key of each master that wrapped any. Raises MasterKeyError."""
    for master in InboxKey.objects.order_by("master").values_list("master", flat=True).distinct():
        row = InboxKey.objects.filter(master=master)[0]
        source.unwrap(Wrapped(row.master, bytes(row.wrapped)), context(row.pk, row.agency_id, row.made_date))

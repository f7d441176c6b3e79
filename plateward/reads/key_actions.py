"""Acts on keys and sealed pictures: masters changed, keys destroyed, pictures kept apart or sealed."""

import logging
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.devices import wrapping
from plateward.devices.secret_keeping import rewrap_secrets
from plateward.reads import inbox_keys, keys, pictures
from plateward.reads.models import DataKey, Picture
from plateward.reads.store import PictureStore, key_folder, picture_store
from plateward.vault.masters import KeptMasters, Master, Wrapped, new_master

log = logging.getLogger(__name__)

AT_ONCE = 50
INSTALLATION = ""
"""Master keys belong to no agency."""


class KeyRefusedError(Exception):
    """The act is refused; the message says why and what to do."""


@transaction.atomic
def add_master(*, by: Who, now: datetime) -> str:
    """Let a fresh master key, kept in the data folder, wrap from now on; returns its id.

    The earlier ones go on unwrapping. Data keys being made at this moment are waited for, so that none is
    wrapped by an earlier master any more when this returns. Raises KeyRefusedError, MasterKeyError.
    """
    source = keys.masters()
    if not isinstance(source, KeptMasters):
        raise KeyRefusedError(
            "The master key is given by the settings: change it there, restart, and run this again."
        )
    keys.lock_makers(shared=False)
    text = new_master()
    before, added = source.current(), Master.parse(text).id
    audit.record(
        verb="reads.master.added",
        by=by,
        agency=INSTALLATION,
        subject=f"reads.Master:{added}",
        detail={"from": before, "to": added},
        now=now,
    )
    source.add(text)
    return added


@transaction.atomic
def rewrap(*, by: Who, now: datetime, limit: int = AT_ONCE) -> int:
    """Wrap up to `limit` data keys by the current master key that another one wrapped; returns how many.

    Each call is a transaction of its own, so an interrupted rotation goes on where it ended. The pictures
    stay as they are. Raises MasterKeyError.
    """
    source = keys.masters()
    keys.lock_makers(shared=True)
    current = source.current()
    if secrets := rewrap_secrets(source, limit):
        _rewrapped(by, {"count": secrets, "from": "devices' secrets", "to": current}, now)
        return secrets
    if boxes := inbox_keys.rewrap(source, limit):
        _rewrapped(by, {"count": boxes, "from": "inboxes' keys", "to": current}, now)
        return boxes
    name, count = wrapping.rewrap(source, limit)
    if count:
        _rewrapped(by, {"count": count, "from": name, "to": current}, now)
        return count
    rows = list(keys.living().exclude(master=current).select_for_update().order_by("pk")[:limit])
    if not rows:
        return 0
    before = sorted({row.master for row in rows})
    for row in rows:
        context = keys.context(row.pk, keys.of_row(row))
        wrapped = source.wrap(source.unwrap(Wrapped(row.master, bytes(row.wrapped or b"")), context), context)
        row.master, row.wrapped = wrapped.master, wrapped.key
    DataKey.objects.bulk_update(rows, ["master", "wrapped"])
    _rewrapped(by, {"count": len(rows), "from": ", ".join(before), "to": current}, now)
    return len(rows)


def _rewrapped(by: Who, detail: dict[str, object], now: datetime) -> None:
    audit.record(
        verb="reads.master.rewrapped",
        by=by,
        agency=INSTALLATION,
        subject=f"reads.Master:{detail['to']}",
        detail=detail,
        now=now,
    )


@transaction.atomic
def forget_earlier_masters(*, by: Who, now: datetime) -> int:
    """Destroy the kept master keys that wrap nothing any more; returns how many.

    From then on no earlier backup of the database opens a picture: neither those still held, nor those whose
    key was destroyed. Raises KeyRefusedError while one is needed, MasterKeyError.
    """
    source = keys.masters()
    if not isinstance(source, KeptMasters):
        raise KeyRefusedError("The master keys are given by the settings: destroy the earlier ones there.")
    keys.lock_makers(shared=False)
    current, *earlier = (master.id for master in source.masters())
    needed = keys.wrapped_by_others(current)
    if needed:
        raise KeyRefusedError(
            f"An earlier master key still wraps {keys.counted(needed)}: run `plateward keys rotate`."
        )
    if earlier:
        audit.record(
            verb="reads.master.forgotten",
            by=by,
            agency=INSTALLATION,
            subject=f"reads.Master:{current}",
            detail={"forgotten": ", ".join(earlier), "kept": current},
            now=now,
        )
        source.forget_earlier()
    return len(earlier)


@transaction.atomic
def destroy_key(
    *, by: Who, key_id: UUID, because: str, now: datetime, store: PictureStore | None = None
) -> int:
    """Destroy a data key, and with it every picture sealed under it, wherever copies lie; returns how many.

    The pictures' rows and the key's own stay and say when and why. Their files are removed once this is
    committed; where that fails they are unreadable all the same. Raises KeyRefusedError and
    DataKey.DoesNotExist.
    """
    if not because.strip():
        raise KeyRefusedError("Say why this key is destroyed: nothing brings its pictures back.")
    row = DataKey.objects.select_for_update().get(pk=key_id)
    if row.wrapped is None:
        raise KeyRefusedError(f"This key was destroyed on {row.destroyed_at:%Y-%m-%d} already.")
    row.wrapped, row.destroyed_at, row.destroyed_because = None, now, because.strip()
    row.save(update_fields=["wrapped", "destroyed_at", "destroyed_because"])
    count = Picture.objects.filter(data_key=row).count()
    audit.record(
        verb="reads.key.destroyed",
        by=by,
        agency=row.agency_id,
        subject=f"reads.DataKey:{row.pk}",
        detail={
            "device": str(row.device_id),
            "day": row.captured_date.isoformat(),
            "pictures": count,
            "reason": row.destroyed_because,
        },
        now=now,
    )
    transaction.on_commit(lambda: _remove_files(row, store or picture_store()))
    return count


def _remove_files(row: DataKey, store: PictureStore) -> None:
    keys.forget_unwrapped()
    try:
        store.place.remove_all(key_folder(row.agency_id, row.captured_date, row.pk))
    except OSError as error:
        log.warning(
            "Files under the destroyed key %s were not removed, and stay unreadable: %s", row.pk, error
        )


@transaction.atomic
def keep_apart(
    *,
    by: Who,
    picture_ids: Collection[UUID],
    kept_for: str,
    now: datetime,
    store: PictureStore | None = None,
) -> int:
    """Seal pictures anew under a key kept for a reason, such as a hold; their day's can then be destroyed.

    Returns how many were sealed anew; those that are kept for it already stay. Raises PictureError, OSError,
    MasterKeyError, KeyRefusedError.
    """
    if not kept_for.strip():
        raise KeyRefusedError("Say what these pictures are kept for.")
    store = store or picture_store()
    found = Picture.objects.select_for_update(of=("self",)).filter(pk__in=picture_ids)
    moved = [one for one in found.select_related("data_key") if not _is_kept(one, kept_for)]
    for picture in moved:
        _seal_under(_key_kept_for(picture, kept_for, now), picture, store)
    if moved:
        for agency in sorted({picture.agency_id for picture in moved}):
            ids = sorted(str(picture.pk) for picture in moved if picture.agency_id == agency)
            audit.record(
                verb="reads.picture.kept",
                by=by,
                agency=agency,
                subject=f"reads.Picture:{ids[0]}",
                detail={"pictures": list(ids), "count": len(ids), "kept_for": kept_for},
                now=now,
            )
    return len(moved)


@transaction.atomic
def prepare_kept(*, picture_ids: Collection[UUID], kept_for: str, now: datetime) -> None:
    """Have the keys that `keep_apart` will seal these pictures under.

    In a transaction before its own, so that one who is killed between writes no file under a key that nobody
    knows. Raises MasterKeyError.
    """
    for picture in Picture.objects.filter(pk__in=picture_ids).select_related("data_key"):
        if not _is_kept(picture, kept_for):
            _key_kept_for(picture, kept_for, now)


def _is_kept(picture: Picture, kept_for: str) -> bool:
    return picture.data_key is not None and picture.data_key.kept_for == kept_for


def _key_kept_for(picture: Picture, kept_for: str, now: datetime) -> DataKey:
    of = _of(picture)
    columns = {"agency": of.agency, "device": of.device, "captured_date": of.day, "kept_for": kept_for}
    row = DataKey.objects.filter(**columns).first()
    if row is None:
        keys.lock_makers(shared=True)
        DataKey.objects.bulk_create(
            [keys.fresh_key(of, keys.masters(), now, kept_for=kept_for)], ignore_conflicts=True
        )
        row = DataKey.objects.get(**columns)
    return row


def _of(picture: Picture) -> keys.KeyOf:
    if picture.data_key is not None:
        return keys.of_row(picture.data_key)
    from plateward.reads.queries import read_by_id  # noqa: PLC0415  only for what an earlier release stored

    device = read_by_id(picture.agency_id, picture.read_id).device_id
    return keys.KeyOf(picture.agency_id, device, picture.captured_at.astimezone(UTC).date())


def _seal_under(row: DataKey, picture: Picture, store: PictureStore) -> None:
    """Have the picture at its new place before its row says so; the old file goes with its key."""
    store.put(pictures.filed(picture), pictures.picture_bytes(picture, store), keys.open_key(row))
    picture.data_key = row
    picture.save(update_fields=["data_key"])


@transaction.atomic
def seal_plain(*, by: Who, now: datetime, limit: int = AT_ONCE, store: PictureStore | None = None) -> int:
    """Seal up to `limit` pictures that an earlier release stored plain; returns how many.

    Each call is a transaction of its own. Killed at any moment, it leaves every picture readable: the sealed
    file is there before the row names it, and `pictures.remove_plain` comes last. Raises PictureError for
    one that is damaged, OSError, MasterKeyError.
    """
    store = store or picture_store()
    plain = list(Picture.objects.select_for_update().filter(data_key=None).order_by("pk")[:limit])
    if not plain:
        return 0
    of = {picture.pk: _of(picture) for picture in plain}
    day_keys = keys.keys_for(set(of.values()), now)
    for picture in plain:
        key = day_keys[of[picture.pk]]
        store.put(pictures.filed(picture), pictures.picture_bytes(picture, store), key)
        picture.data_key_id = key.id
    Picture.objects.bulk_update(plain, ["data_key"])
    audit.record(
        verb="reads.picture.sealed",
        by=by,
        agency=INSTALLATION,
        subject=f"reads.Picture:{plain[0].pk}",
        detail={"count": len(plain)},
        now=now,
    )
    return len(plain)

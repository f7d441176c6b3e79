"""A purge that is killed, or meets a full disc, goes on where it ended; at no step is anything half done."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from plateward.evidence import holding
from plateward.notices.models import Notice
from plateward.reads import partitions
from plateward.reads.models import DataKey, Plate, Read
from plateward.reads.rules import Grain
from plateward.reads.store import PictureStore
from plateward.retention import (
    destruction,
    finishing_actions,
    purge_actions,
    purge_list,
    rules,
    running_actions,
    stores,
    tasks,
    tidying_actions,
)
from plateward.retention.models import Certificate, Purge
from plateward.retention.rules import PurgeState
from tests.personas import Town
from tests.purges import approved, drive, long_ago, pictured, ready, run


class Killed(BaseException):
    """The process ends here: nothing catches it."""


STEPS: list[tuple[Any, str]] = [
    (running_actions, "begin"),
    (running_actions, "keep_held_pictures"),
    (running_actions, "purge_part"),
    (destruction, "hold_back"),
    (destruction, "delete_pictures"),
    (destruction, "delete_beside"),
    (destruction, "replace_partition"),
    (destruction, "destroy_keys"),
    (tidying_actions, "remove_files"),
    (tidying_actions, "settle_directory"),
    (tidying_actions, "clear_receipts"),
    (finishing_actions, "checked"),
    (finishing_actions, "finish"),
]


def dying(
    monkeypatch: pytest.MonkeyPatch, place: Any, name: str, by: BaseException, *, after: bool = True
) -> None:
    """Have a step end the process right after it is done, or before it does anything."""
    real: Callable[..., Any] = getattr(place, name)

    def step(*args: Any, **kwargs: Any) -> Any:
        if after:
            real(*args, **kwargs)
        raise by

    monkeypatch.setattr(place, name, step)


@pytest.mark.parametrize(("place", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_at_any_step_it_goes_on_and_ends_whole(
    barstow: Town,
    now: datetime,
    store: PictureStore,
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
) -> None:
    ready(barstow, now)
    reads = drive(barstow.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    pictured(reads[0], store, now)
    purge = approved(barstow, now)
    with monkeypatch.context() as patch:
        dying(patch, place, name, Killed())
        with pytest.raises(Killed):
            run(purge, now, store)
    if not Certificate.objects.exists():
        left = Read.objects.filter(agency=barstow.agency).count()
        assert left in {0, 2}
        assert (DataKey.objects.get().wrapped is None) == (left == 0)
        run(purge, now, store)
    purge.refresh_from_db()
    assert purge.state == PurgeState.VERIFIED
    assert not Read.objects.filter(agency=barstow.agency).exists()
    assert not [path for path in store.root.rglob("*") if path.is_file()]
    assert Certificate.objects.count() == 1
    (day,) = purge.days.all()
    assert day.balance.is_even


def test_a_full_disc_is_told_and_tried_again(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    purge = approved(barstow, now)
    with monkeypatch.context() as patch:
        full = OSError(28, "No space left on device")
        dying(patch, running_actions, "keep_held_pictures", full, after=False)
        stuck = run(purge, now, store)
    assert stuck.state == PurgeState.RUNNING
    assert "No space left" in stuck.problem
    assert run(purge, now, store).state == PurgeState.VERIFIED
    assert Purge.objects.get().problem == ""


def test_a_purge_that_ended_does_not_run_again(barstow: Town, now: datetime, store: PictureStore) -> None:
    ready(barstow, now)
    drive(barstow.camera, long_ago(now), ["8ABC123"])
    done = run(approved(barstow, now), now, store)
    with pytest.raises(Purge.DoesNotExist):
        run(done, now, store)
    with pytest.raises(Purge.DoesNotExist):
        purge_actions.resume(purge_id=done.pk, by=barstow.actor("cole", now), now=now)


def test_a_stopped_purge_is_told_to_who_decides_and_ended_with_a_certificate_in_part(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(barstow, now)
    cole = barstow.actor("cole", now)
    partitions.ensure([long_ago(now), long_ago(now, 500)], now, Grain.MONTH)
    for at in (long_ago(now), long_ago(now, 500)):
        drive(barstow.camera, at, ["8ABC123"])
    purge = approved(barstow, now)
    assert not Notice.objects.filter(kind="purge-to-decide", done_at=None).exists()
    assert Notice.objects.filter(kind="purge-to-decide").exists()
    real, calls = running_actions.purge_part, list[object]()

    def once(**facts: Any) -> Any:
        if calls:
            raise running_actions.PurgeStoppedError("The authority was withdrawn.")
        calls.append(facts)
        return real(**facts)

    monkeypatch.setattr(running_actions, "purge_part", once)
    assert run(purge, now, store).state == PurgeState.FAILED
    assert Notice.objects.filter(kind="purge-stopped", done_at=None).exists()
    assert "has destroyed so far" in holding.purged_since("barstow-pd", [(long_ago(now, 501), now)])[0]
    purge_actions.end(purge_id=purge.pk, by=cole, now=now)
    assert not Notice.objects.filter(kind="purge-stopped", done_at=None).exists()
    ended = run(purge, now, store)
    assert (ended.state, ended.done_at, ended.problem) == (
        PurgeState.ENDED,
        now,
        "The authority was withdrawn.",
    )
    told = json.loads(bytes(ended.certificate.data))
    assert (told["in_part"], told["total"]["purged"], len(told["days"])) == (ended.problem, 1, 1)
    (listed,) = [one for one in purge_list.read(purge_list.path()) if one.purge == str(purge.pk)]
    assert datetime.fromisoformat(listed.until_at) == rules.day_of(long_ago(now, 499))
    assert stores.stuck_purges("barstow-pd") == []
    assert Read.objects.get(agency=barstow.agency).captured_at == long_ago(now)


def two_months(town: Town, now: datetime, store: PictureStore) -> Purge:
    """An approved purge of a plate's reads in two partitions, each with a picture."""
    ready(town, now)
    partitions.ensure([long_ago(now), long_ago(now, 500)], now, Grain.MONTH)
    for at in (long_ago(now, 500), long_ago(now)):
        (read,) = drive(town.camera, at, ["8ABC123"])
        pictured(read, store, now)
    return approved(town, now)


def only_once(monkeypatch: pytest.MonkeyPatch, by: BaseException) -> None:
    """Have the first partition purged and the second one not."""
    real, calls = running_actions.purge_part, list[object]()

    def step(**facts: Any) -> Any:
        if calls:
            raise by
        calls.append(facts)
        return real(**facts)

    monkeypatch.setattr(running_actions, "purge_part", step)


def known(town: Town) -> list[tuple[str, int]]:
    return list(Plate.objects.filter(agency=town.agency).values_list("plate", "read_count"))


def left_files(store: PictureStore) -> int:
    return sum(path.is_file() for path in store.root.rglob("*"))


def out_of_order(*, purge: Purge, now: datetime) -> bool:
    """A settling that fails whenever there is something to do."""
    if purge.days.filter(rows_at__lte=now, settled_at=None).exists():
        raise OSError(5, "Input/output error")
    return False


STOPPED = running_actions.PurgeStoppedError("The authority was withdrawn.")


def test_a_purge_stopped_midway_leaves_no_counts_and_no_files_of_reads_that_are_gone(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    purge = two_months(barstow, now, store)
    assert (known(barstow), left_files(store)) == ([("8ABC123", 2)], 2)
    only_once(monkeypatch, STOPPED)
    assert run(purge, now, store).state == PurgeState.FAILED
    assert (known(barstow), left_files(store)) == ([("8ABC123", 1)], 1)


def test_a_killed_purge_that_may_not_go_on_is_tidied_up_after_when_it_is_stopped(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    purge = two_months(barstow, now, store)
    with monkeypatch.context() as patch:
        only_once(patch, Killed())
        with pytest.raises(Killed):
            run(purge, now, store)
    monkeypatch.setattr(destruction, "is_any_plain", lambda _: True)
    assert run(purge, now, store).state == PurgeState.FAILED
    assert (known(barstow), left_files(store)) == ([("8ABC123", 1)], 1)


def test_a_stopped_purge_that_could_not_be_tidied_up_after_is_within_a_minute_or_when_it_is_resumed(
    barstow: Town, now: datetime, store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    purge = two_months(barstow, now, store)
    with monkeypatch.context() as patch:
        only_once(patch, STOPPED)
        patch.setattr(tidying_actions, "settle_directory", out_of_order)
        assert run(purge, now, store).state == PurgeState.FAILED
        tasks.run_approved(timestamp=0)
        assert known(barstow) == [("8ABC123", 2)]
    with monkeypatch.context() as patch:
        patch.setattr(tasks.timezone, "now", lambda: now)
        tasks.run_approved(timestamp=0)
    assert known(barstow) == [("8ABC123", 1)]
    purge.days.update(settled_at=None)  # as if that had not come about
    Plate.objects.filter(agency=barstow.agency).update(read_count=2, first_seen_at=long_ago(now, 500))
    purge_actions.resume(purge_id=purge.pk, by=barstow.actor("cole", now), now=now)
    dying(monkeypatch, finishing_actions, "_pass", Killed(), after=False)
    with pytest.raises(Killed):
        run(purge, now, store)
    assert known(barstow) == [("8ABC123", 1)]

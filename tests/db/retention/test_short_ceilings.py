"""Ceilings of minutes: purged within the day by the clock, without a person's word for each."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from plateward.governance.queries import profile_for
from plateward.policy import Refused
from plateward.reads.models import DataKey, Picture, Read
from plateward.reads.store import PictureStore
from plateward.retention import purge_actions, schedule_actions
from plateward.retention.models import DayRoot, Purge
from plateward.retention.rules import Balance, PurgeState
from tests import holds
from tests.personas import Town
from tests.purges import BY_ITSELF, COMMANDER, THREE_MINUTES, pictured, ready, run
from tests.sightings import seen
from tests.versions import policy_text, put_on_file


@pytest.fixture
def noon(barstow: Town, now: datetime) -> datetime:
    """Noon of the next day, under a policy that keeps reads for three minutes."""
    put_on_file(barstow, policy_text("barstow-pd", "2026.9", THREE_MINUTES, BY_ITSELF), now)
    ready(barstow, now)
    return (now + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)


def looked(town: Town, at: datetime) -> Purge | None:
    """The clock's look at an instant."""
    profile = profile_for(town.agency.pk, at)
    return purge_actions.propose_short(agency=town.agency.pk, profile=profile, source="server", now=at)


def files(store: PictureStore) -> set[str]:
    return {path.name for path in store.root.rglob("*") if path.is_file()}


def plates(town: Town) -> list[str]:
    return sorted(Read.objects.filter(agency=town.agency).values_list("plate", flat=True))


@pytest.mark.clause("B-466.5¶2")
def test_a_read_is_gone_within_three_minutes_and_the_days_figures_add_up(
    barstow: Town, noon: datetime, store: PictureStore
) -> None:
    old = seen(barstow.camera, "8ABC123", noon - timedelta(seconds=90))
    young = seen(barstow.camera, "7XYZ789", noon - timedelta(seconds=20))
    pictured(old, store, noon)
    stays = pictured(young, store, noon)
    first = looked(barstow, noon)
    assert first is not None
    assert (first.state, first.decided_by) == (PurgeState.APPROVED, purge_actions.STANDING.username)
    done = run(first, noon, store)
    assert (done.state, done.problem, plates(barstow)) == (PurgeState.VERIFIED, "", ["7XYZ789"])
    assert done.days.get().balance == Balance(2, 0, 1, 0, remaining=1)
    assert (Picture.objects.get().pk, {Path(name).stem for name in files(store)}) == (
        stays.pk,
        {str(stays.pk)},
    )
    assert looked(barstow, noon) is None
    second = looked(barstow, noon + timedelta(seconds=60))
    assert second is not None
    done = run(second, noon + timedelta(seconds=60), store)
    assert (done.state, done.problem, plates(barstow), files(store)) == (PurgeState.VERIFIED, "", [], set())
    assert done.days.get().balance == Balance(2, 1, 1, 0)


def test_the_next_days_first_purge_destroys_the_key_and_the_salts_of_the_day(
    barstow: Town, noon: datetime, store: PictureStore
) -> None:
    pictured(seen(barstow.camera, "8ABC123", noon - timedelta(seconds=90)), store, noon)
    first = looked(barstow, noon)
    assert first is not None
    run(first, noon, store)
    key, root = DataKey.objects.get(), DayRoot.objects.get()
    assert None not in (key.wrapped, root.salt_key)
    tomorrow = noon + timedelta(days=1)
    seen(barstow.camera, "7XYZ789", tomorrow - timedelta(seconds=90))
    second = looked(barstow, tomorrow)
    assert second is not None
    done = run(second, tomorrow, store)
    assert (done.state, done.problem) == (PurgeState.VERIFIED, "")
    key.refresh_from_db()
    root.refresh_from_db()
    assert (key.wrapped, root.salt_key) == (None, None)
    assert [day.balance for day in done.days.order_by("captured_date")] == [
        Balance(1, 1, 0, 0),
        Balance(1, 0, 1, 0),
    ]


@pytest.mark.clause("B-466.5¶2-purge")
def test_what_is_held_stays_past_the_minutes(barstow: Town, noon: datetime, store: PictureStore) -> None:
    holds.asked(barstow, "ortiz", noon - timedelta(hours=1), holds.plate("8ABC123"))
    seen(barstow.camera, "8ABC123", noon - timedelta(seconds=90))
    assert looked(barstow, noon) is None
    seen(barstow.camera, "7XYZ789", noon - timedelta(seconds=80))
    purge = looked(barstow, noon)
    assert purge is not None
    assert (run(purge, noon, store).state, plates(barstow)) == (PurgeState.VERIFIED, ["8ABC123"])


def test_without_a_signed_schedule_nothing_goes(barstow: Town, now: datetime) -> None:
    put_on_file(barstow, policy_text("barstow-pd", "2026.9", THREE_MINUTES, BY_ITSELF), now)
    by = barstow.actor(COMMANDER, now)
    schedule_actions.assign_source(device=barstow.camera, source="server", reason="Ours", by=by, now=now)
    seen(barstow.camera, "8ABC123", now - timedelta(seconds=90))
    with pytest.raises(Refused, match="not in effect"):
        looked(barstow, now)
    assert plates(barstow) == ["8ABC123"]

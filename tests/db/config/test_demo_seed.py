"""The whole demonstration, as `plateward demo` seeds it: what a visitor is promised is there."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plateward.accounts.models import User
from plateward.alerts.models import Alert, HitConfirmation
from plateward.alerts.queries import request_of
from plateward.alerts.rules import AlertStatus
from plateward.audit.models import AccessRecord
from plateward.config.demo import shift
from plateward.config.demo.seed import seed
from plateward.devices.accuracy import checked_of
from plateward.devices.models import Device, DeviceProblem
from plateward.evidence.disc_models import Disc
from plateward.evidence.disc_rules import SetState
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.field.models import HandOver
from plateward.governance.queries import actor_for
from plateward.hotlists.list_work import work_next
from plateward.hotlists.models import Entry, EntryState, Hotlist, ListFile, PickedUp
from plateward.hotlists.pickup_work import work_pickups
from plateward.policy import IMMIGRATION
from plateward.reads.models import InboxItem, InboxState
from plateward.search.analysis_models import Analysis
from plateward.search.kept_actions import look
from plateward.search.kept_models import KeptSearch
from plateward.search.models import Canvass, CanvassAssignment
from plateward.units.models import UnitJournal
from plateward.units.presenters import log_of
from plateward.units.queries import spools_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def demonstration(settings: Any, ingest_database_url: str) -> Iterator[None]:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=True, ingest_url=ingest_database_url)
    yield
    Path(settings.ENVIRONMENT.data, "demo-device-keys.json").unlink()


def test_everything_that_is_built_has_something_to_show_once_also_after_a_start_that_was_killed(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(shift, "_raised", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            seed(now)
    begun = Entry.objects.filter(plate="8XAN675")
    assert (begun.count(), HandOver.objects.exists()) == (1, False)
    started = now + timedelta(minutes=1)
    seed(started)
    assert begun.count() == 1
    alerts_worked(started)
    lists_taken_in(started)
    cameras_kept()
    evidence_on_a_disc()
    car_on_the_road()
    cases_worked(started)
    counts = counted()
    seed(started + timedelta(minutes=1))
    assert counted() == counts


def counted() -> list[int]:
    return [model.objects.count() for model in (Alert, Entry, HandOver, Canvass, ListFile)]


def evidence_on_a_disc() -> None:
    package = Package.objects.get(agency="barstow-pd")
    assert (package.state, package.failure) == (PackageState.BUILT, "")
    assert package.read_count > 1
    (disc,) = Disc.objects.filter(of_set__package=package)
    assert disc.of_set.state == SetState.BUILT
    assert disc.of_set.marks


def alerts_worked(now: datetime) -> None:
    asked = {request_of(one).urgency.value: request_of(one) for one in HitConfirmation.objects.all()}
    assert asked["ROUTINE"].is_answered
    assert not asked["URGENT"].is_answered
    assert asked["URGENT"].ends_at > now
    alert = HitConfirmation.objects.get(urgency="URGENT").alert
    taken = dict(HandOver.objects.filter(alert=alert).values_list("officer__username", "acknowledged_at"))
    assert taken["ortiz"]
    assert taken["cruz"] is None
    assert (alert.status, alert.hits.count()) == (AlertStatus.VERIFIED, 2)
    assert Alert.objects.get(plate="8WZJ264").is_late
    assert Alert.objects.filter(agency="huntington-park-pd").exists()
    patterns = Entry.objects.exclude(major_crime="")
    assert {one.state for one in patterns} == {EntryState.ACTIVE, EntryState.REQUESTED}


def lists_taken_in(now: datetime) -> None:
    federal = Hotlist.objects.get(agency="barstow-pd", source="state-federal", origin="federal")
    assert [one.mode for one in federal.versions.order_by("number")] == ["FULL", "FULL", "DELTA"]
    assert all(
        one.counts["left_out"] == {IMMIGRATION: one.counts["left_out"][IMMIGRATION]}
        for one in federal.versions.all()
    )
    assert ListFile.objects.filter(layout_version=1, state="TAKEN", found__refused__gt=0).count() == 2
    work_pickups(now=now)
    for _ in range(2):  # checked, then taken in by standing order
        work_next(now=now)
        work_pickups(now=now)
    assert PickedUp.objects.get().file.state == "TAKEN"  # type: ignore[union-attr]  # it has one


def cameras_kept() -> None:
    problem = DeviceProblem.objects.get(ended_at__isnull=True)
    assert (problem.kind, problem.device.name) == ("CONFIDENCE", "Lenwood Outlets")
    assert InboxItem.objects.filter(state=InboxState.QUARANTINED).count() == 2
    misreading = checked_of(Device.objects.get(name="L Street & Main").pk)
    assert [len(misreading), sum(one.is_misread for one in misreading)] == [4, 1]
    assert sum(one.is_wrong_state for one in misreading) == 1


def car_on_the_road() -> None:
    (log,) = [log_of(spool) for spool in spools_of(Device.objects.get(name="Car 14"))]
    assert [(one.words, one.is_tail) for one in log.gaps] == [("15 to 17", False), ("25 to 27", True)]
    assert len(log.thinned) == 3
    assert UnitJournal.objects.get().merged_to == 7
    assert AccessRecord.objects.filter(plate="7XAN204", username="ortiz").exists()


def cases_worked(now: datetime) -> None:
    assert dict(CanvassAssignment.objects.values_list("assigned_to__username", "state")) == {
        "ortiz": "ACKNOWLEDGED",
        "cruz": "ASSIGNED",
    }
    assert Canvass.objects.filter(closed_at__isnull=False).count() == 1
    assert all(count for count in Analysis.objects.values_list("match_count", flat=True))
    diaz = actor_for(User.objects.get(username="diaz"), at=now)
    news = look(by=diaz, kept_id=KeptSearch.objects.get().pk, now=now + timedelta(minutes=1))
    assert news.reads

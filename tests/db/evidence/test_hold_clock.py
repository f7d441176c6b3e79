"""What the clock does for holds: reviews, data about to leave a vendor, reads opened under a case."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from plateward.audit.models import AuditRecord
from plateward.evidence import hold_actions, hold_clock_actions
from plateward.evidence import leaving as leaves
from plateward.evidence.hold_models import Hold
from plateward.notices.models import Notice
from plateward.policy import Profile
from plateward.reads import actions as reads
from plateward.retention.schedule_actions import assign_source
from tests.holds import CASE, PURPOSE, approved, asked, case, packed, plate
from tests.personas import Town
from tests.sightings import seen

LOCAL = ZoneInfo("America/Los_Angeles")
COMMANDER = "administrative-division-commander"


@pytest.fixture
def in_the_cloud(monkeypatch: pytest.MonkeyPatch, barstow: Town) -> None:
    """The camera's data lie with the vendor, as retention would say."""

    def said(agency: str, profile: Profile) -> Mapping[UUID, str]:
        del agency, profile
        return {barstow.camera.pk: "vendor-cloud"}

    monkeypatch.setattr(leaves, "SOURCES", [said])


def waiting(kind: str) -> Iterator[str]:
    for notice in Notice.objects.filter(kind=kind, done_at__isnull=True).order_by("raised_at"):
        yield notice.position or "officer"


@pytest.mark.clause("B-466.5¶2-purge")
@pytest.mark.usefixtures("in_the_cloud")
def test_reminders_climb_until_the_data_leave_the_vendor(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(days=1))
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    profile = barstow.actor("ortiz", now).profile
    (found,) = leaves.leaving(hold, profile, now)
    days = timedelta(days=30)
    assert found.at.astimezone(LOCAL).date() == (read.captured_at.astimezone(LOCAL) + days).date()
    assert (found.vendor, found.reads, found.is_assumed) == ("Flock Safety Group Inc.", 1, False)

    def at(left: float) -> datetime:
        return found.at.astimezone(UTC) - timedelta(days=left) + timedelta(minutes=1)

    assert hold_clock_actions.remind_due(now=at(11)) == 0
    assert hold_clock_actions.remind_due(now=at(10)) == 1
    assert hold_clock_actions.remind_due(now=at(9)) == 0, "each reminder comes once"
    assert list(waiting(hold_actions.BOOKING)) == ["officer"]
    hold_clock_actions.remind_due(now=at(2))
    assert set(waiting(hold_actions.BOOKING)) == {"officer", COMMANDER}
    assert Notice.objects.filter(kind=hold_actions.BOOKING, done_at__isnull=True).count() == 2
    assert leaves.gone_at_vendor(hold, profile, found.at) == [("Flock Safety Group Inc.", 1)]
    packed(barstow, hold, at(1.5), read)
    assert leaves.gone_at_vendor(hold, profile, found.at) == []
    assert leaves.leaving(hold, profile, at(1.5)) == []
    assert hold_clock_actions.remind_due(now=at(1)) == 0


def test_where_nobody_said_whose_a_camera_is_the_vendor_is_assumed(barstow: Town, now: datetime) -> None:
    seen(barstow.camera, "8ABC123", now - timedelta(days=1))
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    (found,) = leaves.leaving(hold, barstow.actor("ortiz", now).profile, now)
    assert found.is_assumed


def test_a_camera_of_the_own_server_counts_no_days(barstow: Town, now: datetime) -> None:
    seen(barstow.camera, "8ABC123", now - timedelta(days=1))
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    cole = barstow.actor("cole", now)
    why = {"source": "server", "reason": "Bought by the department, sends here alone"}
    assign_source(device=barstow.camera, by=cole, now=now, **why)
    assert leaves.leaving(hold, cole.profile, now) == []


def test_a_policy_without_a_vendor_counts_no_days(huntington_park: Town, now: datetime) -> None:
    seen(huntington_park.camera, "8ABC123", now - timedelta(days=1))
    hold = approved(huntington_park, "hart", now, plate("8ABC123"))
    assert leaves.leaving(hold, huntington_park.actor("hart", now).profile, now) == []
    assert hold_clock_actions.remind_due(now=now + timedelta(days=29)) == 0


def test_a_review_that_is_due_is_asked_for_once(barstow: Town, now: datetime) -> None:
    day = now + timedelta(days=10)
    hold = approved(barstow, "ortiz", now, plate("8ABC123"), review_at=day)
    assert hold_clock_actions.remind_due(now=day - timedelta(minutes=1)) == 0
    assert hold_clock_actions.remind_due(now=day) == 2
    assert hold_clock_actions.remind_due(now=day + timedelta(days=1)) == 0
    assert set(waiting(hold_actions.REVIEW)) == {"officer", COMMANDER}
    hold_actions.confirm_hold(
        by=barstow.actor("cole", day), hold=hold, note="Trial in spring", chosen=None, now=day
    )
    assert list(waiting(hold_actions.REVIEW)) == []
    assert Hold.objects.get().review_at is None


def test_reads_opened_under_a_case_are_written_down_with_its_hold(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    hold = asked(barstow, "ortiz", now, case())
    stated = {"purpose": PURPOSE, "reason": "Looking for the stolen car", "reference": CASE}
    reads.open_read(by=barstow.actor("ortiz", now), read_id=read.id, **stated, now=now)
    assert hold_clock_actions.gather_cases(now=now) == 1
    assert hold_clock_actions.gather_cases(now=now) == 0
    assert hold.scopes.get(is_found=True).read_id == read.id
    assert AuditRecord.objects.get(verb="evidence.case.gathered").detail["count"] == 1

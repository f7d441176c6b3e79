"""Custom hotlist entries through their actions, on a real database."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from msgspec.structs import replace

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.governance import actions as governance
from plateward.hotlists import actions, clock_actions, queries, tasks
from plateward.hotlists.models import Entry, EntryState
from plateward.plates import ComparisonKind, plate_key
from plateward.policy import Param, Refused
from tests.days import day_of
from tests.personas import SETUP, Town

ODC, ADC = "operations-division-commander", "administrative-division-commander"

Requesting = Callable[..., Entry]


@pytest.fixture
def request_by(now: datetime) -> Requesting:
    def request(town: Town, username: str, **changes: Any) -> Entry:
        asked: dict[str, Any] = {
            "plate": "8abc-123",
            "region": "US-CA",
            "vehicle_description": "White Toyota Camry",
            "purpose": "stolen-or-wanted-vehicle",
            "reason": "Taken from the Main Street lot at 02:10.",
            "by": town.actor(username, now),
            "now": now,
        }
        return actions.request_entry(**(asked | changes))

    return request


def verbs_of(entry: Entry) -> list[str]:
    return [record.verb for record in queries.history_of(entry)]


def matches(town: Town, plate: str, at: datetime, region: str = "US-CA") -> list[queries.Match]:
    wanted = queries.wanted_among([(town.agency.pk, plate_key(plate))], at)
    return wanted.matches(agency=town.agency.pk, plate=plate, region=region)


@pytest.mark.clause("B-466.11", "B-466.11-narrative")
def test_officers_request_becomes_active_only_after_approval_and_names_the_approver(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    assert (entry.state, entry.plate, entry.plate_key) == (EntryState.REQUESTED, "8ABC123", "8A8C123")
    assert matches(barstow, "8ABC123", now) == []

    approved = actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)

    assert approved.state == EntryState.ACTIVE
    assert approved.expires_at == now + timedelta(hours=72)
    assert approved.narrative.startswith(
        "Approved by Lieutenant Laura Lane (Operations Division Commander), "
    )
    assert ", B-466.11.\nVehicle: White Toyota Camry\nReason: Taken from" in approved.narrative
    assert [match.entry for match in matches(barstow, "8ABC123", now)] == [entry]
    assert verbs_of(entry) == ["hotlists.entry.requested", "hotlists.entry.approved"]


@pytest.mark.clause("B-466.11")
def test_captain_cannot_approve_an_officers_entry_until_unavailability_is_on_record(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    cole = barstow.actor("cole", now)
    with pytest.raises(Refused, match="only if the Operations Division Commander is unavailable"):
        actions.approve(entry=entry, by=cole, now=now)
    entry.refresh_from_db()
    assert entry.state == EntryState.REQUESTED

    actions.assert_unavailable(entry=entry, position=ODC, reason="In surgery.", by=cole, now=now)
    approved = actions.approve(entry=entry, by=cole, now=now)

    assert approved.decided_as == ADC
    asserted, decided = list(queries.history_of(entry))[1:]
    assert asserted.verb == "hotlists.approver.unavailable"
    assert (decided.detail["instead_of"], decided.detail["because"]) == (ODC, "recorded as unavailable")


@pytest.mark.clause("B-466.11")
def test_vacant_position_counts_as_unavailable(barstow: Town, request_by: Requesting, now: datetime) -> None:
    entry = request_by(barstow, "ortiz")
    User.objects.filter(username="lane").update(state="SUSPENDED")
    assert actions.approve(entry=entry, by=barstow.actor("cole", now), now=now).decided_as == ADC
    assert list(queries.history_of(entry))[-1].detail["because"] == "vacant"


@pytest.mark.clause("B-466.11")
def test_position_given_away_no_longer_approves(barstow: Town, request_by: Requesting, now: datetime) -> None:
    entry = request_by(barstow, "ortiz")
    later = now + timedelta(minutes=1)
    governance.appoint(
        user=barstow.users["soto"], position=ODC, by=SETUP, profile_version="2026.2", now=later
    )
    appointed = AuditRecord.objects.filter(verb="governance.position.appointed").latest("id")
    assert (appointed.detail["username"], appointed.detail["predecessors"]) == ("soto", ["lane"])
    with pytest.raises(Refused):
        actions.approve(entry=entry, by=barstow.actor("lane", later), now=later)
    assert actions.approve(entry=entry, by=barstow.actor("soto", later), now=later).decided_as == ODC


def test_unavailability_needs_a_reason_and_is_recorded_once(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry, ortiz = request_by(barstow, "ortiz"), barstow.actor("ortiz", now)
    with pytest.raises(ValidationError):
        actions.assert_unavailable(entry=entry, position=ODC, reason="  ", by=ortiz, now=now)
    actions.assert_unavailable(entry=entry, position=ODC, reason="Phone off.", by=ortiz, now=now)
    with pytest.raises(Refused, match="already"):
        actions.assert_unavailable(entry=entry, position=ODC, reason="Again.", by=ortiz, now=now)


@pytest.mark.clause("B-466.11")
def test_officer_cannot_approve_own_entry_and_the_database_refuses_it_too(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    governance.appoint(
        user=barstow.users["ortiz"], position=ODC, by=SETUP, profile_version="2026.2", now=now + timedelta(1)
    )
    later = now + timedelta(days=1)
    with pytest.raises(Refused, match="Nobody approves an entry they requested"):
        actions.approve(entry=entry, by=barstow.actor("ortiz", later), now=later)
    with pytest.raises(IntegrityError, match="entry_never_approved_by_its_requester"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(decided_by=barstow.users["ortiz"])


def test_database_refuses_an_active_entry_without_approval(barstow: Town, request_by: Requesting) -> None:
    entry = request_by(barstow, "ortiz")
    with pytest.raises(IntegrityError, match="entry_active_only_after_approval"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(state=EntryState.ACTIVE)


@pytest.mark.clause("B-466.11¶2", "B-466.11¶2-narrative")
def test_detectives_entry_is_approved_by_the_administrative_division_commander(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "diaz")
    with pytest.raises(Refused):
        actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    assert (
        "Captain Carl Cole" in actions.approve(entry=entry, by=barstow.actor("cole", now), now=now).narrative
    )


def test_title_at_the_time_of_the_request_decides_the_chain(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    User.objects.filter(username="ortiz").update(title="detective")
    assert actions.approve(entry=entry, by=barstow.actor("lane", now), now=now).decided_as == ODC


@pytest.mark.parametrize("username", ["soto", "dunn", "vendor"])
def test_titles_that_may_not_request_are_refused(
    barstow: Town, request_by: Requesting, username: str
) -> None:
    with pytest.raises(Refused):
        request_by(barstow, username)
    assert not Entry.objects.exists()


@pytest.mark.clause("B-466.4(d)")
def test_training_that_ended_since_the_request_keeps_an_approver_from_deciding(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    barstow.users["lane"].certifications.update(expires_date=day_of(now) - timedelta(days=2))
    with pytest.raises(Refused, match=r"B-466\.4\(d\)"):
        actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)


@pytest.mark.clause("B-466.11")
@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_counts_and_the_other_is_refused(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry, lane = request_by(barstow, "ortiz"), barstow.actor("lane", now)

    def approve_once() -> bool:
        try:
            actions.approve(entry=entry, by=lane, now=now)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(lambda _: approve_once(), range(2)))
    assert sorted(done) == [False, True]
    assert verbs_of(entry).count("hotlists.entry.approved") == 1


def test_case_number_is_asked_for_where_the_policy_asks_for_it(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    assert request_by(barstow, "ortiz").case_number == ""
    ortiz = barstow.actor("ortiz", now)
    asks = Param(clause="B-466.4(b)", value=True)
    profile = replace(ortiz.profile, search=replace(ortiz.profile.search, reference_required=asks))
    strict = dataclasses.replace(ortiz, profile=profile)
    with pytest.raises(ValidationError) as refused:
        request_by(barstow, "ortiz", by=strict)
    assert "case_number" in refused.value.message_dict
    assert request_by(barstow, "ortiz", by=strict, case_number="26-114").case_number == "26-114"


@pytest.mark.clause("B-466.4(d)")
def test_officer_without_training_cannot_request(barstow: Town, request_by: Requesting) -> None:
    with pytest.raises(Refused, match=r"B-466\.4\(d\)"):
        request_by(barstow, "ruiz")


@pytest.mark.clause("H-426.2")
def test_huntington_park_refuses_crime_analysis_which_barstow_permits(
    barstow: Town, huntington_park: Town, request_by: Requesting
) -> None:
    assert request_by(barstow, "ortiz", purpose="crime-analysis").purpose == "crime-analysis"
    with pytest.raises(Refused, match=r"H-426\.2"):
        request_by(huntington_park, "hart", purpose="crime-analysis")


def test_huntington_park_approves_by_its_local_decision(
    huntington_park: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(huntington_park, "hart")
    with pytest.raises(Refused):
        actions.approve(entry=entry, by=huntington_park.actor("howe", now), now=now)
    assert actions.approve(entry=entry, by=huntington_park.actor("hayes", now), now=now).state == "ACTIVE"


def test_another_agencys_commander_does_not_find_the_entry(
    barstow: Town, huntington_park: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    with pytest.raises(Entry.DoesNotExist):
        actions.approve(entry=entry, by=huntington_park.actor("hayes", now), now=now)


@pytest.mark.parametrize("plate", ["--", "ABCDEFGHIJK"])
def test_impossible_plate_is_refused_with_a_message(
    barstow: Town, request_by: Requesting, plate: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        request_by(barstow, "ortiz", plate=plate)
    assert "plate" in refused.value.message_dict


def test_refusal_carries_its_reason_and_ends_the_request(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry, lane = request_by(barstow, "ortiz"), barstow.actor("lane", now)
    with pytest.raises(ValidationError):
        actions.refuse(entry=entry, note=" ", by=lane, now=now)
    refused = actions.refuse(entry=entry, note="Recovered already.", by=lane, now=now)
    assert (refused.state, refused.decision_note) == (EntryState.REFUSED, "Recovered already.")
    with pytest.raises(Refused, match="refused"):
        actions.approve(entry=entry, by=lane, now=now)


def test_requester_withdraws_before_a_decision_and_not_after(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry, ortiz = request_by(barstow, "ortiz"), barstow.actor("ortiz", now)
    assert actions.withdraw(entry=entry, by=ortiz, now=now).state == EntryState.WITHDRAWN
    other = request_by(barstow, "ortiz")
    actions.approve(entry=other, by=barstow.actor("lane", now), now=now)
    with pytest.raises(Refused):
        actions.withdraw(entry=other, by=ortiz, now=now)


@pytest.mark.clause("B-466.11¶3")
def test_re_confirmation_starts_72_hours_again_and_says_who_re_confirmed_what(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    later = now + timedelta(hours=70)
    with pytest.raises(Refused, match="re-confirm"):
        actions.refresh(
            entry=entry, source="CLETS", note="Still out.", by=barstow.actor("ortiz", later), now=later
        )
    with pytest.raises(ValidationError):
        actions.refresh(entry=entry, source="CLETS", note="", by=barstow.actor("chen", later), now=later)

    fresh = actions.refresh(
        entry=entry,
        source="The owner",
        note="Owner called: still missing.",
        by=barstow.actor("chen", later),
        now=later,
    )

    assert fresh.expires_at == later + timedelta(hours=72)
    assert "Re-confirmed by Chief of Police Cora Chen" in fresh.narrative
    assert fresh.narrative.startswith("Approved by Lieutenant Laura Lane")
    record = AuditRecord.objects.get(verb="hotlists.entry.refreshed")
    assert (record.username, record.detail["confirmed"]) == ("chen", "Owner called: still missing.")


@pytest.mark.clause("B-466.11¶3")
def test_after_72_hours_the_entry_matches_nothing_even_before_the_clock_marks_it(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    entry = request_by(barstow, "ortiz")
    actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    end = now + timedelta(hours=72)
    assert matches(barstow, "8ABC123", end - timedelta(seconds=1))
    assert matches(barstow, "8ABC123", end) == []

    assert clock_actions.expire_due(now=end - timedelta(seconds=1)) == 0
    assert clock_actions.expire_due(now=end) == 1
    assert clock_actions.expire_due(now=end) == 0

    entry.refresh_from_db()
    assert (entry.state, entry.ended_at) == (EntryState.EXPIRED, end)
    assert verbs_of(entry)[-1] == "hotlists.entry.expired"
    with pytest.raises(Refused, match="expired"):
        actions.refresh(entry=entry, source="CLETS", note="Too late.", by=barstow.actor("lane", end), now=end)


@pytest.mark.clause("B-466.11¶3-recovery")
def test_finder_removes_the_entry_on_recovery(barstow: Town, request_by: Requesting, now: datetime) -> None:
    entry = request_by(barstow, "ortiz")
    actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    with pytest.raises(Refused):
        actions.remove(entry=entry, note="Found.", by=barstow.actor("dunn", now), now=now)
    removed = actions.remove(
        entry=entry, note="Recovered at L Street.", by=barstow.actor("quinn", now), now=now
    )
    assert (removed.state, removed.ended_by) == (EntryState.REMOVED, barstow.users["quinn"])
    assert matches(barstow, "8ABC123", now) == []


def test_look_alikes_match_with_an_explanation_and_exact_matches_come_first(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    for plate in ("BBC123", "8BC123"):
        actions.approve(
            entry=request_by(barstow, "ortiz", plate=plate), by=barstow.actor("lane", now), now=now
        )
    exact, alike = matches(barstow, "8bc123", now)
    assert (exact.entry.plate, exact.comparison.kind) == ("8BC123", ComparisonKind.EXACT)
    assert alike.comparison.explanation == "read 8BC123, entry BBC123: one look-alike (8/B)"
    assert matches(barstow, "7BC123", now) == []


def test_different_state_is_flagged_and_unknown_state_is_not(
    barstow: Town, request_by: Requesting, now: datetime
) -> None:
    actions.approve(entry=request_by(barstow, "ortiz"), by=barstow.actor("lane", now), now=now)
    (other,) = matches(barstow, "8ABC123", now, region="US-NV")
    (unknown,) = matches(barstow, "8ABC123", now, region="")
    assert other.other_state == "US-NV"
    assert other.explanation.endswith("read as US-NV, entered as US-CA: a different state")
    assert unknown.other_state == ""


def test_entries_match_only_their_own_agencys_reads(
    barstow: Town, huntington_park: Town, request_by: Requesting, now: datetime
) -> None:
    actions.approve(entry=request_by(barstow, "ortiz"), by=barstow.actor("lane", now), now=now)
    assert matches(huntington_park, "8ABC123", now) == []


@pytest.mark.django_db(transaction=True)
def test_open_screens_hear_of_a_request_when_it_is_committed(barstow: Town, request_by: Requesting) -> None:
    import psycopg  # noqa: PLC0415  this test only
    from django.db import connection  # noqa: PLC0415  the same

    settings = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        settings.pop(name, None)
    with psycopg.connect(**settings, autocommit=True) as listener:
        listener.execute("LISTEN plateward_live")
        entry = request_by(barstow, "ortiz")
        (event,) = listener.notifies(timeout=5, stop_after=1)
    assert str(entry.pk) in event.payload
    assert '"entries"' in event.payload


@pytest.mark.clause("B-466.11¶3")
def test_the_clock_expires_entries_every_minute(barstow: Town, request_by: Requesting, now: datetime) -> None:
    from procrastinate.contrib.django.procrastinate_app import current_app  # noqa: PLC0415  once apps are ready

    periodic = {task.task.name: task.cron for task in current_app.periodic_registry.periodic_tasks.values()}
    assert periodic["plateward.hotlists.tasks.expire_entries"] == "* * * * *"

    entry = request_by(barstow, "ortiz")
    actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    Entry.objects.filter(pk=entry.pk).update(expires_at=now - timedelta(minutes=1))
    assert tasks.expire_entries(timestamp=0) == 1
    entry.refresh_from_db()
    assert entry.state == EntryState.EXPIRED

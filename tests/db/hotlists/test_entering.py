"""Entries that are typed in, remind of their end, wait to be removed, or repeat what is known."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from plateward.accounts.models import User
from plateward.alerts import actions as alerts
from plateward.hotlists import actions, clock_actions, queries
from plateward.hotlists.listings import listings_at
from plateward.hotlists.models import Entry, EntryState
from plateward.notices.models import Notice
from plateward.plates import plate_key
from plateward.policy import Refused
from tests.alarms import alerted, wanted
from tests.personas import Town
from tests.versions import ENTERED_BY_DISPATCH, policy_text, put_on_file


def requested(town: Town, username: str, now: datetime, **changes: Any) -> Entry:
    asked: dict[str, Any] = {
        "plate": "8ABC123",
        "region": "US-CA",
        "vehicle_description": "White Toyota Camry",
        "purpose": "stolen-or-wanted-vehicle",
        "reason": "Taken from the Main Street lot at 02:10.",
        "by": town.actor(username, now),
        "now": now,
    }
    return actions.request_entry(**(asked | changes))


def of_detective(town: Town, now: datetime) -> Entry:
    """What Detective Diaz requested and Captain Cole approved."""
    return actions.approve(entry=requested(town, "diaz", now), by=town.actor("cole", now), now=now)


def matches(town: Town, plate: str, at: datetime) -> bool:
    wanted_now = queries.wanted_among([(town.agency.pk, plate_key(plate))], at)
    return bool(wanted_now.matches(agency=town.agency.pk, plate=plate, region="US-CA"))


def verbs_of(entry: Entry) -> list[str]:
    return [record.verb.rpartition(".")[2] for record in queries.history_of(entry)]


def waiting(town: Town, kind: str) -> set[str]:
    """Usernames and positions for which tasks of a kind wait."""
    names = {user.pk: username for username, user in town.users.items()}
    open_ = Notice.objects.filter(agency=town.agency.pk, kind=kind, done_at__isnull=True)
    return {names[one.user_id] if one.user_id else one.position for one in open_}


@pytest.mark.clause("B-466.11¶2", "B-466.11¶2-narrative")
def test_a_detective_enters_what_was_approved_and_it_matches_from_then(barstow: Town, now: datetime) -> None:
    entry = of_detective(barstow, now)
    assert (entry.state, entry.expires_at) == (EntryState.APPROVED, now + timedelta(hours=72))
    assert not matches(barstow, "8ABC123", now)
    assert waiting(barstow, actions.TO_ENTER) == {"diaz"}

    later = now + timedelta(hours=5)
    entered = actions.enter(entry=entry, by=barstow.actor("diaz", later), now=later)

    assert (entered.state, entered.expires_at) == (EntryState.ACTIVE, now + timedelta(hours=72))
    assert matches(barstow, "8ABC123", later)
    assert "Approved by Captain Carl Cole" in entered.narrative
    assert "Entered by Detective Dolores Diaz, " in entered.narrative
    assert waiting(barstow, actions.TO_ENTER) == set()
    assert verbs_of(entry) == ["requested", "approved", "entered"]


@pytest.mark.clause("B-466.11¶2")
@pytest.mark.parametrize("username", ["ortiz", "cole", "lane", "dunn"])
def test_nobody_but_who_received_the_approval_enters(barstow: Town, now: datetime, username: str) -> None:
    entry = of_detective(barstow, now)
    with pytest.raises(Refused):
        actions.enter(entry=entry, by=barstow.actor(username, now), now=now)
    assert not matches(barstow, "8ABC123", now)


def test_who_was_promoted_since_the_request_still_enters(barstow: Town, now: datetime) -> None:
    entry = of_detective(barstow, now)
    User.objects.filter(username="diaz").update(title="sergeant")
    entered = actions.enter(entry=entry, by=barstow.actor("diaz", now), now=now)
    assert entered.state == EntryState.ACTIVE


@pytest.mark.clause("B-466.11¶2")
def test_where_another_title_enters_everybody_who_can_is_asked(barstow: Town, now: datetime) -> None:
    put_on_file(barstow, policy_text("barstow-pd", "2026.3", ENTERED_BY_DISPATCH), now)
    entry = actions.approve(entry=requested(barstow, "ortiz", now), by=barstow.actor("lane", now), now=now)
    assert waiting(barstow, actions.TO_ENTER) == {"dunn"}
    with pytest.raises(Refused, match="may not enter"):
        actions.enter(entry=entry, by=barstow.actor("ortiz", now), now=now)
    actions.enter(entry=entry, by=barstow.actor("dunn", now), now=now)
    assert waiting(barstow, actions.TO_ENTER) == set()


def test_who_may_not_work_with_hotlists_now_is_not_asked_to_enter(barstow: Town, now: datetime) -> None:
    put_on_file(barstow, policy_text("barstow-pd", "2026.3", ENTERED_BY_DISPATCH), now)
    User.objects.filter(username="ruiz").update(title="dispatcher")  # without training
    actions.approve(entry=requested(barstow, "ortiz", now), by=barstow.actor("lane", now), now=now)
    assert waiting(barstow, actions.TO_ENTER) == {"dunn"}


@pytest.mark.clause("B-466.4(e)")
def test_what_is_typed_in_when_approving_and_entering_is_screened_too(barstow: Town, now: datetime) -> None:
    said: dict[str, Any] = {"note": "Owner is on parole.", "now": now}
    entry = requested(barstow, "diaz", now)
    with pytest.raises(ValidationError, match="looks like criminal history"):
        actions.approve(entry=entry, by=barstow.actor("cole", now), **said)
    actions.approve(entry=entry, by=barstow.actor("cole", now), now=now, note="Call the owner first.")
    with pytest.raises(ValidationError, match="looks like criminal history"):
        actions.enter(entry=entry, by=barstow.actor("diaz", now), **said)
    assert not matches(barstow, "8ABC123", now)
    actions.enter(entry=entry, by=barstow.actor("diaz", now), is_unrestricted=True, **said)
    assert queries.history_of(entry).last().detail["kept"] == ["CRIMINAL_HISTORY"]


@pytest.mark.clause("B-466.11¶3")
def test_an_approval_that_runs_out_asks_nobody_to_re_confirm_it(barstow: Town, now: datetime) -> None:
    entry = of_detective(barstow, now)
    assert clock_actions.remind_due(now=now + timedelta(hours=71)) == 1
    told = Notice.objects.filter(kind=actions.EXPIRES, subject=actions.subject_of(entry))
    assert {one.text for one in told} == {actions.UNENTERED}


@pytest.mark.clause("B-466.11¶3")
def test_an_approval_that_nobody_entered_runs_out(barstow: Town, now: datetime) -> None:
    entry, end = of_detective(barstow, now), now + timedelta(hours=72)
    with pytest.raises(Refused, match="expired"):
        actions.enter(entry=entry, by=barstow.actor("diaz", end), now=end)
    assert clock_actions.expire_due(now=end) == 1
    assert waiting(barstow, actions.TO_ENTER) == set()
    entry.refresh_from_db()
    assert entry.state == EntryState.EXPIRED


def test_an_answer_about_the_past_counts_an_entry_from_when_it_was_typed_in(
    barstow: Town, now: datetime
) -> None:
    entry, entered_at = of_detective(barstow, now), now + timedelta(hours=4)
    actions.enter(entry=entry, by=barstow.actor("diaz", entered_at), now=entered_at)
    assert listings_at("barstow-pd", "8ABC123", entered_at - timedelta(minutes=1)) == []
    (found,) = listings_at("barstow-pd", "8ABC123", entered_at)
    assert found.would_match


def test_an_approval_that_nobody_typed_in_was_never_listed(barstow: Town, now: datetime) -> None:
    of_detective(barstow, now)
    end = now + timedelta(hours=72)
    assert clock_actions.expire_due(now=end) == 1
    assert listings_at("barstow-pd", "8ABC123", now + timedelta(hours=1)) == []


def test_an_entry_that_needed_no_typing_in_was_listed_from_its_approval(barstow: Town, now: datetime) -> None:
    wanted(barstow, "8ABC124", now)
    clock_actions.expire_due(now=now + timedelta(hours=73))
    (found,) = listings_at("barstow-pd", "8ABC124", now + timedelta(hours=1))
    assert found.entry.state == EntryState.EXPIRED


def test_an_approved_entry_is_withdrawn_by_its_requester(barstow: Town, now: datetime) -> None:
    entry = of_detective(barstow, now)
    withdrawn = actions.withdraw(entry=entry, by=barstow.actor("diaz", now), now=now)
    assert withdrawn.state == EntryState.WITHDRAWN


@pytest.mark.clause("B-466.11¶3")
def test_people_are_reminded_twice_before_the_end_and_once_more_after_a_re_confirmation(
    barstow: Town, now: datetime
) -> None:
    entry = of_detective(barstow, now)
    actions.enter(entry=entry, by=barstow.actor("diaz", now), now=now)
    assert clock_actions.remind_due(now=now + timedelta(hours=47)) == 0
    first, last = now + timedelta(hours=48), now + timedelta(hours=68)
    assert clock_actions.remind_due(now=first) == 1
    assert clock_actions.remind_due(now=first + timedelta(minutes=1)) == 0
    assert waiting(barstow, actions.EXPIRES) == {"diaz", "administrative-division-commander"}
    assert clock_actions.remind_due(now=last) == 1
    assert Notice.objects.filter(kind=actions.EXPIRES, done_at__isnull=True).count() == 2
    assert all("8ABC123" not in one.text for one in Notice.objects.all())

    actions.refresh(
        entry=entry, source="CLETS", note="Still active.", by=barstow.actor("cole", last), now=last
    )

    assert waiting(barstow, actions.EXPIRES) == set()
    assert clock_actions.remind_due(now=last + timedelta(hours=48)) == 1
    assert verbs_of(entry).count("reminded") == 3


@pytest.mark.clause("B-466.11¶3")
def test_where_the_policy_is_silent_nobody_is_reminded(huntington_park: Town, now: datetime) -> None:
    wanted(huntington_park, "8ABC123", now)
    assert clock_actions.remind_due(now=now + timedelta(hours=71)) == 0
    assert not Notice.objects.exists()


@pytest.mark.clause("B-466.11¶3")
def test_a_re_confirmation_says_against_what_it_was_checked(barstow: Town, now: datetime) -> None:
    entry, lane = wanted(barstow, "8ABC123", now), barstow.actor("lane", now)
    for source, note in (("", "Still active."), ("CLETS", " ")):
        with pytest.raises(ValidationError):
            actions.refresh(entry=entry, source=source, note=note, by=lane, now=now)
    fresh = actions.refresh(entry=entry, source="CLETS", note="Record still active.", by=lane, now=now)
    assert fresh.narrative.endswith("Checked against CLETS: Record still active.")
    assert queries.history_of(entry).last().detail["source"] == "CLETS"


@pytest.mark.clause("B-466.11¶3-recovery")
def test_the_finder_has_the_entry_removed_and_others_hear_until_it_is(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    alerts.dispose(
        alert=alert,
        code="recovered",
        by=barstow.actor("quinn", now),
        now=now,
        not_practicable_reason="Occupied, pulled over at once.",
    )
    entry = Entry.objects.get(pk=alert.entry_id)
    assert (entry.recovered_at, entry.found_by) == (now, barstow.users["quinn"])
    assert waiting(barstow, actions.REMOVAL) == {"quinn"}
    with pytest.raises(Refused, match="recovered"):
        actions.refresh(entry=entry, source="CLETS", note="Active.", by=barstow.actor("lane", now), now=now)

    assert clock_actions.tell_of_removals(now=now + timedelta(minutes=59)) == 0
    assert clock_actions.tell_of_removals(now=now + timedelta(minutes=60)) == 1
    assert clock_actions.tell_of_removals(now=now + timedelta(minutes=61)) == 0
    assert clock_actions.tell_of_removals(now=now + timedelta(minutes=120)) == 1
    assert waiting(barstow, actions.REMOVAL) == {"quinn", "watch-commander", "operations-division-commander"}

    actions.remove(entry=entry, note="Recovered at L Street.", by=barstow.actor("quinn", now), now=now)

    assert waiting(barstow, actions.REMOVAL) == set()
    assert clock_actions.tell_of_removals(now=now + timedelta(hours=9)) == 0
    assert verbs_of(entry)[2:] == ["recovered", "escalated", "escalated", "removed"]


@pytest.mark.clause("B-466.11¶3-recovery")
def test_whoever_may_not_remove_leaves_it_to_the_requester_too(barstow: Town, now: datetime) -> None:
    entry = wanted(barstow, "8ABC123", now)
    actions.report_recovered(entry=entry, by=barstow.actor("dunn", now), now=now)
    assert waiting(barstow, actions.REMOVAL) == {"dunn", "ortiz"}
    assert actions.report_recovered(entry=entry, by=barstow.actor("quinn", now), now=now) is None


@pytest.mark.clause("B-466.4(e)")
def test_restricted_words_are_kept_only_when_somebody_says_that_they_are_none(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    reason = "Owner is on parole, vehicle taken from Main Street."
    with pytest.raises(ValidationError, match="looks like criminal history"):
        requested(barstow, "ortiz", now, reason=reason)
    kept = requested(barstow, "ortiz", now, reason=reason, is_unrestricted=True)
    assert queries.history_of(kept).last().detail["kept"] == ["CRIMINAL_HISTORY"]
    with pytest.raises(ValidationError, match="is not addressed by this policy"):
        requested(huntington_park, "hart", now, reason=reason, is_unrestricted=True)
    assert not Entry.objects.filter(agency="huntington-park-pd").exists()


def test_what_is_known_under_the_same_plate_is_found_before_a_second_request(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    wanted(huntington_park, "8ABC123", now)
    second = requested(barstow, "quinn", now, plate="8A8C123", despite=[str(entry.pk)])
    assert queries.history_of(second).last().detail["despite"] == [str(entry.pk)]
    known = queries.of_same_vehicle("barstow-pd", plate_key("8ABC123"), now)
    assert {one.pk for one in known} == {entry.pk, second.pk}
    over = now + timedelta(hours=72)
    assert [one.pk for one in queries.of_same_vehicle("barstow-pd", "8A8C123", over)] == [second.pk]

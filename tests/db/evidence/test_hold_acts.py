"""Asking for a hold, deciding on it, confirming and releasing it, and what each leaves on record."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.presenters import sentence
from plateward.evidence import hold_actions
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import HoldError, HoldForm, HoldState
from plateward.notices.models import Notice
from plateward.policy import HoldReason, Refused
from tests.holds import CASE, approved, asked, camera, case, commander, one_read, plate
from tests.personas import Town
from tests.sightings import seen


def waiting(kind: str) -> Iterator[str]:
    """Whom a kind of notice waits for: a position, or a person."""
    for notice in Notice.objects.filter(kind=kind, done_at__isnull=True):
        yield notice.position or str(notice.user_id)


@pytest.mark.clause("B-466.5¶2-purge", "B-466.6(a)")
def test_asking_is_an_access_and_a_task_for_who_approves(barstow: Town, now: datetime) -> None:
    for minutes in (10, 20):
        seen(barstow.camera, "8ABC123", now - timedelta(minutes=minutes))
    hold = asked(barstow, "ortiz", now, plate("8ABC123"), plate("7XYZ999"), reference=CASE)
    assert (hold.number, hold.state, hold.review_at) == (1, HoldState.REQUESTED, None)
    first, second = AccessRecord.objects.order_by("pk")
    assert {first.plate, second.plate} == {"8ABC123", "7XYZ999"}
    assert (first.result_count, first.reference, first.purpose) == (2, CASE, hold.purpose)
    assert list(waiting(hold_actions.APPROVAL)) == ["administrative-division-commander"]
    row = AuditRecord.objects.get(verb="evidence.hold.requested")
    assert "asked for hold 1: has become evidence" in sentence(row)
    hold_actions.approve_hold(by=commander(barstow, now), hold=hold, note="", now=now)
    assert list(waiting(hold_actions.APPROVAL)) == []
    assert asked(barstow, "diaz", now, case()).number == 2


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_reason_that_the_clause_does_not_name_holds_nothing(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused, match="none of this policy's reasons"):
        asked(barstow, "ortiz", now, plate("8ABC123"), reason=HoldReason.PENDING_CLAIM)
    assert not Hold.objects.exists()


def test_who_may_not_ask_or_decide_is_refused(barstow: Town, now: datetime) -> None:
    with pytest.raises(Refused):
        asked(barstow, "dunn", now, plate("8ABC123"))
    hold = asked(barstow, "cole", now, plate("8ABC123"))
    for username in ("ortiz", "lane"):
        with pytest.raises(Refused):
            hold_actions.approve_hold(by=barstow.actor(username, now), hold=hold, note="", now=now)
    with pytest.raises(Refused, match="Nobody decides on a hold they asked for"):
        hold_actions.approve_hold(by=commander(barstow, now), hold=hold, note="", now=now)
    assert Hold.objects.get().is_blocking


def test_the_database_too_lets_nobody_approve_what_they_asked_for(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    with pytest.raises(IntegrityError, match="hold_decided_by_another"):
        Hold.objects.filter(pk=hold.pk).update(decided_by=hold.requested_by_id)


def test_another_agencys_camera_is_not_held(barstow: Town, huntington_park: Town, now: datetime) -> None:
    with pytest.raises(HoldError, match="does not have"):
        asked(barstow, "ortiz", now, camera(huntington_park, now))


def test_a_sworn_hold_keeps_the_facts(barstow: Town, now: datetime) -> None:
    sworn = {"form": HoldForm.SWORN, "reference": CASE, "facts": "He saw it.", "sworn_by": "Det. Diaz"}
    hold = asked(barstow, "diaz", now, plate("8ABC123"), **sworn)
    assert (hold.facts, hold.sworn_by) == ("He saw it.", "Det. Diaz")


def test_a_refusal_says_why_and_frees_the_data(barstow: Town, now: datetime) -> None:
    hold = asked(barstow, "ortiz", now, plate("8ABC123"))
    with pytest.raises(HoldError, match="Say why the hold is refused"):
        hold_actions.refuse_hold(by=commander(barstow, now), hold=hold, note=" ", now=now)
    refused = hold_actions.refuse_hold(by=commander(barstow, now), hold=hold, note="No action.", now=now)
    assert (refused.state, refused.ended_at, refused.is_blocking) == (HoldState.REFUSED, now, False)
    with pytest.raises(Refused, match="Ask for a new hold"):
        hold_actions.approve_hold(by=commander(barstow, now), hold=hold, note="", now=now)


def test_a_hold_is_confirmed_with_a_reason_for_a_time(barstow: Town, now: datetime) -> None:
    hold, later = approved(barstow, "ortiz", now, plate("8ABC123")), now + timedelta(days=200)
    with pytest.raises(HoldError, match="why the data are still needed"):
        hold_actions.confirm_hold(by=commander(barstow, now), hold=hold, note="", chosen=None, now=later)
    with pytest.raises(HoldError, match="must lie in the future"):
        hold_actions.confirm_hold(by=commander(barstow, now), hold=hold, note="Trial", chosen=now, now=later)
    chosen = later + timedelta(days=90)
    kept = hold_actions.confirm_hold(
        by=commander(barstow, now), hold=hold, note="Trial in spring", chosen=chosen, now=later
    )
    assert (kept.review_at, kept.confirmed_at) == (chosen, later)


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_release_is_asked_for_and_decided_by_two(barstow: Town, now: datetime) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    with pytest.raises(HoldError, match="need not be held any longer"):
        hold_actions.ask_release(by=barstow.actor("ortiz", now), hold=hold, reason="", now=now)
    left = hold_actions.ask_release(by=barstow.actor("cole", now), hold=hold, reason="Dismissed", now=now)
    assert left.is_blocking
    with pytest.raises(Refused, match="Nobody decides on a release they asked for"):
        hold_actions.approve_release(by=commander(barstow, now), hold=hold, note="", now=now)
    Hold.objects.filter(pk=hold.pk).update(release_asked_by=barstow.users["ortiz"])
    kept = hold_actions.refuse_release(by=commander(barstow, now), hold=hold, note="Appeal", now=now)
    assert (kept.state, kept.release_note) == (HoldState.ACTIVE, "Appeal")
    hold_actions.ask_release(by=barstow.actor("ortiz", now), hold=hold, reason="Final", now=now)
    ended = hold_actions.approve_release(by=commander(barstow, now), hold=hold, note="", now=now)
    assert (ended.state, ended.is_blocking) == (HoldState.RELEASED, False)
    assert list(waiting(hold_actions.RELEASE)) == []


def test_a_closed_case_asks_about_each_of_its_holds(barstow: Town, now: datetime) -> None:
    one = approved(barstow, "ortiz", now, plate("8ABC123"), reference=CASE)
    other = approved(barstow, "diaz", now, case(CASE.lower()), reference=CASE.lower())
    approved(barstow, "diaz", now, plate("7XYZ999"), reference="B26-09999")
    told = hold_actions.close_case(by=barstow.actor("ortiz", now), hold=one, now=now)
    assert {hold.pk for hold in told} == {one.pk, other.pk}
    asked_of = set(waiting(hold_actions.CLOSED))
    people = {str(barstow.users[name].pk) for name in ("ortiz", "diaz")}
    assert asked_of == people | {"administrative-division-commander"}
    with pytest.raises(HoldError, match="No hold of this case waits"):
        hold_actions.close_case(by=barstow.actor("ortiz", now), hold=one, now=now)
    later = now + timedelta(hours=1)
    hold_actions.confirm_hold(by=commander(barstow, now), hold=one, note="Appeal", chosen=None, now=later)
    assert Notice.objects.filter(kind=hold_actions.CLOSED, done_at__isnull=True).count() == 2
    one.refresh_from_db()
    assert one.case_closed_at is None


def test_looking_at_what_is_held_is_an_access_each_time(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(minutes=5))
    hold = asked(barstow, "ortiz", now, one_read(read))
    before = AccessRecord.objects.count()
    looked = hold_actions.look_at_hold(by=barstow.actor("diaz", now), hold=hold, now=now, limit=10)
    assert [one.id for one in looked.reads] == [read.id]
    assert looked.access.elements["reads"] == [str(read.id)]
    assert looked.access.username == "diaz"
    assert AccessRecord.objects.count() == before + 1
    with pytest.raises(Refused):
        hold_actions.look_at_hold(by=barstow.actor("dunn", now), hold=hold, now=now)

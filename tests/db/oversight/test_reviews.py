"""The weekly review: made of what was accessed since the last, decided by the right people, on record."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plateward.accounts import actions as accounts
from plateward.accounts.models import User
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.sealing_actions import seal
from plateward.notices.models import Notice
from plateward.oversight import actions
from plateward.oversight.gathering import gather
from plateward.oversight.models import OwnPlate, ReviewItem
from plateward.oversight.reviewing import last_review
from plateward.oversight.rules import draw
from plateward.policy import Refused
from tests.personas import Town
from tests.reviewing import flagged, reviewed, searched

pytestmark = pytest.mark.django_db


@pytest.mark.clause("B-466.3.1(c)", "CJIS-AU-6")
def test_the_clock_reviews_each_week_and_leaves_no_gap(barstow: Town, now: datetime) -> None:
    assert actions.review_due(now=now) == 1
    assert actions.review_due(now=now + timedelta(days=6)) == 0
    assert actions.review_due(now=now + timedelta(days=7)) == 1

    second = last_review(barstow.agency.pk)
    assert second is not None
    assert (second.from_at, second.until_at) == (now, now + timedelta(days=7))


def test_what_comes_on_record_after_its_week_was_reviewed_is_in_the_next_review_and_in_no_third(
    barstow: Town, now: datetime
) -> None:
    """As rows that were recorded locally while the journal failed, and merged later."""
    searched(barstow, "ortiz", "7ABC123", now - timedelta(hours=3))
    first = reviewed(barstow, now)
    searched(barstow, "diaz", "6XYZ789", now - timedelta(hours=2))
    seal(now=now)
    second = reviewed(barstow, now + timedelta(weeks=1))
    searched(barstow, "diaz", "6XYZ780", now - timedelta(hours=1))
    third = reviewed(barstow, now + timedelta(weeks=2))
    assert [review.accesses for review in (first, second, third)] == [1, 1, 1]
    assert first.sealed_size == 0
    assert second.sealed_size


@pytest.mark.clause("H-426.2.1(c)")
def test_a_policy_that_settles_no_plan_is_not_reviewed_by_an_invented_one(
    huntington_park: Town, now: datetime
) -> None:
    assert actions.review_due(now=now) == 0
    assert last_review(huntington_park.agency.pk) is None


def test_nobody_is_their_own_peer(barstow: Town, now: datetime) -> None:
    at = now - timedelta(days=1)
    searched(barstow, "ortiz", "7ABC123", at)
    zone = ZoneInfo("America/Los_Angeles")
    found = gather(barstow.agency.pk, zone, now - timedelta(weeks=5), now - timedelta(weeks=1), now)
    ortiz = found.weeks[barstow.users["ortiz"].pk]
    assert (len(ortiz.uses), ortiz.peers, ortiz.others) == (1, [], [])


def test_flags_name_their_records_and_the_sample_is_drawn_from_the_rest(barstow: Town, now: datetime) -> None:
    for number in range(8):
        why = f"Burglary number {number} of the series"
        searched(barstow, "diaz", f"6XYZ12{number}", now - timedelta(hours=2), reason=why, reference="26-1")
    item = flagged(barstow, now)

    mine = list(AccessRecord.objects.filter(username="ortiz").values_list("pk", flat=True))
    assert sorted(item.access_ids) == sorted(mine)
    assert item.explanation == "7ABC123 was searched 3 times on 1 day, and no case was named."
    review = item.review
    others = AccessRecord.objects.filter(username="diaz").values_list("pk", flat=True)
    sample = review.items.filter(kind="SAMPLE")
    assert {one.access_ids[0] for one in sample} == set(draw(review.seed, others, 5))


def test_another_agencys_use_is_in_no_review(barstow: Town, huntington_park: Town, now: datetime) -> None:
    for _ in range(3):
        searched(huntington_park, "hart", "7ABC123", now - timedelta(hours=1))

    assert reviewed(barstow, now).items.count() == 0


@pytest.mark.clause("CJIS-AU-6")
def test_the_person_explains_and_the_commander_decides(barstow: Town, now: datetime) -> None:
    item = flagged(barstow, now)
    cole, ortiz = barstow.actor("cole", now), barstow.actor("ortiz", now)

    actions.ask_person(by=cole, item=item, note="Which case was this?", now=now)
    assert Notice.objects.filter(user_id=ortiz.user_id, done_at=None).count() == 1
    actions.answer_question(by=ortiz, item_id=item.pk, note="Case 26-0311, not opened yet.", now=now)
    assert not Notice.objects.filter(user_id=ortiz.user_id, done_at=None).exists()
    actions.decide_item(by=cole, item=item, is_in_policy=True, note="Case opened since.", now=now)

    item.refresh_from_db()
    assert (item.state, item.decided_by_id) == ("IN_POLICY", cole.user_id)
    assert [step.act for step in item.steps.all()] == ["ASK", "ANSWER", "FIND_IN_POLICY"]
    assert AuditRecord.objects.filter(verb="oversight.item.decided", username="cole").exists()


def test_the_reviewers_task_ends_with_the_last_decision(barstow: Town, now: datetime) -> None:
    item = flagged(barstow, now)
    waits = Notice.objects.filter(position=item.position, done_at=None)
    assert (waits.get().due_at, waits.get().escalates_to) == (now + timedelta(days=7), "chief-of-police")

    for one in item.review.items.all():
        actions.decide_item(
            by=barstow.actor("cole", now), item=one, is_in_policy=one.kind == "SAMPLE", note="Seen.", now=now
        )

    assert not waits.exists()


def test_nobody_decides_about_themself_and_the_commanders_use_goes_to_the_chief(
    barstow: Town, now: datetime
) -> None:
    item = flagged(barstow, now, "cole")
    assert item.position == "chief-of-police"

    with pytest.raises(Refused, match="own accesses"):
        actions.decide_item(
            by=barstow.actor("cole", now), item=item, is_in_policy=True, note="It was fine.", now=now
        )
    actions.decide_item(by=barstow.actor("chen", now), item=item, is_in_policy=True, note="Asked.", now=now)


def test_the_database_refuses_a_decision_about_oneself_too(barstow: Town, now: datetime) -> None:
    item = flagged(barstow, now)
    with pytest.raises(IntegrityError, match="never_decided_by_oneself"), transaction.atomic():
        ReviewItem.objects.filter(pk=item.pk).update(
            state="IN_POLICY", decided_by=item.person_id, decided_at=now
        )


@pytest.mark.parametrize("who", ["ortiz", "soto"])
def test_whoever_is_not_in_the_line_neither_begins_nor_decides(
    barstow: Town, now: datetime, who: str
) -> None:
    item = flagged(barstow, now)
    with pytest.raises(Refused):
        actions.begin_review(by=barstow.actor(who, now), now=now)
    with pytest.raises(Refused):
        actions.decide_item(by=barstow.actor(who, now), item=item, is_in_policy=True, note="Fine.", now=now)


def test_a_decided_item_stays_decided(barstow: Town, now: datetime) -> None:
    item, cole = flagged(barstow, now), barstow.actor("cole", now)
    actions.decide_item(by=cole, item=item, is_in_policy=False, note="No case, no reason.", now=now)
    with pytest.raises(ValidationError, match="already"):
        actions.decide_item(by=cole, item=item, is_in_policy=True, note="Second thoughts.", now=now)


def test_nobody_answers_for_another(barstow: Town, now: datetime) -> None:
    item = flagged(barstow, now)
    actions.ask_person(by=barstow.actor("cole", now), item=item, note="Why?", now=now)
    with pytest.raises(ReviewItem.DoesNotExist):
        actions.answer_question(by=barstow.actor("quinn", now), item_id=item.pk, note="He did.", now=now)


def test_a_colleagues_plate_is_noticed_and_neither_list_nor_flag_says_whose(
    barstow: Town, now: datetime
) -> None:
    own = actions.enter_own_plate(by=barstow.actor("quinn", now), plate="5QUI 123", now=now)
    assert b"5QUI123" not in bytes(own.digest) + bytes(own.salt)
    assert not AuditRecord.objects.filter(detail__icontains="5QUI123").exists()
    searched(barstow, "ortiz", "5QUI123", now - timedelta(hours=1), reference="26-1")
    searched(barstow, "quinn", "5QU1123", now - timedelta(hours=1), reference="26-1")

    told = {
        item.person.username: item.explanation
        for item in reviewed(barstow, now).items.filter(kind="KNOWN_PLATE")
    }

    assert told == {
        "ortiz": "1 search of a plate that a colleague entered as their own or their household’s.",
        "quinn": "1 search of a plate that this person entered as their own or their household’s.",
    }


def test_a_plate_of_ones_own_is_taken_off_by_oneself_alone(barstow: Town, now: datetime) -> None:
    own = actions.enter_own_plate(by=barstow.actor("quinn", now), plate="5QUI123", now=now)
    with pytest.raises(OwnPlate.DoesNotExist):
        actions.remove_own_plate(by=barstow.actor("ortiz", now), plate_id=own.pk, now=now)
    actions.remove_own_plate(by=barstow.actor("quinn", now), plate_id=own.pk, now=now)
    assert not OwnPlate.objects.exists()


def test_use_before_leaving_is_flagged_from_the_journals_account_of_it(barstow: Town, now: datetime) -> None:
    searched(barstow, "quinn", "7ABC123", now - timedelta(hours=5), reference="26-1")
    accounts.deactivate(
        user=User.objects.get(username="quinn"),
        reason="Left.",
        by=barstow.actor("cole", now),
        now=now - timedelta(hours=1),
    )

    item = reviewed(barstow, now).items.get(kind="SEPARATION")

    assert item.explanation.startswith("1 search in the 14 days before the account was deactivated")

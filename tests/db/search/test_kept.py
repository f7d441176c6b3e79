"""Searches kept for a case: they run only when their person looks, for a time, on record."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from plateward.accounts.rules import AccountState
from plateward.alerts.models import Alert
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.notices.models import Notice
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PlatePattern
from plateward.policy import Refused
from plateward.reads import actions as reads
from plateward.reads.models import Read
from plateward.search.areas import Circle
from plateward.search.kept import Wanted
from plateward.search.kept_actions import end, end_due, hand_over, keep, look, mark_seen, renew
from plateward.search.kept_models import KeptSearch
from plateward.search.rules import TooVagueError
from tests.drives import more_cameras
from tests.personas import Town
from tests.sightings import seen

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def wanted(**changes: object) -> Wanted:
    usual = {
        "pattern": PlatePattern.parse("7AB?123"),
        "tolerance": Tolerance.AS_WRITTEN,
        "area": None,
        "purpose": "investigatory-lead",
        "reason": "Vehicle seen leaving the robbery at 1st and Main",
        "reference": "26-01234",
    }
    return Wanted(**(usual | changes))  # type: ignore[arg-type]  # one story differs in one field


def kept(town: Town, now: datetime, **changes: object) -> KeptSearch:
    return keep(by=town.actor("diaz", now), wanted=wanted(**changes), until_at=now + WEEK, now=now)


def plates(town: Town, which: KeptSearch, now: datetime, who: str = "diaz") -> list[str]:
    """What a look shows; it is marked as seen."""
    by = town.actor(who, now)
    news = look(by=by, kept_id=which.pk, now=now)
    mark_seen(by=by, kept_id=which.pk, access_id=news.access.pk, now=now)
    return [read.plate for read in news.reads]


def stored(read: Read, at: datetime) -> None:
    Read.objects.filter(plate_key=read.plate_key, captured_at=read.captured_at).update(stored_at=at)


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_each_look_shows_what_is_new_since_the_last_and_is_an_access_of_its_own(
    barstow: Town, now: datetime
) -> None:
    seen(barstow.camera, "7ABC123", now - DAY)
    made = kept(barstow, now)
    assert not AccessRecord.objects.exists()
    assert plates(barstow, made, now) == ["7ABC123"]

    later = now + timedelta(hours=1)
    seen(barstow.camera, "7ABD123", now + timedelta(minutes=30))
    seen(barstow.camera, "6XYZ789", now + timedelta(minutes=30))
    assert plates(barstow, made, later) == ["7ABD123"]
    assert plates(barstow, made, later + timedelta(hours=1)) == []

    records = list(AccessRecord.objects.order_by("pk"))
    assert [one.result_count for one in records] == [1, 1, 0]
    assert {(one.plate, one.reference) for one in records} == {("7AB?123", "26-01234")}
    assert records[1].elements["new_since"] == now.isoformat()
    made.refresh_from_db()
    assert (made.looks, made.looked_at) == (3, later + timedelta(hours=1))


def test_a_read_that_arrives_late_is_new_by_when_it_was_stored(barstow: Town, now: datetime) -> None:
    made = kept(barstow, now)
    assert plates(barstow, made, now) == []
    late = seen(barstow.camera, "7ABC123", now - DAY)
    stored(late, now + timedelta(minutes=10))
    assert plates(barstow, made, now + timedelta(hours=1)) == ["7ABC123"]


def test_it_stays_new_until_its_person_has_seen_it(barstow: Town, now: datetime) -> None:
    """An answer that never arrived must not lose what it would have told."""
    made, diaz = kept(barstow, now), barstow.actor("diaz", now)
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    first = look(by=diaz, kept_id=made.pk, now=now)
    again = look(by=diaz, kept_id=made.pk, now=now + timedelta(hours=1))
    assert [len(first.reads), len(again.reads)] == [1, 1]
    seen(barstow.camera, "7ABD123", now + timedelta(minutes=30))
    for late in (again, first):
        mark_seen(by=diaz, kept_id=made.pk, access_id=late.access.pk, now=now + timedelta(hours=1))
        made.refresh_from_db()
        assert made.seen_at == again.access.accessed_at
    row = AuditRecord.objects.filter(verb="search.kept.seen").latest("id")
    assert row.detail == {"reference": "26-01234", "access": str(first.access.pk)}


def test_only_an_own_look_at_it_is_marked_as_seen(barstow: Town, now: datetime) -> None:
    made, diaz = kept(barstow, now), barstow.actor("diaz", now)
    other = look(by=diaz, kept_id=kept(barstow, now).pk, now=now).access
    with pytest.raises(AccessRecord.DoesNotExist):
        mark_seen(by=diaz, kept_id=made.pk, access_id=other.pk, now=now)
    access = look(by=diaz, kept_id=made.pk, now=now).access
    with pytest.raises(KeptSearch.DoesNotExist):
        mark_seen(by=barstow.actor("ortiz", now), kept_id=made.pk, access_id=access.pk, now=now)
    end(by=diaz, kept_id=made.pk, now=now)
    with pytest.raises(ValidationError, match="has ended"):
        mark_seen(by=diaz, kept_id=made.pk, access_id=access.pk, now=now)


def test_a_read_that_a_fast_clock_dates_ahead_is_new(barstow: Town, now: datetime) -> None:
    made = kept(barstow, now)
    stored(seen(barstow.camera, "7ABC123", now + timedelta(minutes=9)), now - timedelta(minutes=6))
    assert plates(barstow, made, now) == ["7ABC123"]


def test_a_late_read_older_than_a_page_of_seen_ones_is_new(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.search.queries.PAGE_SIZE", 2)
    made, diaz = kept(barstow, now), barstow.actor("diaz", now)
    for minutes in (10, 20, 30):
        seen(barstow.camera, "7ABD123", now - timedelta(minutes=minutes))
    bounded = look(by=diaz, kept_id=made.pk, now=now)
    assert (len(bounded.reads), bounded.is_bounded) == (2, True)
    mark_seen(by=diaz, kept_id=made.pk, access_id=bounded.access.pk, now=now)
    stored(seen(barstow.camera, "7ABC123", now - DAY), now + timedelta(minutes=10))
    news = look(by=diaz, kept_id=made.pk, now=now + timedelta(hours=1))
    assert ([read.plate for read in news.reads], news.is_bounded) == (["7ABC123"], False)


def test_a_kept_place_counts(barstow: Town, now: datetime) -> None:
    here, there = more_cameras(barstow, 1, now)
    place = Circle(here.latitude or 0, here.longitude or 0, 300)
    made = kept(barstow, now, area=place)
    seen(here, "7ABC123", now - DAY)
    seen(there, "7ABD123", now - DAY)
    assert plates(barstow, made, now) == ["7ABC123"]


@pytest.mark.clause("B-466.11")
def test_reads_that_match_it_tell_nobody(barstow: Town, now: datetime) -> None:
    """Being told of future reads is what a hotlist entry is for, with its approval."""
    kept(barstow, now)
    seen(barstow.camera, "7ABC123", now)
    from plateward.alerts.actions import match_waiting  # noqa: PLC0415  the intake's step, for this story alone

    reads.store_waiting(limit=10, now=now)
    match_waiting(limit=10, now=now)
    end_due(now=now + timedelta(minutes=1))
    assert not Alert.objects.exists()
    assert not Notice.objects.filter(kind__startswith="kept-search").exists()
    assert not AccessRecord.objects.exists()


@pytest.mark.clause("B-466.6(b)", "H-426.5(b)")
def test_without_a_case_or_beyond_the_time_or_too_vague_nothing_is_kept(barstow: Town, now: datetime) -> None:
    diaz = barstow.actor("diaz", now)
    with pytest.raises(Refused) as refused:
        keep(by=diaz, wanted=wanted(reference=" "), until_at=now + WEEK, now=now)
    assert refused.value.decision.local_decision == "kept-searches"
    with pytest.raises(ValidationError, match="at most 14 days"):
        keep(by=diaz, wanted=wanted(), until_at=now + 15 * DAY, now=now)
    with pytest.raises(ValidationError, match="has not passed"):
        keep(by=diaz, wanted=wanted(), until_at=now + timedelta(0), now=now)
    vague = wanted(pattern=PlatePattern.parse("*7*3*"))
    with pytest.raises(TooVagueError):
        keep(by=diaz, wanted=vague, until_at=now + WEEK, now=now)
    assert not KeptSearch.objects.exists()


@pytest.mark.clause("H-426.2")
def test_a_purpose_that_the_policy_does_not_permit_keeps_nothing(
    huntington_park: Town, now: datetime
) -> None:
    hale = huntington_park.actor("hale", now)
    with pytest.raises(Refused) as refused:
        keep(by=hale, wanted=wanted(), until_at=now + WEEK, now=now)
    assert refused.value.decision.clause == "H-426.2"
    assert keep(by=hale, wanted=wanted(purpose="stolen-plate"), until_at=now + WEEK, now=now).pk


def test_an_ended_one_shows_nothing(barstow: Town, now: datetime) -> None:
    made, diaz = kept(barstow, now), barstow.actor("diaz", now)
    with pytest.raises(ValidationError, match="has ended"):
        look(by=diaz, kept_id=made.pk, now=now + WEEK)
    end(by=diaz, kept_id=made.pk, now=now)
    for again in (look, end):
        with pytest.raises(ValidationError, match="has ended"):
            again(by=diaz, kept_id=made.pk, now=now)  # type: ignore[operator]  # both take these
    assert not AccessRecord.objects.exists()


def test_another_persons_is_not_there(barstow: Town, now: datetime) -> None:
    made = kept(barstow, now)
    with pytest.raises(KeptSearch.DoesNotExist):
        look(by=barstow.actor("ortiz", now), kept_id=made.pk, now=now)


def test_the_clock_warns_ends_and_tells_without_a_plate(barstow: Town, now: datetime) -> None:
    made = kept(barstow, now)
    assert end_due(now=now + 5 * DAY) == 0
    assert not Notice.objects.filter(kind="kept-search-ends").exists()
    assert end_due(now=now + 6 * DAY) == 0
    warning = Notice.objects.get(kind="kept-search-ends")
    assert warning.user_id == barstow.users["diaz"].pk
    assert "7AB" not in warning.text

    renew(by=barstow.actor("diaz", now), kept_id=made.pk, until_at=now + 10 * DAY, now=now)
    warning.refresh_from_db()
    assert warning.done_at == now
    assert end_due(now=now + WEEK) == 0
    assert end_due(now=now + 10 * DAY) == 1
    assert end_due(now=now + 10 * DAY) == 0
    made.refresh_from_db()
    assert (made.ended_because, made.ended_at) == ("EXPIRED", now + 10 * DAY)
    assert Notice.objects.filter(kind="kept-search-ended").exists()
    row = AuditRecord.objects.get(verb="search.kept.ended")
    assert row.detail == {"reference": "26-01234", "because": "its time was over"}


@pytest.mark.clause("B-466.6(d)")
@pytest.mark.parametrize("change", [{"state": AccountState.DEACTIVATED}, {"title": "dispatcher"}])
def test_it_ends_when_its_person_leaves_or_may_no_longer_search(
    barstow: Town, now: datetime, change: dict[str, str]
) -> None:
    made, person = kept(barstow, now), barstow.users["diaz"]
    for name, value in change.items():
        setattr(person, name, value)
    person.save()
    assert end_due(now=now + DAY) == 1
    made.refresh_from_db()
    assert made.ended_because == "PERSON_LEFT"


def test_a_colleague_who_may_search_takes_it_over_and_sees_everything_as_new(
    barstow: Town, now: datetime
) -> None:
    seen(barstow.camera, "7ABC123", now - DAY)
    made, diaz = kept(barstow, now), barstow.actor("diaz", now)
    assert plates(barstow, made, now) == ["7ABC123"]
    for nobody in ("dunn", "ruiz", "diaz"):
        with pytest.raises(ValidationError, match="may not search now"):
            hand_over(by=diaz, kept_id=made.pk, to=barstow.users[nobody], now=now)
    hand_over(by=diaz, kept_id=made.pk, to=barstow.users["ortiz"], now=now)
    assert plates(barstow, made, now + timedelta(hours=1), "ortiz") == ["7ABC123"]
    with pytest.raises(KeptSearch.DoesNotExist):
        look(by=diaz, kept_id=made.pk, now=now)
    notice = Notice.objects.get(kind="kept-search-handed")
    assert notice.user_id == barstow.users["ortiz"].pk
    assert AuditRecord.objects.get(verb="notices.notice.raised").detail["to"] == "Olivia Ortiz"
    assert AuditRecord.objects.get(verb="search.kept.handed").detail["to"] == "ortiz"


@pytest.mark.clause("B-466.7")
def test_nobody_of_another_agency_takes_it_over(barstow: Town, huntington_park: Town, now: datetime) -> None:
    made = kept(barstow, now)
    with pytest.raises(ValidationError):
        hand_over(by=barstow.actor("diaz", now), kept_id=made.pk, to=huntington_park.users["hale"], now=now)

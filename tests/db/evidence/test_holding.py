"""What the database says is held: by read, plate, case, camera and time; late reads; each hold by itself."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from plateward.devices.models import Device
from plateward.evidence import hold_actions, holding
from plateward.evidence.gathering import keep_found
from plateward.evidence.hold_models import Hold, HoldScope
from plateward.evidence.hold_rules import HoldState, ReadFact, Scope
from plateward.evidence.hold_rules import holding as holding_by_rule
from plateward.reads import actions as reads
from plateward.reads.models import Read
from plateward.search.models import Canvass
from plateward.walls import scope as wall
from tests.alarms import alerted
from tests.canvasses import SCENE, canvassed
from tests.holds import CASE, PURPOSE, approved, asked, camera, case, commander, held, one_read, plate
from tests.personas import Town
from tests.sightings import seen

LOCAL = ZoneInfo("America/Los_Angeles")


def is_held(read: Read) -> bool:
    """What a purge would be told, by its own condition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id FROM reads_read AS r WHERE r.agency_id = %s AND r.captured_at = %s AND r.id = %s "  # noqa: S608  the product's own condition
            f"AND NOT {holding.held_condition('r')}",
            [read.agency_id, read.captured_at, read.id],
        )
        return cursor.fetchone() is None


def scoped(hold: Hold, *scopes: Scope) -> Hold:
    """The hold's scopes replaced by these."""
    HoldScope.objects.filter(hold=hold).delete()
    HoldScope.objects.bulk_create([HoldScope.of(hold, one) for one in scopes])
    return hold


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_hold_blocks_from_the_moment_it_is_asked_for(barstow: Town, now: datetime) -> None:
    read, other = (seen(barstow.camera, text, now - timedelta(hours=1)) for text in ("8ABC123", "7XYZ999"))
    assert not is_held(read)
    hold = asked(barstow, "ortiz", now, one_read(read))
    assert (is_held(read), is_held(other)) == (True, False)
    assert holding.holds_of(read) == [hold]
    hold_actions.refuse_hold(by=commander(barstow, now), hold=hold, note="No action is pending.", now=now)
    assert not is_held(read)
    assert holding.holds_of(read) == []


@pytest.mark.parametrize("state", HoldState)
def test_each_state_blocks_or_does_not_as_the_rules_say(
    barstow: Town, now: datetime, state: HoldState
) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    hold = held(barstow)
    ended = None if state in holding.BLOCKING else now
    users = list(barstow.users.values())
    Hold.objects.filter(pk=hold.pk).update(
        state=state.value,
        ended_at=ended,
        decided_by=users[1],
        decided_at=now,
        release_asked_by=users[0],
        release_asked_at=now,
        release_decided_by=users[1],
    )
    assert is_held(read) is (state in holding.BLOCKING)


def test_a_plate_is_held_with_its_misreads_in_its_time_alone(barstow: Town, now: datetime) -> None:
    held(barstow, text="8ABC123")
    assert is_held(seen(barstow.camera, "BABC123", now - timedelta(days=300)))
    hold = Hold.objects.get()
    window = plate("8ABC123", from_at=now - timedelta(hours=2), until_at=now - timedelta(hours=1))
    scoped(hold, window)
    assert not is_held(seen(barstow.camera, "8ABC123", now - timedelta(hours=2, seconds=1)))
    assert is_held(seen(barstow.camera, "8ABC123", now - timedelta(hours=1, seconds=1)))


@pytest.mark.clause("B-466.5¶2-purge")
def test_late_and_future_reads_of_a_held_window_are_held(barstow: Town, now: datetime) -> None:
    begins = now - timedelta(hours=3)
    hold = asked(barstow, "ortiz", now, camera(barstow, begins))
    late = seen(barstow.camera, "5AAA111", begins + timedelta(minutes=1))
    future = seen(barstow.camera, "5AAA222", now + timedelta(days=20))
    before = seen(barstow.camera, "5AAA333", begins - timedelta(seconds=1))
    assert [is_held(one) for one in (late, future, before)] == [True, True, False]
    assert holding.held_count("barstow-pd", begins, now) == 1
    found = holding.what_is_held(hold)
    assert (found.reads, found.first_at, found.last_at) == (2, late.captured_at, future.captured_at)
    assert [one.device for one in found.devices] == [barstow.camera]
    assert [read.pk for read in holding.reads_of(hold, limit=1)] == [future.pk]


@pytest.mark.clause("B-466.5¶2-purge")
def test_of_overlapping_holds_each_blocks(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    by_read = approved(barstow, "ortiz", now, one_read(read))
    by_plate = approved(barstow, "diaz", now, plate("8ABC123"))
    by_time = approved(barstow, "quinn", now, camera(barstow, now - timedelta(hours=2), now))
    assert holding.holds_of(read) == [by_read, by_plate, by_time]
    left = [by_read, by_plate, by_time]
    for hold in (by_plate, by_read, by_time):
        hold_actions.ask_release(by=barstow.actor("ortiz", now), hold=hold, reason="Dismissed.", now=now)
        hold_actions.approve_release(by=commander(barstow, now), hold=hold, note="", now=now)
        left.remove(hold)
        assert holding.holds_of(read) == left
    assert not is_held(read)
    again = asked(barstow, "ortiz", now, plate("8ABC123"))
    assert holding.holds_of(read) == [again]


def test_a_case_holds_the_hits_of_its_entries(barstow: Town, now: datetime) -> None:
    alert = alerted(barstow, now)
    (hit,) = alert.hits.all()
    read = Read.objects.get(id=hit.read_id, captured_at=hit.captured_at)
    hold = asked(barstow, "ortiz", now, case("no-such-case"))
    assert not is_held(read)
    alert.entry.case_number = "b26-04711"
    alert.entry.save(update_fields=["case_number"])
    scoped(hold, case(CASE))
    assert is_held(read)
    assert holding.what_is_held(hold).reads == 1


def test_a_case_holds_what_was_opened_under_it_even_when_the_record_forgets(
    barstow: Town, now: datetime
) -> None:
    read, other = (seen(barstow.camera, text, now - timedelta(hours=1)) for text in ("8ABC123", "7XYZ999"))
    hold = asked(barstow, "ortiz", now, case())
    stated = {"purpose": PURPOSE, "reason": "Looking for the stolen car", "reference": CASE.lower()}
    reads.open_read(by=barstow.actor("ortiz", now), read_id=read.id, **stated, now=now)
    assert (is_held(read), is_held(other)) == (True, False)
    assert holding.what_is_held(hold).reads == 1
    assert (keep_found(hold), keep_found(hold)) == (1, 0)
    scoped_for = hold.scopes.get(is_found=True)
    assert (scoped_for.read_id, scoped_for.captured_at) == (read.id, read.captured_at)
    assert holding.what_is_held(hold).reads == 1


def test_a_case_holds_the_time_and_place_of_its_canvasses(barstow: Town, now: datetime) -> None:
    canvass = canvassed(barstow)
    Canvass.objects.filter(pk=canvass.pk).update(reference=CASE)
    hold = asked(barstow, "ortiz", now, case())
    inside, at = (SCENE.latitude, SCENE.longitude), canvass.from_at + timedelta(minutes=5)
    there = seen(barstow.camera, "5AAA111", at, at=inside)
    elsewhere = seen(barstow.camera, "5AAA222", at, at=(SCENE.latitude + 0.1, SCENE.longitude))
    later = seen(barstow.camera, "5AAA333", canvass.until_at, at=inside)
    assert [is_held(one) for one in (there, elsewhere, later)] == [True, False, False]
    nowhere = seen(barstow.camera, "5AAA444", at)
    Device.objects.filter(pk=barstow.camera.pk).update(latitude=None, longitude=None)
    assert is_held(nowhere), "where nobody knows the place, rather a read more is kept"
    assert holding.what_is_held(hold).reads == 2


def test_a_drawn_area_of_a_canvass_is_held_with_the_box_around_it(barstow: Town, now: datetime) -> None:
    canvass = canvassed(barstow)
    corners = [[34.89, -117.03], [34.91, -117.03], [34.89, -117.01]]
    area = {"kind": "POLYGON", "points": corners}
    Canvass.objects.filter(pk=canvass.pk).update(reference=CASE, area=area)
    asked(barstow, "ortiz", now, case())
    at = canvass.from_at + timedelta(minutes=5)
    assert is_held(seen(barstow.camera, "5AAA111", at, at=(34.9, -117.02)))
    assert not is_held(seen(barstow.camera, "5AAA222", at, at=(34.92, -117.02)))


def test_another_agencys_hold_holds_nothing_here(barstow: Town, huntington_park: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    theirs = held(huntington_park)
    scoped(theirs, one_read(read), plate("8ABC123"), camera(barstow, now - timedelta(days=1)), case())
    assert not is_held(read)
    assert holding.holds_of(read) == []
    assert holding.what_is_held(theirs).reads == 0


def test_the_condition_counts_behind_the_wall_too(barstow: Town, now: datetime) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    held(barstow)
    with wall.as_agency("barstow-pd"):
        assert is_held(read)
    with wall.as_agency("huntington-park-pd"):
        assert holding.held_count("barstow-pd", now - timedelta(days=1), now) == 0


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2028-02-29T00:00", "2028-03-01T00:00"),  # a leap day
        ("2026-03-08T00:00", "2026-03-09T00:00"),  # 23 hours
        ("2026-11-01T00:00", "2026-11-02T00:00"),  # 25 hours
    ],
)
def test_a_day_of_the_agencys_calendar_is_held_whole_and_no_more(
    barstow: Town, now: datetime, begins: str, ends: str
) -> None:
    from_at, until_at = (datetime.fromisoformat(one).replace(tzinfo=LOCAL) for one in (begins, ends))
    scoped(held(barstow), camera(barstow, from_at, until_at))
    instants = [
        from_at.astimezone(UTC) - timedelta(milliseconds=1),
        from_at,
        until_at.astimezone(UTC) - timedelta(milliseconds=1),
        until_at,
    ]
    marks = [is_held(seen(barstow.camera, f"5AAA{place}11", at)) for place, at in enumerate(instants)]
    assert marks == [False, True, True, False]
    del now


def test_the_database_and_the_rules_say_the_same(barstow: Town, now: datetime) -> None:
    hours = [now - timedelta(hours=hour) for hour in range(6)]
    found = [seen(barstow.camera, text, at) for at in hours for text in ("8ABC123", "7XYZ999")]
    kept = [
        (one_read(found[0]),),
        (plate("7XYZ999", from_at=hours[3]),),
        (plate("8ABC123", until_at=hours[4]), camera(barstow, hours[2], hours[1])),
    ]
    holds = [scoped(held(barstow), *scopes) for scopes in kept]
    for read in found:
        fact = ReadFact(read.id, read.plate_key, read.captured_at, read.device_id)
        said = holding_by_rule(fact, [(HoldState.REQUESTED, scopes) for scopes in kept])
        assert holding.holds_of(read) == [holds[place] for place in said]
        assert is_held(read) is bool(said)


def test_what_retention_purged_already_is_told_once(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(holding, "PURGED", [lambda *_: ["Reads of 2026-11-01 were purged."]])
    windows = [(now - timedelta(days=1), now), (None, None)]
    assert holding.purged_since("barstow-pd", windows) == ["Reads of 2026-11-01 were purged."]


@pytest.mark.parametrize("alias", ["r; DROP", "held_scope", ""])
def test_an_alias_is_a_plain_name(alias: str) -> None:
    with pytest.raises(ValueError, match="no plain name"):
        holding.held_condition(alias)


@pytest.mark.django_db(transaction=True)
def test_a_hold_waits_for_a_purge_that_began_before_it(barstow: Town, now: datetime) -> None:
    done: list[str] = []

    def ask() -> None:
        with wall.as_system("a test"):
            asked(barstow, "ortiz", now, plate("8ABC123"))
            done.append("held")
        connection.close()

    other = Thread(target=ask)
    with transaction.atomic():
        holding.lock_holds("barstow-pd", alone=True)
        other.start()
        other.join(0.5)
        assert done == []
        assert not Hold.objects.exists()
        done.append("purged")
    other.join()
    assert done == ["purged", "held"]

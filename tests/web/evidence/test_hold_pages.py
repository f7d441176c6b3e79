"""Holds in the browser: asked for from wherever data are seen, decided on, looked at, released."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord
from plateward.evidence import holding
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import HoldState, ScopeKind
from plateward.reads.tokens import open_url
from plateward.search.actions import run_search
from plateward.search.models import Canvass
from tests.alarms import alerted
from tests.canvasses import canvassed
from tests.holds import CASE, PURPOSE, approved, asked, case, packed, plate, verified_copy
from tests.packages import copied, set_made
from tests.pages import text
from tests.personas import Town
from tests.sightings import seen
from tests.days import day_of
from tests.stage import Stage

Login = Callable[[str], Client]
NEW = "evidence:new-hold"


def typed(**changes: object) -> dict[str, object]:
    return {
        "reason": "EVIDENCE",
        "explanation": "Charged with the theft",
        "purpose": PURPOSE,
        "form": "PLAIN",
    } | changes


@pytest.mark.clause("B-466.5¶2-purge")
def test_an_officer_asks_and_the_commander_approves(barstow: Town, now: datetime, login: Login) -> None:
    seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    page = text(client.get(reverse(NEW)))
    assert "Has become evidence in a criminal or civil action" in page
    assert "Evidence in a claim or pending litigation" not in page
    assert "This policy does not say how often a hold is confirmed again" in page
    answered = client.post(reverse(NEW), typed(plates="8abc 123, 7XYZ999"), follow=True)
    hold = Hold.objects.get()
    shown = text(answered)
    assert "Hold 1 holds 1 read from now on." in shown
    assert "1 read there now" in shown
    assert "<p>Patrol Officer: this title may not approve holds and their release." in shown
    assert [scope.plate for scope in hold.scopes.all()] == ["7XYZ999", "8ABC123"]
    approve = reverse("evidence:decide-on-hold", args=[hold.pk, "approve"])
    assert client.get(approve).status_code == 403
    commander = login("cole")
    assert "Approve" in text(commander.get(reverse("evidence:hold", args=[hold.pk])))
    assert "The hold is approved." in text(commander.post(approve, {"note": ""}, follow=True))
    hold.refresh_from_db()
    assert hold.state == HoldState.ACTIVE
    assert "Hold 1" in text(commander.get(reverse("evidence:holds")))


def test_what_is_wrong_is_said_at_its_field(barstow: Town, login: Login) -> None:
    client = login("ortiz")
    nothing = client.post(reverse(NEW), typed())
    assert nothing.status_code == 422
    assert "Say what is to be held" in text(nothing)
    sworn = client.post(reverse(NEW), typed(plates="8ABC123", form="SWORN"))
    assert "A request in this form names its case." in text(sworn)
    camera = client.post(reverse(NEW), typed(devices=[str(barstow.camera.pk)]))
    assert "Say from when on" in text(camera)
    assert client.post(reverse(NEW), typed(plates="8ABC123", reason="PENDING_CLAIM")).status_code == 422
    assert not Hold.objects.exists()


def test_cameras_are_held_in_the_agencys_own_time(barstow: Town, login: Login) -> None:
    window = {"from_at": "2026-11-01T01:30", "until_at": "2026-11-01T01:30"}
    client = login("ortiz")
    client.post(reverse(NEW), typed(devices=[str(barstow.camera.pk)], **window))
    scope = Hold.objects.get().scopes.get()
    assert scope.until_at is not None
    assert scope.from_at is not None
    assert scope.until_at - scope.from_at == timedelta(hours=1), "the hour that comes twice is held whole"
    zone = ZoneInfo("America/Los_Angeles")
    assert f"{scope.from_at.astimezone(zone):%H:%M}" == "01:30"


def test_a_read_is_held_from_its_page_and_says_by_what(
    barstow: Town, now: datetime, login: Login
) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    why = {"purpose": PURPOSE, "reason": "The stolen car", "reference": ""}
    address = open_url(read_id=read.id, user_id=barstow.users["ortiz"].pk, **why)
    ask = f"{reverse(NEW)}?read={read.id}"
    assert ask in text(client.get(address))
    assert "Holds the read you opened." in text(client.get(ask))
    of_hold = text(client.post(ask, typed(), follow=True))
    assert "for its later reads ask for a hold on the plate" in of_hold
    assert "or is read later, is held as well" not in of_hold
    assert "Held by hold 1: Waiting for approval" in text(client.get(address))
    package = packed(barstow, Hold.objects.get(), now, read)
    assert f"package {package.name} is being built" not in text(client.get(address))
    type(package).objects.filter(pk=package.pk).update(state="BUILDING")
    assert f"Kept while package {package.name} is being built" in text(client.get(address))
    assert client.get(f"{reverse(NEW)}?read=018f0000-0000-8000-8000-000000000000").status_code == 404
    assert client.get(f"{reverse(NEW)}?read=x").status_code == 404


def test_an_alerts_reads_are_held_under_its_case(barstow: Town, now: datetime, login: Login) -> None:
    alert = alerted(barstow, now)
    client = login("ortiz")
    ask = f"{reverse(NEW)}?alert={alert.pk}"
    assert ask in text(client.get(reverse("console:alert", args=[alert.pk])))
    page = text(client.get(ask))
    assert "Holds the 1 read of the alert." in page
    assert 'value="26-01234"' in page
    client.post(ask, typed())
    assert holding.what_is_held(Hold.objects.get()).reads == 1


def test_a_search_for_one_plate_holds_the_plate_and_its_time(
    barstow: Town, now: datetime, login: Login
) -> None:
    stage = Stage(barstow, now)
    search = run_search(query=stage.query(), **stage.by("ortiz")).search
    login("ortiz").post(f"{reverse(NEW)}?search={search.pk}", typed())
    scope = Hold.objects.get().scopes.get()
    assert (scope.kind, scope.plate, scope.from_at) == (ScopeKind.PLATE, "6XYZ789", search.from_at)


def test_a_vaguer_search_holds_the_reads_it_finds_and_finding_them_is_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    stage = Stage(barstow, now)
    read = seen(barstow.camera, "6XYZ789", now - timedelta(hours=1))
    query = stage.query()
    object.__setattr__(query, "device_ids", (barstow.camera.pk,))
    search = run_search(query=query, **stage.by("ortiz")).search
    before = AccessRecord.objects.filter(subject=f"search.Search:{search.pk}").count()
    client = login("ortiz")
    assert "Have them held" in text(client.get(reverse("search:results", args=[search.pk])))
    client.post(f"{reverse(NEW)}?search={search.pk}", typed())
    assert Hold.objects.get().scopes.get().read_id == read.id
    assert AccessRecord.objects.filter(subject=f"search.Search:{search.pk}").count() > before
    assert login("diaz").get(f"{reverse(NEW)}?search={search.pk}").status_code == 404


def test_a_canvass_holds_its_cameras_in_its_time(barstow: Town, now: datetime, login: Login) -> None:
    canvass = canvassed(barstow)
    Canvass.objects.filter(pk=canvass.pk).update(
        area={"kind": "CIRCLE", "latitude": 34.8958, "longitude": -117.0173, "radius_m": 500}
    )
    client = login("ortiz")
    ask = f"{reverse(NEW)}?canvass={canvass.pk}"
    assert ask in text(client.get(reverse("search:canvass", args=[canvass.pk])))
    client.post(ask, typed())
    scope = Hold.objects.get().scopes.get()
    assert (scope.device, scope.from_at, scope.until_at) == (
        barstow.camera,
        canvass.from_at,
        canvass.until_at,
    )
    del now


def test_nothing_of_another_agency_is_held_from_here(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    read = seen(huntington_park.camera, "8ABC123", now - timedelta(hours=1))
    alert, canvass = alerted(huntington_park, now), canvassed(huntington_park)
    client = login("ortiz")
    for named in (f"read={read.id}", f"alert={alert.pk}", f"canvass={canvass.pk}"):
        assert client.get(f"{reverse(NEW)}?{named}").status_code == 404
    camera = typed(devices=[str(huntington_park.camera.pk)], from_at="2026-11-01T00:00")
    assert client.post(reverse(NEW), camera).status_code == 422
    assert not Hold.objects.exists()
    del barstow


def test_held_reads_are_shown_and_each_page_is_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    hold = asked(barstow, "ortiz", now, plate("8ABC123"))
    seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    before = AccessRecord.objects.count()
    client = login("diaz")
    page = text(client.get(reverse("evidence:hold-reads", args=[hold.pk])))
    assert "1 read of hold 1" in page
    assert "8ABC123" in page
    assert AccessRecord.objects.count() == before + 1
    assert client.get(reverse("evidence:hold-reads", args=[hold.pk]), {"page": "x"}).status_code == 400
    assert login("dunn").get(reverse("evidence:hold-reads", args=[hold.pk])).status_code == 403


def test_a_release_is_asked_for_and_granted(barstow: Town, now: datetime, login: Login) -> None:
    hold = approved(barstow, "ortiz", now, case(), reference=CASE)
    client = login("ortiz")
    closed = client.post(reverse("evidence:ask-of-hold", args=[hold.pk, "case-closed"]), follow=True)
    assert "The case was said to be closed" in text(closed)
    ask = reverse("evidence:ask-of-hold", args=[hold.pk, "release"])
    assert client.post(ask, {"note": ""}).status_code == 422
    assert "Release asked for" in text(client.post(ask, {"note": "Dismissed."}, follow=True))
    grant = reverse("evidence:decide-on-hold", args=[hold.pk, "approve-release"])
    assert "holds nothing any more" in text(login("cole").post(grant, {"note": ""}, follow=True))
    assert "No hold" in text(client.get(reverse("evidence:holds")))
    assert "Hold 1" in text(client.get(reverse("evidence:holds"), {"show": "all"}))
    assert client.get(reverse("evidence:ask-of-hold", args=[hold.pk, "nothing"])).status_code == 404


def test_a_hold_is_confirmed_until_a_day(barstow: Town, now: datetime, login: Login) -> None:
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    confirm = reverse("evidence:decide-on-hold", args=[hold.pk, "confirm"])
    day = day_of(now) + timedelta(days=90)
    page = login("cole").post(
        confirm, {"note": "Trial in spring", "review_date": day.isoformat()}, follow=True
    )
    assert "The hold is confirmed." in text(page)
    hold.refresh_from_db()
    assert hold.review_at is not None
    assert hold.review_at.astimezone(ZoneInfo("America/Los_Angeles")).date() == day


@pytest.mark.clause("B-466.5¶2-purge")
def test_a_package_is_booked_and_the_hold_ends(barstow: Town, now: datetime, login: Login) -> None:
    read = seen(barstow.camera, "8ABC123", now - timedelta(hours=1))
    hold = approved(barstow, "ortiz", now, plate("8ABC123"))
    client, book = login("ortiz"), reverse("evidence:book", args=[hold.pk])
    page = text(client.get(reverse("evidence:hold", args=[hold.pk])))
    assert "1 read leaves Flock Safety Group Inc. from" in page
    assert re.search(r"in (29|30) days", page), "by the agency's calendar the read may be yesterday's"
    assert "Reminders go out 10, 5, 2, 1 days before." in page
    assert book not in page
    assert "Build a package of this hold first." in text(client.get(book, follow=True))
    package = packed(barstow, hold, now, read)
    assert book in text(client.get(reverse("evidence:hold", args=[hold.pk])))
    assert "Burn a disc of the package" in text(client.get(book, follow=True))
    good = verified_copy(package, now)
    copied(set_made(package), "SN-BAD", now, failure="cannot be read")
    page = text(client.get(book))
    assert f"copy SN-{package.number}-1, verified" in page
    assert "SN-BAD" not in page
    nothing = client.post(book, {})
    assert nothing.status_code == 422
    zone = ZoneInfo("America/Los_Angeles")
    stated = {
        "copies": [good],
        "item_number": "26-1182-3",
        "place": "Property room, shelf 4",
        "booked_at": f"{now.astimezone(zone):%Y-%m-%dT%H:%M}",
        "booked_by": "Olivia Ortiz",
    }
    assert "Select a valid choice" in text(client.post(book, stated | {"copies": [f"{good}9"]}))
    done = text(client.post(book, stated, follow=True))
    assert "Booked as item 26-1182-3. More may come under the hold." in done
    assert "What is left stays held until somebody else decides" in done
    assert "Property room, shelf 4" in done


@pytest.mark.parametrize("plates", ["7AB?123", "7ABC*", "7ABC123 8XYZ456", "7ABC123, !"])
def test_what_is_no_whole_plate_is_refused_instead_of_holding_nothing(
    barstow: Town, login: Login, plates: str
) -> None:
    answered = login("ortiz").post(reverse(NEW), typed(plates=plates))
    assert answered.status_code == 422
    assert not Hold.objects.exists()
    del barstow


def test_a_hold_that_nothing_comes_under_says_so_loudly(barstow: Town, login: Login) -> None:
    answered = login("ortiz").post(reverse(NEW), typed(plates="8ABC123; 7xyz-999"), follow=True)
    assert "no read comes under it now" in text(answered)
    assert [one.plate for one in Hold.objects.get().scopes.all()] == ["7XYZ999", "8ABC123"]
    del barstow

"""Canvasses in the browser: opening one, what covers it, plates seen, sending a car."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search import canvass_queries
from plateward.search.areas import Circle, Polygon
from plateward.search.models import Canvass, CanvassAssignment, Search
from plateward.search.queries import SearchTooBroad
from tests.canvasses import assigned, opened
from tests.pages import text
from tests.personas import Town
from tests.sightings import seen

Login = Callable[[str], Client]
STATED = {"purpose": "suspect-interdiction", "reason": "Which cars passed the scene", "reference": "26-01234"}
SCENE = (34.8958, -117.0173)
"""Where Barstow's camera stands."""


def typed(now: datetime, **changes: object) -> dict[str, object]:
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    return {
        "crime": "HOMICIDE",
        "place": "1st and Main",
        "area_kind": "CIRCLE",
        "center": "34.8958, -117.0173",
        "radius_m": "500",
        "points": "",
        "width_m": "200",
        "from_at": f"{here - timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "until_at": f"{here + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "purpose": "suspect-interdiction",
        "reason": "Homicide at 1st and Main, every car nearby",
        "reference": "26-01234",
    } | changes


@pytest.mark.clause("B-466.4(c)")
def test_a_detective_opens_a_canvass_and_goes_from_plates_to_one_plate(
    barstow: Town, now: datetime, login: Login
) -> None:
    for minutes, plate in enumerate(["7ABC123", "6XYZ789", "7ABC123"], start=10):
        seen(barstow.camera, plate, now - timedelta(minutes=minutes))
    client = login("diaz")
    answered = client.post(reverse("search:new-canvass"), typed(now), follow=True)
    found = Canvass.objects.get()
    assert answered.redirect_chain[-1][0] == reverse("search:canvass", args=[found.pk])
    shown = text(answered)
    assert "1 camera inside, none of them silent in this time." in shown
    assert "particular consideration to sending ALPR-equipped cars" in shown
    assert "7ABC123" not in shown
    assert not AccessRecord.objects.exists()

    plates = client.post(reverse("search:canvass-plates", args=[found.pk]), STATED)
    shown = text(plates)
    assert "2 plates seen" in shown
    assert shown.index("7ABC123") < shown.index("6XYZ789")
    search = Search.objects.get()
    assert plates["HX-Push-Url"] == reverse("search:plates", args=[search.pk])
    one = reverse("search:of-plate", args=[search.pk])
    assert one in shown
    assert "plate=7ABC123" not in shown
    again = text(client.post(one, {"plate": "7ABC123"}))
    assert client.post(one, {"plate": "%"}).status_code == 400
    assert login("ortiz").post(one, {"plate": "7ABC123"}).status_code == 404
    assert 'value="7ABC123"' in again
    assert "34.8958, -117.0173" in again

    reads = text(client.post(reverse("search:canvass-reads", args=[found.pk]), STATED))
    assert "3 reads" in reads
    assert "all plates" in reads
    assert AccessRecord.objects.count() == 2
    assert "1st and Main" in text(client.get(reverse("search:canvasses")))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"center": ""}, "Give the point around which to search"),
        ({"center": "1st and Main"}, "Write latitude and longitude in degrees"),
        ({"radius_m": "1"}, "Choose one in between"),
        ({"area_kind": "POLYGON", "points": "34.9, -117\n34.8, -117"}, "at least three different corners"),
        (
            {"area_kind": "POLYGON", "points": "34.90,-117.00\n34.91,-117.01\n34.91,-117.00\n34.90,-117.01"},
            "walk around it",
        ),
        ({"area_kind": "CORRIDOR", "points": "34.9, -117"}, "Add where it leads"),
        ({"from_at": "2026-01-01T00:00", "until_at": "2026-02-01T00:00"}, "at most 7 days"),
        ({"crime": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_canvassed_is_said_at_its_field(
    barstow: Town, now: datetime, login: Login, changes: dict[str, str], said: str
) -> None:
    response = login("diaz").post(reverse("search:new-canvass"), typed(now, **changes))
    assert response.status_code == 422
    assert said in text(response)
    assert not Canvass.objects.filter(agency=barstow.agency).exists()


@pytest.mark.parametrize("days", [("2026-10-28", "2026-11-04"), ("2026-03-04", "2026-03-11")])
def test_seven_days_are_seven_whether_daylight_saving_begins_or_ends_in_them(
    barstow: Town, now: datetime, login: Login, days: tuple[str, str]
) -> None:
    client = login("diaz")
    times = {"from_at": f"{days[0]}T20:00", "until_at": f"{days[1]}T20:00"}
    client.post(reverse("search:new-canvass"), typed(now, **times))
    found = Canvass.objects.get(agency=barstow.agency)
    for look in ("search:canvass-reads", "search:canvass-plates"):
        assert client.post(reverse(look, args=[found.pk]), STATED).status_code == 200
    longer = typed(now, **times | {"until_at": f"{days[1]}T21:01"})
    spring = days[0].startswith("2026-03")
    assert client.post(reverse("search:new-canvass"), longer).status_code == (302 if spring else 422)


@pytest.mark.clause("B-466.4(a)", "B-466.6(b)")
def test_a_reason_that_tells_of_misuse_comes_back_once_before_a_canvass_is_opened_or_looked_at(
    barstow: Town, now: datetime, login: Login
) -> None:
    client, reason = login("diaz"), "my ex lives at 1st and Main"
    warned = client.post(reverse("search:new-canvass"), typed(now, reason=reason))
    assert warned.status_code == 422
    assert "The canvass was not opened yet" in text(warned)
    assert "Open the canvass nevertheless" in text(warned)
    assert not Canvass.objects.filter(agency=barstow.agency).exists()
    client.post(reverse("search:new-canvass"), typed(now, reason=reason, warned=reason))
    found = Canvass.objects.get(agency=barstow.agency)
    assert AuditRecord.objects.get(verb="search.canvass.opened").detail["flags"] == "Personal use"
    look, stated = reverse("search:canvass-plates", args=[found.pk]), STATED | {"reason": reason}
    warned = client.post(look, stated)
    assert warned.status_code == 422
    assert "Plates seen there nevertheless" in text(warned)
    assert not AccessRecord.objects.exists()
    assert client.post(look, stated | {"warned": reason}).status_code == 200
    assert AccessRecord.objects.get().flags == ["Personal use: my ex"]


@pytest.mark.clause("H-426.2")
def test_a_canvass_for_a_purpose_of_others_is_refused_with_the_clause(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    response = login("hale").post(reverse("search:new-canvass"), typed(now, purpose="investigatory-lead"))
    assert response.status_code == 403
    assert "H-426.2" in text(response)
    assert not Canvass.objects.filter(agency=huntington_park.agency).exists()


@pytest.mark.usefixtures("barstow")
def test_the_preview_says_what_covers_the_place_or_what_is_missing(now: datetime, login: Login) -> None:
    client, address = login("diaz"), reverse("search:preview-canvass")
    silent = text(client.post(address, typed(now, purpose="", reason="", crime="")))
    assert "1 camera inside, 1 of them silent in this time." in silent
    assert "Silent" in silent
    assert "Nothing of the agency’s covers it" in text(client.post(address, typed(now, center="35.5, -117")))
    assert "Give the point" in text(client.post(address, typed(now, center="")))


@pytest.mark.clause("B-466.6(a)")
def test_how_much_was_read_is_not_told_without_a_recorded_look(
    barstow: Town, now: datetime, login: Login
) -> None:
    for minutes in range(10, 47):
        seen(barstow.camera, "7ABC123", now - timedelta(minutes=minutes))
    found, client = opened(barstow, "diaz", now, area=Circle(*SCENE, 500)), login("diaz")
    typed_so_far = client.post(reverse("search:preview-canvass"), typed(now))
    for answered in (typed_so_far, client.get(reverse("search:canvass", args=[found.pk]))):
        assert "<td>Read</td>" in text(answered)
        assert "37" not in text(answered).split("camera inside")[1].split("</table>")[0]
    assert not AccessRecord.objects.exists()


@pytest.mark.clause("B-466.6(a)")
def test_who_looks_states_why_and_confirms_only_what_is_their_own(
    barstow: Town, now: datetime, login: Login
) -> None:
    found = opened(barstow, "ortiz", now, area=Circle(*SCENE, 500), reference="26-01234")
    page = reverse("search:canvass", args=[found.pk])
    reason = "Homicide at 1st and Main, every car nearby</textarea>"
    assert reason in text(login("ortiz").get(page))
    diaz = login("diaz")
    assert reason not in text(diaz.get(page))
    for look in ("search:canvass-reads", "search:canvass-plates"):
        refused = diaz.post(reverse(look, args=[found.pk]))
        assert refused.status_code == 422
        assert "Reason: This field is required." in text(refused)
        answered = diaz.post(reverse(look, args=[found.pk]), STATED)
        assert answered.status_code == 200
        assert "Which cars passed the scene" in text(answered)
    assert {(one.username, one.reason) for one in AccessRecord.objects.all()} == {("diaz", STATED["reason"])}


def test_what_a_sent_car_read_is_looked_at_by_itself_and_no_other_canvass_s(
    barstow: Town, now: datetime, login: Login
) -> None:
    found, other = opened(barstow, "diaz", now), opened(barstow, "diaz", now)
    sent, elsewhere = (assigned(barstow, one, "diaz", "quinn", now) for one in (found, other))
    address, client = reverse("search:canvass-reads", args=[found.pk]), login("diaz")
    assert client.post(address, STATED | {"assignment": elsewhere.pk}).status_code == 422
    assert client.post(address, STATED | {"assignment": sent.pk}).status_code == 200
    assert Search.objects.get().until_at == sent.until_at


@pytest.mark.parametrize(("page", "status"), [("7", 200), ("0", 400), ("9" * 5000, 400), ("²", 400)])
def test_a_page_of_plates_that_is_not_there_says_so(
    barstow: Town, now: datetime, login: Login, page: str, status: int
) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(minutes=10))
    found, client = opened(barstow, "diaz", now, area=Circle(*SCENE, 500)), login("diaz")
    client.post(reverse("search:canvass-plates", args=[found.pk]), STATED)
    answered = client.get(reverse("search:plates", args=[Search.objects.get().pk]), {"page": page})
    assert answered.status_code == status
    assert ("There is no such page" in text(answered)) == (status == 200)
    assert "No plate was read" not in text(answered)


@pytest.mark.usefixtures("barstow")
def test_only_the_sentence_about_what_covers_a_place_is_read_aloud(now: datetime, login: Login) -> None:
    client = login("diaz")
    form = text(client.get(reverse("search:new-canvass")))
    assert '<div id="coverage-said" role="status">' in form
    assert '<div id="coverage" hx-post' in form
    said, table = text(client.post(reverse("search:preview-canvass"), typed(now))).split("</div>", 1)
    assert said.startswith('<div id="coverage-said" hx-swap-oob="innerHTML">')
    assert "1 camera inside" in said
    assert "<table>" in table
    assert "<table>" not in said


def test_a_car_is_sent_though_counting_what_covers_the_place_takes_too_long(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_long(*_: object) -> None:
        raise SearchTooBroad

    found = opened(barstow, "diaz", now)
    monkeypatch.setattr(canvass_queries, "_reading", too_long)
    client = login("diaz")
    assert "stopped after" in text(client.get(reverse("search:canvass", args=[found.pk])))
    assert client.get(reverse("search:assign-car", args=[found.pk])).status_code == 200


def test_plates_of_a_time_that_is_now_too_long_say_so(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, client = opened(barstow, "diaz", now), login("diaz")
    client.post(reverse("search:canvass-plates", args=[found.pk]), STATED)
    monkeypatch.setattr("plateward.search.rules.LONGEST_CANVASS", timedelta())
    response = client.get(reverse("search:plates", args=[Search.objects.get().pk]))
    assert response.status_code == 422
    assert "too vague for its time" in text(response)


def test_an_officer_is_sent_and_says_when_it_is_done(barstow: Town, now: datetime, login: Login) -> None:
    found = opened(barstow, "diaz", now)
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    sent = {
        "assigned_to": barstow.users["quinn"].pk,
        "device": "",
        "from_at": f"{here:%Y-%m-%dT%H:%M}",
        "until_at": f"{here + timedelta(hours=4):%Y-%m-%dT%H:%M}",
    }
    address = reverse("search:assign-car", args=[found.pk])
    refused = login("diaz").post(address, sent | {"assigned_to": barstow.users["ruiz"].pk})
    assert refused.status_code == 422
    assert "Rey Ruiz cannot canvass with ALPR" in text(refused)
    assert login("diaz").post(address, sent).status_code == 302
    quinn = login("quinn")
    assert "Canvass the area of 1st and Main" in text(quinn.get(reverse("home")))
    assert "You are assigned to canvass" in text(quinn.get(reverse("search:canvasses")))
    made = CanvassAssignment.objects.get()
    end = reverse("search:end-assignment", args=[made.pk])
    assert quinn.post(end, {"is_done": "yes", "note": ""}).status_code == 302
    assert "Canvass the area of 1st and Main" not in text(quinn.get(reverse("home")))
    assert "is done already" in text(quinn.post(end, {"is_done": "no", "note": ""}))


def test_who_is_sent_says_so_and_the_canvass_is_closed_with_how_it_ended(
    barstow: Town, now: datetime, login: Login
) -> None:
    found = opened(barstow, "diaz", now)
    made = assigned(barstow, found, "diaz", "quinn", now)
    diaz, quinn = login("diaz"), login("quinn")
    address = reverse("search:canvass", args=[found.pk])
    assert "I am going" not in text(diaz.get(address))
    assert "I am going" in text(quinn.get(address))
    going = reverse("search:acknowledge-assignment", args=[made.pk])
    assert "Only the person assigned" in text(diaz.post(going, follow=True))
    assert "Acknowledged." in text(quinn.post(going, follow=True))
    assert "acknowledged <time" in text(diaz.get(address))

    close = reverse("search:close-canvass", args=[found.pk])
    early = diaz.post(close, {"note": "Suspect found"})
    assert (early.status_code, "1 assignment has not ended" in text(early)) == (422, True)
    quinn.post(reverse("search:end-assignment", args=[made.pk]), {"is_done": "yes", "note": ""})
    shown = text(diaz.post(close, {"note": "Suspect found"}, follow=True))
    assert "The canvass is closed." in shown
    assert ": Suspect found" in shown
    assert reverse("search:assign-car", args=[found.pk]) not in shown


def test_canvasses_ticked_fill_in_the_comparison_of_incidents(
    barstow: Town, now: datetime, login: Login
) -> None:
    scene = opened(barstow, "diaz", now)
    drawn = Polygon(((34.89, -117.03), (34.91, -117.03), (34.90, -117.01)))
    other = opened(barstow, "diaz", now, area=drawn, from_at=now - timedelta(hours=9))
    client, incidents = login("diaz"), reverse("search:incidents")
    assert f'name="canvass" value="{scene.pk}"' in text(client.get(reverse("search:canvasses")))
    filled = client.get(incidents, {"canvass": [str(scene.pk), str(other.pk)]})
    forms = filled.context["form"].incidents
    assert {form["place"].value() for form in forms} == {"34.8986, -117.0228", None}
    assert {form["area"].value() for form in forms} == {None, json.dumps(drawn.as_json())}
    assert "The area drawn for the canvass is kept" in text(filled)
    assert not AccessRecord.objects.exists()
    assert client.get(incidents, {"canvass": "x"}).status_code == 404


def test_where_crime_analysis_is_not_permitted_nothing_is_ticked(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    opened(huntington_park, "hale", now)
    assert 'name="canvass"' not in text(login("hale").get(reverse("search:canvasses")))


def test_a_search_for_a_plate_may_be_limited_to_a_place(barstow: Town, now: datetime, login: Login) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1), at=SCENE)
    asked = typed(now, plate="7ABC*")
    assert "1 read" in text(login("ortiz").post(reverse("search:new"), asked))
    elsewhere = asked | {"center": "35.5, -117.0"}
    assert "No reads" in text(login("ortiz").post(reverse("search:new"), elsewhere))
    everywhere = elsewhere | {"area_kind": ""}
    assert "1 read" in text(login("ortiz").post(reverse("search:new"), everywhere))

"""The search pages: what a person sees, and what a crafted request is answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search import queries
from plateward.search.models import Search
from tests.exceptions import opened_window
from tests.pages import text
from tests.personas import Town
from tests.sightings import seen

Login = Callable[[str], Client]
NEW = reverse("search:new")


def ask(client: Client, now: datetime, **changes: object) -> HttpResponse:
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    typed = {
        "plate": "7ab?123",
        "from_at": f"{here - timedelta(days=2):%Y-%m-%dT%H:%M}",
        "until_at": f"{here + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "purpose": "stolen-or-wanted-vehicle",
        "reason": "Vehicle seen leaving the robbery at 1st and Main",
        "reference": "26-01234",
    }
    return client.post(NEW, typed | changes)


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_officer_searches_and_sees_results_with_their_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    read = seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    response = ask(login("ortiz"), now)
    assert response.status_code == 200
    shown = text(response)
    record = AccessRecord.objects.get()
    assert "1 read" in shown
    assert '<span class="plate__given">7AB</span><span class="plate__open">C</span>' in shown
    assert barstow.camera.location in shown
    assert f"access record {record.pk}" in shown
    assert "Stolen or wanted vehicle" in shown
    assert reverse("reads:read", args=[read.id]) in shown
    assert response["HX-Push-Url"] == reverse("search:results", args=[Search.objects.get().pk])
    assert "no-store" in response["Cache-Control"]


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_read_opened_from_results_carries_the_search_s_purpose(
    barstow: Town, now: datetime, login: Login
) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    (row,) = ask(client, now).context["rows"]
    assert client.get(row.best.open_url).status_code == 200
    opened, searched = AccessRecord.objects.order_by("-pk")
    for field in ("purpose", "reason", "reference"):
        assert getattr(opened, field) == getattr(searched, field)


@pytest.mark.usefixtures("huntington_park")
def test_form_lists_only_permitted_purposes_and_shows_the_others_with_their_clause(login: Login) -> None:
    response = login("hale").get(NEW)
    shown = text(response)
    assert 'value="stolen-plate"' in shown
    assert 'value="crime-analysis"' not in shown
    assert '<strong>Crime analysis</strong> <span class="pw-clause">H-426.2</span>' in shown
    assert "Immigration enforcement" in shown
    assert "Not required: not addressed by this policy" in shown


@pytest.mark.clause("H-426.2")
def test_crafted_search_for_crime_analysis_is_refused_with_the_clause_and_journaled(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    seen(huntington_park.camera, "7ABC123", now - timedelta(hours=1))
    response = ask(login("hale"), now, purpose="crime-analysis")
    assert response.status_code == 403
    assert "H-426.2" in text(response)
    assert "7ABC123" not in text(response)
    refusal = AuditRecord.objects.get(verb="governance.access.refused")
    assert refusal.detail["clause"] == "H-426.2"
    assert not AccessRecord.objects.exists()


@pytest.mark.clause("B-466.3")
@pytest.mark.usefixtures("barstow")
def test_barstow_detective_may_search_for_crime_analysis(now: datetime, login: Login) -> None:
    assert ask(login("diaz"), now, purpose="crime-analysis").status_code == 200


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"plate": "?"}, "At least 2 known letters or digits are needed"),
        ({"plate": "7AB%"}, "cannot be part of a plate"),
        ({"purpose": ""}, "This field is required"),
        ({"reason": "   "}, "This field is required"),
        ({"from_at": "yesterday"}, "Write date and time as"),
        ({"until_at": "2001-01-01T00:00"}, "must end after it begins"),
        ({"devices": str(uuid4())}, "is not one of the available choices"),
    ],
)
@pytest.mark.usefixtures("barstow")
def test_a_mistake_is_told_at_its_field_and_nothing_is_searched(
    now: datetime, login: Login, typed: dict[str, str], told: str
) -> None:
    response = ask(login("ortiz"), now, **typed)
    assert response.status_code == 422
    assert told in text(response)
    assert not AccessRecord.objects.exists()


@pytest.mark.usefixtures("barstow")
def test_another_agencys_camera_is_no_choice(huntington_park: Town, now: datetime, login: Login) -> None:
    response = ask(login("ortiz"), now, devices=str(huntington_park.camera.pk))
    assert response.status_code == 422
    assert str(huntington_park.camera.pk) not in text(login("ortiz").get(NEW))


@pytest.mark.clause("B-466.4(d)", "B-466.10(limited)")
@pytest.mark.parametrize(
    ("username", "clause"),
    [("ruiz", "B-466.4(d)"), ("vendor", "B-466.10(limited)(d)"), ("dunn", "B-466.10(limited)")],
)
def test_untrained_limited_and_vendor_people_are_refused_with_the_clause(
    barstow: Town, now: datetime, login: Login, username: str, clause: str
) -> None:
    opened_window(barstow, now)
    client = login(username)
    for response in (client.get(NEW), ask(client, now), client.get(reverse("search:mine"))):
        assert response.status_code == 403
        assert response.context["decision"].clause == clause
    assert not AccessRecord.objects.exists()


def test_nobody_searches_without_login(db: None) -> None:  # noqa: ARG001  it needs the database
    response = Client().get(NEW)
    assert response.status_code == 302
    assert reverse("accounts:login") in response["Location"]


@pytest.mark.clause("B-466.6(a)")
def test_when_the_record_cannot_be_written_nothing_is_shown(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("the disk of the journal is full")

    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    client.raise_request_exception = False
    monkeypatch.setattr(AccessRecord, "save", fail)
    response = ask(client, now)
    assert response.status_code == 500
    assert "7ABC123" not in text(response)
    assert not Search.objects.exists()


@pytest.mark.usefixtures("barstow")
@pytest.mark.clause("B-466.4(a)", "B-466.6(b)")
def test_a_reason_that_tells_of_misuse_comes_back_once_and_is_marked_when_it_is_searched_nevertheless(
    now: datetime, login: Login
) -> None:
    ortiz, reason = login("ortiz"), "my ex drives this car\r\nshe says"
    warned = ask(ortiz, now, reason=reason)
    assert warned.status_code == 422
    assert "Nothing was searched yet" in text(warned)
    assert "Personal use" in text(warned)
    assert "Search nevertheless" in text(warned)
    assert not Search.objects.exists()
    assert not AccessRecord.objects.exists()
    shown = text(ask(ortiz, now, reason=reason, warned=reason.replace("\r\n", "\n")))
    assert "Your reason is marked for review" in shown
    assert AccessRecord.objects.get().flags == ["Personal use: my ex"]


@pytest.mark.usefixtures("barstow")
def test_another_marked_reason_comes_back_anew_and_a_sound_one_does_not(now: datetime, login: Login) -> None:
    ortiz = login("ortiz")
    other = ask(ortiz, now, reason="a favor for a friend", warned="my ex drives this car")
    assert "Nothing was searched yet" in text(other)
    assert ask(ortiz, now, warned="my ex drives this car").status_code == 200


@pytest.mark.clause("B-466.3")
@pytest.mark.usefixtures("barstow")
def test_a_purpose_outside_the_policy_is_refused_at_once_whatever_the_reason(
    now: datetime, login: Login
) -> None:
    assert ask(login("ortiz"), now, purpose="immigration", reason="for ice").status_code == 403
    assert AuditRecord.objects.filter(verb="governance.access.refused").exists()


@pytest.mark.usefixtures("barstow")
def test_own_searches_are_listed_and_shown_again_on_record(now: datetime, login: Login) -> None:
    client = login("ortiz")
    ask(client, now)
    search = Search.objects.get()
    assert reverse("search:results", args=[search.pk]) in text(client.get(reverse("search:mine")))

    again = client.get(reverse("search:results", args=[search.pk]))
    assert again.status_code == 200
    assert "first searched" in text(again)
    assert AccessRecord.objects.count() == 2

    changed = client.get(NEW, {"again": search.pk})
    assert 'value="7AB?123"' in text(changed)
    assert AccessRecord.objects.count() == 2, "filling in the form shows no result"


@pytest.mark.usefixtures("barstow")
def test_another_persons_search_is_not_found(now: datetime, login: Login) -> None:
    ask(login("ortiz"), now)
    search = Search.objects.get()
    quinn = login("quinn")
    assert quinn.get(reverse("search:results", args=[search.pk])).status_code == 404
    assert quinn.get(NEW, {"again": search.pk}).status_code == 404
    assert quinn.get(NEW, {"again": "nonsense"}).status_code == 404
    assert str(search.pk) not in text(quinn.get(reverse("search:mine")))


def test_further_pages_are_linked_and_an_altered_link_is_refused(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    for hours in (1, 2):
        seen(barstow.camera, "7ABC123", now - timedelta(hours=hours))
    client = login("ortiz")
    first = ask(client, now)
    address = reverse("search:results", args=[Search.objects.get().pk])
    second = client.get(address, {"after": first.context["result"].found.next.token})
    assert "Page 2" in text(second)
    assert client.get(address, {"after": "2~now~here"}).status_code == 400


@pytest.mark.usefixtures("barstow")
def test_a_search_too_vague_for_its_time_is_refused_with_what_to_add(now: datetime, login: Login) -> None:
    client, year = login("ortiz"), f"{now - timedelta(days=365):%Y-%m-%dT%H:%M}"
    response = ask(client, now, plate="*7*3*", from_at=year)
    assert response.status_code == 422
    assert "two that stand side by side" in text(response)
    assert not AccessRecord.objects.exists()

    # One that was kept from before this was refused is not shown again either.
    ask(client, now, plate="*7*3*")
    search = Search.objects.get()
    Search.objects.update(from_at=now - timedelta(days=365))
    again = client.get(reverse("search:results", args=[search.pk]))
    assert again.status_code == 422
    assert "The search is too vague for its time" in text(again)
    assert AccessRecord.objects.count() == 1


def test_results_say_why_each_was_found_and_keep_what_was_asked(
    barstow: Town, now: datetime, login: Login
) -> None:
    seen(barstow.camera, "7A8C124", now - timedelta(hours=1), color="blue", make="Ford")
    client = login("ortiz")
    asked = {"plate": "7ABC123", "tolerance": "ONE_CHARACTER", "color": "blue", "make": "ford"}
    shown = text(ask(client, now, **asked))
    assert "look-alike: 8 read, B asked; one character differs: 4 read, 3 asked" in shown
    assert "blue ford, or not recognized" in shown
    assert "blue Ford" in shown
    changed = text(client.get(NEW, {"again": Search.objects.get().pk}))
    assert 'value="ONE_CHARACTER" checked' in changed or 'value="ONE_CHARACTER" id="id_tolerance_2" checked' in changed
    assert 'value="ford"' in changed


@pytest.mark.usefixtures("barstow")
def test_one_wrong_character_in_part_of_a_plate_is_a_mistake_of_its_field(now: datetime, login: Login) -> None:
    response = ask(login("ortiz"), now, plate="7AB*", tolerance="ONE_CHARACTER")
    assert response.status_code == 422
    assert "Write the whole plate" in str(response.context["form"].errors["tolerance"])
    assert ask(login("ortiz"), now, tolerance="ANYTHING").status_code == 422


@pytest.mark.usefixtures("barstow")
def test_stopped_search_says_how_to_narrow_it(
    now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login("ortiz")
    ask(client, now)
    search = Search.objects.get()

    def too_broad(*_: object) -> None:
        raise queries.SearchTooBroad

    monkeypatch.setattr(queries, "find", too_broad)
    for response in (ask(client, now), client.get(reverse("search:results", args=[search.pk]))):
        assert response.status_code == 422
        assert "Give more of the plate" in text(response)
    assert AccessRecord.objects.count() == 1


def test_a_page_of_results_holds_all_ways_of_looking_and_shows_the_one_asked_for(
    barstow: Town, now: datetime, login: Login
) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    ask(client, now)
    address = reverse("search:results", args=[Search.objects.get().pk])
    shown = text(client.get(address, {"show": "map"}))
    assert 'id="look-map" aria-label="Map" data-spots>' in shown
    for other in ("list", "timeline", "pictures"):
        assert f'href="{address}?show={other}" data-look="{other}"' in shown
        assert f'id="look-{other}"' in shown
    assert shown.count("data-spots hidden>") == 0
    assert 'aria-label="List" hidden>' in shown
    assert AccessRecord.objects.count() == 2, "showing the page anew is an access of its own"


def test_a_way_of_looking_that_does_not_exist_is_refused_and_is_no_access(
    barstow: Town, now: datetime, login: Login
) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("ortiz")
    ask(client, now)
    refused = client.get(reverse("search:results", args=[Search.objects.get().pk]), {"show": "globe"})
    assert refused.status_code == 400
    assert "Choose one of: list, map, timeline, pictures" in text(refused)
    assert AccessRecord.objects.count() == 1


def test_reads_of_one_pass_are_one_row_that_opens(barstow: Town, now: datetime, login: Login) -> None:
    for seconds, plate in enumerate(["8BC123", "BBC123", "8BC123"]):
        seen(barstow.camera, plate, now - timedelta(hours=1, seconds=seconds))
    shown = text(ask(login("ortiz"), now, plate="8BC123", tolerance="LOOK_ALIKES"))
    assert "3 reads in 1 pass<" in shown
    assert 'Seen 3 times in 2 s, <strong>also read <span class="plate">BBC123</span></strong>' in shown
    assert "look-alike: B read, 8 asked" in shown

"""The pages of who travels with a vehicle: what a person sees, and what a crafted request is answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search.analysis_models import Analysis
from tests.drives import drives, more_cameras
from tests.pages import text
from tests.personas import Town

Login = Callable[[str], Client]
TRAVEL = reverse("search:travel")
ZONE = ZoneInfo("America/Los_Angeles")


def ask(client: Client, now: datetime, **changes: object) -> HttpResponse:
    here = now.astimezone(ZONE)
    typed = {
        "plate": "7abc-123",
        "from_at": f"{here - timedelta(days=2):%Y-%m-%dT%H:%M}",
        "until_at": f"{here + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "within": "120",
        "fewest": "3",
        "purpose": "crime-analysis",
        "reason": "Burglary series on Main Street, two vehicles",
        "reference": "26-01234",
    }
    return client.post(TRAVEL, typed | changes)


@pytest.mark.clause("B-466.3", "B-466.6(a)")
def test_a_detective_sees_companions_with_every_common_pass(
    barstow: Town, now: datetime, login: Login
) -> None:
    cameras = more_cameras(barstow, 3, now)
    noon = (now.astimezone(ZONE) - timedelta(days=1)).replace(hour=12)
    drives(cameras, "7ABC123", noon)
    drives(cameras, "8XYZ789", noon, late=40)
    drives(cameras, "7ABC128", noon, late=4)
    client = login("diaz")
    response = ask(client, now)
    assert response.status_code == 200
    shown = text(response)
    assert "2 vehicles" in shown
    assert shown.count("40 s after") == 4
    assert "4 common passes, 4 cameras, 1 day" in shown
    assert "One character from 7ABC123: perhaps the same vehicle" in shown
    assert f"access record {AccessRecord.objects.get().pk}" in shown
    assert response["HX-Push-Url"] == reverse("search:analysis", args=[Analysis.objects.get().pk])
    assert "no-store" in response["Cache-Control"]

    row = next(row for row in response.context["rows"] if row.companion.plate == "8XYZ789")
    assert client.get(row.passes[0].open_url).status_code == 200
    assert AccessRecord.objects.latest("pk").purpose == "crime-analysis"


def test_an_own_analysis_is_listed_shown_again_and_filled_in_again(
    barstow: Town, now: datetime, login: Login
) -> None:
    client = login("diaz")
    assert "No vehicle traveled with it" in text(ask(client, now))
    made = Analysis.objects.get(agency=barstow.agency)
    assert "Traveling together: 7ABC123" in text(client.get(reverse("search:analyses")))
    assert "(first asked" in text(client.get(reverse("search:analysis", args=[made.pk])))
    assert 'value="7ABC123"' in text(client.get(f"{TRAVEL}?again={made.pk}"))
    assert client.get(f"{TRAVEL}?again=x").status_code == 404
    assert login("ortiz").get(f"{TRAVEL}?again={made.pk}").status_code == 404
    assert AccessRecord.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"plate": "7AB?123"}, "Write the whole plate"),
        ({"plate": "7AB%"}, "cannot be part of a plate"),
        ({"within": "601"}, "less than or equal to 600"),
        ({"fewest": "2"}, "greater than or equal to 3"),
        ({"from_at": "2020-01-01T00:00"}, "at most 30 days"),
        ({"until_at": "2020-01-01T00:00"}, "must end after it begins"),
        ({"reason": "x"}, "The reason has 1 characters"),
    ],
)
def test_what_was_typed_wrong_is_said_and_nothing_is_looked_at(
    barstow: Town, now: datetime, login: Login, typed: dict[str, str], told: str
) -> None:
    assert barstow
    response = ask(login("diaz"), now, **typed)
    assert response.status_code == 422
    assert told in text(response)
    assert not AccessRecord.objects.exists()


def test_what_would_cost_too_much_is_told_with_advice(
    barstow: Town, now: datetime, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login("diaz")
    drives([barstow.camera] * 5, "7ABC123", now - timedelta(hours=5))
    assert ask(client, now).status_code == 200
    monkeypatch.setattr("plateward.search.travel.MOST_TIME", timedelta(minutes=10))
    response = ask(client, now)
    assert response.status_code == 422
    assert "Take fewer minutes" in text(response)
    again = client.get(reverse("search:analysis", args=[Analysis.objects.get().pk]))
    assert again.status_code == 422
    assert "Take fewer minutes" in text(again)


@pytest.mark.clause("H-426.2")
def test_where_crime_analysis_is_not_permitted_the_page_says_so_instead_of_asking(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    client = login("hale")
    shown = text(client.get(TRAVEL))
    assert '<span class="pw-clause">H-426.2</span>' in shown
    assert "Not permitted in this agency" in shown
    assert 'name="plate"' not in shown

    refused = ask(client, now, purpose="stolen-plate")
    assert refused.status_code == 403
    assert "H-426.2" in text(refused)
    assert AuditRecord.objects.get(verb="governance.access.refused").detail["clause"] == "H-426.2"
    assert not AccessRecord.objects.filter(agency=huntington_park.agency.pk).exists()


def test_a_dispatcher_is_not_let_in(barstow: Town, login: Login) -> None:
    assert barstow
    assert login("dunn").get(TRAVEL).status_code == 403


def test_the_search_page_leads_there(barstow: Town, login: Login) -> None:
    assert barstow
    assert TRAVEL in text(login("diaz").get(reverse("search:new")))


def test_a_marked_reason_comes_back_once_before_anything_is_looked_through(
    barstow: Town, now: datetime, login: Login
) -> None:
    diaz, reason = login("diaz"), "A favor for a friend, two burglaries"
    warned = ask(diaz, now, reason=reason)
    assert warned.status_code == 422
    assert "nevertheless" in text(warned)
    assert not AccessRecord.objects.exists()
    assert "marked for review" in text(ask(diaz, now, reason=reason, warned=reason))
    assert barstow.users

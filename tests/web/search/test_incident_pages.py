"""The pages of who was at several incidents."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord
from plateward.search.analysis_models import Analysis
from tests.drives import more_cameras
from tests.pages import text
from tests.personas import Town
from tests.sightings import seen

Login = Callable[[str], Client]
INCIDENTS = reverse("search:incidents")
PACIFIC = ZoneInfo("America/Los_Angeles")


def typed(town: Town, now: datetime, **changes: object) -> dict[str, object]:
    """Two incidents of yesterday and the day before, at the town's camera, and room for a third."""
    fields: dict[str, object] = {
        "incidents-TOTAL_FORMS": "3",
        "incidents-INITIAL_FORMS": "0",
        "incidents-2-radius_m": "500",
        "fewest": "2",
        "purpose": "crime-analysis",
        "reason": "Two burglaries by night, one way of working",
    }
    for number in range(2):
        begins = (now - timedelta(days=number + 1)).astimezone(PACIFIC)
        of = {
            "name": f"26-000{number}",
            "place": f"{town.camera.latitude}, {town.camera.longitude}",
            "radius_m": "400",
            "from_at": f"{begins:%Y-%m-%dT%H:%M}",
            "until_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        }
        fields |= {f"incidents-{number}-{name}": value for name, value in of.items()}
    return fields | changes


@pytest.mark.clause("B-466.3", "B-466.6(a)")
def test_a_detective_sees_who_was_at_both_with_every_read(barstow: Town, now: datetime, login: Login) -> None:
    more_cameras(barstow, 1, now)
    for number in range(2):
        seen(barstow.camera, "7XYZ777", now - timedelta(days=number + 1, minutes=-30))
        seen(barstow.camera, f"1ONCE1{number}", now - timedelta(days=number + 1, minutes=-40))
    client = login("diaz")
    response = client.post(INCIDENTS, typed(barstow, now))
    assert response.status_code == 200
    shown = text(response)
    assert "1 plate" in shown
    assert "at 2 of 2 incidents" in shown
    assert "one of 2 vehicles" in shown
    assert "1 camera looked through" in shown
    assert f"access record {AccessRecord.objects.get().pk}" in shown
    made = Analysis.objects.get()
    assert response["HX-Push-Url"] == reverse("search:analysis", args=[made.pk])

    (row,) = response.context["rows"]
    assert client.get(row.presences[0].reads[0].open_url).status_code == 200
    again = text(client.get(f"{INCIDENTS}?again={made.pk}"))
    assert 'value="26-0001"' in again
    assert 'value="400"' in again
    assert client.get(f"{reverse('search:travel')}?again={made.pk}").status_code == 404
    assert "Seen at incidents: 26-0000, 26-0001" in text(client.get(reverse("search:analyses")))


def test_a_further_incident_is_added_without_judging_what_is_typed_so_far(
    barstow: Town, now: datetime, login: Login
) -> None:
    response = login("diaz").post(INCIDENTS, typed(barstow, now, add="1", reason=""))
    assert response.status_code == 200
    shown = text(response)
    assert "Incident 4" in shown
    assert 'value="26-0001"' in shown
    assert "Please correct" not in shown
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"incidents-0-place": "Main Street"}, "Write latitude and longitude in degrees"),
        ({"incidents-0-place": "91, 0"}, "latitude"),
        ({"incidents-0-place": "nan, nan"}, "Place"),
        ({"incidents-0-place": ""}, "a place with a radius, or cameras"),
        ({"incidents-0-until_at": "2020-01-01T00:00"}, "must end after it begins"),
        ({"incidents-1-name": "26-0000"}, "a name of its own"),
        ({"fewest": "3"}, "between 2 and 2"),
        ({"incidents-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
        ({"reason": "x"}, "The reason has 1 characters"),
    ],
)
def test_what_was_typed_wrong_is_said_and_nothing_is_looked_at(
    barstow: Town, now: datetime, login: Login, changes: dict[str, str], told: str
) -> None:
    response = login("diaz").post(INCIDENTS, typed(barstow, now, **changes))
    assert response.status_code == 422
    assert told in text(response)
    assert not AccessRecord.objects.exists()


def test_one_incident_is_no_comparison(barstow: Town, now: datetime, login: Login) -> None:
    alone = {name: value for name, value in typed(barstow, now).items() if "-1-" not in name}
    response = login("diaz").post(INCIDENTS, alone)
    assert "Compare between 2 and 10 incidents" in text(response)


@pytest.mark.clause("H-426.2")
def test_where_crime_analysis_is_not_permitted_the_page_says_so_instead_of_asking(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    client = login("hale")
    shown = text(client.get(INCIDENTS))
    assert '<span class="pw-clause">H-426.2</span>' in shown
    assert 'name="fewest"' not in shown
    refused = client.post(INCIDENTS, typed(huntington_park, now, purpose="stolen-plate"))
    assert refused.status_code == 403
    assert "H-426.2" in text(refused)


def test_a_marked_reason_comes_back_once_before_anything_is_looked_through(
    barstow: Town, now: datetime, login: Login
) -> None:
    diaz, reason = login("diaz"), "A favor for a friend, two burglaries"
    warned = diaz.post(INCIDENTS, typed(barstow, now, reason=reason))
    assert warned.status_code == 422
    assert "nevertheless" in text(warned)
    assert not AccessRecord.objects.exists()
    assert "marked for review" in text(
        diaz.post(INCIDENTS, typed(barstow, now, reason=reason, warned=reason))
    )
    assert barstow.users

"""Places, canvasses and analyses by token: decided and recorded as in the browser."""

from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.api import problems
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search.models import Analysis
from tests.drives import drives, more_cameras
from tests.personas import Town
from tests.sightings import seen
from tests.tokens import PURPOSE, REASON, made, refused

CRIME = "crime-analysis"
SEARCHES = reverse("api:searches")


def post(client: Client, address: str, purpose: str = CRIME, **asked: Any) -> HttpResponse:
    stated = {"purpose": purpose, "reason": REASON, "reference": "26-01234"}
    return client.post(address, stated | asked, content_type="application/json")


def around(town: Town, radius_m: float = 300) -> dict[str, Any]:
    latitude, longitude = town.camera.latitude, town.camera.longitude
    return {"kind": "CIRCLE", "latitude": latitude, "longitude": longitude, "radius_m": radius_m}


@pytest.mark.clause("B-466.4(c)", "B-466.6(a)")
def test_every_plate_of_a_place_is_found_and_listed_on_record(barstow: Town, now: datetime) -> None:
    for plate, hours in (("7ABC123", 1), ("7ABC123", 2), ("8XYZ999", 3)):
        seen(barstow.camera, plate, now - timedelta(hours=hours))
    _, client = made(barstow, "ortiz", now)
    times = {"from_at": (now - timedelta(days=1)).isoformat(), "area": around(barstow)}
    page = post(client, SEARCHES, PURPOSE, **times).json()
    assert [read["plate"] for read in page["reads"]] == ["7ABC123", "7ABC123", "8XYZ999"]
    assert AccessRecord.objects.get().elements["area"]["kind"] == "CIRCLE"
    plates = client.get(reverse("api:plates", args=[page["search_id"]])).json()
    assert [(one["plate"], one["reads"]) for one in plates["plates"]] == [("7ABC123", 2), ("8XYZ999", 1)]
    assert (plates["count"], plates["next"]) == (2, None)
    assert AccessRecord.objects.filter(pk=plates["access_record"]).exists()
    (own,) = client.get(SEARCHES).json()["searches"]
    assert (own["plate"], own["area"]["radius_m"]) == ("", 300)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({}, problems.QUERY),
        ({"area": {"kind": "CIRCLE", "latitude": 89.9, "longitude": 0, "radius_m": 20}}, problems.QUERY),
        ({"area": {"kind": "POLYGON", "points": [[34, -117], [35, -116], [34, -117]]}}, problems.QUERY),
        ({"area": {"kind": "SQUARE", "points": []}}, problems.BODY),
        (
            {"area": {"kind": "CIRCLE", "latitude": 34.8, "longitude": -117.0, "radius_m": 200}},
            problems.TOO_BROAD,
        ),
    ],
)
def test_a_place_that_cannot_be_searched_is_answered_with_what_to_change(
    barstow: Town, now: datetime, asked: dict[str, Any], kind: problems.Kind
) -> None:
    _, client = made(barstow, "ortiz", now)
    assert refused(post(client, SEARCHES, PURPOSE, **asked), kind)["detail"]
    assert not AccessRecord.objects.exists()


def test_only_a_search_for_every_plate_lists_plates(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "ortiz", now)
    found = post(client, SEARCHES, PURPOSE, plate="7ABC*").json()["search_id"]
    address = reverse("api:plates", args=[found])
    assert "all plates" in refused(client.get(address), problems.QUERY)["detail"]
    refused(client.get(f"{address}?after=-1"), problems.QUERY)


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_results_are_taken_out_as_a_file_on_record_by_whom_the_policy_lets(
    barstow: Town, now: datetime
) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    _, client = made(barstow, "diaz", now)
    found = post(client, SEARCHES, PURPOSE, plate="7ABC*").json()["search_id"]
    address = reverse("api:take-out", args=[found])
    sheet = client.post(address)
    assert (sheet.status_code, sheet["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert "7ABC123" in sheet.content.decode()
    row = AuditRecord.objects.get(verb="search.results.exported")
    assert sheet["Content-Digest"] == f"sha-256=:{b64encode(sha256(sheet.content).digest()).decode()}:"
    assert row.detail["sha256"] == sha256(sheet.content).hexdigest()
    assert AccessRecord.objects.count() == 2
    refused(made(barstow, "diaz", now, PURPOSE, "search.run")[1].post(address), problems.REFUSED)
    refused(made(barstow, "diaz", now, "missing-person")[1].post(address), problems.REFUSED)


@pytest.mark.clause("B-466.3", "B-466.6(a)")
def test_companions_are_found_listed_and_run_again_on_record(barstow: Town, now: datetime) -> None:
    cameras = more_cameras(barstow, 3, now)
    drives(cameras, "7ABC123", now - timedelta(hours=5))
    drives(cameras, "8XYZ789", now - timedelta(hours=5), late=40)
    _, client = made(barstow, "diaz", now, CRIME)
    told = post(client, reverse("api:travel"), plate="7abc-123").json()
    (companion,) = told["companions"]
    assert (told["kind"], told["count"], companion["plate"]) == ("TRAVEL", 1, "8XYZ789")
    assert {one["seconds"] for one in companion["passes"]} == {40.0}
    assert AccessRecord.objects.get().pk == told["access_record"]
    (own,) = client.get(reverse("api:analyses")).json()["analyses"]
    assert (own["analysis_id"], own["kind"]) == (told["analysis_id"], "TRAVEL")
    again = client.get(own["result"]).json()
    assert again["companions"] == told["companions"]
    assert again["access_record"] != told["access_record"]
    assert client.get(f"{reverse('api:analyses')}?after={told['analysis_id']}").json()["analyses"] == []


@pytest.mark.clause("B-466.3", "B-466.6(a)")
def test_who_was_at_several_incidents_is_found_on_record(barstow: Town, now: datetime) -> None:
    incidents = []
    for days in (1, 2):
        begins = now - timedelta(days=days)
        seen(barstow.camera, "7XYZ777", begins + timedelta(minutes=30))
        seen(barstow.camera, f"1ONCE1{days}", begins + timedelta(minutes=40))
        incidents.append(
            {
                "name": f"26-000{days}",
                "from_at": begins.isoformat(),
                "until_at": (begins + timedelta(hours=2)).isoformat(),
                "device_ids": [str(barstow.camera.pk)],
            }
        )
    _, client = made(barstow, "diaz", now, CRIME)
    told = post(client, reverse("api:incidents"), incidents=incidents).json()
    (suspect,) = told["plates"]
    assert (told["kind"], suspect["plate"], told["looked"]) == ("INCIDENTS", "7XYZ777", [1, 1])
    assert [one["incident"] for one in suspect["presences"]] == ["26-0001", "26-0002"]
    assert AccessRecord.objects.get().pk == told["access_record"]
    assert client.get(reverse("api:analysis", args=[told["analysis_id"]])).json()["plates"] == told["plates"]
    same = [incidents[0], incidents[0]]
    refused(post(client, reverse("api:incidents"), incidents=same), problems.QUERY)


@pytest.mark.clause("H-426.2")
def test_where_the_policy_permits_no_crime_analysis_none_is_made(huntington_park: Town, now: datetime) -> None:
    _, client = made(huntington_park, "hale", now)
    told = refused(post(client, reverse("api:travel"), PURPOSE, plate="7ABC123"), problems.REFUSED)
    assert "H-426.2" in told["clause"]
    assert not Analysis.objects.exists()


def test_what_cannot_be_analyzed_is_answered_with_what_to_change(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "diaz", now, CRIME)
    travel = reverse("api:travel")
    refused(post(client, travel, plate="7ABC*"), problems.QUERY)
    refused(post(client, travel, plate="7ABC123", within_s=1), problems.BODY)
    refused(post(client, travel, PURPOSE, plate="7ABC123"), problems.REFUSED)
    long_ago = (now - timedelta(days=60)).isoformat()
    refused(post(client, travel, plate="7ABC123", from_at=long_ago), problems.QUERY)
    assert not AccessRecord.objects.exists()

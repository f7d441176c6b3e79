"""Canvasses by token: opened, looked at, sent to, closed and compared as in the browser."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.api import problems
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search.models import Canvass, CanvassAssignment
from tests.personas import Town
from tests.sightings import seen
from tests.tokens import PURPOSE, REASON, made, refused

CRIME = "crime-analysis"
CANVASSES = reverse("api:canvasses")


def post(client: Client, address: str, purpose: str = PURPOSE, **asked: Any) -> HttpResponse:
    stated = {"purpose": purpose, "reason": REASON, "reference": "26-01234"}
    return client.post(address, stated | asked, content_type="application/json")


def act(client: Client, address: str, **said: Any) -> HttpResponse:
    return client.post(address, said, content_type="application/json")


def opened(client: Client, town: Town, until: datetime, **asked: Any) -> HttpResponse:
    area = {"kind": "CIRCLE", "latitude": town.camera.latitude, "longitude": town.camera.longitude}
    times = {"from_at": (until - timedelta(hours=3)).isoformat(), "until_at": until.isoformat()}
    incident = {"crime": "SHOOTING", "place": "1st and Main", "area": area | {"radius_m": 300}}
    return post(client, CANVASSES, **(incident | times | asked))


@pytest.mark.clause("B-466.4(c)", "B-466.6(a)")
def test_a_canvass_is_opened_listed_and_looked_at_on_record(barstow: Town, now: datetime) -> None:
    for minutes, plate in enumerate(["7ABC123", "6XYZ789", "7ABC123"], start=10):
        seen(barstow.camera, plate, now - timedelta(minutes=minutes))
    token, client = made(barstow, "diaz", now)
    told = opened(client, barstow, now).json()
    found = told["canvass"]["id"]
    assert (told["canvass"]["is_major"], told["flags"]) == (True, [])
    row = AuditRecord.objects.get(verb="search.canvass.opened")
    assert (row.username, row.detail["token"]) == ("diaz", str(token.pk))
    assert not AccessRecord.objects.exists()
    page = client.get(CANVASSES).json()
    assert ([one["id"] for one in page["canvasses"]], page["next"]) == ([found], None)
    assert client.get(f"{CANVASSES}?after={found}").json()["canvasses"] == []
    covering = client.get(reverse("api:coverage", args=[found])).json()
    assert [(one["device"], one["has_read"]) for one in covering["devices"]] == [(barstow.camera.name, True)]
    assert not AccessRecord.objects.exists()

    seen_there = post(client, reverse("api:canvass-plates", args=[found])).json()
    assert [(one["plate"], one["reads"]) for one in seen_there["plates"]] == [("7ABC123", 2), ("6XYZ789", 1)]
    reads = post(client, reverse("api:canvass-reads", args=[found])).json()
    assert [read["plate"] for read in reads["reads"]] == ["7ABC123", "6XYZ789", "7ABC123"]
    again = client.get(reverse("api:results", args=[reads["search_id"]])).json()
    assert again["reads"] == reads["reads"]
    records = {one.pk: one for one in AccessRecord.objects.all()}
    assert {seen_there["access_record"], reads["access_record"], again["access_record"]} == set(records)
    assert {one.elements["incident"]["canvass"] for one in records.values()} == {found}


@pytest.mark.clause("B-466.3", "H-426.2")
def test_a_token_opens_no_canvass_but_those_of_its_purpose(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    _, client = made(barstow, "diaz", now)
    refused(opened(client, barstow, now, purpose="missing-person"), problems.REFUSED)
    assert not Canvass.objects.exists()
    found = opened(client, barstow, now).json()["canvass"]["id"]
    _, other = made(barstow, "diaz", now, "missing-person")
    assert other.get(CANVASSES).json()["canvasses"] == []
    refused(other.get(reverse("api:canvass", args=[found])), problems.REFUSED)
    refused(
        post(client, reverse("api:canvass-reads", args=[found]), "missing-person"), problems.REFUSED
    )
    _, theirs = made(huntington_park, "hale", now)
    refused(theirs.get(reverse("api:canvass", args=[found])), problems.NOT_FOUND)
    assert not AccessRecord.objects.exists()


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"area": {"kind": "CIRCLE", "latitude": 89.9, "longitude": 0, "radius_m": 20}}, problems.QUERY),
        ({"place": " "}, problems.QUERY),
        ({"crime": "LITTERING"}, problems.BODY),
        ({"from_at": "2026-01-01T00:00:00Z", "until_at": "2026-01-09T00:00:00Z"}, problems.TOO_BROAD),
        ({"from_at": "2026-01-02T00:00:00Z", "until_at": "2026-01-01T00:00:00Z"}, problems.QUERY),
    ],
)
def test_what_cannot_be_canvassed_is_answered_with_what_to_change(
    barstow: Town, now: datetime, asked: dict[str, Any], kind: problems.Kind
) -> None:
    _, client = made(barstow, "diaz", now)
    assert refused(opened(client, barstow, now, **asked), kind)["detail"]
    assert not Canvass.objects.exists()


@pytest.mark.clause("B-466.4(c)", "B-466.4(d)")
def test_somebody_is_sent_says_so_and_the_canvass_is_closed(barstow: Town, now: datetime) -> None:
    _, diaz = made(barstow, "diaz", now)
    _, quinn = made(barstow, "quinn", now)
    found = opened(diaz, barstow, now).json()["canvass"]["id"]
    sending = reverse("api:assign-car", args=[found])
    times = {"from_at": now.isoformat(), "until_at": (now + timedelta(hours=4)).isoformat()}
    untrained = refused(act(diaz, sending, username="ruiz", **times), problems.CONFLICT)
    assert "cannot canvass with ALPR" in untrained["detail"]
    refused(act(diaz, sending, username="nobody", **times), problems.QUERY)
    refused(act(diaz, sending, username="quinn", device_id=str(barstow.camera.pk), **times), problems.QUERY)
    made_one = act(diaz, sending, username="quinn", **times).json()
    assert (made_one["state"], made_one["device"]) == ("ASSIGNED", None)

    (own,) = quinn.get(reverse("api:assignments")).json()["assignments"]
    assert own == made_one
    going = reverse("api:acknowledge-assignment", args=[own["id"]])
    assert "Only the person assigned" in refused(diaz.post(going), problems.CONFLICT)["detail"]
    assert quinn.post(going).json()["state"] == "ACKNOWLEDGED"
    looked = post(quinn, reverse("api:canvass-reads", args=[found]), assignment_id=own["id"])
    assert looked.status_code == 200

    closing = reverse("api:close-canvass", args=[found])
    assert "has not ended" in refused(act(diaz, closing, note="Car found"), problems.CONFLICT)["detail"]
    ending = reverse("api:end-assignment", args=[own["id"]])
    assert act(quinn, ending, is_done=True, note="Alley left out").json()["note"] == "Alley left out"
    assert quinn.get(reverse("api:assignments")).json()["assignments"] == []
    closed = act(diaz, closing, note="Car found").json()
    assert (closed["closed_by"], closed["closing_note"]) == (barstow.users["diaz"].full_name, "Car found")
    refused(act(diaz, sending, username="quinn", **times), problems.CONFLICT)
    shown = diaz.get(reverse("api:canvass", args=[found])).json()
    assert [one["state"] for one in shown["assignments"]] == ["DONE"]
    assert CanvassAssignment.objects.get().ended_by == barstow.users["quinn"]


@pytest.mark.clause("B-466.3")
def test_canvasses_are_compared_where_the_policy_permits_crime_analysis(barstow: Town, now: datetime) -> None:
    _, client = made(barstow, "diaz", now, CRIME)
    chosen = []
    for days in (1, 2):
        seen(barstow.camera, "7XYZ777", now - timedelta(days=days, minutes=30))
        seen(barstow.camera, f"1ONCE1{days}", now - timedelta(days=days, minutes=40))
        chosen.append(opened(client, barstow, now - timedelta(days=days), purpose=CRIME).json()["canvass"]["id"])
    address = reverse("api:compare-canvasses")
    told = post(client, address, CRIME, canvass_ids=chosen).json()
    (suspect,) = told["plates"]
    assert (told["kind"], suspect["plate"]) == ("INCIDENTS", "7XYZ777")
    incidents = [one["incident"] for one in suspect["presences"]]
    assert incidents == ["26-01234 1st and Main", "26-01234 1st and Main (2)"]
    assert AccessRecord.objects.get().pk == told["access_record"]
    refused(post(client, address, CRIME, canvass_ids=[chosen[0], chosen[0]]), problems.QUERY)
    refused(post(client, address, CRIME, canvass_ids=chosen[:1]), problems.BODY)


@pytest.mark.clause("H-426.2")
def test_where_the_policy_permits_no_crime_analysis_no_canvasses_are_compared(
    huntington_park: Town, now: datetime
) -> None:
    _, client = made(huntington_park, "hale", now)
    chosen = [opened(client, huntington_park, now).json()["canvass"]["id"] for _ in range(2)]
    told = refused(
        post(client, reverse("api:compare-canvasses"), canvass_ids=chosen), problems.REFUSED
    )
    assert "H-426.2" in told["clause"]
    assert not AccessRecord.objects.exists()

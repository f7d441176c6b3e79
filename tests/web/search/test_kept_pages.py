"""The pages of searches kept for a case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.search.kept_models import KeptSearch
from tests.pages import text
from tests.personas import Town
from tests.sightings import seen

Login = Callable[[str], Client]
KEEP, KEPT = reverse("search:keep"), reverse("search:kept")
PACIFIC = ZoneInfo("America/Los_Angeles")


def local(moment: datetime) -> str:
    return f"{moment.astimezone(PACIFIC):%Y-%m-%dT%H:%M}"


def ask(client: Client, now: datetime, **changes: object) -> HttpResponse:
    typed = {
        "plate": "7ab?123",
        "until_at": local(now + timedelta(days=7)),
        "purpose": "investigatory-lead",
        "reason": "Vehicle seen leaving the robbery at 1st and Main",
        "reference": "26-01234",
    }
    return client.post(KEEP, typed | changes, follow=True)


def to(name: str, made: KeptSearch) -> str:
    return reverse(f"search:kept-{name}", args=[made.pk])


@pytest.mark.clause("B-466.6(a)", "B-466.6(b)")
def test_a_detective_keeps_a_search_and_looks_what_is_new(barstow: Town, now: datetime, login: Login) -> None:
    seen(barstow.camera, "7ABC123", now - timedelta(hours=1))
    client = login("diaz")
    assert "At most 14 days" in text(client.get(KEEP))
    shown = text(ask(client, now, place=f"{barstow.camera.latitude}, {barstow.camera.longitude}"))
    assert "Kept. Nothing was looked for yet." in shown
    assert "within 500 m" in shown
    assert "request a hotlist entry" in shown
    made = KeptSearch.objects.get()
    assert client.get(to("look", made)).status_code == 405

    news = client.post(to("look", made))
    assert "1 new read" in text(news)
    assert f"access record {AccessRecord.objects.get().pk}" in text(news)
    ((_, address),) = news.context["rows"]
    assert client.get(address).status_code == 200

    for wrong in ("", "x", "9" * 30, "1"):
        answer = client.post(to("seen", made), {"access": wrong}, follow=True)
        assert "You made no such look at this search." in text(answer)
    marked = client.post(to("seen", made), {"access": str(news.context["news"].access.pk)}, follow=True)
    assert "Marked as seen. The next look shows what was stored after it." in text(marked)
    assert "marked as seen last" in text(client.post(to("look", made)))
    assert "26-01234" in text(client.get(KEPT))


def test_it_is_renewed_handed_over_and_ended(barstow: Town, now: datetime, login: Login) -> None:
    client = login("diaz")
    ask(client, now)
    made = KeptSearch.objects.get()
    late = client.post(to("renew", made), {"renew-until_at": local(now + timedelta(days=30))})
    assert (late.status_code, "at most 14 days" in text(late)) == (422, True)
    assert client.post(to("renew", made), {"renew-until_at": local(now + timedelta(days=9))}).status_code == 302
    refused = client.post(to("hand", made), {"hand-to": str(barstow.users["dunn"].pk)})
    assert (refused.status_code, "may not search now" in text(refused)) == (422, True)
    client.post(to("hand", made), {"hand-to": str(barstow.users["ortiz"].pk)})
    assert client.get(to("one", made)).status_code == 404

    theirs = login("ortiz")
    assert "Ended. It stays on record." in text(theirs.post(to("end", made), follow=True))
    assert "This kept search has ended" in text(theirs.post(to("look", made), follow=True))
    assert "ended by its person" in text(theirs.get(KEPT))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"plate": "%"}, "cannot be part of a plate"),
        ({"plate": "*7*3*"}, "was not searched"),
        ({"reference": ""}, "This field is required"),
        ({"until_at": "2020-01-01T00:00"}, "Choose a time that has not passed"),
        ({"place": "here"}, "Write latitude and longitude"),
        ({"place": "95, 0"}, "latitude"),
        ({"reason": "x"}, "The reason has 1 characters"),
    ],
)
def test_what_was_typed_wrong_is_said_and_nothing_is_kept(
    barstow: Town, now: datetime, login: Login, typed: dict[str, str], told: str
) -> None:
    assert barstow
    response = ask(login("diaz"), now, **typed)
    assert response.status_code == 422
    assert told in text(response)
    assert not KeptSearch.objects.exists()


@pytest.mark.clause("H-426.2")
def test_a_crafted_purpose_is_refused_with_its_clause(huntington_park: Town, now: datetime, login: Login) -> None:
    assert huntington_park
    response = ask(login("hale"), now)
    assert response.status_code == 403
    assert "H-426.2" in text(response)


@pytest.mark.clause("B-466.6(c)")
def test_auditors_see_all_of_their_agency_and_that_is_on_record(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    ask(login("diaz"), now)
    ask(login("hale"), now, purpose="stolen-plate", reference="HP26-1")
    shown = text(login("cole").get(reverse("search:kept-of-agency")))
    assert barstow.users["diaz"].full_name in shown
    assert huntington_park.users["hale"].full_name not in shown
    assert AuditRecord.objects.get(verb="search.kept.inspected").detail == {"shown": 1}
    assert login("diaz").get(reverse("search:kept-of-agency")).status_code == 403

"""What a person is told before a request is sent, and how an approved entry is typed in."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord
from plateward.hotlists import actions
from plateward.hotlists.models import Entry, EntryState
from tests.alarms import wanted
from tests.personas import Town
from tests.web.hotlists.test_hotlist_pages import FORM, act, page_of

Login = Callable[[str], Client]

PAROLE = {**FORM, "reason": "Owner is on parole, taken from Main Street."}
WATCH = {
    **FORM,
    "plate": "?ab-c12*",
    "major_crime": "Shooting",
    "reason": "Shots fired at 1st and Main, partial plate by a witness.",
    "only_region": "on",
    "color": "white",
    "make": "",
    "type": "",
    "days": "30",
}


def posted(client: Client, form: dict[str, str], name: str = "hotlists:request") -> HttpResponse:
    return client.post(reverse(name), form)  # type: ignore[return-value]  # it is one


def hidden(answer: HttpResponse, name: str) -> str:
    """What a hidden field of the page sends back."""
    found = re.search(rf'<input type="hidden" name="{name}"[^>]* value="([^"]*)"|$', answer.content.decode())
    return (found and found[1]) or ""


@pytest.mark.clause("B-466.11¶2")
def test_a_detective_is_asked_to_enter_what_was_approved(barstow: Town, login: Login, now: datetime) -> None:
    asked: dict[str, Any] = {**FORM, "by": barstow.actor("diaz", now), "now": now}
    entry = actions.request_entry(**asked)
    actions.approve(entry=entry, by=barstow.actor("cole", now), now=now)
    diaz = login("diaz")
    assert "Waiting for you to enter" in diaz.get(reverse("hotlists:list") + "?tab=approved").content.decode()
    assert "to be entered" in diaz.get(reverse("home")).content.decode()
    assert "this title may not enter vehicles" not in page_of(diaz, entry)
    assert act(login("quinn"), entry, "enter").status_code == HTTPStatus.FORBIDDEN
    assert act(diaz, entry, "enter").status_code == HTTPStatus.FOUND
    page = page_of(diaz, entry)
    assert "Entered by Detective Dolores Diaz" in page
    assert f"policy {barstow.actor('diaz', now).profile.version}" in page


@pytest.mark.clause("B-466.4(e)")
@pytest.mark.usefixtures("barstow")
def test_restricted_words_are_told_of_once_and_kept_only_as_they_were_told_of(login: Login) -> None:
    ortiz = login("ortiz")
    told = posted(ortiz, PAROLE)
    assert told.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "“on parole” looks like criminal history" in told.content.decode()
    ticked = PAROLE | {"is_unrestricted": "on", "warned": hidden(told, "warned")}
    other = posted(ortiz, ticked | {"caution": "DOB 4/1/1980"})
    assert "looks like a date of birth" in other.content.decode()
    assert not Entry.objects.exists()
    assert posted(ortiz, ticked).status_code == HTTPStatus.FOUND
    assert "Kept after a warning" in page_of(ortiz, Entry.objects.get())


@pytest.mark.clause("H-426.3(e)")
@pytest.mark.usefixtures("huntington_park")
def test_without_a_word_of_the_policy_restricted_words_are_not_kept(login: Login) -> None:
    hart = login("hart")
    told = posted(hart, PAROLE)
    assert "is not addressed by this policy" in told.content.decode()
    assert 'type="checkbox" name="is_unrestricted"' not in told.content.decode()
    assert posted(hart, PAROLE | {"is_unrestricted": "on"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not Entry.objects.exists()


def test_what_is_known_under_a_plate_is_told_before_a_second_request(
    barstow: Town, login: Login, now: datetime
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    quinn = login("quinn")
    told = posted(quinn, FORM)
    assert told.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "this plate is known" in told.content.decode()
    assert reverse("hotlists:entry", args=[entry.pk]) in told.content.decode()
    assert Entry.objects.count() == 1
    assert posted(quinn, FORM | {"despite": hidden(told, "despite")}).status_code == HTTPStatus.FOUND
    second = Entry.objects.get(requested_by=barstow.users["quinn"])
    assert "Requested although 1 under the same plate" in page_of(quinn, second)


@pytest.mark.clause("B-466.4(c)")
def test_a_watch_pattern_is_counted_on_record_before_it_is_requested(barstow: Town, login: Login) -> None:
    ortiz = login("ortiz")
    counted = posted(ortiz, WATCH, "search:watch")
    assert counted.status_code == HTTPStatus.OK
    assert "0 known plates of the last 30 days fit" in counted.content.decode()
    assert 'value="?ab-c12*"' in counted.content.decode()
    assert (AccessRecord.objects.count(), Entry.objects.count()) == (1, 0)

    changed = posted(ortiz, WATCH | {"previewed": hidden(counted, "previewed"), "color": ""}, "search:watch")
    assert changed.status_code == HTTPStatus.OK
    assert (AccessRecord.objects.count(), Entry.objects.count()) == (2, 0)

    sent = posted(ortiz, WATCH | {"previewed": hidden(counted, "previewed")}, "search:watch")
    assert sent.status_code == HTTPStatus.FOUND
    entry = Entry.objects.get()
    assert (entry.plate, entry.major_crime, entry.watched_region) == ("?ABC12*", "Shooting", "US-CA")
    page = page_of(login("lane"), entry)
    assert "white, US-CA only" in page
    assert "Fitted 0 known plates of 30 days" in page
    assert act(login("lane"), entry, "approve").status_code == HTTPStatus.FOUND
    entry.refresh_from_db()
    assert entry.state == EntryState.ACTIVE
    assert barstow.agency.pk == entry.agency_id


@pytest.mark.clause("B-466.4(c)")
@pytest.mark.usefixtures("barstow")
@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("plate", "8ABC123", "This plate is whole"),
        ("plate", "?A*B", "needs 3 known characters"),
        ("region", "", "Choose the state that plates have to be of"),
        ("major_crime", "Jaywalking", "Select a valid choice"),
    ],
)
def test_what_is_no_watch_pattern_is_said_beside_its_field(
    login: Login, field: str, typed: str, message: str
) -> None:
    answer = posted(login("ortiz"), WATCH | {field: typed}, "search:watch")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.content.decode()
    assert not AccessRecord.objects.exists()


@pytest.mark.usefixtures("barstow")
def test_a_partial_plate_on_the_other_page_leads_to_the_watch_pattern(login: Login) -> None:
    ortiz = login("ortiz")
    assert reverse("search:watch") in ortiz.get(reverse("hotlists:request")).content.decode()
    answer = posted(ortiz, FORM | {"plate": "?ABC12*"})
    assert "Request a watch pattern instead" in answer.content.decode()
    assert login("dunn").get(reverse("search:watch")).status_code == HTTPStatus.FORBIDDEN


def test_an_entry_offers_to_search_back_and_fills_the_search_in(
    barstow: Town, huntington_park: Town, login: Login, now: datetime
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    other = wanted(huntington_park, "7XYZ999", now)
    ortiz, address = login("ortiz"), f"{reverse('search:new')}?entry="
    assert f"{address}{entry.pk}" in page_of(ortiz, entry)
    form = ortiz.get(f"{address}{entry.pk}").content.decode()
    assert 'value="8ABC123"' in form
    assert "26-01234" in form
    for wrong in (other.pk, "nonsense"):
        assert ortiz.get(f"{address}{wrong}").status_code == HTTPStatus.NOT_FOUND

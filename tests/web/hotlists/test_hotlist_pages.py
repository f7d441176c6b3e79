"""The hotlist's pages: what each person sees, may do, and is told when not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.hotlists import actions
from plateward.hotlists.models import Entry, EntryState
from tests.personas import Town

Login = Callable[[str], Client]

FORM = {
    "plate": "8abc-123",
    "region": "US-CA",
    "vehicle_description": "White Toyota Camry",
    "purpose": "stolen-or-wanted-vehicle",
    "reason": "Taken from the Main Street lot at 02:10.",
    "case_number": "",
}


@pytest.fixture
def entry(barstow: Town, now: datetime) -> Entry:
    return actions.request_entry(**FORM, by=barstow.actor("ortiz", now), now=now)


def act(client: Client, entry: Entry, name: str, note: str = "", **more: str) -> HttpResponse:
    address = reverse(f"hotlists:{name}", args=[entry.pk])
    given = {f"{name}-{field}": text for field, text in {"note": note, **more}.items()}
    return client.post(address, given)  # type: ignore[return-value]  # it is one


def page_of(client: Client, entry: Entry) -> str:
    return client.get(reverse("hotlists:entry", args=[entry.pk])).content.decode()


@pytest.mark.clause("B-466.11")
@pytest.mark.usefixtures("barstow")
def test_request_form_says_who_will_decide_and_leads_to_the_entry(login: Login) -> None:
    ortiz = login("ortiz")
    page = ortiz.get(reverse("hotlists:request")).content.decode()
    assert "The Operations Division Commander approves; if unavailable" in page
    assert "Not required: not addressed by this policy" in page
    answer = ortiz.post(reverse("hotlists:request"), FORM, follow=True)
    assert "Waiting for approval" in answer.content.decode()
    assert Entry.objects.get().plate == "8ABC123"


@pytest.mark.clause("B-466.11¶2")
@pytest.mark.usefixtures("barstow")
def test_detective_sees_the_other_chain(login: Login) -> None:
    page = login("diaz").get(reverse("hotlists:request")).content.decode()
    assert "The Administrative Division Commander approves" in page


@pytest.mark.usefixtures("huntington_park")
def test_huntington_parks_form_shows_its_own_chain_and_purposes(login: Login) -> None:
    page = login("hart").get(reverse("hotlists:request")).content.decode()
    assert "Administration Division Commander approves; no alternative is laid down" in page
    assert "an alternative may decide" not in page
    assert "Crime analysis" not in page
    assert "Not required: not addressed by this policy" in page


@pytest.mark.usefixtures("barstow")
@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("plate", "--", "No letter or digit is left"),
        ("plate", "ABCDEFGHIJK", "at most 10"),
        ("plate", "?A*B", "needs 3 known characters; this has 2"),
        ("plate", "8*#", "cannot be part of a plate"),
        ("reason", "", "This field is required"),
    ],
)
def test_mistakes_come_back_beside_their_field(login: Login, field: str, typed: str, message: str) -> None:
    answer = login("ortiz").post(reverse("hotlists:request"), FORM | {field: typed})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.content.decode()
    assert not Entry.objects.exists()


@pytest.mark.clause("H-426.2")
@pytest.mark.usefixtures("huntington_park")
def test_purpose_outside_the_closed_list_is_refused_with_its_clause(login: Login) -> None:
    answer = login("hart").post(reverse("hotlists:request"), FORM | {"purpose": "crime-analysis"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "H-426.2" in answer.content.decode()
    assert not Entry.objects.exists()


@pytest.mark.clause("B-466.11", "B-466.11-narrative")
def test_commander_finds_the_request_and_approves_it(entry: Entry, login: Login) -> None:
    lane = login("lane")
    assert "Waiting for your decision" in lane.get(reverse("hotlists:list")).content.decode()
    assert act(lane, entry, "approve").status_code == HTTPStatus.FOUND
    page = page_of(lane, entry)
    assert "Approved by Lieutenant Laura Lane (Operations Division Commander)" in page
    assert "71 h 59 min" in page
    assert "Approved as Operations Division Commander" in page


@pytest.mark.clause("B-466.4(a)")
def test_approver_sees_what_in_the_reason_deserves_a_second_look(entry: Entry, login: Login) -> None:
    lane = login("lane")
    assert "Personal use" not in page_of(lane, entry)
    form = {"plate": "7ABC123", "purpose": "stolen-plate", "reason": "Where my ex-wife parks at night"}
    login("ortiz").post(reverse("hotlists:request"), form)
    doubtful = Entry.objects.exclude(pk=entry.pk).get()
    assert "Personal use" in page_of(lane, doubtful)
    row = AuditRecord.objects.get(subject=f"hotlists.Entry:{doubtful.pk}")
    assert row.detail["flags"] == ["personal"]


@pytest.mark.clause("B-466.11")
def test_requester_sees_a_locked_button_with_the_reason_and_is_refused_without_it(
    entry: Entry, login: Login
) -> None:
    ortiz = login("ortiz")
    page = page_of(ortiz, entry)
    assert 'aria-disabled="true" aria-describedby="approve-why"' in page
    assert "Nobody approves an entry they requested." in page
    assert "Nobody refuses an entry they requested." in page
    answer = act(ortiz, entry, "approve")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Nobody approves an entry they requested." in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == EntryState.REQUESTED


@pytest.mark.clause("B-466.11")
def test_alternative_approves_after_recording_unavailability(entry: Entry, login: Login) -> None:
    cole = login("cole")
    assert act(cole, entry, "approve").status_code == HTTPStatus.FORBIDDEN
    unexplained = act(cole, entry, "unavailable", " ")
    assert unexplained.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    act(cole, entry, "unavailable", "In surgery until noon." + " Nobody answers." * 25)
    assert act(cole, entry, "approve").status_code == HTTPStatus.FOUND
    page = page_of(cole, entry)
    assert "Recorded as unavailable: Operations Division Commander" in page
    assert "In surgery until noon." in page


def test_refusing_needs_a_reason_which_the_requester_reads(entry: Entry, login: Login) -> None:
    lane = login("lane")
    answer = act(lane, entry, "refuse", "")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This field is required" in answer.content.decode()
    act(lane, entry, "refuse", "Recovered in Victorville.")
    assert "Recovered in Victorville." in page_of(login("ortiz"), entry)


@pytest.mark.clause("B-466.11¶3", "B-466.11¶3-recovery")
def test_active_entry_is_re_confirmed_by_an_approver_and_removed_by_a_finder(
    entry: Entry, barstow: Town, login: Login, now: datetime
) -> None:
    actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    assert act(login("quinn"), entry, "refresh", "Still out.", source="CLETS").status_code == HTTPStatus.FORBIDDEN
    assert act(login("chen"), entry, "refresh", "Owner called.", source="The owner").status_code == HTTPStatus.FOUND
    assert act(login("quinn"), entry, "remove", "Recovered at L Street.").status_code == HTTPStatus.FOUND
    page = page_of(login("ortiz"), entry)
    assert "Re-confirmed as Chief of Police" in page
    assert "Recovered at L Street." in page
    assert "This entry has ended" in page


@pytest.mark.clause("B-466.11¶3")
def test_entry_past_its_time_shows_as_expired_before_the_clock_marked_it(
    entry: Entry, barstow: Town, login: Login, now: datetime
) -> None:
    actions.approve(entry=entry, by=barstow.actor("lane", now), now=now)
    Entry.objects.filter(pk=entry.pk).update(expires_at=now - timedelta(seconds=1))
    lane = login("lane")
    assert "No entry is active" in lane.get(reverse("hotlists:list") + "?tab=active").content.decode()
    assert "8ABC123" in lane.get(reverse("hotlists:list") + "?tab=ended").content.decode()
    assert "Expired" in page_of(lane, entry)


@pytest.mark.usefixtures("entry")
def test_live_refresh_gets_the_list_alone(login: Login) -> None:
    answer = login("lane").get(reverse("hotlists:list"), headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "8ABC123" in page
    assert "<html" not in page


def test_dispatcher_sees_entries_but_changes_none(entry: Entry, login: Login) -> None:
    dunn = login("dunn")
    assert dunn.get(reverse("hotlists:request")).status_code == HTTPStatus.FORBIDDEN
    page = page_of(dunn, entry)
    assert "<textarea" not in page
    assert page.count('aria-disabled="true"') == len(("approve", "refuse", "unavailable", "withdraw"))


@pytest.mark.clause("B-466.10(limited)(d)")
def test_vendor_staff_see_no_plate_data(entry: Entry, login: Login) -> None:
    assert login("vendor").get(reverse("hotlists:list")).status_code == HTTPStatus.FORBIDDEN
    answer = login("vendor").get(reverse("hotlists:entry", args=[entry.pk]))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "8ABC123" not in answer.content.decode()

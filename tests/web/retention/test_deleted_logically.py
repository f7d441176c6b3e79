"""Two-phase deletion as people meet it: what pages and programs leave out, say, refuse and let through."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord
from plateward.reads.models import Read
from plateward.reads.pictures import signed_url
from plateward.reads.store import picture_store
from plateward.reads.tokens import open_url
from plateward.retention.models import Purge
from plateward.search.models import Search
from plateward.walls import scope
from tests.hiding import old_and_new, two_phased
from tests.holds import approved, one_read
from tests.pages import text
from tests.personas import Town
from tests.purges import CUSTODIAN, drive, long_ago, pictured, ready
from tests.tokens import made

Login = Callable[[str], Client]
PICTURE = re.compile(r'src="(/reads/pictures/[^"]+)"')
REASON = "Vehicle seen leaving the robbery at 1st and Main"


@pytest.fixture
def town(barstow: Town, now: datetime) -> Town:
    """Barstow under two-phase deletion, its camera on the city's own server."""
    two_phased(barstow, now)
    ready(barstow, now)
    return barstow


def ask(client: Client, now: datetime, **more: str) -> HttpResponse:
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    typed = {
        "plate": "8ABC123",
        "from_at": f"{here - timedelta(days=90):%Y-%m-%dT%H:%M}",
        "until_at": f"{here + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "purpose": "stolen-or-wanted-vehicle",
        "reason": REASON,
        "reference": "26-01234",
    }
    return client.post(reverse("search:new"), typed | more)


def address(town: Town, read: Read, username: str) -> str:
    return open_url(
        read_id=read.id,
        purpose="stolen-plate",
        reason=REASON,
        reference="",
        user_id=town.users[username].pk,
    )


def test_the_search_page_and_its_results_say_from_when_on_reads_are_hidden(
    town: Town, now: datetime, login: Login
) -> None:
    old, new = old_and_new(town, now)
    client = login("ortiz")
    assert "are deleted logically and not shown" in text(client.get(reverse("search:new")))
    shown = text(ask(client, now, of_deleted="on"))  # who may not is offered no box, and it counts for nothing
    assert "1 read" in shown
    assert "are deleted logically and not shown" in shown
    assert (str(new.id) in shown, str(old.id) in shown) == (True, False)


def test_a_search_of_time_in_sight_says_nothing_of_what_is_hidden(
    town: Town, now: datetime, login: Login
) -> None:
    here = now.astimezone(ZoneInfo("America/Los_Angeles"))
    shown = text(ask(login("ortiz"), now, from_at=f"{here - timedelta(days=5):%Y-%m-%dT%H:%M}"))
    assert "deleted logically" not in shown


def test_the_chief_looks_hidden_reads_up_opens_one_and_sees_its_picture_all_on_record(
    town: Town, now: datetime, login: Login
) -> None:
    old, new = old_and_new(town, now)
    pictured(old, picture_store(), now)
    client = login("chen")
    shown = ask(client, now, of_deleted="on").content.decode()
    assert (str(new.id) in shown, str(old.id) in shown) == (False, True)
    assert "These reads are deleted logically." in shown
    again = client.get(reverse("search:results", args=[Search.objects.get().pk]))
    assert str(old.id) in again.content.decode()
    page = client.get(address(town, old, "chen"))
    assert "This read is deleted logically" in text(page)
    of_both = [PICTURE.search(one) for one in (shown, page.content.decode())]
    assert [client.get(found.group(1)).status_code for found in of_both if found] == [200, 200]
    elements = AccessRecord.objects.order_by("pk").values_list("elements", flat=True)
    assert [one["deleted_logically"] for one in elements] == ["looked up"] * 3


def test_a_hidden_read_and_its_pictures_are_refused_to_everybody_else_by_page_address_and_program(
    town: Town, now: datetime, login: Login
) -> None:
    old, _ = old_and_new(town, now)
    shot = pictured(old, picture_store(), now)
    client = login("ortiz")
    answer = client.get(address(town, old, "ortiz"))
    assert answer.status_code == 403
    assert "look up reads that are deleted logically" in text(answer)
    address_before = signed_url(picture=shot, user_id=town.users["ortiz"].pk, access_id=1)
    assert client.get(address_before).status_code == 404
    _, program = made(town, "ortiz", now)
    stated = {"purpose": "stolen-plate", "reason": REASON, "reference": "26-01234"}
    opening = reverse("api:open-read", args=[old.id])
    assert program.post(opening, stated, content_type="application/json").status_code == 404
    assert not AccessRecord.objects.exists()


def test_who_works_with_a_hold_opens_the_held_read(town: Town, now: datetime, login: Login) -> None:
    old, _ = old_and_new(town, now)
    hold = approved(town, "ortiz", now, one_read(old))
    shown = text(login("ortiz").get(address(town, old, "ortiz")))
    assert f"held by {str(hold).lower()}" in shown
    assert AccessRecord.objects.latest("pk").elements["deleted_logically"] == f"held by {str(hold).lower()}"


def test_the_retention_page_says_which_stage_hides_what_and_a_purge_proposed_there_counts_it(
    town: Town, now: datetime, login: Login
) -> None:
    drive(town.camera, long_ago(now), ["8ABC123", "7XYZ789"])
    client = login(CUSTODIAN)
    shown = text(client.get(reverse("retention:overview")))
    assert "own server, logical deletion:</strong> reads captured before" in shown
    assert "(60 days ago) are out of sight until they are purged" in shown
    assert "Only who may look up reads that are deleted logically can look them up" in shown
    client.post(reverse("retention:propose"), {"source": "server"})
    assert sum(Purge.objects.get().days.values_list("foreseen", flat=True)) == 2
    with scope.as_agency(town.agency.pk):
        assert Read.objects.count() == 2

"""The register's pages: lists, categories and what was listed when, and whom they refuse."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from plateward.audit.models import AccessRecord
from plateward.hotlists.models import CategorySwitch, Hotlist
from plateward.policy import SB_54
from tests.db.hotlists.test_versions import came, one
from tests.listing import takes_lists_in
from tests.personas import Town

Login = Callable[[str], Client]
CATEGORY = "/hotlists/lists/categories/{}/"
LOOK_UP = "/hotlists/lists/look-up/"
REASON = "Explains the alert of case 26-1."
WHY = {"purpose": "stolen-or-wanted-vehicle", "reason": REASON, "reference": "26-1"}


def typed(at: datetime) -> str:
    return at.astimezone(ZoneInfo("America/Los_Angeles")).strftime("%Y-%m-%dT%H:%M:%S.%f")


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


@pytest.mark.clause("B-466.11¶3")
def test_the_register_says_how_old_each_list_is_and_what_never_came(
    barstow: Town, now: datetime, login: Login
) -> None:
    came(barstow, now, [one("8STA733")])
    old = timezone.now() - timedelta(hours=80)
    Hotlist.objects.filter(kind="LISTED").update(received_at=old, expires_at=old + timedelta(hours=72))
    dunn = login("dunn")
    page = page_of(dunn, "/hotlists/lists/")
    assert "Stale, 3 d" in page
    assert "old: matches nothing" in page
    assert "Never received" in page
    assert "Take in a list" not in page


def test_a_lists_page_shows_policy_beside_silence_and_every_version(
    barstow: Town, now: datetime, login: Login
) -> None:
    hotlist = came(barstow, now, [one("8STA733", category="vehicle"), one("8STA734")])
    came(barstow, now + timedelta(seconds=1), [one("8STA733")], reason="The state cleaned up.")
    page = page_of(login("dunn"), f"/hotlists/lists/of/{hotlist.pk}/")
    assert "California Department of Justice" in page
    assert "not addressed by this policy" in page
    assert "Taken in nevertheless: The state cleaned up." in page
    assert "8STA733" not in page


def test_where_the_policy_is_silent_a_category_is_not_off_by_the_policy(
    huntington_park: Town, login: Login
) -> None:
    page = page_of(login("hart"), "/hotlists/lists/categories/")
    assert "Nobody switched it on" in page
    assert "By the policy" not in page


def test_a_category_is_switched_with_a_reason_and_its_past_is_proved(
    barstow: Town, now: datetime, login: Login
) -> None:
    came(barstow, now, [one("8STA733", category="vehicle")])
    cole = login("cole")
    address = CATEGORY.format("vehicle")
    assert "Switch it off" in page_of(cole, address)
    refused = cole.post(f"{address}off", {"reason": ""})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert cole.post(f"{address}off", {"reason": "Ordered by the Chief."}).status_code == HTTPStatus.FOUND
    page = page_of(cole, f"{address}?at={typed(timezone.now())}")
    assert "Nobody switched it since" in page
    assert "Ordered by the Chief." in page
    assert "Switch it on" in page
    to_come = cole.get(f"{address}?at={typed(timezone.now() + timedelta(hours=1))}")
    assert "That has not come yet" in to_come.content.decode()
    assert ">Off<" in page_of(cole, "/hotlists/lists/categories/")


def test_whoever_has_not_the_right_sees_why_and_is_refused(
    barstow: Town, now: datetime, login: Login
) -> None:
    came(barstow, now, [one("8STA733", category="vehicle")])
    dunn = login("dunn")
    page = page_of(dunn, CATEGORY.format("vehicle"))
    assert "Switch it off</button>" not in page
    assert dunn.post(f"{CATEGORY.format('vehicle')}off", {"reason": "x"}).status_code == HTTPStatus.FORBIDDEN
    assert not CategorySwitch.objects.exists()


@pytest.mark.usefixtures("barstow")
def test_immigration_violators_cannot_be_switched_on_and_the_page_names_the_statute(login: Login) -> None:
    cole = login("cole")
    address = CATEGORY.format("immigration-violator")
    page = page_of(cole, address)
    assert "Off for good" in page
    assert SB_54 in page
    assert "Switch it on</button>" not in page
    refused = cole.post(f"{address}on", {"reason": "We want it."})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert SB_54 in refused.content.decode()
    assert not CategorySwitch.objects.exists()


@pytest.mark.clause("CC-1798.90.52", "B-466.4(e)")
def test_what_was_listed_is_told_for_a_purpose_and_detail_with_authorization(
    barstow: Town, now: datetime, login: Login
) -> None:
    takes_lists_in(barstow, now)
    came(barstow, now, [one("8STA733", category="vehicle", reason="Taken at gunpoint")])
    ask = {"plate": "8sta-733", "at": typed(timezone.now()), **WHY}
    changed = [one("8STA733", category="vehicle", reason="Recovered, hold for prints")]
    came(barstow, timezone.now(), changed)
    soto = login("soto")
    assert "Was a plate listed?" in page_of(soto, LOOK_UP)
    short = soto.post(LOOK_UP, ask | {"reason": "x"})
    assert short.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "at least" in short.content.decode()
    assert soto.post(LOOK_UP, ask | {"plate": "--"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not AccessRecord.objects.exists()
    assert soto.post(LOOK_UP, ask | {"purpose": "curiosity"}).status_code == HTTPStatus.FORBIDDEN
    page = soto.post(LOOK_UP, ask).content.decode()
    assert "Version 1" in page
    assert "Taken at gunpoint" in page
    assert "hold for prints" not in page
    assert AccessRecord.objects.get().elements["plate"] == "8STA733"
    blind = login("dunn").post(LOOK_UP, ask).content.decode()
    assert "Version 1" in blind
    assert "Taken at gunpoint" not in blind

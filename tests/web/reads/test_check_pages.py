"""Correcting a read: on record beside it and on the camera's record, the read itself untouched."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.devices import watch_actions
from plateward.devices.health import HourFacts, whole_hour
from plateward.policy import Param, Profile
from plateward.reads import queries, tokens
from plateward.reads.models import InboxItem, Read, ReadCheck
from tests.personas import Town
from tests.sightings import seen

Login = Callable[[str], Client]
SHOWS = {"plate": "BBC123", "region": "US-CA", "reason": "The first character has a flat back."}


@pytest.fixture
def read(barstow: Town, now: datetime) -> Read:
    return seen(barstow.camera, "8BC123", now - timedelta(minutes=3), region="US-CA")


def opened(read: Read, town: Town, who: str, page: str = "read") -> str:
    url = tokens.open_url(
        read_id=read.id,
        user_id=town.users[who].pk,
        purpose="stolen-plate",
        reason="An alert in doubt",
        reference="",
    )
    return url if page == "read" else url.replace("/?", "/check?")


def test_a_correction_stands_beside_the_read_and_leaves_it_as_it_was_sent(
    barstow: Town, read: Read, login: Login
) -> None:
    client = login("ortiz")
    answer = client.post(opened(read, barstow, "ortiz", "check"), SHOWS, follow=True)
    page = answer.content.decode()
    assert "Misread: the picture shows BBC123" in page
    assert "nothing was matched again" in page
    assert "Olivia Ortiz" in page
    same = queries.read_by_id("barstow-pd", read.id)
    assert (same.plate, same.plate_raw, same.region) == (read.plate, read.plate_raw, read.region)
    assert not InboxItem.objects.exists()
    row = AuditRecord.objects.get(verb="reads.read.corrected")
    assert (row.username, row.subject) == ("ortiz", f"reads.Read:{read.id}")


def test_the_camera_shows_what_was_checked_and_that_the_rest_is_not_known(
    barstow: Town, read: Read, login: Login, now: datetime
) -> None:
    hour = HourFacts(hour_at=whole_hour(read.captured_at), reads=40)
    watch_actions.record_hours(agency="barstow-pd", hours={barstow.camera.pk: [hour]})
    login("ortiz").post(opened(read, barstow, "ortiz", "check"), SHOWS)
    right = seen(barstow.camera, "7XYZ999", now, region="US-CA")
    login("ortiz").post(
        opened(right, barstow, "ortiz", "check"), {"plate": "7XYZ999", "region": "US-CA", "reason": ""}
    )
    page = login("imani").get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert "1 of 2 (50.0\u00a0%)" in page
    assert "0 of 2 (0.0\u00a0%)" in page
    assert '<span class="plate">8</span> read where the picture shows <span class="plate">B</span>: 1 time' in page
    assert "of every other read nobody knows" in page
    assert "The policy names no measure" in page
    assert "BBC123" not in page  # the device register shows no plates


def test_before_any_check_the_camera_claims_nothing(barstow: Town, login: Login) -> None:
    page = login("imani").get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert "how accurate it is, is not known" in page


def test_a_later_comparison_counts_instead_and_both_are_kept(
    barstow: Town, read: Read, login: Login
) -> None:
    login("ortiz").post(opened(read, barstow, "ortiz", "check"), SHOWS)
    right = {"plate": "8BC123", "region": "US-CA", "reason": ""}
    page = login("soto").post(opened(read, barstow, "soto", "check"), right, follow=True).content.decode()
    assert page.index("found right") < page.index("Misread")
    assert ReadCheck.objects.count() == 2
    device = login("imani").get(reverse("devices:device", args=[barstow.camera.pk])).content.decode()
    assert "0 of 1 (0.0\u00a0%)" in device
    assert device.count('<td class="pw-number">Not counted</td>') == 2  # no hour of that month is on record


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"plate": "", "region": ""}, "say that it cannot be made out"),
        ({"plate": "BBC123", "region": ""}, "Say how you know"),
        ({"plate": "--", "region": "", "reason": "Dirt"}, "letters and digits"),
        ({"plate": "8BC123", "region": "MARS"}, "MARS"),
    ],
)
def test_what_says_too_little_comes_back_and_nothing_is_recorded(
    barstow: Town, read: Read, login: Login, given: dict[str, str], told: str
) -> None:
    answer = login("ortiz").post(opened(read, barstow, "ortiz", "check"), given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not ReadCheck.objects.exists()


def test_nobody_corrects_a_read_they_did_not_open_for_a_purpose(
    barstow: Town, read: Read, login: Login
) -> None:
    for url in (reverse("reads:check", args=[read.id]), opened(read, barstow, "soto", "check")):
        assert login("ortiz").post(url, SHOWS).status_code == 403
    assert login("imani").post(opened(read, barstow, "imani", "check"), SHOWS).status_code == 403
    assert not ReadCheck.objects.exists()
    assert not AccessRecord.objects.exists()


def test_where_the_policy_names_who_corrects_others_are_told_whom_to_ask(
    barstow: Town, read: Read, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def narrower(profile: Profile) -> Profile:
        named = msgspec.structs.replace(
            profile.accuracy, corrected_by=Param(clause="B-466.6(a)", value=("sergeant",))
        )
        return msgspec.structs.replace(profile, accuracy=named)

    monkeypatch.setattr(
        "plateward.governance.queries.profile_for", _narrowed(narrower), raising=True
    )
    client = login("ortiz")
    page = client.get(opened(read, barstow, "ortiz")).content.decode()
    assert "Tell one of these: Sergeant." in page
    assert client.post(opened(read, barstow, "ortiz", "check"), SHOWS).status_code == 403
    assert not ReadCheck.objects.exists()


def _narrowed(change: Callable[[Profile], Profile]) -> Callable[..., Profile]:
    from plateward.governance.queries import profile_for  # noqa: PLC0415  before it is replaced

    return lambda *asked: change(profile_for(*asked))


def test_another_agencys_read_is_not_there(
    barstow: Town, huntington_park: Town, read: Read, login: Login
) -> None:
    answer = login("hart").post(opened(read, huntington_park, "hart", "check"), SHOWS)
    assert answer.status_code == 404
    assert not ReadCheck.objects.exists()

"""The pages of the clock over accounts."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from plateward.accounts import actions as accounts
from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.control import actions
from tests.personas import Town

Login = Callable[[str], Client]


def page(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


@pytest.mark.usefixtures("barstow")
def test_limits_are_shown_with_their_source_and_silence_as_such(login: Login) -> None:
    shown = page(login("cole"), "control:accounts")
    assert "90 days" in shown
    assert "CJIS AC-2(3)" in shown
    assert "the policy sets nothing shorter" in shown
    assert login("lane").get(reverse("control:accounts")).status_code == 403


def test_an_end_is_planned_seen_and_withdrawn(barstow: Town, now: datetime, login: Login) -> None:
    cole, quinn = login("cole"), barstow.users["quinn"]
    leaves = (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    form = {"kind": "SEPARATION", "ends_at": leaves, "reason": "Retires."}
    address = reverse("control:act", args=[quinn.pk, "end"])
    assert cole.post(address, {**form, "ends_at": ""}).status_code == 422
    assert "Leaves the department" in cole.post(address, form, follow=True).content.decode()
    assert "Leaves the department" in page(cole, "control:accounts")
    answer = cole.post(reverse("control:act", args=[quinn.pk, "withdraw"]), {"reason": "Stays."}, follow=True)
    assert "The account goes on" in answer.content.decode()


def test_changed_duties_wait_on_the_account(barstow: Town, now: datetime, login: Login) -> None:
    quinn, cole = barstow.users["quinn"], barstow.actor("cole", now)
    accounts.change_title(user=quinn, title="detective", by=cole, now=now)
    actions.run_clock(agency="barstow-pd", profile=cole.profile, now=now)
    client = login("cole")
    assert "Review changed duties" in page(client, "control:account", quinn.pk)
    client.post(reverse("control:act", args=[quinn.pk, "transfer"]), {"note": "It fits."})
    assert "Review changed duties" not in page(client, "control:account", quinn.pk)


def test_a_threat_is_disabled_and_nobody_acts_on_themselves(barstow: Town, login: Login) -> None:
    imani, quinn = login("imani"), barstow.users["quinn"]
    imani.post(reverse("control:act", args=[quinn.pk, "threat"]), {"reason": "Stolen laptop."})
    assert User.objects.get(pk=quinn.pk).state == AccountState.SUSPENDED
    own = barstow.users["imani"].pk
    assert "Nobody manages their own account" in page(imani, "control:account", own)
    assert imani.get(reverse("control:act", args=[own, "end"])).status_code == 403
    assert imani.get(reverse("control:act", args=[quinn.pk, "nonsense"])).status_code == 404

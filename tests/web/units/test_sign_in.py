from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec
import pytest
from django.http import HttpResponse
from django.test import Client

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.units.models import SignIn
from plateward.unitwire.calls import SignInBegun
from plateward.unitwire.documents import Assignments, Grant
from tests.pages import text
from tests.personas import Town
from tests.units import Car, enrolled

Login = Callable[[str], Client]
pytestmark = pytest.mark.clause("B-466.6(a)", "H-426.5(a)")


def begin(mine: Car) -> SignInBegun:
    return msgspec.json.decode(mine.post("sign-in").content, type=SignInBegun)


def ask(mine: Car, begun: SignInBegun) -> HttpResponse:
    return mine.post("sign-in/token", {"device_code": begun.device_code})


def error(response: HttpResponse) -> str:
    assert response.status_code == HTTPStatus.BAD_REQUEST
    return str(msgspec.json.decode(response.content)["error"])


def find(client: Client, begun: SignInBegun) -> HttpResponse:
    return client.post("/units/sign-in/", {"code": begun.user_code.lower()})


def decide(client: Client, answer: str) -> HttpResponse:
    return client.post(f"/units/sign-in/{SignIn.objects.latest('begun_at').pk}/", {"answer": answer})


def test_a_person_confirms_on_their_own_screen_and_the_unit_gets_a_grant(
    barstow: Town, now: datetime, login: Login
) -> None:
    mine = enrolled(barstow, now)
    begun, ortiz = begin(mine), login("ortiz")
    assert error(ask(mine, begun)) == "authorization_pending"
    assert error(ask(mine, begun)) == "slow_down"
    assert begun.user_code in text(ortiz.get(begun.verification_uri_complete))
    assert "Is it you at Car 12?" in text(find(ortiz, begun))
    decide(ortiz, "yes")
    grant = mine.told(ask(mine, begun), Grant)
    assert (grant.user, grant.name, grant.agency) == ("ortiz", "Olivia Ortiz", "barstow-pd")
    assert {"alerts.view", "alerts.dispose"} <= set(grant.capabilities)
    assert "search.run" not in grant.capabilities
    assert timedelta(hours=11) < grant.valid_until - now < timedelta(hours=13)
    assert error(ask(mine, begun)) == "invalid_grant"
    assert mine.told(mine.get("assignments"), Assignments).sessions == (grant.session,)
    assert mine.post("sign-out", {"session": str(grant.session)}).status_code == HTTPStatus.NO_CONTENT
    assert mine.told(mine.get("assignments"), Assignments).sessions == ()


@pytest.mark.clause("B-466.4(d)", "H-426.3(d)")
def test_without_training_nobody_signs_in_on_a_unit(barstow: Town, now: datetime, login: Login) -> None:
    mine = enrolled(barstow, now)
    begun, ruiz = begin(mine), login("ruiz")
    find(ruiz, begun)
    assert decide(ruiz, "yes").status_code == HTTPStatus.FORBIDDEN
    assert error(ask(mine, begun)) == "authorization_pending"


def test_who_says_it_is_not_they_ends_it(barstow: Town, now: datetime, login: Login) -> None:
    mine = enrolled(barstow, now)
    begun = begin(mine)
    decide(login("ortiz"), "no")
    assert error(ask(mine, begun)) == "access_denied"


@pytest.mark.usefixtures("huntington_park")
def test_a_code_of_another_agency_or_a_wrong_one_finds_no_unit(
    barstow: Town, now: datetime, login: Login
) -> None:
    mine = enrolled(barstow, now)
    begun, hart = begin(mine), login("hart")
    response = find(hart, begun)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "No unit waits under this code" in text(response)
    assert decide(hart, "yes").status_code == HTTPStatus.NOT_FOUND
    for _ in range(4):
        find(hart, begun)
    assert "Five codes were wrong" in text(find(hart, begun))


def test_a_sign_in_that_nobody_confirmed_in_time_is_over(barstow: Town, now: datetime, login: Login) -> None:
    mine = enrolled(barstow, now)
    begun = begin(mine)
    SignIn.objects.update(expires_at=now - timedelta(minutes=1))
    assert error(ask(mine, begun)) == "expired_token"
    ortiz = login("ortiz")
    assert "does not wait any more" in text(ortiz.get(decide(ortiz, "yes")["Location"]))


def test_a_second_car_cannot_take_up_the_firsts_sign_in(barstow: Town, now: datetime) -> None:
    first, second = enrolled(barstow, now), enrolled(barstow, now, "Car 13")
    assert error(ask(second, begin(first))) == "invalid_grant"


def test_an_account_that_ended_ends_its_sign_in(barstow: Town, now: datetime, login: Login) -> None:
    mine = enrolled(barstow, now)
    begun = begin(mine)
    decide(login("ortiz"), "yes")
    ask(mine, begun)
    User.objects.filter(username="ortiz").update(state=AccountState.SUSPENDED)
    assert mine.told(mine.get("assignments"), Assignments).sessions == ()


def test_who_left_between_confirming_and_signing_in_gets_no_grant(
    barstow: Town, now: datetime, login: Login
) -> None:
    mine = enrolled(barstow, now)
    begun = begin(mine)
    decide(login("ortiz"), "yes")
    User.objects.filter(username="ortiz").update(state=AccountState.SUSPENDED)
    assert error(ask(mine, begun)) == "access_denied"


def test_a_title_that_lost_what_was_granted_ends_its_sign_in(
    barstow: Town, now: datetime, login: Login
) -> None:
    mine = enrolled(barstow, now)
    begun = begin(mine)
    decide(login("ortiz"), "yes")
    ask(mine, begun)
    User.objects.filter(username="ortiz").update(title="it-manager")
    assert mine.told(mine.get("assignments"), Assignments).sessions == ()

"""The pages on which somebody orders from where a list's files are fetched."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import pytest
from django.test import Client

from plateward.audit.models import AuditRecord
from plateward.hotlists import pickup_actions
from plateward.hotlists.pickup_models import Pickup
from tests.listing import takes_lists_in
from tests.personas import Town
from tests.pickups import FOLDER, came, ordered

Login = Callable[[str], Client]
SET = "/hotlists/lists/fetched/set/"
SAID = FOLDER | {
    "mode": "FULL",
    "pattern": "*",
    "readiness": "STEADY",
    "every_minutes": "10",
    "expected_hours": "24",
}
SERVER = {
    "way": "SFTP",
    "host": "sftp.state.example",
    "port": "22",
    "login": "barstow",
    "host_key": "SHA256:" + "A" * 43,
    "proof": "KEY",
}


def test_a_watched_folder_is_ordered_and_its_page_names_it(barstow: Town, now: datetime, login: Login) -> None:
    takes_lists_in(barstow, now)
    soto = login("soto")
    page = soto.post(SET, SAID, follow=True).content.decode()
    assert "barstow-pd/state-federal-state" in page
    assert "once somebody decided" in page
    assert "State and federal hotlists: state data" in soto.get("/hotlists/lists/fetched/").content.decode()
    assert 'value="24"' in soto.get(f"{SET}?of={Pickup.objects.get().pk}").content.decode()
    assert soto.get(f"{SET}?of=nonsense").status_code == HTTPStatus.OK


def test_a_server_shows_our_public_key_and_never_a_secret(barstow: Town, now: datetime, login: Login) -> None:
    takes_lists_in(barstow, now)
    page = login("soto").post(SET, SAID | SERVER, follow=True).content.decode()
    assert Pickup.objects.get().public_key.startswith("ssh-ed25519 ")
    assert Pickup.objects.get().public_key in page
    said = SAID | SERVER | {"proof": "PASSWORD", "password": "correct horse"}
    page = login("soto").post(SET, said, follow=True).content.decode()
    assert "correct horse" not in page
    record = AuditRecord.objects.filter(verb="hotlists.pickup.set").latest("recorded_at")
    assert "correct horse" not in str(record.detail)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"host": ""}, "A server cannot be reached without it"),
        ({"host_key": ""}, "A server cannot be reached without it"),
        ({"host_key": "MD5:aa:bb"}, "SHA256: and 43 letters"),
        ({"host": "a b"}, "Write a name or an address"),
        ({"proof": "PASSWORD"}, "Enter the password"),
        ({"every_minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_an_order_that_cannot_be_followed_comes_back_with_what_to_do(
    barstow: Town, now: datetime, login: Login, changes: dict[str, str], why: str
) -> None:
    takes_lists_in(barstow, now)
    answer = login("soto").post(SET, SAID | SERVER | changes)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert why in answer.content.decode()
    assert not Pickup.objects.exists()


def test_trouble_and_what_came_stand_on_the_page_until_it_is_stopped(
    barstow: Town, now: datetime, login: Login
) -> None:
    pickup = ordered(barstow, now)
    came(pickup, now)
    pickup_actions.troubled(pickup=pickup, why="It cannot be reached. Ask its operator.", now=now)
    soto, address = login("soto"), f"/hotlists/lists/fetched/{pickup.pk}/"
    page = soto.get(address).content.decode()
    assert "It cannot be reached. Ask its operator." in page
    assert "extract.csv" in page
    assert "Cannot be fetched" in soto.get("/hotlists/lists/fetched/").content.decode()
    assert "The worker looks now" in soto.post(f"{address}look", follow=True).content.decode()
    assert "Nothing is fetched" in soto.post(f"{address}stop", follow=True).content.decode()
    assert not Pickup.objects.get().is_on


def test_others_order_and_stop_nothing(barstow: Town, now: datetime, login: Login) -> None:
    pickup = ordered(barstow, now)
    address = f"/hotlists/lists/fetched/{pickup.pk}/"
    assert login("ortiz").get(address).status_code == HTTPStatus.FORBIDDEN
    assert login("ortiz").post(SET, SAID).status_code == HTTPStatus.FORBIDDEN
    assert login("cole").post(f"{address}stop").status_code == HTTPStatus.FORBIDDEN  # not the state's data
    assert login("cole").post(f"{address}look").status_code == HTTPStatus.FORBIDDEN
    assert Pickup.objects.get().is_on

import random
from datetime import timedelta

import pytest

from plateward.edge.agent import Unit
from plateward.edge.backoff import LONGEST_S
from plateward.edge.link import Revoked
from plateward.edge.sender import Sender
from plateward.unitwire.documents import Configuration
from plateward.unitwire.signing import opened
from tests.edge.spools import NOW, read
from tests.edge.unit_server import UnitServer


@pytest.fixture
def sender(unit: Unit) -> Sender:
    chance = random.Random(7).random  # noqa: S311  no secret
    return Sender(unit.spool, unit.identities, unit.link, unit.clock, unit.state, chance)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_days_without_a_server_lose_nothing_and_hammer_nobody(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    server.is_away = True
    for hour in range(24):
        unit.spool.add([read(f"7ABC{hour:03}", minutes=180 * hour)], NOW + timedelta(hours=3 * hour))
    waits = [sender.step() for _ in range(40)]
    assert waits[0] < 1.1
    assert waits == sorted(waits, key=lambda wait: min(wait, LONGEST_S / 2))
    assert all(LONGEST_S / 2 <= wait <= LONGEST_S for wait in waits[12:])
    assert len(set(waits[12:])) > 20, "units that lost one server must not come back at once"
    server.is_away = False
    for _ in range(24):
        assert sender.step() == 0
    assert [one["plate"] for one in server.reads()] == [f"7ABC{hour:03}" for hour in range(24)]
    assert unit.spool.standing().waiting == 0


def test_the_server_says_how_long_to_wait(unit: Unit, sender: Sender, server: UnitServer) -> None:
    unit.spool.add([read()], NOW)
    server.is_away, server.retry_after = True, "120"
    assert sender.step() == 120
    server.retry_after = "Wed, 21 Oct 2026 07:28:00 GMT"
    assert sender.step() < 3


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_copy_goes_only_after_a_receipt_of_its_very_bytes(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    unit.spool.add([read()], NOW)
    server.wrong_receipts = 1
    assert sender.step() > 0
    assert "is of other bytes" in sender.problem
    assert unit.spool.standing().waiting == 1
    assert sender.step() == 0
    assert (unit.spool.standing().waiting, server.duplicates, sender.problem) == (0, 1, "")


def test_an_answer_that_was_lost_on_the_way_stores_nothing_twice(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    unit.spool.add([read(), read("8XYZ999")], NOW)
    server.hangs_up_after_storing = 1
    assert sender.step() > 0
    assert [sender.step(), sender.step()] == [0, 0]
    assert [one["plate"] for one in server.reads()] == ["7ABC123", "8XYZ999"]
    assert server.duplicates == 1


def test_what_was_sent_once_is_not_thinned_so_that_its_bytes_stay(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    unit.spool.thin_below = 1
    unit.spool.add([read(), read("8XYZ999")], NOW)
    server.hangs_up_after_storing = 1
    sender.step()
    unit.spool.thin(10**9, NOW)
    assert {one.sequence for one in unit.spool.untold_thinning(10)} == {2}
    assert [sender.step(), sender.step()] == [0, 0]
    assert list(server.parts_of(server.order[1])) == ["read"]


def test_a_read_that_is_refused_for_good_is_kept_and_the_others_go_on(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    unit.spool.add([read("7ABC123"), read("8XYZ999")], NOW)
    server.refuses = lambda body: 413 if b"7ABC123" in body else 0
    assert [sender.step(), sender.step()] == [0, 0]
    assert [one["plate"] for one in server.reads()] == ["8XYZ999"]
    assert unit.spool.standing().refused == 1


def test_a_server_that_does_not_know_the_address_yet_is_asked_again(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    unit.spool.add([read()], NOW)
    server.refuses = lambda _: 404
    assert sender.step() > 0
    assert unit.spool.standing().waiting == 1


def test_uploads_keep_to_the_rate_of_the_configuration(
    unit: Unit, sender: Sender, server: UnitServer
) -> None:
    who = unit.identities.now()
    assert who is not None
    server.configuration = {"upload_bytes_per_s": 10_000}
    told = opened(server.configured(), who.keys, Configuration, device_id=who.device_id, agency=who.agency)
    unit.state.tell(configuration=told)
    unit.spool.add([read(size=20_000)], NOW)
    assert 2 < sender.step() < 3


@pytest.mark.parametrize("status", ["replaced", "disabled"])
def test_a_unit_without_leave_is_told_so(unit: Unit, sender: Sender, server: UnitServer, status: str) -> None:
    unit.spool.add([read()], NOW)
    if status == "replaced":
        server.key = "key-2"
    else:
        server.is_disabled = True
    with pytest.raises(Revoked):
        sender.step()
    assert unit.spool.standing().waiting == 1

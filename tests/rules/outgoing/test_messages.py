"""What a message says, how it is signed, and when it is tried again (Standard Webhooks 1.0.0)."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from plateward.alerts.rules import AlertChange
from plateward.outgoing import rules
from plateward.outgoing.calling import Call, Reach, UnsentError, call
from plateward.outgoing.rules import AlertFacts, Verdict

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_signature_is_the_one_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    sent_at = datetime.fromtimestamp(1614265330, tz=UTC)
    made = rules.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", sent_at, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_after_a_rotation_a_message_is_signed_by_both_secrets() -> None:
    old, new = rules.new_secret(), rules.new_secret()
    given = rules.headers([new, old], "msg_1", NOW, b"{}")
    assert given["webhook-signature"].split() == [
        rules.signature(new, "msg_1", NOW, b"{}"),
        rules.signature(old, "msg_1", NOW, b"{}"),
    ]
    assert given["webhook-timestamp"] == "1772452800"


def test_a_message_holds_a_plate_only_where_the_facts_do() -> None:
    facts = AlertFacts("a1", "own", "Main at 1st", NOW, "UNVERIFIED", is_late=False)
    told = json.loads(rules.alert_body(AlertChange.RAISED, NOW, facts, "https://alpr.example/alerts/a1"))
    assert told == {
        "type": "alert.raised",
        "timestamp": "2026-03-02T12:00:00.000Z",
        "data": {
            "alert": "a1",
            "status": "UNVERIFIED",
            "category": "own",
            "camera": "Main at 1st",
            "captured_at": "2026-03-02T12:00:00.000Z",
            "late": False,
            "link": "https://alpr.example/alerts/a1",
        },
    }
    with_plate = AlertFacts("a1", "own", "Main at 1st", NOW, "UNVERIFIED", is_late=False, plate="8ABC123")
    assert json.loads(rules.alert_body(AlertChange.RAISED, NOW, with_plate, ""))["data"]["plate"] == "8ABC123"


def test_tries_come_ever_later_and_end_after_three_days() -> None:
    waits = []
    while (again_at := rules.next_try(len(waits) + 1, NOW, 0)) is not None:
        waits.append(again_at - NOW)
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)
    spread = rules.next_try(2, NOW, 1)
    assert spread is not None
    assert spread - NOW == timedelta(minutes=6)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (200, Verdict.ARRIVED),
        (204, Verdict.ARRIVED),
        (302, Verdict.LATER),
        (401, Verdict.LATER),
        (410, Verdict.GONE),
        (503, Verdict.LATER),
    ],
)
def test_only_2xx_means_that_it_arrived_and_only_410_that_nothing_is_wanted(
    status: int, meaning: Verdict
) -> None:
    assert rules.verdict(status) is meaning


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://cad.example/", "begins with https://"),
        ("cad.example", "begins with https://"),
        ("https://user:word@cad.example/", "Leave name and password out"),
        ("https://cad.example:99999/", "cannot be understood"),
        ("https://cad.example/#top", "what follows the #"),
    ],
)
def test_an_address_that_nothing_may_be_sent_to_says_what_to_write(address: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        rules.checked_address(address)


@pytest.mark.parametrize(
    ("address", "networks", "told"),
    [
        ("127.0.0.1", ("127.0.0.0/8",), "never called"),
        ("::1", (), "never called"),
        ("169.254.169.254", ("0.0.0.0/0",), "never called"),
        ("::ffff:127.0.0.1", (), "never called"),
        ("10.20.1.1", (), "PLATEWARD_SEND_NETWORKS"),
        ("10.21.1.1", ("10.20.0.0/16",), "PLATEWARD_SEND_NETWORKS"),
    ],
)
def test_a_name_that_leads_to_this_machine_or_into_a_private_network_is_not_called(
    address: str, networks: tuple[str, ...], told: str
) -> None:
    reach = Reach(networks=networks, resolver=lambda *_: ["9.9.9.9", address])
    public_first = Reach(networks=networks, resolver=lambda *_: [address])
    for way in (reach, public_first):
        with pytest.raises(UnsentError, match=told):
            call(Call("https://cad.example/", b"{}", {}), way)


def test_nothing_goes_out_unencrypted() -> None:
    with pytest.raises(UnsentError, match="https"):
        call(Call("http://cad.example/", b"{}", {}), Reach())


def test_a_choice_of_categories_covers_what_has_none_by_a_word_of_its_own() -> None:
    assert rules.wants([], "")
    assert rules.wants(["own"], "")
    assert not rules.wants(["stolen-vehicle"], "")
    assert rules.wants(["stolen-vehicle"], "stolen-vehicle")

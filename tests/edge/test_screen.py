"""What the car's screen shows, to whom, and what it refuses."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from plateward.edge.pins import PinError, Verifier
from plateward.edge.state import Link, LinkState
from plateward.unitwire.calls import Acknowledged, PictureCompared, RecordTold, SignInRefused
from plateward.unitwire.journal import problem_of
from tests.edge.screens import (
    NOW,
    ORIGIN,
    PIN,
    Browser,
    Car,
    assignment,
    break_journal,
    car_in,
    changed,
    entry,
    grant,
    opened,
    show_alert,
    show_read,
    signed_in,
    without_network,
)


@pytest.fixture
def car(tmp_path: Path) -> Car:
    return car_in(tmp_path)


def waited(browser: Browser, step: str) -> dict[str, Any]:
    """The look once the sign-in's thread has come so far."""
    for _ in range(1000):
        look = browser.look()
        if (look["sign_in"] or {"step": ""})["step"] == step:
            return look
        time.sleep(0.01)
    raise AssertionError(look)


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_a_person_signs_in_on_another_screen_sets_a_pin_and_is_in_the_journal(car: Car) -> None:
    browser = car.browser()
    car.server.answers = [SignInRefused(error="authorization_pending"), grant()]
    browser.act("/sign-in")
    waited(browser, "GRANTED")
    assert browser.act("/pin", 409, pin=PIN, again="482914")["told"].startswith(
        "The two PINs are not the same"
    )
    shown = browser.act("/pin", pin=PIN, again=PIN)
    assert (shown["stage"], shown["name"]) == ("OPEN", "Daniela Ortiz")
    assert car.verbs() == ["unit.signed_in", "unit.unlocked"]
    assert {one.user for one in car.journal()} == {"ortiz"}


def test_the_code_is_shown_large_with_its_address_and_a_qr_code_to_this_browser_alone(car: Car) -> None:
    browser = car.browser()
    car.server.answers = [SignInRefused(error="authorization_pending")] * 500
    browser.act("/sign-in")
    sign_in = waited(browser, "WAITING")["sign_in"]
    assert (sign_in["user_code"], sign_in["address"]) == (
        "BCDF-GHJK",
        "https://plateward.barstow.example/units/sign-in/",
    )
    drawn = browser.client.get("/sign-in/code.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    other = car.browser()
    assert other.look()["stage"] == "LOCKED"
    assert other.client.get("/sign-in/code.svg").status_code == 409
    assert browser.act("/sign-in/cancel")["stage"] == "LOCKED"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("access_denied", "The sign-in was turned away. No training"),
        ("expired_token", "Nobody confirmed it in time"),
    ],
)
def test_a_sign_in_that_is_refused_says_why(car: Car, error: str, told: str) -> None:
    browser = car.browser()
    car.server.answers = [SignInRefused(error=error, error_description="No training.")]
    browser.act("/sign-in")
    assert waited(browser, "FAILED")["sign_in"]["told"].startswith(told)
    assert car.parts.people.all() == ()


def test_nobody_signs_in_without_network(car: Car) -> None:
    browser = car.browser()
    car.server.is_away = True
    browser.act("/sign-in")
    assert waited(browser, "FAILED")["sign_in"]["told"].startswith("A sign-in needs the network.")


def test_a_grant_that_nobody_set_a_pin_for_is_given_back(car: Car) -> None:
    browser = car.browser()
    given = grant()
    car.server.answers = [given]
    browser.act("/sign-in")
    waited(browser, "GRANTED")
    assert browser.act("/sign-in/cancel")["stage"] == "LOCKED"
    assert car.parts.people.signed_out() == (given.session,)


@pytest.mark.parametrize("pin", ["12345", "1234567890123", "000000", "123456", "987654", "48291a"])
def test_a_pin_that_is_soon_guessed_is_refused(pin: str) -> None:
    with pytest.raises(PinError):
        Verifier.of(pin)


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_the_pin_opens_the_screen_without_network_until_the_sign_in_ends(car: Car) -> None:
    given = signed_in(car)
    without_network(car)
    browser = car.browser()
    assert browser.open(given)["stage"] == "OPEN"
    car.hands.pass_by(12 * 3600)
    look = browser.look()
    assert look["stage"] == "LOCKED"
    assert look["people"][0]["told"].startswith("The sign-in ended at 20:00")
    assert browser.open(given, status=409)["told"].endswith("Sign in again.")
    assert car.verbs()[-2:] == ["unit.locked", "unit.refused"]


def test_five_wrong_pins_end_the_sign_in(car: Car) -> None:
    given = signed_in(car)
    browser = car.browser()
    told = []
    for _ in range(5):
        told.append(browser.open(given, "999998", 409)["told"])
        car.hands.pass_by(3)
    assert told[0] == "The PIN is wrong; 4 tries are left."
    assert told[-1].startswith("Five PINs were wrong: this sign-in is over.")
    assert browser.open(given, status=409)["told"] == "This sign-in is over. Sign in again."
    assert car.parts.people.signed_out() == (given.session,)
    assert car.verbs()[-2:] == ["unit.refused", "unit.signed_out"]


def test_pins_are_not_tried_quickly_and_a_restart_gives_no_further_tries(car: Car) -> None:
    given = signed_in(car)
    browser = car.browser()
    browser.open(given, "999998", 409)
    assert browser.open(given, status=409)["told"].startswith("Wait two seconds")
    again = car.restart()
    person = again.parts.people.get(given.session)
    assert person is not None
    assert person.wrong == 1
    assert again.browser().open(given)["stage"] == "OPEN"


def test_the_screen_locks_itself_when_nobody_touches_it(car: Car) -> None:
    browser = opened(car)
    car.hands.pass_by(299)
    browser.act("/touch")
    car.hands.pass_by(299)
    assert browser.look()["stage"] == "OPEN"
    car.hands.pass_by(1)
    assert browser.look()["stage"] == "LOCKED"
    assert car.journal()[-1].detail == {"why": "nobody touched it"}


def test_pictures_that_the_page_fetches_by_itself_keep_no_screen_open(car: Car) -> None:
    browser = opened(car)
    name = show_alert(car, entry("8ABC123"), "8ABC123", 1, "the same")
    browser.look()
    for _ in range(3):
        car.hands.pass_by(100)
        browser.look()
        fetched = browser.client.get(f"/alerts/{name}/plate").status_code
    assert fetched == 409
    assert browser.look()["stage"] == "LOCKED"


@pytest.mark.clause("B-466.4(d)", "H-426.3(d)")
def test_training_that_lapses_ends_what_the_sign_in_opens(car: Car) -> None:
    given = signed_in(car, training_ok_until=NOW + timedelta(hours=1))
    browser = car.browser()
    browser.open(given)
    car.hands.pass_by(3600)
    assert browser.look()["stage"] == "LOCKED"
    assert "training has lapsed" in browser.open(given, status=409)["told"]


def test_a_clock_that_is_set_back_does_not_lengthen_a_sign_in(car: Car) -> None:
    given = signed_in(car)
    browser = car.browser()
    browser.open(given)
    car.hands.wall -= 3600
    assert "clock was set back" in browser.open(given, status=409)["told"]


def test_small_steps_back_do_not_add_up(car: Car) -> None:
    given = signed_in(car)
    browser = car.browser()
    for _ in range(2):
        car.hands.wall -= 240
        car.hands.steady += 10
        answer = browser.client.post(
            "/unlock", json={"session": str(given.session), "pin": PIN}, headers={"Origin": ORIGIN}
        )
    assert answer.status_code == 409
    assert "clock was set back" in answer.json()["told"]


def test_a_grant_for_another_device_opens_nothing(car: Car) -> None:
    given = signed_in(car, agency="huntington-park-pd")
    assert "Tell the IT manager" in car.browser().open(given, status=409)["told"]


def test_where_the_policy_is_silent_about_sign_ins_none_lasts_without_network(car: Car) -> None:
    changed(car, grant_s=None)
    browser = opened(car)
    assert "policy does not say how long" in car.browser().look()["note"]
    without_network(car)
    look = browser.look()
    assert look["stage"] == "LOCKED"
    assert "policy does not say how long" in look["people"][0]["told"]


def test_a_sign_in_that_the_server_ended_closes_the_screen(car: Car) -> None:
    browser = opened(car)
    car.parts.people.keep_only((), NOW)
    assert browser.look()["stage"] == "OPEN", "a grant as young as the document stays"
    car.parts.people.keep_only((), NOW + timedelta(seconds=1))
    assert browser.look()["stage"] == "LOCKED"


def test_a_revoked_unit_forgets_its_people_and_says_so(car: Car) -> None:
    browser = opened(car)
    show_read(car, "8ABC123", 1)
    car.parts.people.destroy()
    car.state.forget()
    car.state.tell(link=Link(LinkState.REVOKED, NOW, "disabled"))
    look = browser.look()
    assert (look["stage"], look["people"], look["reads"]) == ("LOCKED", [], [])
    assert "The server refuses this unit" in next(
        one["text"] for one in look["facts"] if one["name"] == "Network"
    )


def test_two_people_use_the_unit_one_after_the_other(car: Car) -> None:
    first = opened(car)
    second, given = car.browser(), signed_in(car, user="reyes", name="Marco Reyes")
    assert [one["name"] for one in second.look()["people"]] == ["Marco Reyes", "Daniela Ortiz"]
    assert second.open(given)["name"] == "Marco Reyes"
    assert first.look()["stage"] == "LOCKED"
    assert second.act("/sign-out")["stage"] == "LOCKED"
    assert [one["name"] for one in second.look()["people"]] == ["Daniela Ortiz"]
    assert car.parts.people.signed_out() == (given.session,)


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_reads_are_shown_newest_first_once_the_journal_says_who_looks(car: Car) -> None:
    show_read(car, "7XYZ001", 1)
    show_read(car, "8ABC123", 2, doubt="8")
    locked = car.browser().look()
    assert (locked["reads"], locked["stage"]) == ([], "LOCKED")
    browser = opened(car)
    look = browser.look()
    assert [one["sequence"] for one in look["reads"]] == [2, 1]
    newest = look["reads"][0]
    assert [one["doubt"] for one in newest["characters"]][:2] == ["doubtful", "sure"]
    assert newest["said"] == "8 A B C 1 2 3; doubtful: 8"
    assert (newest["at"], newest["source"], newest["direction"]) == ("08:00:00", "Left front", "approaching")
    last = car.journal()[-1]
    assert (last.verb, last.subject, last.user, last.detail["to"]) == (
        "unit.read_opened",
        "reads:current",
        "ortiz",
        2,
    )
    assert browser.client.get(newest["picture"]).headers["content-type"] == "image/jpeg"
    assert car.browser().client.get(newest["picture"]).status_code == 409


def test_a_read_from_near_is_written_down_by_itself(car: Car) -> None:
    show_read(car, "8ABC123", 2, doubt="8")
    browser = opened(car)
    near = browser.act("/reads/2/open")["read"]
    assert near["characters"][0]["percent"] == "55%"
    assert car.journal()[-1].detail == {"plate": "8ABC123"}
    assert browser.act("/reads/close")["read"] is None
    assert "not among the current ones" in browser.act("/reads/9/open", 409)["told"]


@pytest.mark.clause("B-466.11¶3")
def test_the_list_is_shown_with_its_age_its_clause_and_its_hours(car: Car) -> None:
    told = {one["name"]: one["text"] for one in car.browser().look()["facts"]}
    assert told["List"] == "List as of 06:00, fresh for 72 h by B-466.11."
    assert told["Network"] == "The server is reached."
    without_network(car)
    told = {one["name"]: one["text"] for one in car.browser().look()["facts"]}
    assert told["Network"].startswith("No server since 08:00: everything is kept")


@pytest.mark.clause("B-466.4(f)", "H-426.3(f)")
def test_an_alert_is_unverified_until_dispatch_has_told(car: Car) -> None:
    browser = opened(car)
    name = show_alert(
        car, entry("8ABC123"), "BABC123", 3, "read BABC123, entry 8ABC123: one look-alike (B/8)"
    )
    front = browser.look()["front"]
    assert front["standing"] == "UNVERIFIED – confirm by dispatch before any stop (B-466.4(f))."
    assert front["explanation"] == "Read BABC123, entry 8ABC123: one look-alike (B/8)"
    assert [one["differs"] for one in front["characters"]][:2] == [True, False]
    assert car.journal()[-1].verb == "unit.alert_shown"
    assert browser.look()["ringing"] == 1
    assert browser.act(f"/alerts/{name}/acknowledge")["ringing"] == 0
    matched = browser.act(f"/alerts/{name}/compare", characters="YES")["front"]
    assert matched["standing"].startswith("UNVERIFIED"), "a picture that matches verifies no record"
    refused = browser.act(f"/alerts/{name}/told", 409, is_confirmed=True)
    assert refused["told"] == "Choose how you were told."
    told = browser.act(f"/alerts/{name}/told", is_confirmed=True, said="Nguyen, 08:02", channel="radio")[
        "front"
    ]
    assert (told["standing"], told["standing_tone"]) == ("VERIFIED by dispatch, as recorded here.", "good")
    assert told["dispatch"] == "Dispatch confirms the record: “Nguyen, 08:02” (ortiz, 08:00:00)"
    assert car.verbs()[-3:] == ["unit.alert_answered"] * 3
    record, compared = sorted(car.parts.answers.waiting(), key=lambda one: isinstance(one, PictureCompared))
    assert isinstance(compared, PictureCompared)
    assert compared.characters == "YES"
    assert isinstance(record, RecordTold)
    assert (record.channel, record.is_active, record.said) == ("radio", True, "Nguyen, 08:02")
    assert problem_of(car.journal()) == (len(car.journal()), "")


def test_a_misread_calls_for_no_stop_and_further_passes_ring_again_after_a_while(car: Car) -> None:
    browser = opened(car)
    wanted = entry("8ABC123")
    name = show_alert(car, wanted, "8ABC123", 3, "the same")
    browser.look()
    assert browser.act(f"/alerts/{name}/compare", characters="NO")["front"]["standing"].startswith("MISREAD")
    browser.act("/alerts/close")
    car.hands.pass_by(60)
    show_alert(car, wanted, "8ABC123", 4, "the same", id=name, seen=2)
    look = browser.look()
    assert (look["ringing"], look["front"]) == (0, None)
    car.hands.wall -= 200  # a wrong clock
    car.hands.pass_by(120)
    show_alert(car, wanted, "8ABC123", 5, "the same", id=name, seen=3)
    look = browser.look()
    assert (look["ringing"], look["front"]["standing"][:10]) == (1, "UNVERIFIED")
    assert look["front"]["is_acknowledged"] is False
    assert car.restart().browser().look()["ringing"] == 1


@pytest.mark.clause("B-466.11¶3")
def test_an_entry_that_was_taken_off_the_list_calls_for_nobody_and_for_no_stop(car: Car) -> None:
    browser = opened(car)
    name = show_alert(car, entry("8ABC123"), "8ABC123", 3, "the same")
    assert browser.look()["ringing"] == 1
    show_alert(car, entry("8ABC123"), "8ABC123", 3, "the same", id=name, withdrawn_at=NOW)
    look = browser.look()
    assert (look["ringing"], look["front"]) == (0, None)
    assert [one["state"] for one in look["earlier"]] == [
        "The entry is not on the list any more. No stop for it."
    ]


def test_an_answer_to_a_picture_that_was_replaced_meanwhile_is_refused(car: Car) -> None:
    browser = opened(car)
    wanted = entry("8ABC123")
    name = show_alert(car, wanted, "8ABC123", 3, "the same")
    browser.look()
    show_alert(car, wanted, "8ABC123", 4, "the same", id=name, seen=2)
    refused = browser.act(f"/alerts/{name}/compare", 409, characters="YES")
    assert refused["told"] == "The plate passed again meanwhile. Look at the new picture, then answer."


def test_withheld_details_and_information_only_say_what_to_do(car: Car) -> None:
    browser = opened(car)
    show_alert(car, entry("8ABC123", detail=None, information_only=True), "8ABC123", 3, "the same")
    front = browser.look()["front"]
    assert (front["why"], front["standing"]) == (
        "Withheld: ask dispatch.",
        "INFORMATION ONLY – no stop for it.",
    )


def test_details_of_an_entry_are_for_those_who_may_see_lists(car: Car) -> None:
    browser = opened(car, capabilities=("alerts.view", "alerts.dispose"))
    show_alert(car, entry("8ABC123"), "8ABC123", 3, "the same")
    assert browser.look()["front"]["why"] == "Withheld: ask dispatch."


def test_an_alert_gives_nothing_away_on_a_locked_screen(car: Car) -> None:
    name = show_alert(car, entry("8ABC123"), "8ABC123", 3, "the same")
    browser = car.browser()
    look = browser.look()
    assert (look["ringing"], look["front"], look["earlier"]) == (1, None, [])
    assert "8ABC123" not in browser.client.get("/look").text
    assert browser.client.get(f"/alerts/{name}/plate").status_code == 409
    assert car.verbs() == []


def test_who_may_not_answer_alerts_is_refused_and_written_down(car: Car) -> None:
    browser = opened(car, capabilities=("alerts.view",))
    name = show_alert(car, entry("8ABC123"), "8ABC123", 3, "the same")
    assert browser.look()["front"]["may_answer"] is False
    refused = browser.act(f"/alerts/{name}/compare", 409, characters="YES")
    assert refused["told"].startswith("Your sign-in does not include alerts.dispose.")
    assert car.verbs()[-1] == "unit.refused"
    assert car.parts.answers.waiting() == ()


@pytest.mark.clause("B-466.4(c)")
def test_an_assignment_is_shown_to_its_person_who_acknowledges_it(car: Car) -> None:
    mine, other = assignment(), assignment("reyes")
    car.state.tell(assignments=(mine, other))
    browser = opened(car)
    (shown,) = browser.look()["assignments"]
    assert (shown["place"], shown["window"]) == ("Main Street between 1st and 7th Avenue", "07:50 to 08:50")
    (shown,) = browser.act(f"/assignments/{mine.id}/acknowledge")["assignments"]
    assert shown["acknowledged"] == "Acknowledged 08:00"
    (answer,) = car.parts.answers.waiting()
    assert isinstance(answer, Acknowledged)
    assert answer.assignment == mine.id
    assert "somebody else's" in browser.act(f"/assignments/{other.id}/acknowledge", 409)["told"]


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_nothing_is_shown_or_done_when_the_journal_cannot_be_written(car: Car) -> None:
    browser = opened(car)
    name = show_alert(car, entry("8ABC123"), "8ABC123", 3, "the same")
    mend = break_journal(car)
    answer = browser.client.get("/look")
    assert (answer.status_code, answer.json()["stage"]) == (503, "BLOCKED")
    assert "8ABC123" not in answer.text
    assert browser.client.get(f"/alerts/{name}/plate").status_code == 409
    browser.act(f"/alerts/{name}/acknowledge", 409)
    browser.act("/lock", 503)
    mend()
    assert browser.look()["stage"] == "LOCKED", "a screen that cannot say that it was locked is locked"


@pytest.mark.parametrize(
    "host", ["http://evil.example", "http://192.168.1.7:8477", "http://127.0.0.1.evil.example"]
)
def test_a_foreign_host_is_refused(car: Car, host: str) -> None:
    browser = car.browser(host)
    assert browser.client.get("/look").status_code == 403
    assert browser.client.get("/").status_code == 403


def test_an_act_must_come_from_the_page_itself(car: Car) -> None:
    client = car.browser().client
    for headers in (
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "null"},
    ):
        assert client.post("/sign-in", json={}, headers=headers).status_code == 403
    form = {"Origin": ORIGIN, "Content-Type": "text/plain"}
    assert client.post("/sign-in", content="{}", headers=form).status_code == 403
    assert client.get("/look", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert car.server.asked == []


def test_the_page_loads_nothing_from_elsewhere_and_its_cookie_goes_nowhere_else(car: Car) -> None:
    browser = car.browser()
    page = browser.client.get("/")
    assert (
        "default-src 'none'; script-src 'self'; style-src 'self'" in page.headers["content-security-policy"]
    )
    answer = browser.client.post(
        "/unlock", json={"session": str(signed_in(car).session), "pin": PIN}, headers={"Origin": ORIGIN}
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_too_long_or_no_act_is_refused_in_words(car: Car) -> None:
    browser = car.browser()
    assert browser.act("/unlock", 400, session="x", pin="1")["told"].startswith("The act cannot be read")
    assert (
        browser.act("/unlock", 413, session=str(UUID(int=0)), pin="1" * 5000)["told"] == "That is too long."
    )

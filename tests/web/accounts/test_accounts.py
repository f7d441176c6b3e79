"""Creating, activating, suspending and releasing accounts in the browser."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.accounts.models import Paper, User
from plateward.audit.models import AuditRecord
from tests.days import day_of
from tests.factors import enroll_app, give_code
from tests.personas import CONTENT, PASSWORD, Town, open_session

Login = Callable[[str], Client]
NEW = {"username": "novak", "full_name": "Nina Novak", "title": "patrol-officer"}


def do(client: Client, username: str, task: str, **form: str) -> Any:
    person = User.objects.get(username=username)
    return client.post(reverse("accounts:act", args=[person.pk, task]), form)


def last(verb: str) -> AuditRecord:
    return AuditRecord.objects.filter(verb=verb).latest("id")


def complete(client: Client, certifier: Client) -> None:
    """Everything that Novak's activation needs."""
    day = (day_of(timezone.now()) - timedelta(days=3)).isoformat()
    do(client, "novak", "approve", need="Patrols Main Street.")
    do(client, "novak", "clearance", is_granted="yes", dated_date=day)
    do(client, "novak", "agreement", dated_date=day)
    novak = User.objects.get(username="novak")
    certifier.post(
        reverse("accounts:certify", args=[novak.pk]),
        {"course": "alpr-basic", "completed_date": day, "instructor": "Celia Cruz", "topics": CONTENT},
    )


def hire(login: Login) -> str:
    """Novak's one-time password."""
    cole = login("cole")
    cole.post(reverse("accounts:create"), NEW)
    complete(cole, login("cruz"))
    return str(do(cole, "novak", "activate").context["password"])


@pytest.mark.clause("B-466.10-accounts")
@pytest.mark.parametrize("username", ["cole", "imani"])
@pytest.mark.usefixtures("barstow")
def test_the_two_whom_the_policy_names_create_accounts(login: Login, username: str) -> None:
    answer = login(username).post(reverse("accounts:create"), NEW)
    novak = User.objects.get(username="novak")
    assert answer["Location"] == reverse("accounts:account", args=[novak.pk])
    assert (novak.state, novak.has_usable_password()) == ("PENDING", False)
    assert last("accounts.user.created").username == username


@pytest.mark.clause("B-466.10-accounts", "H-426.2¶2")
@pytest.mark.parametrize("username", ["chen", "lane", "ortiz", "cruz", "vendor", "howe", "hart"])
@pytest.mark.usefixtures("barstow", "huntington_park")
def test_nobody_else_creates_accounts(login: Login, username: str) -> None:
    answer = login(username).post(reverse("accounts:create"), NEW)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not User.objects.filter(username="novak").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "Ortiz"}, "never used again"),
        ({"username": "hart"}, "never used again"),
        ({"username": "n o"}, "letters a–z"),
        ({"full_name": "olivia ortiz"}, "one person, one account"),
        ({"title": "wizard"}, "Select a valid choice"),
        ({"title": ""}, "Choose a title"),
    ],
)
@pytest.mark.usefixtures("barstow", "huntington_park")
def test_an_account_that_cannot_be_comes_back_with_the_mistake(
    login: Login, changes: dict[str, str], said: str
) -> None:
    answer = login("cole").post(reverse("accounts:create"), NEW | changes)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.content.decode()


@pytest.mark.clause("B-466.10", "B-466.10-permissions")
@pytest.mark.usefixtures("barstow")
def test_hiring_leads_to_a_password_of_ones_own(login: Login, client: Client) -> None:
    given = hire(login)
    assert last("accounts.user.activated").username == "cole"
    assert given not in str(list(AuditRecord.objects.values_list()))
    answer = client.post("/login/", {"username": "novak", "password": given, "acknowledged": "on"})
    assert answer.status_code == HTTPStatus.FOUND
    forced = client.get(reverse("hotlists:list"))
    assert forced["Location"] == reverse("accounts:password")

    page = reverse("accounts:password")
    for chosen, said in (
        ("short", "at least 8 characters"),
        ("password123", "common or stolen"),
        ("novak2026", "which everybody here knows"),
        ("Barstow Pd!", "which everybody here knows"),
        (given, "This is the password you have"),
    ):
        form = {"old_password": given, "new_password": chosen, "again": chosen}
        refused = client.post(page, form)
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert said in refused.content.decode(), chosen
    own = " a long phrase, with spaces and ünïcode " * 4
    unlike = client.post(page, {"old_password": given, "new_password": own, "again": own + "x"})
    assert "not the same" in unlike.content.decode()
    client.post(page, {"old_password": given, "new_password": own, "again": own})
    assert User.objects.get(username="novak").check_password(own)
    assert client.get(reverse("hotlists:list"))["Location"] == reverse("accounts:factors")
    enroll_app(client)
    assert client.get(reverse("hotlists:list")).status_code == HTTPStatus.OK


@pytest.mark.usefixtures("barstow")
def test_one_time_password_counts_for_three_days(login: Login, client: Client) -> None:
    given = hire(login)
    User.objects.filter(username="novak").update(one_time_until_at=timezone.now())
    answer = client.post("/login/", {"username": "novak", "password": given, "acknowledged": "on"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert last("accounts.session.refused").detail["why"] == "one-time password past its time"


@pytest.mark.clause("B-466.10")
@pytest.mark.usefixtures("barstow")
def test_account_with_something_missing_is_not_activated(login: Login) -> None:
    cole = login("cole")
    cole.post(reverse("accounts:create"), NEW)
    answer = do(cole, "novak", "activate")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Nobody has approved this person" in answer.content.decode()
    assert User.objects.get(username="novak").state == "PENDING"


@pytest.mark.clause("B-466.10-permissions")
@pytest.mark.usefixtures("barstow")
def test_it_manager_neither_approves_access_nor_assigns_titles(login: Login) -> None:
    imani = login("imani")
    for task, form in (("approve", {"need": "Patrol."}), ("title", {"title": "detective"})):
        answer = do(imani, "quinn", task, **form)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "Only the Administrative Division Commander" in answer.content.decode()


@pytest.mark.clause("B-466.10-permissions")
def test_changed_title_changes_what_a_person_may_and_ends_their_sessions(barstow: Town, login: Login) -> None:
    quinn = login("quinn")
    assert do(login("cole"), "quinn", "title", title="dispatcher").status_code == HTTPStatus.FOUND
    assert quinn.get(reverse("search:new")).status_code == HTTPStatus.FOUND
    assert login("quinn").get(reverse("search:new")).status_code == HTTPStatus.FORBIDDEN
    row = last("accounts.user.retitled")
    assert (row.detail["from"], row.detail["to"]) == ("patrol-officer", "dispatcher")
    assert barstow.users["quinn"].title == "patrol-officer"


@pytest.mark.parametrize("task", ["suspend", "deactivate", "clearance", "approve", "release", "password", "title"])
@pytest.mark.usefixtures("barstow")
def test_nobody_acts_on_their_own_account(login: Login, task: str) -> None:
    answer = do(login("cole"), "cole", task, reason="Because.")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert User.objects.get(username="cole").state == "ACTIVE"


@pytest.mark.clause("B-466.10")
@pytest.mark.usefixtures("barstow")
def test_person_whose_clearance_is_withdrawn_is_kept_out_at_once(login: Login) -> None:
    quinn = login("quinn")
    assert quinn.get(reverse("hotlists:list")).status_code == HTTPStatus.OK
    day = timezone.now() - timedelta(days=1)
    do(login("cole"), "quinn", "clearance", is_granted="no", dated_date=day.date().isoformat())
    answer = quinn.get(reverse("hotlists:list"))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "The security clearance was denied or withdrawn" in answer.content.decode()
    assert "B-466.10" in answer.content.decode()
    mine = quinn.get(reverse("accounts:me")).content.decode()
    assert "Ask the Administrative Division Commander or I.T. Manager" in mine


def test_policy_silent_on_clearance_demands_none_and_says_so(huntington_park: Town, login: Login) -> None:
    Paper.objects.filter(kind="CLEARANCE").delete()
    assert login("hart").get(reverse("hotlists:list")).status_code == HTTPStatus.OK
    hart = huntington_park.users["hart"]
    page = login("hayes").get(reverse("accounts:account", args=[hart.pk])).content.decode()
    assert "This policy demands no security clearance." in page
    assert "the policy is silent" in page


@pytest.mark.clause("B-466.6(e)")
@pytest.mark.usefixtures("barstow")
def test_suspension_ends_sessions_and_reactivation_needs_retraining(login: Login) -> None:
    cole, quinn = login("cole"), login("quinn")
    do(cole, "quinn", "suspend", reason="Searched for a friend.", needs_retraining="on")
    assert not Session.objects.filter(pk=quinn.session.session_key).exists()
    assert quinn.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    refused = do(cole, "quinn", "reactivate", reason="Talked to.")
    assert "is required since the suspension" in refused.content.decode()
    person = User.objects.get(username="quinn")
    today = day_of(timezone.now()).isoformat()
    form = {
        "course": "alpr-basic",
        "completed_date": today,
        "instructor": "Celia Cruz",
        "topics": CONTENT,
    }
    login("cruz").post(reverse("accounts:certify", args=[person.pk]), form)
    assert do(cole, "quinn", "reactivate", reason="Retrained.").status_code == HTTPStatus.OK
    person.refresh_from_db()
    assert (person.state, person.needs_retraining) == ("ACTIVE", False)


@pytest.mark.usefixtures("barstow")
def test_who_left_is_out_at_once_and_comes_back_only_with_everything_anew(login: Login) -> None:
    cole, quinn = login("cole"), login("quinn")
    do(cole, "quinn", "deactivate", reason="Retired.")
    assert quinn.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    assert not User.objects.get(username="quinn").has_usable_password()
    assert do(cole, "quinn", "reactivate", reason="x").status_code == HTTPStatus.FORBIDDEN
    do(cole, "quinn", "reinstate", reason="Hired again.")
    assert "Nobody has approved" in do(cole, "quinn", "activate").content.decode()


def fail(client: Client, times: int, username: str = "quinn") -> Any:
    answer = None
    for _ in range(times):
        answer = client.post("/login/", {"username": username, "password": "wrong", "acknowledged": "on"})
    return answer


@pytest.mark.usefixtures("barstow")
def test_five_wrong_passwords_lock_until_somebody_releases(login: Login, client: Client) -> None:
    fail(client, 4)
    assert User.objects.get(username="quinn").locked_at is None
    wrong = fail(client, 1)
    right = client.post("/login/", {"username": "quinn", "password": PASSWORD, "acknowledged": "on"})
    strange = fail(client, 1, "nobody-known")
    told = {answer.context["form"].non_field_errors()[0] for answer in (wrong, right, strange)}
    assert len(told) == 1, "a locked account looks like one that does not exist"
    assert last("accounts.user.locked").username == "quinn"
    assert AuditRecord.objects.filter(detail__why="locked account").count() == 1

    cole = login("cole")
    assert "Locked by failed log-ins" in cole.get(reverse("accounts:people")).content.decode()
    assert do(login("lane"), "quinn", "release", reason="Please.").status_code == HTTPStatus.FORBIDDEN
    assert do(cole, "quinn", "release", reason="").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    do(cole, "quinn", "release", reason="It was he, with a new keyboard.")
    assert last("accounts.user.released").detail["reason"] == "It was he, with a new keyboard."
    again = client.post("/login/", {"username": "quinn", "password": PASSWORD, "acknowledged": "on"})
    assert again.status_code == HTTPStatus.FOUND
    twice = do(cole, "quinn", "release", reason="Again.")
    assert "somebody released it already" in twice.content.decode()


@pytest.mark.usefixtures("barstow")
def test_a_right_password_in_between_begins_the_count_anew(client: Client) -> None:
    fail(client, 4)
    client.post("/login/", {"username": "quinn", "password": PASSWORD, "acknowledged": "on"})
    give_code(client, "quinn")
    fail(Client(), 4)
    assert User.objects.get(username="quinn").locked_at is None


@pytest.mark.usefixtures("barstow")
def test_issued_password_replaces_the_lost_one_and_ends_sessions(login: Login, client: Client) -> None:
    quinn = login("quinn")
    answer = do(login("imani"), "quinn", "password", reason="Forgotten.")
    assert "no-store" in answer["Cache-Control"]
    assert quinn.get(reverse("accounts:me")).status_code == HTTPStatus.FOUND
    form = {"username": "quinn", "password": answer.context["password"], "acknowledged": "on"}
    assert client.post("/login/", form).status_code == HTTPStatus.FOUND


@pytest.mark.usefixtures("barstow")
def test_unknown_task_is_no_address(login: Login) -> None:
    assert do(login("cole"), "quinn", "promote").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("barstow")
def test_account_page_offers_what_its_state_allows(login: Login) -> None:
    quinn = User.objects.get(username="quinn")
    page = login("cole").get(reverse("accounts:account", args=[quinn.pk])).content.decode()
    assert "Suspend" in page
    assert "Reactivate" not in page
    own = User.objects.get(username="cole")
    mine = open_session(Client(), "cole").get(reverse("accounts:account", args=[own.pk])).content.decode()
    assert "Nobody manages their own account" in mine
    assert "What can be done" not in mine

"""What is privileged asks for both factors again, the page of its form and what it sends (CJIS IA-11)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import LoginSession
from plateward.governance.models import Draft, Workspace
from tests.personas import Town

Login = Callable[[str], Client]

FORMS = [
    ("cruz", "accounts:certify", [uuid4()]),
    ("cruz", "training:withdraw", [uuid4()]),
    ("cruz", "training:act", [uuid4(), "certify"]),
    ("cole", "governance:propose", []),
    ("cole", "devices:register", []),
    ("lane", "audit:alarm", []),
]
BUTTONS = [
    ("cole", "governance:edit-propose", []),
    ("cole", "governance:withdraw", [uuid4()]),
    ("chen", "governance:refuse", [uuid4()]),
    ("cole", "devices:rotate-key", [uuid4()]),
    ("cole", "devices:set-enabled", [uuid4()]),
]


@pytest.fixture
def stale(barstow: Town, login: Login, now: datetime) -> Login:  # noqa: ARG001  it needs its people
    """Log in as somebody who gave both factors an hour ago."""

    def log_in(username: str) -> Client:
        client = login(username)
        LoginSession.objects.update(proved_at=now - timedelta(hours=1))
        return client

    return log_in


@pytest.mark.parametrize(("who", "name", "args"), FORMS)
def test_the_page_of_a_privileged_form_asks_who_it_is(
    stale: Login, who: str, name: str, args: list[object]
) -> None:
    answer = stale(who).get(reverse(name, args=args))
    assert answer.status_code == HTTPStatus.FOUND
    assert answer["Location"].startswith(reverse("accounts:prove"))


@pytest.mark.parametrize(("who", "name", "args"), FORMS + BUTTONS)
def test_what_is_sent_too_late_is_not_done(stale: Login, who: str, name: str, args: list[object]) -> None:
    answer = stale(who).post(reverse(name, args=args), {"any": "thing"}, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("accounts:prove"))
    assert "What you sent was not done" in answer.content.decode()


def test_what_somebody_prepared_is_kept_until_they_confirm_and_propose_it(stale: Login) -> None:
    cole = stale("cole")
    value = reverse("governance:edit-value") + "?path=search.reference_required"
    cole.post(value, {"ground": "SPECIFIED", "clause": "B-466.6(b)", "value": "yes"})
    page = cole.get(reverse("governance:edit")).content.decode()
    assert "Confirm and propose" in page
    assert "Propose to a second person" not in page
    assert (Workspace.objects.count(), Draft.objects.count()) == (1, 0)

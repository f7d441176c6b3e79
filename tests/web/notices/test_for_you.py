"""The page "For you", its count in the header, and the start page."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse

from plateward.notices import actions
from plateward.notices.models import Notice
from plateward.notices.rules import to_position
from tests.personas import SETUP, Town

Login = Callable[[str], Client]
TEXT = "The account review is due."


def raised(town: Town, now: datetime, *, is_task: bool = False, due: timedelta | None = None) -> Notice:
    return actions.raise_notice(
        agency=town.agency.pk,
        key="review:1",
        kind="review-due",
        to=to_position("administrative-division-commander"),
        text=TEXT,
        link=reverse("accounts:people"),
        due_at=now + due if due is not None else None,
        is_task=is_task,
        by=SETUP,
        now=now,
    )


def page(client: Client, name: str = "notices:for-you") -> str:
    return client.get(reverse(name)).content.decode()


def test_the_header_counts_what_waits_on_every_page(barstow: Town, now: datetime, login: Login) -> None:
    cole = login("cole")
    assert 'data-waiting="0"' in page(cole, "home")
    raised(barstow, now)
    for name in ("home", "accounts:me", "notices:badge"):
        assert 'data-waiting="1"' in page(cole, name)
    assert TEXT in page(cole, "home")
    assert TEXT not in page(login("ortiz"))


def test_a_notice_is_noted_by_its_addressee_only(barstow: Town, now: datetime, login: Login) -> None:
    notice = raised(barstow, now)
    address = reverse("notices:note")
    login("ortiz").post(address, {"notice": str(notice.pk)})
    assert Notice.objects.get().done_at is None
    answer = login("cole").post(address, {"notice": str(notice.pk)}, follow=True)
    assert "Nothing waits for you" in answer.content.decode()
    assert Notice.objects.get().done_by == "Carl Cole"


def test_a_task_offers_no_button_and_is_not_ended_by_one(barstow: Town, now: datetime, login: Login) -> None:
    task = raised(barstow, now, is_task=True, due=timedelta(0))
    cole = login("cole")
    shown = page(cole)
    assert "Overdue" in shown
    assert "Noted" not in shown
    answer = cole.post(reverse("notices:note"), {"notice": str(task.pk)}, follow=True)
    assert "Follow its link" in answer.content.decode()
    assert cole.post(reverse("notices:note"), {"notice": "nonsense"}).status_code == 302
    assert Notice.objects.get().done_at is None


def test_the_list_alone_is_fetched_again(barstow: Town, now: datetime, login: Login) -> None:
    raised(barstow, now)
    answer = login("cole").get(reverse("notices:for-you"), headers={"HX-Request": "true", "HX-Target": "notices"})
    assert TEXT in answer.content.decode()
    assert "<html" not in answer.content.decode()

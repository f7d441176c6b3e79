"""What a dispatcher is told of matching: nothing while it does, and in a line what it means when it does not."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.hotlists import building, index_actions, index_state
from plateward.hotlists.models import IndexKeeper
from plateward.hotlists.tasks import refresh_index
from plateward.notices.models import Notice
from plateward.reads.models import InboxItem, InboxState
from tests.payloads import as_json, inbox_item
from tests.personas import Town

Login = Callable[[str], Client]
MATCHING = reverse("console:matching")


def line(client: Client) -> str:
    return " ".join(client.get(MATCHING).content.decode().split())


@pytest.mark.parametrize("address", [MATCHING, reverse("console:dispatch")])
def test_nothing_is_told_while_matching_does(barstow: Town, login: Login, address: str) -> None:
    index_actions.note_kept(now=timezone.now())
    assert "Matching is" not in login("dunn").get(address).content.decode()
    assert barstow.users


def test_reads_that_wait_are_told_with_what_to_do(barstow: Town, now: datetime, login: Login) -> None:
    item = inbox_item(barstow.camera, as_json(now), now)
    dunn = login("dunn")
    assert line(dunn) == ""
    InboxItem.objects.filter(pk=item.pk).update(received_at=timezone.now() - timedelta(minutes=2))
    told = line(dunn)
    assert "Matching is behind since" in told
    assert "1 payload of cameras wait" in told
    assert "Tell the IT manager now." in told
    assert "Matching is behind" in dunn.get(reverse("console:dispatch")).content.decode()
    InboxItem.objects.update(state=InboxState.MATCHED)
    assert line(dunn) == ""


def test_another_agency_s_waiting_reads_are_not_told(
    barstow: Town, huntington_park: Town, now: datetime, login: Login
) -> None:
    inbox_item(huntington_park.camera, as_json(now), now - timedelta(minutes=5))
    assert line(login("dunn")) == ""
    assert barstow.users


def test_an_index_that_cannot_be_written_is_told_and_is_the_it_manager_s_task(
    barstow: Town, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: datetime) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(building, "refresh", fails)
        assert [refresh_index(timestamp=0) for _ in range(2)] == ["not written"] * 2
    told = line(login("dunn"))
    assert "Matching is slower, and complete since" in told
    assert "cannot be written (No space left on device)" in told
    assert "Nothing to do here." in told
    notice = Notice.objects.get(kind="index-trouble", agency=barstow.agency.pk)
    assert (notice.position, notice.done_at) == ("it-manager", None)
    monkeypatch.setattr(building, "refresh", lambda _: building.Standing.CURRENT)
    refresh_index(timestamp=0)
    assert line(login("dunn")) == ""
    notice.refresh_from_db()
    assert notice.done_at


def test_an_index_nobody_looks_after_is_told_and_a_machine_taken_away_is_not(
    barstow: Town, login: Login
) -> None:
    now, dunn = timezone.now(), login("dunn")
    index_actions.note_kept(now=now - timedelta(minutes=6))
    assert "has had no worker look after it" in line(dunn)
    IndexKeeper.objects.update(kept_at=now - timedelta(days=2))
    assert line(dunn) == ""
    assert barstow.users


def test_asking_the_database_is_told_once_it_lasts(barstow: Town, now: datetime) -> None:
    def at(minutes: float) -> datetime:
        return now + timedelta(minutes=minutes)

    for minute in (0, 0.1, 1, 2):
        index_state.note_asked(at(minute))
        assert index_state.trouble(at(minute)) is None
    index_state.note_asked(at(3))
    assert index_state.trouble(at(3)) == (now, "is missing or left behind by what changed")
    assert index_state.trouble(at(6)) is None
    index_state.note_asked(at(10))
    assert index_state.trouble(at(10)) is None
    assert barstow.users


def test_who_may_not_see_alerts_is_told_nothing(barstow: Town, login: Login) -> None:
    assert login("imani").get(MATCHING).status_code == 403
    assert barstow.users

"""Vendor staff come in through a maintenance window only, see no plate data, and leave a list of all they did."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from plateward.accounts.models import FailedLogin, LoginSession
from plateward.audit.models import AuditRecord
from plateward.control import standing, window_actions
from plateward.control.models import MaintenanceWindow
from plateward.ui.access import rule_of
from plateward.walls import scope
from tests.alarms import alerted
from tests.exceptions import opened_window
from tests.personas import PASSWORD, Town
from tests.sightings import seen
from tests.web.test_isolation import OBJECTS, SIGNED, Holdings, hold

pytestmark = pytest.mark.clause("B-466.10(limited)(d)")

Login = Callable[[str], Client]
PLATE = "7XYZ999"


@pytest.mark.usefixtures("barstow")
def test_without_a_window_the_session_ends_and_says_whom_to_ask(login: Login) -> None:
    vendor = login("vendor")
    answer = vendor.get(reverse("home"))
    assert answer.status_code == 403
    assert "No maintenance window is open for you" in answer.content.decode()
    assert "I.T. Manager" in answer.content.decode()
    assert not get_user(vendor).is_authenticated  # type: ignore[arg-type]  # a client has a session
    assert not LoginSession.objects.filter(user__username="vendor").exists()
    assert AuditRecord.objects.filter(verb="governance.access.refused", username="vendor").exists()


@pytest.mark.usefixtures("barstow")
def test_the_password_alone_opens_nothing_without_a_window_and_is_no_failed_login() -> None:
    answer = log_in_as("vendor")
    assert answer.status_code == 403
    assert "No maintenance window is open for you" in answer.content.decode()
    assert "I.T. Manager" in answer.content.decode()
    barred = AuditRecord.objects.get(verb="accounts.session.barred", username="vendor")
    assert barred.detail["clause"] == "B-466.10(limited)(d)"
    assert not FailedLogin.objects.exists()
    assert not LoginSession.objects.exists()


def test_the_password_leads_on_while_a_window_is_open(barstow: Town, now: datetime) -> None:
    opened_window(barstow, now)
    answer = log_in_as("vendor")
    assert answer.status_code == 302
    assert not AuditRecord.objects.filter(verb="accounts.session.barred").exists()


def log_in_as(username: str) -> Any:
    form = {"username": username, "password": PASSWORD, "acknowledged": "on"}
    return Client().post(reverse("accounts:login"), form)


def test_a_window_lets_in_and_its_end_shuts_out(barstow: Town, now: datetime, login: Login) -> None:
    window = opened_window(barstow, now)
    vendor = login("vendor")
    assert vendor.get(reverse("devices:list")).status_code == 200
    MaintenanceWindow.objects.update(until_at=timezone.now())
    assert vendor.get(reverse("devices:list")).status_code == 403
    assert vendor.get(reverse("home")).status_code == 302, "there is no session any more"
    assert window_actions.close_due(now=timezone.now()) == 1
    window.refresh_from_db()
    assert window.closed_by == "Plateward"


def test_every_request_is_on_record_where_the_process_itself_sees_no_agency(
    barstow: Town, now: datetime, login: Login
) -> None:
    window = opened_window(barstow, now)
    vendor = login("vendor")
    with scope.as_nobody():  # as a web process outside the gate
        assert vendor.get(reverse("devices:list")).status_code == 200
    assert [row.detail["page"] for row in standing.requests_in(window)] == ["devices:list"]


def test_opening_a_window_needs_both_factors_given_lately(login: Login, barstow: Town, now: datetime) -> None:
    imani = login("imani")
    LoginSession.objects.update(proved_at=now - timedelta(hours=1))
    answer = imani.post(reverse("control:open-window"), form(barstow, now))
    assert answer["Location"].startswith(reverse("accounts:prove"))
    assert not MaintenanceWindow.objects.exists()


def test_the_clock_ends_the_session_of_a_window_that_is_over(
    barstow: Town, now: datetime, login: Login
) -> None:
    window = opened_window(barstow, now, hours=1)
    login("vendor").get(reverse("home"))
    assert window_actions.close_due(now=window.until_at - timedelta(seconds=1)) == 0
    assert window_actions.close_due(now=window.until_at) == 1
    assert not LoginSession.objects.filter(user__username="vendor").exists()


def test_the_department_sees_the_window_and_closes_it_at_once(
    barstow: Town, now: datetime, login: Login
) -> None:
    window = opened_window(barstow, now)
    vendor = login("vendor")
    vendor.get(reverse("devices:list"))
    vendor.get(reverse("search:new"))
    assert "of the vendor may come in" in login("ortiz").get(reverse("home")).content.decode()
    page = login("lane").get(reverse("control:window", args=[window.pk])).content.decode()
    for asked in ("devices:list", "search:new", "403"):
        assert asked in page
    assert "Close at once" not in page
    assert login("lane").post(reverse("control:close-window", args=[window.pk])).status_code == 403

    imani = login("imani")
    answer = imani.post(reverse("control:close-window", args=[window.pk]), follow=True)
    assert "is closed" in answer.content.decode()
    assert vendor.get(reverse("devices:list")).status_code == 302
    again = imani.post(reverse("control:close-window", args=[window.pk]), follow=True)
    assert "closed already" in again.content.decode()


def form(barstow: Town, now: datetime, **changed: object) -> dict[str, object]:
    stamp = "%Y-%m-%dT%H:%M"
    local = timezone.localtime(now)
    return {
        "user": barstow.users["vendor"].pk,
        "purpose": "MAINTENANCE",
        "work": "Replace a camera.",
        "supervisor": barstow.users["soto"].pk,
        "from_at": local.strftime(stamp),
        "until_at": (local + timedelta(hours=4)).strftime(stamp),
    } | changed


def test_whom_the_policy_names_opens_a_window_and_nobody_else(
    barstow: Town, now: datetime, login: Login
) -> None:
    address = reverse("control:open-window")
    assert login("lane").post(address, form(barstow, now)).status_code == 403
    imani = login("imani")
    assert "The window is on record" in imani.post(address, form(barstow, now), follow=True).content.decode()
    again = imani.post(address, form(barstow, now))
    assert "Close it first" in again.content.decode()


def test_a_window_is_neither_too_long_nor_for_anybody_else(
    barstow: Town, now: datetime, login: Login
) -> None:
    imani, address = login("imani"), reverse("control:open-window")
    late = (timezone.localtime(now) + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    too_long = imani.post(address, form(barstow, now, until_at=late))
    assert too_long.status_code == 403
    assert "8 hours at most" in too_long.content.decode()
    for changed in (
        {"user": barstow.users["ortiz"].pk},
        {"supervisor": barstow.users["vendor"].pk},
        {"until_at": timezone.localtime(now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")},
    ):
        assert imani.post(address, form(barstow, now, **changed)).status_code == 422
    assert not MaintenanceWindow.objects.exists()


def every_address(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from every_address(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and (rule := rule_of(entry.callback)) and not rule.public:
            yield f"{space}{entry.name}"


def address_of(name: str, held: Holdings) -> str:
    if name in SIGNED:
        return SIGNED[name](held, "vendor")
    return reverse(name, kwargs=OBJECTS[name](held) if name in OBJECTS else {})


def test_no_address_shows_the_vendor_a_plate_or_a_picture(
    barstow: Town, now: datetime, login: Login
) -> None:
    held = hold(barstow, "chen", now)
    seen(barstow.camera, "8ABC123", now)
    alerted(barstow, now)
    MaintenanceWindow.objects.all().delete()
    opened_window(barstow, now)
    for name in sorted(set(every_address(get_resolver())) - {"live:stream"}):
        answer = login("vendor").get(address_of(name, held))
        shown = b"".join(answer) if answer.streaming else answer.content
        assert not answer.get("Content-Type", "").startswith("image/"), name
        for plate in (PLATE, "8ABC123"):
            assert plate.encode() not in shown, name

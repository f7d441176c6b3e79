"""A shift in the car: handed an alert, without network in between, and everything sent in the end."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.alerts import actions
from plateward.alerts.models import Alert, Disposition
from plateward.field.models import FieldAct
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site, pressed
from tests.cameras import sees, send
from tests.field_acts import handed

if TYPE_CHECKING:
    from tests.browser.conftest import Complaints

AXE_TRIAL = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Of the empty style that axe tries; a page that is live or without network reports it after the check."""

PHONE = {"width": 360, "height": 740}
SMALLEST_PX = 44
TARGETS = """() => [...document.querySelectorAll('main button, main summary, main select, main a.usa-button')]
    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44)
    .map(one => one.textContent.trim())"""
WIDER = "() => document.documentElement.scrollWidth > window.innerWidth"


def alerted(site: Site) -> Alert:
    """An open alert, raised by the running intake."""
    now = timezone.now()
    entry = wanted(site.barstow, "8ABC123", now)
    send(site.ingest_url, site.barstow.camera_key, sees("8ABC123", now, event="seen"))
    for _ in range(100):
        if (found := Alert.objects.filter(entry=entry).first()) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError("the intake raised no alert")


def phone_of(page_as: PageAs, username: str) -> Page:
    page = page_as(username)
    page.set_viewport_size(PHONE)
    page.goto("/field/")
    expect(page.locator(".pw-live")).to_have_text("Live")
    return page


def hand_to_ortiz(dunn: Page) -> None:
    dunn.locator("#sent").get_by_text("Hand it to an officer").click()
    dunn.get_by_label("Officer or unit").select_option(label="Olivia Ortiz, Patrol Officer")
    dunn.locator("#sent").get_by_label("Note").fill("Northbound on Main")
    pressed(dunn, dunn.locator("#sent").get_by_role("button", name="Hand over"), "/hand-over")
    expect(dunn.locator("#sent")).to_contain_text("not acknowledged yet")


@pytest.fixture(autouse=True)
def without_axes_trials(complaints: "Complaints") -> Iterator[None]:
    yield
    complaints.found[:] = [one for one in complaints.found if AXE_TRIAL not in one]


def end_as(page: Page, outcome: str, note: str) -> None:
    page.get_by_text("How it ended").click()
    page.get_by_label("Outcome").select_option(label=outcome)
    page.get_by_text("No", exact=True).click()
    page.get_by_label("Note").fill(note)
    page.get_by_role("button", name="Close the alert").click()


def test_an_alert_is_handed_over_worked_without_network_and_sent_once(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    alert = alerted(site)
    ortiz, dunn = phone_of(page_as, "ortiz"), page_as("dunn")
    expect(ortiz.get_by_text("Nothing is handed to you now")).to_be_visible()
    dunn.goto(f"/dispatch/{alert.pk}/")
    hand_to_ortiz(dunn)

    card = ortiz.locator(".pw-field-card")
    expect(card).to_contain_text("UNVERIFIED")
    expect(card).to_contain_text("Northbound on Main")
    ortiz.screenshot(path=screenshots / "field-handed.png", full_page=True)
    accessible(ortiz)
    assert ortiz.evaluate(TARGETS) == []
    assert not ortiz.evaluate(WIDER)
    pressed(ortiz, ortiz.get_by_role("button", name="Acknowledge"), "/act")
    expect(card).to_contain_text("You acknowledged it")
    expect(dunn.locator("#sent")).to_contain_text("Olivia Ortiz: acknowledged")

    ortiz.context.set_offline(True)
    expect(ortiz.get_by_text("No network", exact=True)).to_be_visible()
    expect(card).to_contain_text("blue Honda Civic")
    end_as(ortiz, "Misread: the plate is not the one entered", "The first character is a B.")
    expect(ortiz.locator("#field-unsent")).to_contain_text("Not sent yet: How an alert ended")
    ortiz.screenshot(path=screenshots / "field-offline.png", full_page=True)
    accessible(ortiz)
    assert not Disposition.objects.exists()

    ortiz.context.set_offline(False)
    expect(card).to_have_count(0)
    expect(ortiz.locator("#field-unsent")).to_be_hidden()
    act = FieldAct.objects.get(kind="DISPOSE")
    assert (act.outcome, act.done_at < act.received_at) == ("DONE", True)
    assert Disposition.objects.get().code == "misread"
    expect(dunn.locator("#sent")).to_contain_text("Olivia Ortiz: how an alert ended")
    dunn.screenshot(path=screenshots / "field-console.png", full_page=True)


def test_an_act_that_came_too_late_comes_back_with_its_reason(
    site: Site, page_as: PageAs, screenshots: Path
) -> None:
    now = timezone.now()
    alert = alerted(site)
    handed(alert, site.barstow, now)
    ortiz = phone_of(page_as, "ortiz")
    ortiz.context.set_offline(True)
    end_as(ortiz, "Not located", "")
    actions.dispose(alert=alert, code="not-located", by=site.barstow.actor("soto", now), now=now)
    ortiz.context.set_offline(False)
    unsent = ortiz.locator("#field-unsent")
    expect(unsent).to_contain_text("Not done: How an alert ended")
    expect(unsent).to_contain_text("by Sam Soto")
    ortiz.screenshot(path=screenshots / "field-refused.png", full_page=True)
    ortiz.get_by_role("button", name="I have seen it").click()
    expect(unsent).to_be_hidden()
    assert Disposition.objects.count() == 1


def test_what_was_delivered_goes_after_its_time_and_acts_stay(
    site: Site, page_as: PageAs, screenshots: Path
) -> None:
    now = timezone.now()
    alert = alerted(site)
    handed(alert, site.barstow, now)
    ortiz = page_as("ortiz")
    ortiz.clock.install()
    ortiz.set_viewport_size(PHONE)
    ortiz.goto("/field/")
    expect(ortiz.locator("[data-field][data-kept=yes]")).to_be_attached()
    expect(ortiz.locator("#field-unkept")).to_be_hidden()
    ortiz.context.set_offline(True)
    ortiz.get_by_role("button", name="Acknowledge").click()
    expect(ortiz.locator("#field-unsent")).to_contain_text("Not sent yet")
    ortiz.clock.fast_forward("31:00")
    expect(ortiz.get_by_text("has been removed from this screen")).to_be_visible()
    assert "8ABC123" not in ortiz.content()
    expect(ortiz.locator("#field-unsent")).to_contain_text("Not sent yet")
    ortiz.screenshot(path=screenshots / "field-removed.png", full_page=True)

    ortiz.goto("/field/")  # opened again without network: the program's own page, and what is not sent
    expect(ortiz.get_by_role("heading", name="No network")).to_be_visible()
    expect(ortiz.locator("#field-unsent")).to_contain_text("1 of what was done on this device")
    assert "8ABC123" not in ortiz.content()
    ortiz.screenshot(path=screenshots / "field-shell.png", full_page=True)
    ortiz.context.set_offline(False)
    ortiz.goto("/field/")
    expect(ortiz.locator(".pw-field-card")).to_contain_text("You acknowledged it")


def test_the_alert_with_its_picture_on_a_phone(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    now = timezone.now()
    alert = alerted(site)
    handed(alert, site.barstow, now)
    ortiz = phone_of(page_as, "ortiz")
    ortiz.get_by_role("link", name="Picture beside the plate").click()
    expect(ortiz.get_by_role("heading", name="Picture and plate")).to_be_visible()
    ortiz.get_by_text("Before you act: verify").click()
    ortiz.screenshot(path=screenshots / "field-alert.png", full_page=True)
    accessible(ortiz)
    assert ortiz.evaluate(TARGETS) == []
    assert not ortiz.evaluate(WIDER)

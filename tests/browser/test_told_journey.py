"""A person chooses how they are told of alerts, with a PushManager in place of the browser's own.

Chromium reaches no push service here. What one would have said is a subscription as RFC 8291 has it; all
before it (permission, service worker) and after it (the form, the server, the list) is real.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.outgoing.models import Browser, Telling
from tests.browsing import Accessible, PageAs, Site
from tests.pushing import Browser as BrowserKeys
from tests.telling import PUSH_HOST, decide_to_tell

SUBSCRIBES = """
([endpoint, p256dh, auth]) => {
  Notification.requestPermission = async () => "granted";
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async (asked) => {
    if (!asked.userVisibleOnly || asked.applicationServerKey.length !== 65) throw new Error("asked wrongly");
    return { endpoint, toJSON: () => ({ endpoint, keys: { p256dh, auth } }) };
  };
}
"""


def seen(page: Page, accessible: Accessible, path: Path) -> None:
    """The page obeys WCAG and fits a phone; both are kept as pictures."""
    accessible(page)
    page.screenshot(path=path.with_suffix(".png"), full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=path.with_name(f"{path.name}-360.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 1000})


@pytest.mark.clause("B-466.6(a)")
def test_a_dispatcher_chooses_how_she_is_told_once_the_agency_decided(
    site: Site,
    page_as: PageAs,
    accessible: Accessible,
    screenshots: Path,
) -> None:
    dunn = page_as("dunn")
    dunn.goto("/me/")
    dunn.get_by_role("link", name="How I am told").click()
    expect(dunn.get_by_text("No clause speaks of it.")).to_be_visible()
    seen(dunn, accessible, screenshots / "told-silent")

    decide_to_tell(site.barstow, site.now, "MAIL", "PUSH")
    dunn.reload()
    dunn.get_by_role("group", name="By e-mail").get_by_text("Entries without a category").click()
    dunn.get_by_role("group", name="On my browsers").get_by_text("Entries without a category").click()
    dunn.get_by_label("Quiet from").fill("22:00")
    dunn.get_by_role("button", name="Save", exact=True).click()
    expect(dunn.get_by_role("alert")).to_contain_text("Give both times")
    dunn.get_by_label("Quiet until").fill("06:00")
    dunn.get_by_role("button", name="Save", exact=True).click()
    expect(dunn.get_by_text("Saved. It holds from the next alert on.")).to_be_visible()
    assert Telling.objects.get().push == ["own"]
    dunn.get_by_label("E-mail address").fill("dunn@pd.city.example")
    dunn.get_by_role("button", name="Save the address").click()
    expect(dunn.get_by_text("Open the link sent there")).to_be_visible()

    given = BrowserKeys().at(f"https://{PUSH_HOST}/wpush/v2/a")
    dunn.evaluate(SUBSCRIBES, [given.endpoint, given.p256dh, given.auth])
    dunn.get_by_label("What I call this browser").fill("Dispatch desk 2")
    dunn.get_by_role("button", name="Tell me on this browser").click()
    expect(dunn.get_by_text("This browser is told from now on.")).to_be_visible()
    assert Browser.objects.get().p256dh == given.p256dh
    seen(dunn, accessible, screenshots / "told-chosen")
    dunn.get_by_role("button", name="Remove Dispatch desk 2").click()
    dunn.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(dunn.get_by_text("“Dispatch desk 2” is told no more.")).to_be_visible()

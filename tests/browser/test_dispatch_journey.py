"""From an officer's request to a closed alert, through the whole running system and real browsers."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from plateward.accounts import actions as accounts
from plateward.accounts.models import User
from plateward.alerts.models import Alert
from plateward.audit.models import AuditRecord
from plateward.live.actions import end_streams
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site, give_code, pressed
from tests.cameras import SIZE, sees, send
from tests.factors import fresh_code
from tests.personas import PASSWORD

WORKED = "alerts.step.worked"
JOURNAL = [
    "alerts.alert.raised",
    WORKED,
    "alerts.alert.acknowledged",
    "alerts.holding.taken",
    *[WORKED] * 2,
    "alerts.alert.verified",
    WORKED,
    "alerts.hit.joined",
    WORKED,
    "alerts.alert.closed",
]


def rows(page: Page) -> Locator:
    return page.locator("#queue [data-row]")


def press(page: Page, name: str) -> None:
    """Work a step and wait until the screen shows it."""
    step = page.locator(f"#step-{name}")
    pressed(page, step.get_by_role("button", name="Done"), f"/steps/{name}")
    expect(step.locator(".pw-badge", has_text="Done")).to_be_visible()


def console_of(page: Page, username: str) -> None:
    """Log in by the form and land on the console, live."""
    page.goto("/dispatch/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_text("I have read this notice").click()
    page.get_by_role("button", name="Log in").click()
    give_code(page, fresh_code(username))
    expect(page.locator(".pw-live")).to_have_text("Live")
    expect(page.locator("#queue")).to_contain_text("No open alerts")


def request_and_approve(page_as: PageAs, plate: str) -> None:
    """Officer Ortiz asks; Lieutenant Lane approves as Operations Division Commander."""
    ortiz = page_as("ortiz")
    ortiz.goto("/hotlists/request/")
    ortiz.get_by_label("Plate").first.fill(plate)
    ortiz.get_by_label("Purpose").select_option("stolen-or-wanted-vehicle")
    ortiz.get_by_label("Vehicle").first.fill("blue Honda Civic")
    ortiz.get_by_label("Reason").first.fill("Taken in the robbery at 1st and Main")
    ortiz.locator("main form button[type=submit]").click()
    expect(ortiz.get_by_text("matches nothing before approval")).to_be_visible()
    lane = page_as("lane")
    lane.goto(ortiz.url)
    lane.locator("form[action$='/approve'] button[type=submit]").click()
    expect(lane.get_by_text("Approved. The entry is active")).to_be_visible()


def open_by_keyboard(page: Page) -> None:
    rows(page).first.focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#opened-heading")).to_be_focused()
    expect(rows(page).first.get_by_role("link")).to_have_attribute("aria-current", "true")


def compare_picture_and_plate(page: Page) -> None:
    """The scene is there, the plate is cut out of it, the doubtful character and the look-alike are named."""
    scene = page.locator("#scene")
    width = "image => image.decode().then(() => image.naturalWidth)"
    assert scene.locator("img.pw-picture").evaluate(width) == SIZE[0]
    assert scene.locator(".pw-compare__crop").evaluate(width) < SIZE[0] / 2
    expect(scene).to_contain_text("one look-alike (8/B)")
    expect(scene).to_contain_text("62\u202f%")
    expect(page.locator("#entry")).to_contain_text("Approved by Lieutenant Laura Lane")
    expect(page.locator("#where")).to_contain_text("Northbound")


def work_to_verified(page: Page) -> None:
    """The steps in order; "verified" is locked until the confirmation, whose form disturbs no other."""
    locked = page.locator("#step-advise-verified")
    expect(locked.get_by_role("button")).to_be_disabled()
    for name in ("confirm", "advise-pending", "describe"):
        press(page, name)
    expect(page.locator("#step-describe")).to_contain_text("by Drew Dunn")
    expect(locked).to_contain_text("No confirmation is recorded, so nobody may be told that it is verified.")
    note = page.locator("#disposition textarea")
    note.fill("Stopped at Barstow Road")
    page.locator("label", has_text="Confirmed: the record is active").first.click()
    page.get_by_label("Obtained by").select_option(label="CLETS terminal")
    page.get_by_role("textbox", name="Record number").fill("V123456789")
    pressed(page, page.get_by_role("button", name="Record the answer"), "/confirmation")
    expect(page.locator("#status")).to_contain_text("The record was confirmed")
    expect(note).to_have_value("Stopped at Barstow Road")
    press(page, "advise-verified")


@pytest.mark.clause("B-466.9(a)", "B-466.9(b)", "B-466.9(c)", "B-466.9(d)", "B-466.9(e)", "B-466.11")
def test_officer_asks_commander_approves_camera_sees_dispatcher_closes(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    dunn, key = page_as(""), site.barstow.camera_key
    console_of(dunn, "dunn")
    request_and_approve(page_as, "BBC123")
    send(site.ingest_url, key, sees("4EVERY1", timezone.now(), event="somebody-else"))

    doubtful = (0.62, 0.97, 0.99, 0.98, 0.99, 0.97)
    send(site.ingest_url, key, sees("8BC123", timezone.now(), event="first", confidences=doubtful))
    expect(rows(dunn).first).to_contain_text("UNVERIFIED")
    expect(dunn).to_have_title("1 UNVERIFIED of 1 open – Dispatch – Plateward")
    expect(dunn.locator("#announcer")).to_contain_text("New alert, UNVERIFIED: plate BBC123")

    open_by_keyboard(dunn)
    compare_picture_and_plate(dunn)
    accessible(dunn)
    dunn.screenshot(path=screenshots / "console-unverified.png", full_page=True)
    work_to_verified(dunn)
    expect(dunn).to_have_title("0 UNVERIFIED of 1 open – Dispatch – Plateward")

    send(site.ingest_url, key, sees("8BC123", timezone.now(), event="second", direction="approaching"))
    expect(dunn.locator("#where li")).to_have_count(2)
    update = dunn.locator("#step-update-direction")
    expect(update).to_contain_text("now southbound")
    update.get_by_label("What was said").fill("Turned east on Main Street")
    press(dunn, "update-direction")
    accessible(dunn)
    dunn.screenshot(path=screenshots / "console-verified.png", full_page=True)

    dunn.get_by_label("Outcome").select_option("recovered")
    dunn.locator("#disposition").get_by_text("No", exact=True).click()
    pressed(dunn, dunn.get_by_role("button", name="Close the alert"), "/disposition")
    expect(dunn.locator("#disposition")).to_contain_text("Have the entry removed")
    expect(dunn.locator("#status")).to_contain_text("CLOSED")
    expect(dunn.locator("#queue")).to_contain_text("No open alerts")
    dunn.screenshot(path=screenshots / "console-closed.png", full_page=True)
    journal = AuditRecord.objects.filter(subject=f"alerts.Alert:{Alert.objects.get().pk}").order_by("id")
    acts = journal.exclude(verb="audit.access.recorded")
    assert list(acts.values_list("verb", flat=True)) == JOURNAL


def test_two_dispatchers_see_each_others_work_and_the_slower_one_is_told(site: Site, page_as: PageAs) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    wanted(site.barstow, "7XYZ456", site.now)
    dunn, soto = page_as("dunn"), page_as("soto")
    for page in (dunn, soto):
        page.goto("/dispatch/")
        expect(page.locator(".pw-live")).to_have_text("Live")
    send(site.ingest_url, site.barstow.camera_key, sees("8ABC123", timezone.now(), event="two-1"))
    for page in (dunn, soto):
        rows(page).first.get_by_role("link").click()
        expect(page.locator("#opened-heading")).to_be_visible()
    press(dunn, "confirm")
    expect(soto.locator("#step-confirm")).to_contain_text("by Drew Dunn")
    expect(soto.locator("#step-advise-pending").get_by_role("button")).to_have_count(0)

    # A stale screen: the network was away while the step was worked.
    dunn.context.set_offline(True)
    dunn.locator("#step-advise-pending").get_by_role("button", name="Done").click()
    expect(dunn.locator("#unsent")).to_contain_text("Advise units, confirmation in progress, pressed at")
    dunn.context.set_offline(False)
    expect(dunn.locator(".pw-live")).to_have_text("Live", timeout=15_000)
    pressed(dunn, dunn.locator("#unsent").get_by_role("button", name="Send again"), "/steps/advise-pending")
    expect(dunn.locator("#step-advise-pending .pw-badge", has_text="Done")).to_be_visible()
    expect(dunn.locator("#unsent")).to_be_hidden()

    # A second alert comes to the top, and the opened one stays.
    later = timezone.now() + timedelta(seconds=1)
    send(site.ingest_url, site.barstow.camera_key, sees("7XYZ456", later, event="two-2"))
    expect(rows(dunn)).to_have_count(2)
    expect(rows(dunn).first).to_contain_text("7XYZ456")
    expect(dunn.locator("#opened-heading")).to_contain_text("8ABC123")


def test_without_the_stream_the_console_says_so_and_asks_by_itself(site: Site, page_as: PageAs) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    dunn = page_as("dunn")
    dunn.route("**/live/stream*", lambda route: route.abort())
    dunn.goto("/dispatch/")
    expect(dunn.locator(".pw-live")).to_contain_text("checking every 5 seconds", timeout=15_000)
    send(site.ingest_url, site.barstow.camera_key, sees("8ABC123", timezone.now(), event="polled"))
    expect(rows(dunn)).to_have_count(1, timeout=15_000)
    dunn.unroute("**/live/stream*")
    expect(dunn.locator(".pw-live")).to_have_text("Live", timeout=30_000)


SAID = """() => {
  const live = document.querySelector(".pw-live");
  window.said = [];
  const said = new MutationObserver(() => window.said.push(live.textContent));
  said.observe(live, {childList: true, subtree: true});
}"""


@pytest.mark.clause("B-466.6(e)")
def test_a_stream_that_the_server_ends_goes_on_unnoticed_unless_its_person_may_not(
    site: Site, page_as: PageAs
) -> None:
    dunn = page_as("dunn")
    dunn.goto("/dispatch/")
    expect(dunn.locator(".pw-live")).to_have_text("Live")
    dunn.evaluate(SAID)
    person = User.objects.get(username="dunn")
    asked: list[str] = []
    dunn.on("request", lambda request: asked.append(request.url))
    with dunn.expect_response(lambda answer: "/dispatch/queue" in answer.url):
        # The page is live with the stream's headers, and the server listens for its person a moment later.
        for _ in range(30):
            end_streams(agency=person.agency_id, person=str(person.pk))
            dunn.wait_for_timeout(1_000)
            if any("/live/stream" in url for url in asked):
                break
    assert any("/live/stream" in url for url in asked), "the page listens anew by itself"
    expect(dunn.locator(".pw-live")).to_have_text("Live")
    assert set(dunn.evaluate("window.said")) <= {"Live"}

    cole = site.barstow.actor("cole", site.now)
    accounts.suspend(user=person, reason="On leave.", needs_retraining=False, by=cole, now=timezone.now())
    expect(dunn.get_by_label("Username")).to_be_visible()

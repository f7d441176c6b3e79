"""A night at the console: heard, taken, handed over, written down, cut off and found again."""

from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.alerts import actions, holding_actions
from plateward.alerts.models import Alert, Holding, StepRecord, UnitNote
from plateward.audit.models import AuditRecord
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site, pressed
from tests.cameras import sees, send
from tests.dispatchers import joined

PRESS_ON_RENEWAL = """() => {
  const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
  document.addEventListener("htmx:afterSwap", () => queueMicrotask(press), { once: true });
  window.stays = true;
  document.body.dispatchEvent(new Event("poll"));
}"""


def at_console(page: Page) -> None:
    page.goto("/dispatch/")
    expect(page.locator(".pw-live")).to_have_text("Live")


def alert_comes(site: Site, plate: str, event: str) -> None:
    send(site.ingest_url, site.barstow.camera_key, sees(plate, timezone.now(), event=event))


LATE = 500
"""Milliseconds."""


def unscrolled(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def changes_come_late(page: Page) -> None:
    """What a live event has the page ask for goes out later, as on a slow line, with what it knew then."""
    page.evaluate(
        """(late) => {
            const { open, send } = XMLHttpRequest.prototype;
            XMLHttpRequest.prototype.open = function (method, address, ...rest) {
                this.wait = address.includes("/changes?have") ? late : 0;
                return open.call(this, method, address, ...rest);
            };
            XMLHttpRequest.prototype.send = function (...body) {
                setTimeout(() => send.apply(this, body), this.wait);
            };
        }""",
        LATE,
    )


def test_two_dispatchers_hear_take_hand_over_and_write_down(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    joined(site.barstow, site.now)
    wanted(site.barstow, "8ABC123", site.now)
    dunn, doyle = page_as("dunn"), page_as("doyle")
    at_console(dunn)
    at_console(doyle)
    expect(dunn.locator(".pw-sound__note")).to_contain_text("holds sound back")
    alert_comes(site, "8ABC123", "night-1")
    for page in (dunn, doyle):
        expect(page.get_by_role("button", name="Acknowledge 1 new alert")).to_be_visible(timeout=20_000)
    dunn.keyboard.press("a")
    for page in (dunn, doyle):
        expect(page.locator("#acknowledge")).to_have_count(0)
    expect(dunn.locator("#queue-heading")).to_be_focused()
    assert Alert.objects.get().acknowledged_by == site.barstow.users["dunn"]

    for page in (dunn, doyle):
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#holding")).to_contain_text("Nobody holds this alert")
    dunn.keyboard.press("t")
    expect(dunn.locator("#holding")).to_contain_text("You hold this alert")
    expect(doyle.locator("#holding")).to_contain_text("Drew Dunn holds this alert")
    expect(doyle.locator("#queue")).to_contain_text("Drew Dunn holds it")
    pressed(doyle, doyle.locator("#step-confirm").get_by_role("button", name="Done"), "/steps/confirm")
    expect(dunn.locator("#step-confirm")).to_contain_text("by Dee Doyle")
    expect(doyle.locator("#holding")).to_contain_text("Drew Dunn holds this alert")

    dunn.keyboard.press("u")
    expect(dunn.locator("#unit_unit")).to_be_focused()
    dunn.keyboard.type("4a12")
    dunn.get_by_label("What it did or said").fill("On scene")
    pressed(dunn, dunn.get_by_role("button", name="Add to the log"), "/units")
    expect(doyle.locator("#log")).to_contain_text("4A12: On scene")
    expect(dunn.get_by_label("What it did or said")).to_have_value("")

    dunn.get_by_role("link", name="Hand over").click()
    dunn.get_by_label("Hand over to").select_option(label="Dee Doyle, Dispatcher")
    accessible(dunn)
    dunn.screenshot(path=screenshots / "holding-hand-over.png", full_page=True)
    changes_come_late(dunn)
    pressed(dunn, dunn.locator("#hand-over").get_by_role("button", name="Hand over"), "/hand-over")
    for page, holder in ((doyle, "You hold"), (dunn, "Dee Doyle holds")):
        expect(page.locator("#holding")).to_contain_text(f"{holder} this alert")
    dunn.keyboard.press("t")
    dunn.wait_for_timeout(2 * LATE)  # what was asked for before the hand-over has come by now
    dunn.get_by_label("Why you take it over").fill("Doyle is called away")
    pressed(dunn, dunn.get_by_role("button", name="Take it over"), "/holding")
    expect(dunn.locator("#holding")).to_contain_text("You hold this alert")
    expect(doyle.locator("#holding")).to_contain_text("Drew Dunn holds this alert")
    doyle.screenshot(path=screenshots / "holding-others.png")
    dunn.get_by_role("button", name="Log out").click()
    expect(doyle.locator("#holding")).to_contain_text("Nobody holds this alert")
    assert Holding.objects.filter(ended_at__isnull=True).count() == 0
    assert AuditRecord.objects.filter(verb="alerts.holding.overtaken").count() == 1


def test_what_was_typed_and_pressed_outlives_network_reload_and_repetition(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    dunn = page_as("dunn")
    at_console(dunn)
    alert_comes(site, "8ABC123", "cut-1")
    dunn.locator("#queue [data-row]").first.get_by_role("link").click()
    dunn.locator("#disposition textarea").fill("Seen turning into Barstow Road")
    dunn.locator("#unit_unit").fill("4A12")
    dunn.get_by_label("What it did or said").fill("On scene")

    # The answer is lost on its way: the act arrived, and the console cannot know.
    dunn.route("**/steps/confirm", lambda route: (route.fetch(), route.abort())[1])
    dunn.locator("#step-confirm").get_by_role("button", name="Done").click()
    expect(dunn.locator("#unsent")).to_contain_text("Confirm the status in CLETS, pressed at")
    dunn.unroute("**/steps/confirm")
    dunn.context.set_offline(True)
    dunn.get_by_role("button", name="Add to the log").click()
    expect(dunn.locator("#unsent li")).to_have_count(2)
    accessible(dunn)
    dunn.screenshot(path=screenshots / "console-unsent.png")
    dunn.context.set_offline(False)

    dunn.reload()
    expect(dunn.locator("#disposition textarea")).to_have_value("Seen turning into Barstow Road")
    expect(dunn.get_by_label("What it did or said")).to_have_value("On scene")
    # What had arrived leaves the list by itself; what is done anew takes its old entry with it.
    expect(dunn.locator("#unsent li")).to_have_count(1)
    expect(dunn.locator("#unsent")).to_contain_text("Unit log, pressed at")
    pressed(dunn, dunn.get_by_role("button", name="Add to the log"), "/units")
    expect(dunn.locator("#unsent")).to_be_hidden()
    expect(dunn.locator("#log")).to_contain_text("4A12: On scene")
    assert (StepRecord.objects.count(), UnitNote.objects.count()) == (1, 1)


def test_a_stale_list_says_so_and_late_and_many_alerts_stay_calm(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    dunn = page_as("dunn")
    for number in range(10):
        wanted(site.barstow, f"8ABC{number:03}", site.now)
    cut = ("**/live/stream*", "**/dispatch/queue*")
    dunn.clock.install()
    for address in cut:
        dunn.route(address, lambda route: route.abort())
    dunn.goto("/dispatch/")
    for number in range(10):
        alert_comes(site, f"8ABC{number:03}", f"many-{number}")
    dunn.clock.fast_forward("00:41")
    expect(dunn.locator(".pw-queue__stale")).to_be_visible()
    accessible(dunn)
    dunn.screenshot(path=screenshots / "console-stale.png")
    for address in cut:
        dunn.unroute(address)
    expect(dunn.locator("#queue [data-row]")).to_have_count(10, timeout=30_000)
    expect(dunn.locator("#announcer")).to_contain_text("10 new alerts. The first: New alert, UNVERIFIED")
    expect(dunn.locator(".pw-queue__stale")).to_be_hidden()
    expect(dunn.locator(".pw-queue__age")).to_contain_text("as of")
    dunn.screenshot(path=screenshots / "console-many.png")

    # A key pressed the moment the list is renewed still acts in place: it does not load the page again.
    dunn.evaluate(PRESS_ON_RENEWAL)
    expect(dunn.locator("#acknowledge")).to_have_count(0)
    assert dunn.evaluate("window.stays")


SMALL = {"narrow": {"width": 360, "height": 800}, "zoomed": {"width": 720, "height": 500}}


def test_day_colors_small_screens_and_double_size_keep_everything_in_sight(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    dunn = page_as("dunn")
    at_console(dunn)
    alert_comes(site, "8ABC123", "looks")
    dunn.locator("#queue [data-row]").first.get_by_role("link").click()
    expect(dunn.locator("#opened-heading")).to_be_visible(timeout=20_000)
    alert = Alert.objects.get()
    by = site.barstow.actor("dunn", timezone.now())
    actions.work_step(alert=alert, step="confirm", by=by, now=timezone.now())
    holding_actions.take(alert=alert, by=by, now=timezone.now())
    expect(dunn.locator("#confirmation")).to_contain_text("no answer recorded yet")
    for (name, size), colors in zip(SMALL.items(), ("light", "dark"), strict=True):
        dunn.set_viewport_size(size)  # type: ignore[arg-type]  # its own TypedDict
        dunn.get_by_label("Colors").select_option(colors)
        assert dunn.locator("body").get_attribute("data-theme") == colors
        unscrolled(dunn)
        accessible(dunn)
        dunn.screenshot(path=screenshots / f"console-{name}-{colors}.png", full_page=True)
    dunn.get_by_role("button", name="Keys").click()
    expect(dunn.get_by_role("dialog")).to_contain_text("Acknowledge the new alerts")
    accessible(dunn)
    dunn.screenshot(path=screenshots / "console-keys.png")
    dunn.get_by_label("Single-letter keys are on").uncheck()
    dunn.keyboard.press("Escape")
    dunn.locator("h1").click()
    dunn.keyboard.press("?")
    expect(dunn.get_by_role("dialog")).to_have_count(0)
    dunn.reload()
    expect(dunn.locator("body")).to_have_attribute("data-theme", "dark")


def test_the_board_follows_the_work_as_it_is_done(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    lane = page_as("lane")
    lane.goto("/dispatch/board")
    expect(lane.locator(".pw-live")).to_have_text("Live")
    expect(lane.locator("#board")).to_contain_text("No open alerts")
    alert_comes(site, "8ABC123", "board")
    row = lane.get_by_role("row").filter(has_text="8ABC123")
    expect(row).to_contain_text("Nobody", timeout=20_000)
    by = site.barstow.actor("dunn", timezone.now())
    holding_actions.take(alert=Alert.objects.get(), by=by, now=timezone.now())
    expect(row).to_contain_text("Drew Dunn", timeout=20_000)
    accessible(lane)
    lane.screenshot(path=screenshots / "board.png", full_page=True)
    lane.set_viewport_size({"width": 360, "height": 800})
    unscrolled(lane)
    accessible(lane)
    lane.screenshot(path=screenshots / "board-narrow.png", full_page=True)

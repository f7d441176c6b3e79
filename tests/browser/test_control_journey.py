"""Control of accounts: all of them reviewed, the vendor let in and out, an emergency taken and reviewed."""

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.accounts.models import LoginSession, User
from plateward.accounts.rules import AccountState
from plateward.audit.models import AuditRecord
from plateward.control.models import EmergencyAccess, ReviewItem
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site, give_code, log_in
from tests.exceptions import EMERGENCY, decide_emergencies
from tests.factors import fresh_code
from tests.personas import PASSWORD

LookedOver = Callable[[Page, str], None]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}
DECIDE = {
    "quinn": ("Change the title", "Detective", "Works burglaries since May"),
    "ruiz": ("Deactivate: no longer needed", "", "Never came to the training"),
}


@pytest.fixture
def looked_over(accessible: Accessible, screenshots: Path) -> LookedOver:
    """Check a page and photograph it, on a desk and on a phone."""

    def check(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"control-{name}.png", full_page=True)
        page.set_viewport_size(PHONE)
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.screenshot(path=screenshots / f"control-{name}-phone.png", full_page=True)
        page.set_viewport_size(DESK)
        assert wide <= PHONE["width"], f"{name} is {wide} px wide on a phone"

    return check


@pytest.mark.clause("B-466.6(d)")
def test_every_account_is_reviewed_and_nobodys_by_themselves(
    site: Site, page_as: PageAs, looked_over: LookedOver, tmp_path: Path
) -> None:
    cole, chen = page_as("cole"), page_as("chen")
    cole.goto("/")
    cole.get_by_label("Main").get_by_role("button", name="Agency").click()
    cole.get_by_label("Main").get_by_role("link", name="Account control").click()
    looked_over(cole, "accounts")
    cole.get_by_role("link", name="Account reviews").click()
    looked_over(cole, "reviews-none")
    cole.get_by_role("button", name="Begin a review").click()
    expect(cole.get_by_text("0 of 12 accounts decided.")).to_be_visible()
    looked_over(cole, "review-begun")
    for username in sorted(set(site.barstow.users) - {"cole"}):
        decide(cole, username, looked_over)
    expect(cole.get_by_text("11 of 12 accounts decided.")).to_be_visible()
    assert User.objects.get(username="quinn").title == "detective"
    assert User.objects.get(username="ruiz").state == AccountState.DEACTIVATED

    # His own account is not his to review: it waits for the Chief.
    own = ReviewItem.objects.get(user__username="cole")
    expect(cole.get_by_role("link", name="Decide about Carl Cole")).to_have_count(0)
    looked_over(cole, "review-but-one")
    cole.goto(f"/control/reviews/accounts/{own.pk}/")
    expect(cole.get_by_text("Nobody reviews their own account.")).to_be_visible()
    chen.goto("/")
    expect(chen.get_by_role("link", name="Account reviews", exact=True)).to_be_visible()
    chen.get_by_role("link", name="For you").first.click()
    looked_over(chen, "for-you")
    chen.get_by_role("link", name="Accounts wait for your review").click()
    decide(chen, "cole", looked_over)
    expect(chen.get_by_role("heading", level=1)).to_contain_text("Finished")
    looked_over(chen, "review-finished")

    with chen.expect_download() as given:
        chen.get_by_role("link", name="Download CSV").click()
    given.value.save_as(tmp_path / "review.csv")
    rows = list(csv.DictReader((tmp_path / "review.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["Username"]: row["Decision"] for row in rows} == {
        **dict.fromkeys(site.barstow.users, "CONFIRMED"),
        "quinn": "CHANGED",
        "ruiz": "DEACTIVATED",
    }
    assert next(row["Decided by"] for row in rows if row["Username"] == "cole") == "Cora Chen"
    cole.goto("/for-you/")
    expect(cole.get_by_text("Done lately")).to_be_visible()
    looked_over(cole, "for-you-done")


def decide(page: Page, username: str, looked_over: LookedOver) -> None:
    """One account of a review, confirmed unless the story says otherwise."""
    name = User.objects.get(username=username).full_name
    decision, title, note = DECIDE.get(username, ("Confirm: still needed, as it is", "", ""))
    page.get_by_role("link", name=f"Decide about {name}").click()
    page.get_by_text(decision).click()
    if title:
        page.get_by_label("New title").select_option(label=title)
    if username == "ruiz":
        page.get_by_role("button", name="Record the decision").click()
        expect(page.get_by_text("Say why it is no longer needed.").first).to_be_visible()
        looked_over(page, "decide-refused")
    if note:
        page.get_by_label("Note").fill(note)
    if username == "quinn":
        looked_over(page, "decide")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text(f"{name}: decided.")).to_be_visible()


@pytest.mark.clause("B-466.10(limited)(d)")
def test_a_vendor_comes_in_through_a_window_and_goes_with_it(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    imani, vendor = page_as("imani"), page_as("")
    log_in(vendor, "vendor", PASSWORD)
    expect(vendor.get_by_text("No maintenance window is open for you.")).to_be_visible()
    expect(vendor.get_by_text("I.T. Manager")).to_be_visible()
    looked_over(vendor, "vendor-turned-away")

    imani.goto("/control/windows/")
    looked_over(imani, "windows-none")
    imani.get_by_role("link", name="Open a window").click()
    looked_over(imani, "open-window")
    begins = timezone.now().astimezone(ZoneInfo("America/Los_Angeles"))
    imani.get_by_label("Vendor's employee").select_option(label="Vic Vendor (vendor)")
    imani.get_by_text("Maintenance", exact=True).click()
    imani.get_by_label("What is to be done").fill("Replace the camera at First Avenue")
    imani.get_by_label("Supervised by").select_option(label="Sam Soto (soto)")
    imani.get_by_label("From").fill(begins.strftime("%Y-%m-%dT%H:%M"))
    imani.get_by_label("Until").fill((begins + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M"))
    imani.get_by_role("button", name="Open the window").click()
    expect(imani.get_by_text("The window is on record.")).to_be_visible()

    log_in(vendor, "vendor", PASSWORD)
    give_code(vendor, fresh_code("vendor"))
    expect(vendor.get_by_role("heading", level=1)).to_contain_text("Vic Vendor")
    looked_over(vendor, "vendor-start")
    for address in ("/", "/devices/", "/dispatch/", "/search/", "/hotlists/"):
        vendor.goto(address)
        assert "8ABC123" not in vendor.content(), address
    soto = page_as("soto")
    soto.goto("/")
    expect(soto.get_by_text("Vic Vendor of the vendor may come in until")).to_be_visible()
    looked_over(soto, "window-on-start-page")

    imani.reload()
    expect(imani.get_by_role("cell", name="devices:list")).to_be_visible()
    looked_over(imani, "window-open")
    imani.get_by_role("button", name="Close at once").click()
    expect(imani.get_by_text("the session in it is ended")).to_be_visible()
    looked_over(imani, "window-closed")
    imani.goto("/control/windows/")
    looked_over(imani, "windows")
    vendor.goto("/devices/")
    expect(vendor.get_by_role("button", name="Log in")).to_be_visible()
    assert not LoginSession.objects.filter(user__username="vendor").exists()
    log_in(vendor, "vendor", PASSWORD)
    expect(vendor.get_by_text("No maintenance window is open for you.")).to_be_visible()
    assert AuditRecord.objects.filter(verb="accounts.session.barred", username="vendor").count() == 2


@pytest.mark.clause("B-466.10(limited)")
def test_emergency_access_is_loud_and_reviewed_by_another(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    decide_emergencies(site.barstow, site.now)
    dunn, cole = page_as("dunn"), page_as("cole")
    dunn.goto("/search/")
    expect(dunn.get_by_text("This was refused")).to_be_visible()
    dunn.goto("/")
    dunn.get_by_role("link", name="Emergency access").click()
    looked_over(dunn, "emergency")
    dunn.get_by_label("What is the emergency?").fill(EMERGENCY)
    dunn.get_by_role("button", name="Obtain emergency access").click()
    expect(dunn.get_by_text("Emergency access until")).to_be_visible()
    looked_over(dunn, "emergency-banner")
    dunn.goto("/search/")
    dunn.get_by_role("textbox", name="Plate").fill("7ABC123")
    dunn.get_by_label("Purpose").select_option("missing-person")
    dunn.get_by_label("Reason").fill("Child taken from the park at Barstow Road")
    dunn.get_by_role("button", name="Search", exact=True).click()
    expect(dunn.get_by_role("heading", level=1)).to_have_text("No reads for 7ABC123")
    expect(dunn.get_by_text("Emergency access until")).to_be_visible()
    dunn.goto("/control/emergency/")
    dunn.get_by_role("button", name="End my emergency access").click()
    expect(dunn.get_by_text("It will be reviewed.")).to_be_visible()
    expect(dunn.get_by_text("Your last emergency access has not been reviewed.")).to_be_visible()
    looked_over(dunn, "emergency-ended")

    taken = EmergencyAccess.objects.get()
    dunn.goto(f"/control/emergency/{taken.pk}/")
    expect(dunn.get_by_text("Nobody reviews their own emergency access.")).to_be_visible()
    cole.goto("/")
    cole.get_by_role("link", name="Drew Dunn obtained emergency access").click()
    cole.get_by_text("Details").first.click()
    expect(cole.get_by_label("Everything done under it").get_by_text("7ABC123").first).to_be_attached()
    looked_over(cole, "emergency-review")
    cole.get_by_text("A real emergency, used within policy").click()
    cole.get_by_label("Note").fill("Called in by radio at the same minute; the child was found.")
    cole.get_by_role("button", name="Record the review").click()
    expect(cole.get_by_text("The review is on record.")).to_be_visible()
    looked_over(cole, "emergencies-reviewed")
    dunn.goto("/")
    expect(dunn.get_by_text("Emergency access until")).to_have_count(0)

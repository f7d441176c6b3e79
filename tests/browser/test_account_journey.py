"""From hiring to the first search; then locked out, and released."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.accounts.models import LoginSession, User
from plateward.audit.models import AuditRecord
from tests.browsing import Accessible, PageAs, Site, give_code, log_in
from tests.days import day_of
from tests.factors import code_of, fresh_code, secret_shown
from tests.personas import CONTENT

LookedOver = Callable[[Page, str], None]
SECRETS: dict[str, bytes] = {}
"""What the apps were told."""

OWN = "a phrase of nobody else's"
JOURNAL = [
    "accounts.user.created",
    "accounts.paper.filed",
    "accounts.paper.filed",
    "accounts.paper.filed",
    "accounts.training.certified",
    "accounts.user.activated",
    "accounts.session.opened",
    "accounts.password.changed",
    "accounts.factor.added",
    "accounts.recovery.renewed",
    "accounts.session.unlocked",
    *["accounts.session.refused"] * 5,
    "accounts.user.locked",
    "accounts.session.refused",
    "accounts.user.released",
    "accounts.recovery.used",
    "accounts.session.opened",
    "accounts.session.refused",
]


def do(page: Page, task: str, **fields: str) -> None:
    """A task of the account's page, with what its form asks for."""
    page.get_by_role("link", name=task, exact=True).click()
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name=task, exact=True).click()


def put_training_on_file(page: Page, day: str) -> None:
    page.goto("/people/")
    page.get_by_role("link", name="Certify training of Nina Novak").click()
    page.get_by_label("Completed on").fill(day)
    page.get_by_label("Instructor").fill("Celia Cruz")
    for topic in CONTENT:
        page.get_by_text(topic, exact=True).click()
    page.get_by_role("button", name="Put on file").click()
    expect(page.get_by_text("The training of Nina Novak is on file.")).to_be_visible()


@pytest.mark.clause("B-466.10", "B-466.10-accounts", "B-466.10-permissions")
def test_hiring_to_first_search_then_locked_out_and_released(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"account-{name}.png", full_page=True)

    day = (day_of(site.now) - timedelta(days=2)).isoformat()
    cole, novak = page_as("cole"), page_as("")

    # The Administrative Division Commander creates the account and puts everything on file.
    cole.goto("/people/")
    cole.get_by_role("link", name="Create account").click()
    cole.get_by_label("Full name").fill("Nina Novak")
    cole.get_by_label("Username").fill("novak")
    cole.get_by_label("Title").select_option("patrol-officer")
    looked_over(cole, "create")
    cole.get_by_role("button", name="Create account").click()
    expect(cole.get_by_text("Nobody has approved this person's access.")).to_be_visible()
    looked_over(cole, "pending")
    do(cole, "Approve access", Need_to_know="Patrols Main Street.")
    do(cole, "Record clearance", Screened_on=day)
    do(cole, "Record signed agreement", Signed_on=day)
    expect(cole.get_by_text("has not been completed")).to_be_visible()
    cruz = page_as("cruz")
    put_training_on_file(cruz, day)
    cole.reload()
    do(cole, "Activate")
    given = cole.locator("#one-time").inner_text()
    looked_over(cole, "one-time")

    # She logs in, chooses her own password, and searches.
    novak.goto("/login/")
    looked_over(novak, "login")
    log_in(novak, "novak", given)
    expect(novak.get_by_role("heading", level=1)).to_have_text("Choose your password")
    looked_over(novak, "password")
    novak.get_by_label("Present password").fill(given)
    novak.locator("#id_new_password").fill(OWN)
    novak.get_by_label("New password again").fill(OWN)
    novak.get_by_role("button", name="Change password").click()
    codes = set_up_app(novak, looked_over)
    novak.goto("/search/")
    novak.get_by_role("textbox", name="Plate").fill("7ABC123")
    novak.get_by_label("Purpose").select_option("stolen-plate")
    novak.get_by_label("Reason").fill("Plate taken overnight from the lot at 1st and Main")
    novak.get_by_role("button", name="Search", exact=True).click()
    expect(novak.get_by_role("heading", level=1)).to_have_text("No reads for 7ABC123")

    inactivity_hides_the_page(novak, looked_over)
    locked_out_and_released(novak, cole, looked_over)
    recovery_code_opens_once(novak, codes[0], looked_over)
    person = User.objects.get(username="novak")
    rows = AuditRecord.objects.filter(subject=f"accounts.User:{person.pk}").order_by("id")
    assert list(rows.values_list("verb", flat=True)) == JOURNAL


def set_up_app(novak: Page, looked_over: LookedOver) -> list[str]:
    """Nothing else opens before; the codes to print are shown once."""
    expect(novak.get_by_role("heading", level=1)).to_have_text("Set up your second factor")
    looked_over(novak, "second-factor-choice")
    novak.get_by_role("link", name="Set up an authenticator app").click()
    looked_over(novak, "second-factor-app")
    novak.get_by_role("textbox", name="Code").fill("000000")
    novak.get_by_role("button", name="Set up").click()
    expect(novak.get_by_role("alert").first).to_contain_text("The app shows another code")
    secret = secret_shown(novak.locator("#secret").inner_text())
    novak.get_by_role("textbox", name="Code").fill(code_of(secret))
    novak.get_by_role("button", name="Set up").click()
    expect(novak.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    looked_over(novak, "recovery-codes")
    codes = novak.locator("#recovery-codes li").all_inner_texts()
    assert len(set(codes)) == 10
    SECRETS["novak"] = secret
    novak.get_by_role("link", name="I have kept them").click()
    novak.wait_for_url("**/")
    return codes


def inactivity_hides_the_page(novak: Page, looked_over: LookedOver) -> None:
    """Nobody touches the page: it leaves by itself, and both factors bring it back."""
    novak.goto("/me/")
    novak.wait_for_load_state("networkidle")
    idle = timezone.now() - timedelta(minutes=29, seconds=55)
    LoginSession.objects.filter(user__username="novak").update(active_at=idle)
    novak.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(novak.get_by_role("heading", level=1)).to_have_text("Locked", timeout=10_000)
    looked_over(novak, "locked")
    novak.get_by_label("Password").fill(OWN)
    novak.get_by_role("button", name="Continue").click()
    looked_over(novak, "second-factor")
    novak.get_by_role("textbox", name="Code").fill(fresh_code("novak", SECRETS["novak"]))
    novak.get_by_role("button", name="Continue").click()
    novak.wait_for_url("**/me/")


def locked_out_and_released(novak: Page, cole: Page, looked_over: LookedOver) -> None:
    novak.context.clear_cookies()
    for _ in range(3):
        log_in(novak, "novak", "not her password")
        expect(novak.get_by_role("alert").first).to_contain_text("after five failures an account is locked")
    log_in(novak, "novak", OWN)
    for _ in range(2):
        give_code(novak, "000000")
        expect(novak.get_by_role("alert").first).to_contain_text("each opens once")
    looked_over(novak, "second-factor-wrong")
    log_in(novak, "novak", OWN)
    expect(novak.get_by_role("alert").first).to_contain_text("after five failures an account is locked")
    cole.goto("/people/")
    expect(cole.get_by_text("Locked by failed log-ins.")).to_be_visible()
    looked_over(cole, "people")
    cole.get_by_role("link", name="Nina Novak", exact=True).click()
    looked_over(cole, "locked-out")
    do(cole, "Release lock", Reason="She had a new keyboard.")
    expect(cole.get_by_text("The account is released.")).to_be_visible()


def recovery_code_opens_once(novak: Page, code: str, looked_over: LookedOver) -> None:
    """Her phone lies at home."""
    for is_first in (True, False):
        novak.context.clear_cookies()
        log_in(novak, "novak", OWN)
        novak.get_by_role("link", name="Use a recovery code").click()
        novak.get_by_label("Recovery code").fill(code.upper().replace("-", " "))
        looked_over(novak, "recovery-code")
        novak.get_by_role("button", name="Continue").click()
        if is_first:
            novak.wait_for_url("**/")
            novak.goto("/me/")
            looked_over(novak, "me")
        else:
            expect(novak.get_by_role("alert").first).to_contain_text("none of your unused recovery codes")

"""An officer is linked to an identity at the city's provider, logs in with it, and is refused without."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from plateward.accounts.models import Identity, LoginSession, User
from plateward.audit.models import AuditRecord
from tests.browsing import Accessible, PageAs, Site, give_code
from tests.factors import fresh_code
from tests.provider import NAME, Provider

HEADING = "You were not let in"


def to_provider(page: Page, home: str) -> None:
    page.goto(f"{home}/login/")
    page.get_by_role("link", name=f"Barstow PD: {NAME}").click()
    page.get_by_text("I have read this notice").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def sign_in(page: Page, subject: str) -> None:
    page.get_by_label("Name").fill(subject)
    page.get_by_role("button", name="Sign in").click()


def link(site: Site, provider: Provider) -> None:
    Identity.objects.create(
        agency=site.barstow.agency,
        user=site.barstow.users["ortiz"],
        issuer=provider.issuer,
        subject="o-1",
        linked_by="Carl Cole",
        linked_at=site.now,
    )


def test_linked_then_logged_in_through_the_provider(
    site: Site, provider: Provider, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def looked_over(shown: Page, name: str) -> None:
        accessible(shown)
        shown.screenshot(path=screenshots / f"provider-{name}.png", full_page=True)

    provider.honest()
    home = site.base_url.replace("127.0.0.1", "localhost")
    page = page_as("")
    page.goto(f"{home}/login/")
    looked_over(page, "login")
    page.get_by_role("link", name=f"Barstow PD: {NAME}").click()
    looked_over(page, "notice")

    # Nobody is linked yet: refused, and the journal says who it was.
    to_provider(page, home)
    sign_in(page, "o-1")
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)
    looked_over(page, "refused")
    row = AuditRecord.objects.get(verb="accounts.session.refused")
    assert (row.detail["why"], row.detail["identity"]) == ("unlinked identity", "o-1")

    cole = page_as("cole")
    cole.goto(f"/people/{site.barstow.users['ortiz'].pk}/")
    cole.get_by_role("link", name="Link log-in identity").click()
    cole.get_by_label("Identity at the provider").fill("o-1")
    looked_over(cole, "link")
    cole.get_by_role("button", name="Link log-in identity").click()
    expect(cole.get_by_text("linked by Carl Cole")).to_be_visible()
    looked_over(cole, "linked")

    # A password was all that the provider asked for, so our own second factor is asked.
    to_provider(page, home)
    sign_in(page, "o-1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    give_code(page, fresh_code("ortiz"))
    page.wait_for_url(f"{home}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Olivia Ortiz")
    looked_over(page, "home")
    page.get_by_role("button", name="Log out").click()

    # With a key at the provider, which the agency's configuration names, nothing more is asked.
    provider.amr = ["pwd", "hwk"]
    to_provider(page, home)
    sign_in(page, "o-1")
    page.wait_for_url(f"{home}/")
    opened = AuditRecord.objects.filter(verb="accounts.session.opened").latest("id")
    assert (opened.username, opened.detail["way"], opened.detail["factor"]) == (
        "ortiz",
        "provider",
        "PROVIDER",
    )
    provider.honest()


def test_what_proves_nothing_opens_nothing(
    site: Site, provider: Provider, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def is_refused() -> None:
        to_provider(page, home)
        sign_in(page, "o-1")
        expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)

    provider.honest()
    link(site, provider)
    page, home = page_as(""), site.base_url.replace("127.0.0.1", "localhost")
    for lie in ({"nonce": "another"}, {"exp": 1_700_000_000}, {"aud": "another"}):
        provider.lies = dict(lie)
        is_refused()
    provider.lies, provider.alg = {}, "none"
    is_refused()
    provider.alg = "RS256"
    to_provider(page, home)
    provider.is_down = True
    sign_in(page, "o-1")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{NAME} does not answer")
    accessible(page)
    page.screenshot(path=screenshots / "provider-down.png", full_page=True)
    provider.is_down = False
    User.objects.filter(username="ortiz").update(state="SUSPENDED")
    is_refused()
    assert AuditRecord.objects.latest("id").detail["why"] == "inactive account"
    provider.honest()


def test_locked_page_comes_back_through_the_provider(
    site: Site, provider: Provider, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    provider.honest()
    provider.amr = ["hwk"]
    home = site.base_url.replace("127.0.0.1", "localhost")
    link(site, provider)
    page = page_as("")
    to_provider(page, home)
    sign_in(page, "o-1")
    page.wait_for_url(f"{home}/")
    LoginSession.objects.update(active_at=site.now - timedelta(hours=1))
    page.goto(f"{home}/hotlists/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked")
    accessible(page)
    page.screenshot(path=screenshots / "provider-locked.png", full_page=True)
    page.get_by_role("button", name=f"Continue with {NAME}").click()
    sign_in(page, "o-1")
    page.wait_for_url(f"{home}/hotlists/")
    provider.honest()

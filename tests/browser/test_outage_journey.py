"""The journal fails and returns: alerts stay in sight, everything else waits, and nothing is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.audit import local
from plateward.audit.models import AuditRecord
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site, give_code, log_in
from tests.cameras import sees, send
from tests.exceptions import opened_window
from tests.factors import fresh_code
from tests.failing import journal_refuses
from tests.personas import PASSWORD
from tests.servers import web_process

Seen = Callable[[Page, str], None]


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)", "B-466.9(a)", "B-466.10(limited)(d)")
def test_the_journal_fails_dispatch_goes_on_and_all_is_merged_when_it_returns(
    site: Site,
    page_as: PageAs,
    accessible: Accessible,
    screenshots: Path,
    test_database_url: str,
    tmp_path: Path,
) -> None:
    wanted(site.barstow, "8ABC123", site.now)
    opened_window(site.barstow, site.now)
    dunn, diaz, vendor, nobody = (page_as(name) for name in ("dunn", "diaz", "vendor", ""))
    dunn.goto("/dispatch/")
    expect(dunn.locator(".pw-live")).to_have_text("Live")
    diaz.goto("/search/")
    vendor.goto("/devices/")

    def seen(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"outage-{name}.png", full_page=True)

    with journal_refuses():
        dispatch_sees_the_new_alert_under_a_banner(site, dunn)
        seen(dunn, "console")
        a_step_is_refused_where_it_was_pressed(dunn)
        seen(dunn, "console-refused")
        dunn.set_viewport_size({"width": 360, "height": 800})
        dunn.goto("/dispatch/")
        assert dunn.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hidden = "queue => queue.scrollHeight - queue.clientHeight"
        assert dunn.locator(".pw-console__queue").evaluate(hidden) <= 0, (
            "the alert is in sight on a telephone"
        )
        seen(dunn, "console-narrow")
        dunn.set_viewport_size({"width": 1440, "height": 1000})

        a_search_is_refused_and_shows_nothing(diaz)
        seen(diaz, "search")
        vendor.goto("/devices/")
        expect(vendor.get_by_role("heading", level=1)).to_contain_text("so nothing was shown")
        seen(vendor, "vendor")
        log_in(nobody, "soto", PASSWORD)
        give_code(nobody, fresh_code("soto"))
        expect(nobody.get_by_text("Nobody can log in")).to_be_visible()
        seen(nobody, "login")
        assert local.since() is not None

    with web_process(test_database_url, tmp_path / "web.log"):  # merges before it answers
        assert not local.files(local.folder())
    dunn.goto("/dispatch/")
    expect(dunn.locator("#queue")).to_contain_text("8ABC123")
    expect(dunn.locator("#journal-down")).to_have_count(0)
    seen(dunn, "over")
    the_captain_reads_it_in_the_journal(page_as("cole"), seen)


def dispatch_sees_the_new_alert_under_a_banner(site: Site, dunn: Page) -> None:
    send(site.ingest_url, site.barstow.camera_key, sees("8ABC123", timezone.now(), event="outage"))
    expect(dunn.locator("#queue [data-row]")).to_contain_text("UNVERIFIED")
    expect(dunn.locator("#journal-down")).to_contain_text("Journal down since ")
    expect(dunn.locator("#announcer")).to_contain_text("Journal down since ")
    expect(dunn.locator("#announcer")).to_contain_text("New alert, UNVERIFIED: plate 8ABC123")
    dunn.locator("#queue [data-row]").first.get_by_role("link").click()
    expect(dunn.locator("#opened-heading")).to_contain_text("8ABC123")
    width = "image => image.decode().then(() => image.naturalWidth)"
    assert dunn.locator("#scene img.pw-picture").evaluate(width) > 0, "its picture is there too"


def a_step_is_refused_where_it_was_pressed(dunn: Page) -> None:
    dunn.locator("#step-confirm").get_by_role("button", name="Done").click()
    failure = dunn.locator("#failure")
    expect(failure).to_contain_text("The journal cannot be written, so nothing was saved")
    expect(failure).to_contain_text("keep a paper log with times")
    expect(dunn.locator("#step-confirm").get_by_role("button", name="Done")).to_be_visible()


def a_search_is_refused_and_shows_nothing(officer: Page) -> None:
    officer.get_by_role("textbox", name="Plate").fill("8ABC123")
    officer.get_by_label("Purpose").select_option("stolen-or-wanted-vehicle")
    officer.get_by_label("Reason").fill("Vehicle seen leaving the robbery at 1st and Main")
    officer.get_by_label("Case or incident number").fill("26-01234")
    officer.get_by_role("button", name="Search", exact=True).click()
    refusal = officer.locator("#failure, [data-refusal]").locator("visible=true")
    expect(refusal).to_contain_text("The journal cannot be written, so nothing was")
    expect(refusal).to_contain_text("plateward doctor")
    expect(refusal).to_contain_text("B-466.6(a)")
    assert "1 read" not in officer.content()


def the_captain_reads_it_in_the_journal(cole: Page, seen: Seen) -> None:
    cole.goto("/audit/journal/")
    late = cole.get_by_role("row").filter(has_text="Recorded locally while the journal could not be written")
    expect(late.filter(has_text="8ABC123").first).to_be_visible()
    expect(late.filter(has_text="Vic Vendor").first).to_be_visible()
    expect(cole.get_by_text("Journal could not be written").first).to_be_visible()
    seen(cole, "journal")
    kept = AuditRecord.objects.filter(detail__recorded="locally")
    verbs = set(kept.values_list("verb", flat=True))
    assert {
        "alerts.alert.raised",
        "audit.access.recorded",
        "governance.access.unrecorded",
        "control.window.used",
    } <= verbs

"""A witness remembers little: parts of a plate, look-alikes, a wrong character, a question too vague."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord
from plateward.search.rules import PAGE_SIZE
from tests.browsing import Accessible, PageAs, Site
from tests.sightings import seen


def ask(page: Page, plate: str, **changes: str) -> None:
    page.goto("/search/")
    page.get_by_label("Plate").fill(plate)
    page.get_by_label("Purpose").select_option("investigatory-lead")
    page.get_by_label("Reason").fill("Homicide at 1st and Main, a witness saw part of the plate")
    for label, value in changes.items():
        page.get_by_label(label).fill(value)


def search(page: Page) -> None:
    page.get_by_role("button", name="Search", exact=True).click()


def test_a_witness_remembers_part_of_a_plate(
    site: Site,
    page_as: PageAs,
    accessible: Accessible,
    screenshots: Path,
) -> None:
    for hours, plate in enumerate(["7ABC123", "7A8C123", "7ABC128", "7ABC12", "6XYZ789"], start=1):
        seen(site.barstow.camera, plate, site.now - timedelta(hours=hours), color="blue", make="Ford")
    ortiz = page_as("ortiz")

    def looked_over(name: str) -> None:
        accessible(ortiz)
        ortiz.screenshot(path=screenshots / f"{name}.png", full_page=True)

    title = ortiz.get_by_role("heading", level=1)

    # Scattered characters, with the keyboard alone from the plate on.
    ask(ortiz, "7?b?1*")
    looked_over("vague-form")
    ortiz.get_by_label("Plate").press("Enter")
    expect(title).to_have_text("3 reads for 7?B?1*")
    expect(ortiz.get_by_text("7, B and 1 as given, the rest unknown").first).to_be_visible()

    # Look-alikes count too when asked.
    ask(ortiz, "7?b?1*")
    ortiz.get_by_label("Plate").press("Tab")
    ortiz.keyboard.press("ArrowDown")
    expect(ortiz.get_by_label("Look-alikes too")).to_be_checked()
    search(ortiz)
    expect(title).to_contain_text("4 reads for 7?B?1*")
    expect(ortiz.get_by_text("look-alike: 8 read, B asked")).to_be_visible()
    expect(ortiz.locator("#reads .plate__look_alike")).to_have_text("8")
    looked_over("vague-look-alikes")

    # One character may be wrong, missing or too many; only of a whole plate.
    ask(ortiz, "7ABC123", Color="blue")
    ortiz.get_by_text("one wrong, missing or extra").click()
    search(ortiz)
    expect(title).to_contain_text("4 reads for 7ABC123")
    expect(ortiz.get_by_text("one character differs: 8 read, 3 asked")).to_be_visible()
    expect(ortiz.get_by_text("one character of those asked is missing: 3")).to_be_visible()
    looked_over("vague-one-character")
    ask(ortiz, "7ABC*")
    ortiz.get_by_text("one wrong, missing or extra").click()
    search(ortiz)
    expect(ortiz.get_by_role("alert").first).to_be_focused()
    expect(ortiz.get_by_text("Write the whole plate").first).to_be_visible()

    # Too vague over too long: refused with what to add, nothing searched.
    before = AccessRecord.objects.count()
    year = site.now - timedelta(days=365)
    ask(ortiz, "*7*3*", From=f"{year:%Y-%m-%dT%H:%M}")
    search(ortiz)
    expect(ortiz.get_by_role("alert").first).to_be_focused()
    expect(ortiz.locator("#id_plate_error")).to_contain_text("give two that stand side by side")
    looked_over("vague-refused")
    assert AccessRecord.objects.count() == before


def test_older_reads_are_a_page_of_their_own_and_focus_follows(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    for number in range(PAGE_SIZE + 5):
        seen(site.barstow.camera, f"7ABC{number:03d}", site.now - timedelta(minutes=number + 1))
    ortiz = page_as("ortiz")
    ask(ortiz, "7AB*")
    search(ortiz)
    title = ortiz.get_by_role("heading", level=1)
    expect(title).to_have_text(f"More than {PAGE_SIZE} reads for 7AB*")
    # The page puts the focus there on arrival: a key pressed before that would land on the heading.
    expect(title).to_be_focused()
    reads = ortiz.get_by_role("list", name="Reads, newest first").get_by_role("listitem")
    ortiz.get_by_role("link", name="Older").press("Enter")
    expect(reads).to_have_count(5)
    expect(title).to_be_focused()
    expect(title).to_contain_text(f"{PAGE_SIZE + 5} reads for 7AB*, page 2")
    expect(ortiz.get_by_role("link", name="Older")).to_have_count(0)
    accessible(ortiz)
    ortiz.screenshot(path=screenshots / "vague-older.png")
    assert AccessRecord.objects.count() == 2, "each page is an access of its own"

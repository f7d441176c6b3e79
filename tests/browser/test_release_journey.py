"""Releases: one refused, one approved and collected; a picture covered for the public (B-466.7)."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from plateward.audit.models import AccessRecord
from plateward.evidence import package_work
from plateward.governance.queries import file_store
from plateward.policy import PartnerClass
from plateward.releases import answer_actions
from plateward.releases.models import AnswerPicture, ReleaseRequest
from tests.browsing import Accessible, PageAs, Site
from tests.payloads import picture
from tests.releasing import DA, partner, portal_person, seen_read, with_clerk
from tests.teaching import PDF

LookedOver = Callable[[Page, str], None]
LETTER = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def looked_over(accessible: Accessible, screenshots: Path) -> LookedOver:
    """Check a page and photograph it, at last on a phone."""

    def check(page: Page, name: str) -> None:
        page.evaluate("window.scrollTo(0, 0)")  # the menu would lie over the form, and be held against it
        accessible(page)
        page.screenshot(path=screenshots / f"release-{name}.png", full_page=True)
        size = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.screenshot(path=screenshots / f"release-{name}-phone.png", full_page=True)
        page.set_viewport_size(size or {"width": 1440, "height": 1000})
        assert wide <= 360, f"{name} is {wide} px wide on a phone"

    return check


@pytest.mark.clause("B-466.7", "B-466.7(a)", "B-466.7(b)", "B-466.7(c)")
def test_one_is_refused_one_is_approved_and_collects(
    site: Site, page_as: PageAs, looked_over: LookedOver, tmp_path: Path
) -> None:
    town, now = site.barstow, site.now
    seen_read(town, now)
    attorney = partner(town, now)
    partner(town, now, "Mojave Private University", kind=PartnerClass.PRIVATE, is_enforcement=False)
    person = portal_person(town, now, attorney)
    clerk, cole, lane = page_as(with_clerk(town, now)), page_as("cole"), page_as("lane")
    pat = page_as(person.username)

    clerk.goto(f"{site.base_url}/releases/")
    clerk.get_by_role("link", name="Record a request").click()
    fill_in(clerk, "Mojave Private University", "A study of traffic")
    looked_over(clerk, "record")
    clerk.get_by_role("button", name="Record").click()
    expect(clerk.get_by_text("Hard stop.").first).to_be_visible()
    cole.goto(clerk.url)
    looked_over(cole, "stopped")
    cole.get_by_role("link", name="Refuse").click()
    cole.get_by_label("Reason").fill("A private body.")
    cole.get_by_role("button", name="Refuse").click()
    expect(cole.get_by_text("The request is refused. It stays on file.")).to_be_visible()

    pat.goto(site.base_url)
    pat.get_by_role("link", name="Submit a request").click()
    fill_in(pat, "", "Robbery at First and Main")
    pat.get_by_text("I acknowledge that these data").click()
    looked_over(pat, "portal-submit")
    pat.get_by_role("button", name="Submit").click()
    expect(pat.get_by_text("Nothing yet.")).to_be_visible()
    asked = ReleaseRequest.objects.get(asked_by=person)

    lane.goto(f"{site.base_url}/releases/{asked.pk}/")
    lane.get_by_role("link", name="Approve").click()
    lane.get_by_label("Reason").fill("A prosecutor's case.")
    lane.get_by_role("button", name="Approve").click()
    expect(lane.get_by_text("Your decision is on record.")).to_be_visible()

    clerk.goto(f"{site.base_url}/releases/{asked.pk}/")
    clerk.get_by_role("link", name="Prepare the data").click()
    looked_over(clerk, "prepare")
    clerk.get_by_role("button", name="Pack the data").click()
    expect(clerk.get_by_text("The package is being built.")).to_be_visible()
    package_work.work_waiting(now=timezone.now())
    clerk.reload()
    leave(clerk)
    looked_over(clerk, "fulfilled")

    pat.reload()
    looked_over(pat, "portal-collect")
    with pat.expect_download() as given:
        pat.get_by_role("button", name="Collect the package").click()
    given.value.save_as(tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as bag:
        assert any(name.endswith("bagit.txt") for name in bag.namelist())
    assert AccessRecord.objects.filter(organization=DA, username=person.username).count() == 1


@pytest.mark.clause("B-466.7¶2")
def test_a_picture_for_the_public_is_covered_by_mouse_and_keyboard_and_looked_at_before(
    site: Site, page_as: PageAs, looked_over: LookedOver
) -> None:
    clerk = page_as(with_clerk(site.barstow, site.now))
    clerk.goto(f"{site.base_url}/releases/records/new/")
    clerk.get_by_label("Records asked for").fill("The picture of my own car")
    clerk.get_by_role("button", name="Take in").click()
    clerk.get_by_role("link", name="Add a picture").click()
    clerk.get_by_label("Name of the copy").fill("First and Main")
    scene = {"name": "scene.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(640, 360))}
    clerk.locator('input[type="file"]').set_input_files(files=[scene])
    clerk.get_by_role("button", name="Add a picture").click()
    made = AnswerPicture.objects.get()
    answer_actions.note_found(picture=made, boxes=[[300, 200, 80, 30]], now=timezone.now())
    clerk.reload()
    expect(clerk.get_by_text("1 plate found and offered as boxes.")).to_be_visible()
    clerk.get_by_role("button", name="Box 1 of 1").press("ArrowRight")

    frame = clerk.get_by_role("group", name="Boxes on the picture")
    frame.scroll_into_view_if_needed()
    edges = frame.bounding_box()
    assert edges is not None
    clerk.mouse.move(edges["x"] + 20, edges["y"] + 20)
    clerk.mouse.down()
    clerk.mouse.move(edges["x"] + 80, edges["y"] + 60)
    clerk.mouse.up()
    drawn = clerk.get_by_role("button", name="Box 2 of 2")
    expect(drawn).to_be_focused()
    clerk.get_by_role("button", name="Add a box").click()
    third = clerk.get_by_role("button", name="Box 3 of 3")
    third.press("Shift+ArrowRight")
    clerk.get_by_role("button", name="Box 3 of 3").press("Delete")
    boxes = clerk.get_by_label("Boxes, as numbers").input_value().splitlines()
    assert boxes[0] == "303 200 80 30"
    assert len(boxes) == 2
    looked_over(clerk, "picture")
    clerk.get_by_role("button", name="Preview").click()
    expect(clerk.get_by_role("heading", name="Preview: what goes out")).to_be_visible()
    looked_over(clerk, "picture-preview")
    with clerk.context.expect_page() as opened:
        clerk.get_by_role("link", name="Look at the copy in full size").click()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 640
    opened.value.close()
    clerk.get_by_role("button", name="Make this copy").click()
    expect(clerk.get_by_text("a redacted copy goes out")).to_be_visible()
    looked_over(clerk, "picture-made")
    made.refresh_from_db()
    assert made.paper is not None
    with Image.open(io.BytesIO(file_store().get(made.paper.path, made.paper.sha256))) as copy:
        assert copy.crop((303, 200, 383, 230)).getcolors() == [(80 * 30, (0, 0, 0))]


def leave(clerk: Page) -> None:
    """Leave the package in the portal for two weeks."""
    clerk.get_by_role("link", name="Leave in the portal").click()
    clerk.get_by_label("Collected through").fill((timezone.localdate() + timedelta(days=14)).isoformat())
    clerk.get_by_role("button", name="Leave it there").click()
    expect(clerk.get_by_text("may collect it in the portal through")).to_be_visible()


def fill_in(page: Page, agency: str, intended: str) -> None:
    """What a written request says."""
    if agency:
        page.get_by_label("Agency, as the request writes it").fill(agency)
        page.get_by_label("On the partner register as").select_option(label=agency)
        page.get_by_label("Person requesting").fill("Dr. Drew Dean")
    else:
        page.get_by_label("Purpose under this agency’s policy").select_option(label="Suspect interdiction")
    page.get_by_label("Intended purpose").fill(intended)
    page.get_by_label("Plates").fill("8ABC123")
    begins = timezone.now() - timedelta(days=3)
    page.get_by_label("Captured from").fill(begins.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Captured until").fill((begins + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M"))
    page.locator('input[type="file"]').set_input_files(files=[LETTER])

"""From a hold to the property room: packed, put on a disc, checked with a bare Python, booked."""

import io
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect
from pycdlib import PyCdlib

from plateward.evidence import package_work
from plateward.evidence.package_models import Package
from plateward.walls import scope
from tests.browsing import Accessible, PageAs, Site
from tests.holds import approved, one_read
from tests.packages import bare_python, unpacked_disc
from tests.sightings import seen


def test_a_hold_is_packed_put_on_a_disc_checked_and_booked(
    site: Site, page_as: PageAs, accessible: Accessible, tmp_path: Path
) -> None:
    read = seen(site.barstow.camera, "8ABC123", site.now)
    hold = approved(site.barstow, "diaz", site.now, one_read(read))
    page = page_as("diaz")

    page.goto(f"/evidence/packages/new/?hold={hold.pk}")
    page.get_by_label("Purpose").select_option("stolen-or-wanted-vehicle")
    page.get_by_label("What it is for").fill("Robbery at 1st and Main, for the property room")
    page.get_by_label("Case number").fill("26-01234")
    page.get_by_role("button", name="Order the package").click()
    expect(page.get_by_role("status").first).to_be_visible()

    with scope.as_system("The worker, which these tests do not run."):
        package_work.work_waiting(now=timezone.now())
        package = Package.objects.get()
    page.reload()
    expect(page.get_by_text(package.fingerprint)).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Make disc images").click()
    page.get_by_label("Burn it on").select_option("CD")
    page.get_by_role("button", name="Make the images").click()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Take image 1 to burn").click()
    image = PyCdlib()
    image.open_fp(io.BytesIO(Path(downloading.value.path()).read_bytes()))
    disc = unpacked_disc(image, tmp_path)
    checked = bare_python(disc / "verify.py", disc, "--fingerprint", package.fingerprint)
    assert checked.returncode == 0, checked.stdout

    page.get_by_role("link", name="Checked").click()
    page.get_by_label("Serial number of the copy").fill("SN-77")
    page.get_by_label("When").fill("2026-01-02T10:00")
    page.get_by_label("What happened").fill("PASS on the property room's computer")
    page.get_by_text("verify.py said PASS for this copy").click()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("copy SN-77, ")).to_be_visible()
    accessible(page)

    page.goto(f"/evidence/holds/{hold.pk}/book/")
    page.get_by_label("Evidence item number").fill("26-77")
    page.get_by_label("Where it is kept").fill("Property room, shelf 4")
    page.get_by_label("On what").fill("CD SN-77")
    page.get_by_role("button", name="Record the booking").click()
    expect(page.get_by_text("Booked as item 26-77")).to_be_visible()

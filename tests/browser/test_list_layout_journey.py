"""A state's file is read by columns laid down in the browser, and fetched by an order given there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from plateward.hotlists import pickup_actions
from plateward.hotlists.list_samples import Sample
from plateward.hotlists.models import KeptLayout
from plateward.hotlists.pickup_models import Pickup
from tests.browsing import Accessible, PageAs, Site
from tests.days import day_of
from tests.listing import takes_lists_in, work_files
from tests.pickups import came

BARS = """SYNTHETIC, made 2026-11-23
8STA733|NV|STOL|beige KIA|V100
8STA734|CA|STOL|white FORD|V101
--|CA|STOL||V102
8STA73333345|CA|PLAT||V103
TRL4
"""


def upload(page: Page, name: str, text: str) -> None:
    """Upload a file whose columns nobody laid down yet."""
    page.goto("/hotlists/lists/upload/")
    page.get_by_label(re.compile("^File")).set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )
    page.get_by_role("combobox", name=re.compile("^List")).select_option(label="State and federal hotlists")
    page.get_by_label("Whose data").select_option(label="State data")
    page.get_by_label("Purpose").select_option(index=1)
    page.get_by_label("Layout").select_option(label="Lay down its columns on the next page, with a preview")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name=f"How {name} is read")).to_be_visible()


def seen(page: Page, accessible: Accessible, path: Path) -> None:
    """The page obeys WCAG and fits a phone; both are kept as pictures."""
    accessible(page)
    page.screenshot(path=path.with_suffix(".png"), full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=path.with_name(f"{path.name}-360.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 1000})


@pytest.mark.clause("B-466.11¶3")
def test_columns_are_laid_down_beside_a_preview_and_what_is_left_out_is_taken_away(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    takes_lists_in(site.barstow, site.now)
    soto = page_as("soto")
    upload(soto, "extract.txt", BARS)
    expect(soto.get_by_label("Separator", exact=True)).to_have_value("|")
    expect(soto.get_by_label("Lines to skip at the beginning")).to_have_value("1")
    expect(soto.get_by_label("Other separator")).to_be_hidden()
    soto.get_by_label("What column 1 is").select_option(label="License plate")
    soto.get_by_label("What column 2 is").select_option(label="License plate")
    soto.get_by_role("button", name="Preview").click()
    expect(soto.get_by_role("alert")).to_contain_text("is laid down twice")
    seen(soto, accessible, screenshots / "layout-refused")

    soto.get_by_label("What column 2 is").select_option(label="State of the plate")
    soto.get_by_label("What column 3 is").select_option(label="Reason code")
    soto.get_by_label("What column 5 is").select_option(label="Source's record number (NIC)")
    soto.get_by_role("button", name="Preview").click()
    expect(soto.get_by_text("2 taken, 2 left out")).to_be_visible()
    expect(soto.get_by_role("region", name="What the first lines become")).to_contain_text(
        "No letter or digit is left"
    )
    soto.get_by_label("Purpose of code STOL").select_option("stolen-plate")
    seen(soto, accessible, screenshots / "layout-preview")
    assert not KeptLayout.objects.exists()

    soto.get_by_role("button", name="Keep this and check the file").click()
    expect(soto.get_by_text("It waits for the worker.")).to_be_visible()
    work_files(timezone.now())
    expect(soto.get_by_role("heading", name="What it would change")).to_be_visible()
    expect(soto.get_by_text("the layout kept for its list, version 1")).to_be_visible()
    with soto.expect_download() as download:
        soto.get_by_role("link", name=re.compile("CSV")).click()
    assert "A plate has at most 10 letters and digits" in download.value.path().read_text()
    seen(soto, accessible, screenshots / "layout-checked")


def test_fixed_places_are_counted_below_a_ruler(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    takes_lists_in(site.barstow, site.now)
    soto = page_as("soto")
    sample = Sample(count=30, kind="FIXED", day=day_of(site.now), fault_every=10)
    upload(soto, "fixed.txt", "".join(sample.lines()))
    expect(soto.get_by_role("region", name="Columns at fixed places")).to_be_visible()
    expect(soto.get_by_label("Separator", exact=True)).to_be_hidden()
    soto.get_by_label("What stands in column 1").select_option(label="License plate")
    soto.get_by_label("First place of column 1").fill("1")
    soto.get_by_label("Length of column 1").fill("ten")
    soto.get_by_role("button", name="Preview").click()
    expect(soto.get_by_text("License plate: write first place and length as numbers from 1.")).to_be_visible()
    soto.get_by_label("Length of column 1").fill("10")
    soto.get_by_role("button", name="Preview").click()
    expect(soto.get_by_text("28 taken, 2 left out")).to_be_visible()
    seen(soto, accessible, screenshots / "layout-fixed")


def test_a_list_is_ordered_to_be_fetched_and_its_page_says_how_it_goes(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    takes_lists_in(site.barstow, site.now)
    soto = page_as("soto")
    soto.goto("/hotlists/lists/")
    soto.get_by_role("link", name="Fetched files").click()
    expect(soto.get_by_text("Nothing is fetched")).to_be_visible()
    seen(soto, accessible, screenshots / "pickups-none")
    soto.get_by_role("link", name="Have a list fetched").click()
    soto.get_by_role("combobox", name=re.compile("^List")).select_option(label="State and federal hotlists")
    soto.get_by_label("Whose data").select_option(label="State data")
    soto.get_by_label("Purpose").select_option(index=1)
    soto.get_by_label("Layout").select_option(label="The first line names the columns")
    expect(soto.get_by_label("Server's key")).to_be_hidden()
    soto.get_by_label("Fetched from").select_option(label="An SFTP server")
    soto.get_by_role("button", name="Have it fetched").click()
    expect(soto.get_by_text("A server cannot be reached without it.").first).to_be_visible()
    seen(soto, accessible, screenshots / "pickup-refused")

    soto.get_by_label("Fetched from").select_option(label="A watched folder of this installation")
    soto.get_by_role("button", name="Have it fetched").click()
    expect(soto.get_by_text("barstow-pd/state-federal-state")).to_be_visible()
    seen(soto, accessible, screenshots / "pickup-ordered")

    pickup, now = Pickup.objects.get(), timezone.now()
    came(pickup, now)
    pickup_actions.troubled(
        pickup=pickup,
        why="The folder is not there. Have the administrator make it.",
        now=now + timedelta(seconds=1),
    )
    work_files(timezone.now())
    soto.reload()
    expect(soto.get_by_role("alert")).to_contain_text("The folder is not there.")
    expect(soto.get_by_role("region", name="What became of the files")).to_contain_text("extract.csv")
    seen(soto, accessible, screenshots / "pickup-trouble")
    soto.get_by_role("link", name="Fetched files").click()
    expect(soto.get_by_text("Cannot be fetched")).to_be_visible()
    seen(soto, accessible, screenshots / "pickups")
    soto.get_by_role("link", name="State and federal hotlists: state data").click()
    soto.get_by_role("button", name="Stop fetching").click()
    expect(soto.get_by_text("Nothing is fetched until somebody")).to_be_visible()
    assert not Pickup.objects.get().is_on

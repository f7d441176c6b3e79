"""A state list is checked, taken in and shown to match; a partial plate's alert is told as such."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from plateward.hotlists.models import Hotlist
from tests.alarms import wanted
from tests.browsing import Accessible, PageAs, Site
from tests.cameras import sees, send
from tests.db.hotlists.test_versions import came, one
from tests.listing import takes_lists_in, work_files

EXTRACT = b"""plate,state,make,color,category,nic
8STA733,NV,KIA,beige,stolen vehicle,V100
8STA734,CA,FORD,white,stolen vehicle,V101
7PAR?23,CA,,,stolen vehicle,V102
---,CA,,,stolen vehicle,V103
"""


@pytest.mark.clause("B-466.11¶3", "B-466.4(c)", "B-466.4(e)")
def test_a_sergeant_takes_the_states_list_in_and_dispatch_sees_what_is_partial(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    takes_lists_in(site.barstow, site.now)
    soto = page_as("soto")
    soto.goto("/hotlists/")
    soto.get_by_role("link", name="Lists of others").click()
    soto.get_by_role("link", name="Take in a list").click()
    accessible(soto)
    soto.screenshot(path=screenshots / "list-upload.png", full_page=True)
    soto.get_by_role("button", name="Check the file").click()
    expect(soto.get_by_text("This field is required").first).to_be_visible()

    soto.get_by_label(re.compile("^File")).set_input_files(
        {"name": "extract.csv", "mimeType": "text/csv", "buffer": EXTRACT}
    )
    soto.get_by_role("combobox", name=re.compile("^List")).select_option(label="State and federal hotlists")
    soto.get_by_label("Whose data").select_option(label="State data")
    soto.get_by_label("Purpose").select_option(index=1)
    soto.get_by_label("Layout").select_option(label="The first line names the columns")
    soto.get_by_role("button", name="Check the file").click()
    expect(soto.get_by_text("It waits for the worker.")).to_be_visible()
    accessible(soto)
    soto.screenshot(path=screenshots / "list-waits.png", full_page=True)
    work_files(timezone.now())
    expect(soto.get_by_role("heading", name="What it would change")).to_be_visible()
    expect(soto.get_by_role("region", name="Lines left out")).to_contain_text("No letter or digit is left")
    accessible(soto)
    soto.screenshot(path=screenshots / "list-checked.png", full_page=True)
    soto.get_by_role("button", name="Take in the list").click()
    expect(soto.get_by_role("heading", name="Progress")).to_be_visible()
    work_files(timezone.now())
    expect(soto.get_by_role("heading", name="What it names")).to_be_visible()
    expect(soto.get_by_text("confirmed by")).to_be_visible()

    Hotlist.objects.filter(kind="LISTED").update(expires_at=timezone.now() - timedelta(minutes=1))
    soto.goto("/hotlists/lists/")
    expect(soto.get_by_text("old: matches nothing")).to_be_visible()
    accessible(soto)
    soto.screenshot(path=screenshots / "list-stale.png", full_page=True)

    entry = wanted(site.barstow, "?ABC1*", site.now)
    assert entry.is_partial
    send(site.ingest_url, site.barstow.camera_key, sees("8ABC123", timezone.now(), event="partial"))
    dunn = page_as("dunn")
    dunn.goto("/dispatch/")
    expect(dunn.get_by_text("Partial plate").first).to_be_visible()
    accessible(dunn)
    dunn.screenshot(path=screenshots / "list-partial-alert.png", full_page=True)


def here(at: datetime) -> str:
    """An instant as somebody in Barstow types it, to the second."""
    return at.astimezone(ZoneInfo("America/Los_Angeles")).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.clause("B-466.11¶3")
def test_the_commander_switches_a_category_and_proves_what_was_listed(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    came(
        site.barstow,
        site.now,
        [one("8STA733", category="vehicle"), one("8STA734", category="gang"), one("8STA735")],
    )
    cole = page_as("cole")
    cole.goto("/hotlists/lists/")
    expect(cole.get_by_text("Never received").first).to_be_visible()
    accessible(cole)
    cole.screenshot(path=screenshots / "list-register.png", full_page=True)
    cole.get_by_role("link", name="State and federal hotlists: state data").click()
    expect(cole.get_by_text("Not told by what came")).to_be_visible()
    accessible(cole)
    cole.screenshot(path=screenshots / "list-of-others.png", full_page=True)
    cole.goto("/hotlists/lists/categories/")
    expect(cole.get_by_text("Off for good")).to_be_visible()
    accessible(cole)
    cole.screenshot(path=screenshots / "list-categories.png", full_page=True)
    cole.get_by_role("link", name="Vehicle", exact=True).click()
    cole.get_by_label("Reason").fill("Ordered by the Chief, memo 26-14.")
    cole.get_by_role("button", name="Switch it off").click()
    expect(cole.get_by_text("Vehicle is off from now on.")).to_be_visible()
    cole.get_by_label("Was it on at").fill("2030-01-01T12:00")
    cole.get_by_role("button", name="Look").click()
    expect(cole.get_by_text("That has not come yet").first).to_be_visible()
    # Typed to the second: the whole second in which it was switched lies before the switch.
    cole.wait_for_timeout(1000)
    cole.get_by_label("Was it on at").fill(here(timezone.now()))
    cole.get_by_role("button", name="Look").click()
    expect(cole.get_by_text("Nobody switched it since")).to_be_visible()
    accessible(cole)
    cole.screenshot(path=screenshots / "list-category.png", full_page=True)

    dunn = page_as("dunn")
    dunn.goto("/hotlists/lists/look-up/")
    dunn.get_by_label("Plate").fill("8STA733")
    dunn.get_by_label("Was it listed at").fill(here(timezone.now()))
    dunn.get_by_label("Purpose").select_option(index=1)
    dunn.get_by_label("Reason").fill("Explains the alert of case 26-1.")
    accessible(dunn)
    dunn.get_by_role("button", name="Look it up").click()
    expect(dunn.get_by_role("heading", name="1 entry")).to_be_visible()
    accessible(dunn)
    dunn.screenshot(path=screenshots / "list-look-up.png", full_page=True)
    dunn.set_viewport_size({"width": 360, "height": 740})
    dunn.goto("/hotlists/lists/categories/")
    dunn.screenshot(path=screenshots / "list-categories-360.png", full_page=True)

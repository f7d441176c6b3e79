"""The chief appoints, refused for herself; the commander delegates; a member works for the commander."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plateward.hotlists import version_actions
from plateward.hotlists.lists import Listed
from plateward.hotlists.models import Entry
from tests.browsing import Accessible, PageAs, Site
from tests.days import day_of
from tests.personas import SETUP

LookedOver = Callable[[Page, str], None]
"""`looked_over(page, name)` checks the page with axe-core and takes its picture under this name."""


@pytest.mark.clause("B-466.3¶2", "B-466.3.1(e)", "B-466.4(e)")
def test_chief_appoints_commander_delegates_and_a_member_works_for_the_commander(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)

    chief_appoints(page_as("chen"), looked_over)
    commander_delegates_and_authorizes(page_as("cole"), looked_over, site)
    member_works(page_as("soto"), looked_over)
    dispatcher_without_authorization_sees_the_plate_alone(page_as("dunn"), looked_over, site)


def chief_appoints(chen: Page, looked_over: LookedOver) -> None:
    chen.goto("/organization/")
    expect(chen.get_by_role("row", name="Custodian of Records").get_by_text("Vacant")).to_be_visible()
    looked_over(chen, "organization-positions")
    chen.get_by_role("link", name="Appoint the Custodian of Records").click()
    looked_over(chen, "organization-appoint")
    chen.get_by_label("Person").select_option(label="Cora Chen, Chief of Police")
    chen.get_by_label("Order or authority").fill("Personnel order 26-14")
    chen.get_by_role("button", name="Put on record").click()
    expect(chen.get_by_text("Nobody appoints themselves to a position.")).to_be_visible()
    looked_over(chen, "organization-refused")

    chen.goto("/organization/positions/custodian-of-records/appoint")
    chen.get_by_label("Person").select_option(label="Celia Cruz, Corporal")
    chen.get_by_label("Order or authority").fill("Personnel order 26-14")
    chen.get_by_role("button", name="Put on record").click()
    expect(chen.get_by_text("The Custodian of Records is appointed.")).to_be_visible()
    row = chen.get_by_role("row", name="Custodian of Records")
    expect(row).to_contain_text("Celia Cruz")
    expect(row).to_contain_text("Personnel order 26-14")


def commander_delegates_and_authorizes(cole: Page, looked_over: LookedOver, site: Site) -> None:
    cole.goto("/organization/delegations/")
    cole.get_by_role("link", name="Delegate", exact=True).click()
    expect(cole.get_by_text("Create and change accounts")).to_have_count(0)
    cole.get_by_label("Member").select_option(label="Sam Soto, Sergeant")
    cole.get_by_text("Install, change and retire devices").click()
    cole.get_by_label("Last day").fill((day_of(site.now) + timedelta(days=30)).isoformat())
    looked_over(cole, "organization-delegate")
    cole.get_by_role("button", name="Put on record").click()
    expect(cole.get_by_text("It is delegated.")).to_be_visible()
    looked_over(cole, "organization-delegations")

    cole.get_by_role("link", name="State and federal data").click()
    cole.get_by_role("link", name="Authorize somebody").click()
    cole.get_by_label("Person").select_option(label="Sam Soto, Sergeant")
    cole.get_by_label("Authority").fill("CLETS certificate 4471")
    cole.get_by_label("Last day").fill((day_of(site.now) + timedelta(days=365)).isoformat())
    cole.get_by_role("button", name="Put on record").click()
    expect(cole.get_by_role("row", name="Sam Soto")).to_contain_text("CLETS certificate 4471")
    looked_over(cole, "organization-data")

    cole.get_by_role("link", name="Units").click()
    cole.get_by_role("link", name="Enter a unit").click()
    cole.get_by_label("Name").fill("Patrol")
    cole.get_by_role("button", name="Put on record").click()
    cole.get_by_role("link", name="Place somebody in Patrol").click()
    cole.get_by_label("Person").select_option(label="Sam Soto, Sergeant")
    cole.get_by_text("Supervises the unit").click()
    cole.get_by_role("button", name="Put on record").click()
    expect(cole.get_by_text("Placed in Patrol.")).to_be_visible()
    looked_over(cole, "organization-units")


def member_works(soto: Page, looked_over: LookedOver) -> None:
    soto.goto("/organization/delegations/")
    soto.get_by_role("link", name="Sam Soto", exact=True).click()
    expect(soto.get_by_text("by delegation of Carl Cole").first).to_be_visible()
    looked_over(soto, "organization-person")
    soto.goto("/organization/positions/watch-commander/appoint")
    expect(soto.get_by_text("Only the Chief of Police appoints")).to_be_visible()


def dispatcher_without_authorization_sees_the_plate_alone(
    dunn: Page, looked_over: LookedOver, site: Site
) -> None:
    listed = Listed(
        plate="8STA733",
        purpose="stolen-or-wanted-vehicle",
        region="US-NV",
        vehicle_description="Beige sedan",
        reason="Taken at gunpoint",
        reference="Record 4417",
    )
    version_actions.receive_list(
        source="state-federal",
        origin="state",
        listed=[listed],
        by=site.barstow.users["cole"],
        who=SETUP,
        now=site.now,
    )
    dunn.goto("/hotlists/?tab=active")
    expect(dunn.get_by_role("row", name="8STA733")).to_contain_text("Authorization for state data needed.")
    looked_over(dunn, "organization-withheld-list")
    dunn.goto(f"/hotlists/{Entry.objects.get(plate='8STA733').pk}/")
    expect(dunn.get_by_text("You see the plate and nothing else of this entry.")).to_be_visible()
    expect(dunn.get_by_text("Taken at gunpoint")).to_have_count(0)
    looked_over(dunn, "organization-withheld")

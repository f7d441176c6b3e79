"""A car's unit: the IT manager makes its code, an officer signs in on it, its transfer log shows a gap."""

from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from playwright.sync_api import Page, expect

from plateward.accounts.models import Agency
from plateward.devices import actions as devices
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.unitwire.calls import event_id
from tests.browsing import Accessible, PageAs, Site
from tests.personas import SETUP


@pytest.mark.clause("B-466.5", "H-426.4", "B-466.6(a)", "H-426.5(a)")
def test_a_car_is_enrolled_an_officer_signs_in_on_it_and_the_log_shows_what_is_missing(
    site: Site, page_as: PageAs, accessible: Accessible, screenshots: Path
) -> None:
    facts = DeviceFacts(name="Car 12", kind=DeviceKind.MOBILE, location="Patrol car 12", owner="Barstow")
    agency = Agency.objects.get(pk="barstow-pd")
    device, _ = devices.register(agency=agency, facts=facts, by=SETUP, now=site.now)

    def looked_over(page: Page, name: str) -> None:
        accessible(page)
        page.screenshot(path=screenshots / f"{name}.png", full_page=True)

    imani = page_as("imani")
    imani.goto(f"/devices/{device.pk}/")
    imani.get_by_role("button", name="Enroll a unit").press("Enter")
    code = imani.locator("#unit-code").inner_text()
    looked_over(imani, "unit-code")

    with httpx.Client(base_url=f"{site.base_url}/unit/v1") as unit:
        enrolled = answered(unit, "enroll", {"code": code, "name": "mdt-12", "version": "0.1"})
        unit.headers["Authorization"] = f"Bearer {enrolled['key']}"
        begun = answered(unit, "sign-in", {})

        ortiz = page_as("ortiz")
        ortiz.goto(f"/units/sign-in/?code={begun['user_code']}")
        ortiz.get_by_role("button", name="Find the unit").press("Enter")
        expect(ortiz.get_by_role("heading", name="Is it you at Car 12?")).to_be_visible()
        looked_over(ortiz, "unit-confirm")
        ortiz.get_by_role("button", name="Yes, sign me in").press("Enter")
        expect(ortiz.get_by_text("You are signed in on Car 12.")).to_be_visible()
        assert answered(unit, "sign-in/token", {"device_code": begun["device_code"]})["signature"]

        spool = uuid4()
        for sequence in (1, 3):
            sent(site, enrolled["key"], spool, sequence)
        answered(unit, "transfers", {"spool": str(spool), "highest_sequence": 3})

    imani.goto(f"/units/{device.pk}/transfers")
    expect(imani.get_by_text("1 read has not arrived")).to_be_visible()
    expect(imani.get_by_text("Number 2 (1): a gap")).to_be_visible()
    looked_over(imani, "unit-transfers")
    imani.get_by_role("link", name="Car 12").click()
    expect(imani.get_by_text("Olivia Ortiz until")).to_be_visible()
    imani.set_viewport_size({"width": 360, "height": 780})
    looked_over(imani, "unit-device-phone")


def answered(unit: httpx.Client, address: str, told: object) -> Any:
    response = unit.post(f"/{address}", json=told)
    assert response.is_success, response.text
    return response.json() if response.content else None


def sent(site: Site, key: str, spool: UUID, sequence: int) -> None:
    name = event_id(spool, sequence)
    read = {
        "event_id": name,
        "captured_at": site.now,
        "plate": "8ABC123",
        "unit": {"spool": spool, "sequence": sequence},
    }
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": name, "Content-Type": "application/json"}
    address = f"{site.ingest_url}/v1/from/plateward-unit"
    response = httpx.post(address, content=msgspec.json.encode(read), headers=headers)
    assert response.status_code == HTTPStatus.ACCEPTED, response.text

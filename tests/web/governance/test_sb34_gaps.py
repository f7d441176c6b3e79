"""What the two towns' texts leave open of SB 34: named as gaps inside, said to be missing outside."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.personas import Town

Login = Callable[[str], Client]
ACCURACY = ("Reasonable measures to ensure accuracy", "How data errors are corrected")
GAPS = {
    "barstow-pd": {"F": "Missing", "G": "Partial"},
    "huntington-park-pd": {"B": "Partial", "C": "Partial", "D": "Missing", "F": "Missing", "G": "Partial"},
}
"""By letter of Civil Code 1798.90.51(b)(2) and .53(b)(2): what is not wholly there."""

READERS = {"barstow-pd": "cole", "huntington-park-pd": "hayes"}


def plain(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def states(page: str) -> list[tuple[str, str]]:
    """Each element's section and letter with its state, as the internal page shows them."""
    row = r"Civ\. Code § 1798\.90\.5[13]\(b\)\(2\)\((\w)\).{0,20}?(Present|Partial|Missing)"
    return re.findall(row, plain(page))


@pytest.mark.clause("CC-1798.90.51", "CC-1798.90.53")
@pytest.mark.parametrize("agency", GAPS)
def test_the_internal_page_names_every_gap_for_operators_and_end_users(
    agency: str, barstow: Town, huntington_park: Town, login: Login
) -> None:
    page = login(READERS[agency]).get(reverse("governance:completeness")).content.decode()
    shown = [(letter, GAPS[agency].get(letter, "Present")) for letter in "ABCDEFG"]
    assert states(page) == shown * 2
    for demand in ACCURACY:
        assert plain(page).count(f"{demand}: missing Not addressed by this policy.") == 2


@pytest.mark.clause("H-426.2.1(c)", "CC-1798.90.51")
def test_huntington_parks_titles_and_sharing_are_gaps_of_the_text(
    huntington_park: Town, login: Login
) -> None:
    page = plain(login("hayes").get(reverse("governance:completeness")).content.decode())
    titles = "Job titles of the employees who are authorized: missing H-426.2.1(a) The text does not say it"
    assert page.count(titles) == 2
    for demand in ("process for", "purposes of", "restrictions on"):
        assert page.count(f"The {demand} sharing or transfer: missing Not addressed by this policy.") == 2


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)")
def test_the_public_page_says_of_accuracy_that_it_is_not_addressed(
    barstow: Town, huntington_park: Town
) -> None:
    for town in (barstow, huntington_park):
        address = reverse("transparency:policy", kwargs={"agency": town.agency.pk})
        page = plain(Client().get(address).content.decode())
        for demand in ACCURACY:
            assert f"{demand} Not addressed by this policy." in page

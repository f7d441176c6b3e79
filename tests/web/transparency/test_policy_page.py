"""What everybody can read: an agency's usage and privacy policy, as a page and as a PDF."""

import re
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import User
from plateward.accounts.rules import AccountState
from plateward.governance import actions, queries
from plateward.transparency import pages
from tests.personas import Town
from tests.days import day_of
from tests.versions import WITHOUT_CRIME_ANALYSIS, policy_text, proposed

PDF = "transparency:policy-pdf"


def shown(town: Town, address: str = "transparency:policy", **names: object) -> str:
    answer = Client().get(reverse(address, kwargs={"agency": town.agency.pk} | names))
    assert answer.status_code == HTTPStatus.OK
    assert not answer.cookies
    page: str = answer.content.decode()
    return page


@pytest.mark.clause("B-466.3.1(g)", "B-466.3.1(a)", "B-466.3.1(c)", "B-466.2¶2")
def test_everybody_reads_the_policy_in_force_with_every_element_of_the_statute(barstow: Town) -> None:
    page = shown(barstow)
    for letter in "ABCDEFG":
        assert f"§ 1798.90.51(b)(2)({letter}), § 1798.90.53(b)(2)({letter})" in page
    assert "Version 2026.2" in page
    for said in ("Crime analysis", "Vendor Personnel", "Administrative Division Commander", "3 months"):
        assert said in page
    for clause in queries.profile_for("barstow-pd").clauses.values():
        assert clause.layer != "policy" or f">{clause.id}</span> " in page


@pytest.mark.clause("B-466.3.1(e)", "H-426.2.1(e)")
def test_only_the_agency_whose_policy_asks_for_it_publishes_the_designees_name(
    barstow: Town, huntington_park: Town
) -> None:
    name = huntington_park.users["hayes"].full_name
    assert f"Administration Division Commander: {name}" in shown(huntington_park)
    page = shown(barstow)
    assert [user.full_name for user in barstow.users.values() if user.full_name in page] == []


@pytest.mark.clause("H-426.2.1(e)")
@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.DEACTIVATED, AccountState.PENDING])
def test_who_is_not_in_service_is_not_named_to_the_public(huntington_park: Town, state: str) -> None:
    hayes = huntington_park.users["hayes"]
    User.objects.filter(pk=hayes.pk).update(state=state)
    page = shown(huntington_park)
    assert hayes.full_name not in page
    assert "Administration Division Commander: nobody in service holds this position now" in page


@pytest.mark.clause("H-426.2.1(e)")
def test_a_strangers_guesses_do_not_change_the_public_page(huntington_park: Town, now: datetime) -> None:
    before = shown(huntington_park)
    User.objects.filter(username="hayes").update(locked_at=now)
    assert shown(huntington_park) == before


@pytest.mark.clause("H-426.2.1(a)", "H-426.2.1(c)")
def test_what_a_policy_does_not_say_is_said_to_be_missing_and_never_filled_in(huntington_park: Town) -> None:
    page = shown(huntington_park)
    assert page.count("Not addressed by this policy.") > 20
    assert "Reasonable measures to ensure accuracy</dt>\n          <dd class=\"pw-public__silent\">" in page
    assert "The agency decided it beside the text" in page  # the titles, by local decision
    assert "Data may be shared with these kinds of bodies</dt>\n          <dd class=\"pw-public__silent\">" in page


@pytest.mark.clause("B-466.2¶2")
def test_words_that_flag_a_reason_and_people_stay_inside(barstow: Town) -> None:
    page = shown(barstow)
    for inside in ("planned parenthood", "my girlfriend", "officer", "cole"):
        assert f">{inside}<" not in page
    assert "planned parenthood" not in page


def test_each_earlier_version_keeps_its_page_and_says_what_it_changed(barstow: Town, now: datetime) -> None:
    first = queries.adoption_in_force("barstow-pd")
    draft = proposed(barstow, now, "2026.3", WITHOUT_CRIME_ANALYSIS)
    actions.adopt_draft(
        draft=draft, compared_with="2026.2", note="", by=barstow.actor("chen", now), now=now
    )
    page = shown(barstow)
    assert "Version 2026.3 (this page)" in page
    assert "Purpose “Crime analysis” is removed." in page
    earlier = shown(barstow, "transparency:policy-version", pk=first.pk)
    assert "no longer in force" in earlier
    assert "Crime analysis" in earlier


def test_a_version_still_to_come_another_agencys_and_an_unknown_agency_do_not_exist(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    coming = actions.adopt(
        agency=barstow.agency,
        profile_bytes=policy_text("barstow-pd", "2026.9", effective=(day_of(now) + timedelta(days=30)).isoformat()),
        by=barstow.actor("cole", now).who,
        now=now,
    )
    theirs = queries.adoption_in_force(huntington_park.agency.pk)
    addresses = [
        reverse("transparency:policy-version", args=["barstow-pd", coming.pk]),
        reverse("transparency:policy-version", args=["barstow-pd", theirs.pk]),
        reverse("transparency:policy", args=["nowhere-pd"]),
        reverse(PDF, args=["nowhere-pd"]),
    ]
    assert [Client().get(address).status_code for address in addresses] == [HTTPStatus.NOT_FOUND] * 4


def test_who_has_the_page_already_is_not_sent_it_again_until_it_changes(barstow: Town, now: datetime) -> None:
    address = reverse("transparency:policy", args=["barstow-pd"])
    first = Client().get(address)
    assert first["Cache-Control"] == "public, max-age=300"
    known = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    assert Client().get(address, **known).status_code == HTTPStatus.NOT_MODIFIED
    draft = proposed(barstow, now, "2026.3", WITHOUT_CRIME_ANALYSIS)
    actions.adopt_draft(
        draft=draft, compared_with="2026.2", note="", by=barstow.actor("chen", now), now=now
    )
    assert Client().get(address, **known).status_code == HTTPStatus.OK


def test_every_address_within_the_page_exists_once(barstow: Town) -> None:
    page = shown(barstow)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.clause("B-466.3.1(g)", "H-426.2.1(g)")
def test_the_pdf_is_tagged_for_screen_readers_and_always_the_same(huntington_park: Town) -> None:
    address = reverse(PDF, args=["huntington-park-pd"])
    answer = Client().get(address)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"/MarkInfo" in answer.content
    assert b"pdfuaid" in answer.content
    pages.document.cache_clear()
    assert Client().get(address).content == answer.content

"""The policy page, and adopting a policy from the command line."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit.models import AuditRecord
from plateward.config.cli import main
from plateward.governance import actions, further
from plateward.governance.models import Adoption
from plateward.policy import (
    ProfileError,
    Provenance,
    ProvenanceKind,
    dump_profile,
    load_profile,
    settings,
)
from tests.personas import POLICIES, SETUP, Town

Login = Callable[[str], Client]


def page_for(client: Client) -> str:
    return client.get(reverse("governance:policy")).content.decode()


@pytest.mark.usefixtures("barstow")
def test_barstows_page_shows_its_values_with_their_clauses(login: Login) -> None:
    page = page_for(login("ortiz"))
    for said in (
        "Crime analysis",
        "Administrative Division Commander or Chief of Police",
        "72 hours",
        "Advise units, alert verified",
        "Administrative Training Corporal",
        "30 days",
        "To be confirmed",
        "Laura Lane",
    ):
        assert said in page


@pytest.mark.usefixtures("barstow", "huntington_park")
def test_huntington_parks_page_shows_its_silence_and_nothing_of_barstow(login: Login) -> None:
    page = page_for(login("hart"))
    assert "Crime analysis" not in page
    assert "not addressed by this policy" in page
    assert "Releases › Procedure" in page
    assert "Advise units" not in page
    assert "B-466" not in page


@pytest.mark.django_db
def test_adopting_enters_the_agency_keeps_the_bytes_and_is_journaled() -> None:
    result = CliRunner().invoke(main, ["adopt", str(POLICIES / "barstow-pd"), "--by", "Captain Carl Cole"])
    assert result.exit_code == 0, result.output
    adoption = Adoption.objects.get()
    assert adoption.adopted_by == "Captain Carl Cole"
    assert bytes(adoption.profile) == actions.read_policy(POLICIES / "barstow-pd")
    assert Agency.objects.get().name == "Barstow Police Department"
    verbs = AuditRecord.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["accounts.agency.established", "governance.profile.adopted"]


@pytest.mark.django_db
def test_a_version_on_file_is_never_adopted_again() -> None:
    folder = str(POLICIES / "barstow-pd")
    CliRunner().invoke(main, ["adopt", folder, "--by", "Cole"])
    result = CliRunner().invoke(main, ["adopt", folder, "--by", "Cole"])
    assert result.exit_code == 1
    assert "on file already" in result.output
    assert Adoption.objects.count() == 1


@pytest.mark.django_db
def test_folder_without_a_profile_and_invalid_profiles_are_explained(tmp_path: Path) -> None:
    missing = CliRunner().invoke(main, ["adopt", str(tmp_path), "--by", "Cole"])
    assert missing.exit_code == 1
    assert "profile.yaml is missing" in missing.output
    (tmp_path / "profile.yaml").write_text("id: x\nsurprise: 1\n")
    invalid = CliRunner().invoke(main, ["adopt", str(tmp_path), "--by", "Cole"])
    assert invalid.exit_code == 1
    assert not Agency.objects.exists()


@pytest.mark.usefixtures("huntington_park")
def test_another_agencys_profile_cannot_be_put_in_force(barstow: Town, now: datetime) -> None:
    theirs = actions.read_policy(POLICIES / "huntington-park-pd")
    with pytest.raises(actions.AdoptionRefusedError, match="not of barstow-pd"):
        actions.adopt(agency=barstow.agency, profile_bytes=theirs, by=SETUP, now=now)
    with pytest.raises(ProfileError):
        actions.adopt(agency=barstow.agency, profile_bytes=b"id: barstow-pd", by=SETUP, now=now)


def test_position_the_policy_does_not_know_cannot_be_given(huntington_park: Town, now: datetime) -> None:
    with pytest.raises(actions.PositionUnknownError, match="operations-division-commander"):
        actions.appoint(
            user=huntington_park.users["howe"],
            position="operations-division-commander",
            by=SETUP,
            profile_version="2026.2",
            now=now,
        )


@pytest.mark.usefixtures("barstow")
def test_every_parameter_of_the_profile_is_on_the_page(login: Login) -> None:
    page = page_for(login("ortiz"))
    for said in (
        "Administrative Division Commander",
        "Government Code § 34090.6 says at least 1 year",
        "Nothing is purged here until it is decided which counts.",
        "records schedule, beginning not known, not on file",
        "owner, operator, end user, host",
        "Independent every",
        "Stop authority",
        "state; county; city; district; prosecutor",
        "name of the agency; name of the person requesting; intended purpose",
        "In our words; the document itself is not quoted.",
    ):
        assert said in page
    assert "An example, not an adopted policy" not in page


def test_no_section_of_a_profile_lacks_its_place_on_the_page() -> None:
    by_hand = {"titles", "positions", "access", "training", "hotlists", "dispatch", "verification", "search"}
    placed = by_hand | further.SECTIONS.keys() | {"retention"}
    for folder in sorted(POLICIES.glob("*/profile.yaml")):
        profile = load_profile(actions.read_policy(folder.parent))
        assert {setting.path.partition(".")[0] for setting in settings(profile)} <= placed


@pytest.mark.django_db
def test_a_profile_after_descriptions_is_adopted_only_with_open_eyes() -> None:
    folder = str(POLICIES / "los-angeles-pd")
    refused = CliRunner().invoke(main, ["adopt", folder, "--by", "Cole"])
    assert refused.exit_code == 1
    assert "not the agency's adopted text" in " ".join(refused.output.split())
    assert not Agency.objects.exists()
    accepted = CliRunner().invoke(main, ["adopt", folder, "--by", "Cole", "--accept-summary"])
    assert accepted.exit_code == 0, accepted.output
    assert "Mind: An example" in accepted.output


def test_the_page_of_a_profile_after_descriptions_says_what_it_is(
    barstow: Town, login: Login, now: datetime
) -> None:
    known = load_profile(actions.read_policy(POLICIES / "barstow-pd"))
    told = {key: msgspec.structs.replace(clause, quoted=False) for key, clause in known.clauses.items()}
    origin = Provenance(kind=ProvenanceKind.SECONDARY_SUMMARY, statement="After what a newspaper wrote.")
    summary = dump_profile(msgspec.structs.replace(known, version="2026.3", provenance=origin, clauses=told))
    with pytest.raises(actions.AdoptionRefusedError, match="After what a newspaper wrote"):
        actions.adopt(agency=barstow.agency, profile_bytes=summary, by=SETUP, now=now)
    actions.adopt(agency=barstow.agency, profile_bytes=summary, by=SETUP, now=now, accept_summary=True)
    page = page_for(login("ortiz"))
    assert "An example, not an adopted policy" in page
    assert "After what a newspaper wrote." in page
    assert "word for word" not in page
    adopted = AuditRecord.objects.filter(verb="governance.profile.adopted").latest("id")
    assert adopted.detail["written_from"] == "SECONDARY_SUMMARY"

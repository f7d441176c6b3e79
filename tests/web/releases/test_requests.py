"""Other agencies ask in writing, somebody who may decides, and everything stays on file (B-466.7)."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.policy import PartnerClass
from plateward.releases.models import Partner, ReleaseRequest
from tests.pages import text
from tests.personas import Town
from tests.releasing import approved, partner, request_on_file, with_clerk
from tests.days import day_of
from tests.teaching import PDF

Login = Callable[[str], Client]


def filled(now: datetime, **given: Any) -> dict[str, Any]:
    return {
        "received_date": day_of(now).isoformat(),
        "agency_name": "County District Attorney",
        "person": "Pat Prosecutor",
        "purpose": "suspect-interdiction",
        "intended": "Robbery at 1st and Main, case 26-0142",
        "plates": "8abc123\n7xyz9?9",
        "from_at": "2026-01-02T08:00",
        "until_at": "2026-01-03T08:00",
        "is_acknowledged": "on",
        "form": SimpleUploadedFile("letter.pdf", PDF),
        **given,
    }


def decide(client: Client, request: ReleaseRequest, task: str, **given: str) -> Any:
    return client.post(reverse("releases:request-act", args=[request.pk, task]), {"reason": "Said.", **given})


@pytest.mark.clause("B-466.7(a)", "B-466.7(b)", "B-466.7(c)")
def test_a_written_request_is_recorded_by_one_and_approved_by_another(
    barstow: Town, now: datetime, login: Login
) -> None:
    of = partner(barstow, now)
    clerk = login(with_clerk(barstow, now))
    answer = clerk.post(reverse("releases:new"), filled(now, partner=str(of.pk)))
    made = ReleaseRequest.objects.get()
    assert answer.url == reverse("releases:request", args=[made.pk])
    assert made.plates == ["8ABC123", "7XYZ9?9"]
    assert clerk.get(reverse("releases:request-form", args=[made.pk])).content == PDF
    assert decide(clerk, made, "approve").status_code == HTTPStatus.FORBIDDEN

    commander = login("cole")
    assert "wait" in text(commander.get(reverse("releases:requests"))).lower()
    # What makes the partner eligible is his own review: another decides.
    assert decide(commander, made, "approve").status_code == HTTPStatus.FORBIDDEN
    assert "You reviewed this partner yourself" in text(
        commander.get(reverse("releases:request", args=[made.pk]))
    )
    approver = login("lane")
    decide(approver, made, "approve", destroy_by="2099-01-01")
    page = text(approver.get(reverse("releases:request", args=[made.pk])))
    assert "Approved</strong> by Laura Lane" in page
    assert AuditRecord.objects.filter(verb="releases.request.approved").exists()


@pytest.mark.clause("B-466.7(a)", "B-466.7(a)(2)")
def test_a_request_without_a_person_or_the_letter_is_sent_back(
    barstow: Town, now: datetime, login: Login
) -> None:
    clerk = login(with_clerk(barstow, now))
    fields = text(clerk.get(reverse("releases:new")))
    assert fields.count("Wanted in every request (B-466.7(a))") == 2, "of the person and of the letter"
    answer = clerk.post(reverse("releases:new"), filled(now, person="", form=""))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    page = text(answer)
    assert "does not state the name of the person requesting" in page
    assert "The written request itself is not on file" in page
    assert "B-466.7(a)" in page
    assert not ReleaseRequest.objects.exists()


def test_nobody_is_given_everything(barstow: Town, now: datetime, login: Login) -> None:
    clerk = login(with_clerk(barstow, now))
    answer = clerk.post(reverse("releases:new"), filled(now, plates=""))
    assert "nobody receives everything" in text(answer)


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_a_private_university_is_stopped_and_refused(barstow: Town, now: datetime, login: Login) -> None:
    private = partner(barstow, now, "Private University", kind=PartnerClass.PRIVATE, is_enforcement=False)
    made = request_on_file(barstow, now, private, purpose="")
    commander = login("cole")
    page = text(commander.get(reverse("releases:request", args=[made.pk])))
    assert "Hard stop" in page
    assert "Civil Code § 1798.90.55(b)" in page
    assert "No purpose is given" in page
    assert decide(commander, made, "approve").status_code == HTTPStatus.FORBIDDEN
    decide(commander, made, "refuse")
    made.refresh_from_db()
    assert made.state == "REFUSED"
    assert "1798.90.55(b)" in made.decisions.get().ground
    assert decide(commander, made, "withdraw").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_a_hard_stop_yields_only_to_authority_counsel_and_two_people(
    barstow: Town, now: datetime, login: Login
) -> None:
    federal = partner(barstow, now, "Federal Bureau", kind=PartnerClass.FEDERAL, state="")
    made = request_on_file(barstow, now, federal)
    commander = login("cole")
    bare = decide(commander, made, "approve")
    assert bare.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "names its legal authority" in text(bare)
    ground = {"legal_authority": "Search warrant 26-SW-11", "counsel_reference": "City attorney, Nov 20"}
    decide(commander, made, "approve", **ground)
    made.refresh_from_db()
    assert made.state == "RECORDED"
    assert decide(commander, made, "approve", **ground).status_code == HTTPStatus.FORBIDDEN
    decide(login("lane"), made, "approve", **ground)
    made.refresh_from_db()
    assert made.state == "APPROVED"
    assert made.decisions.filter(legal_authority="Search warrant 26-SW-11").count() == 2


@pytest.mark.clause("B-466.7(b)")
def test_who_has_no_part_in_releases_sees_none(barstow: Town, now: datetime, login: Login) -> None:
    made = request_on_file(barstow, now)
    client = login("ortiz")
    for address in ("releases:requests", "releases:partners", "releases:counts", "releases:new"):
        assert client.get(reverse(address)).status_code == HTTPStatus.FORBIDDEN
    assert client.get(reverse("releases:request", args=[made.pk])).status_code == HTTPStatus.FORBIDDEN
    assert decide(client, made, "refuse").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.clause("B-466.7(c)")
def test_a_withdrawn_request_stays_and_the_database_lets_none_go(
    barstow: Town, now: datetime, login: Login
) -> None:
    made = approved(barstow, now)
    decide(login("soto"), made, "withdraw")
    made.refresh_from_db()
    assert made.state == "WITHDRAWN"
    with pytest.raises(DatabaseError), transaction.atomic():
        ReleaseRequest.objects.filter(pk=made.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        made.decisions.update(reason="Another.")


def test_a_silent_policy_says_so_and_only_the_statutes_floor_applies(
    huntington_park: Town, now: datetime, login: Login
) -> None:
    made = request_on_file(huntington_park, now, person="", form=b"")
    commander = login("hayes")
    assert "Wanted in every request (B-" not in text(commander.get(reverse("releases:new")))
    page = text(commander.get(reverse("releases:request", args=[made.pk])))
    assert "Not addressed by this policy" in page
    assert "floor" in page
    decide(commander, made, "approve")
    made.refresh_from_db()
    assert made.state == "APPROVED"


@pytest.mark.clause("B-466.7")
def test_the_register_wants_evidence_and_a_day_for_the_next_review(
    barstow: Town, now: datetime, login: Login
) -> None:
    client = login("cole")
    entry = {
        "name": "UC Police",
        "kind": "UNIVERSITY",
        "state": "ca",
        "is_enforcement": "on",
        "authority": "",
        "again_date": "2026-01-01",
    }
    answer = client.post(reverse("releases:partner-enter"), entry)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = client.post(reverse("releases:partner-enter"), entry | {"authority": "Educ. Code § 92600"})
    assert "The next review lies ahead" in text(answer)
    good = entry | {"authority": "Educ. Code § 92600", "again_date": "2099-01-01"}
    client.post(reverse("releases:partner-enter"), good)
    known = Partner.objects.get()
    assert known.latest.state == "CA"
    page = text(client.get(reverse("releases:partner", args=[known.pk])))
    assert "not released to university bodies" in page
    attorney = good | {"name": "County DA", "kind": "PROSECUTOR"}
    assert "put the document" in text(client.post(reverse("releases:partner-enter"), attorney))
    client.post(reverse("releases:partner-end", args=[known.pk]), {"reason": "Dissolved."})
    assert "taken off the partner register" in text(client.get(reverse("releases:partners")))


def test_counts_tell_agency_purpose_and_outcome_also_as_a_file(
    barstow: Town, now: datetime, login: Login
) -> None:
    of = partner(barstow, now)
    approved(barstow, now)
    request_on_file(barstow, now, of)
    client = login("cole")
    assert "County District Attorney" in text(client.get(reverse("releases:counts")))
    sheet = client.get(reverse("releases:counts"), {"format": "csv"}).content.decode().splitlines()
    assert sheet[0] == "year,agency,purpose,received,approved,disclosed,nothing_found,refused,withdrawn,waiting"
    assert sheet[1].startswith(f"{barstow.actor('cole', now).today.year},County District Attorney,")
    assert sheet[1].endswith(",2,1,0,0,0,0,1")

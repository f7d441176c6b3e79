"""Audits in the browser: what the plan says, who may do what, what is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit.sealing_actions import seal
from plateward.audits.models import Audit, Finding
from plateward.audits.rules import AuditState
from tests.auditing import CONCLUSION, DONE, accepted, begun, found, judged
from tests.personas import Town
from tests.reviewing import searched

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]


@pytest.fixture
def audit(barstow: Town, now: datetime) -> Audit:
    """Begun an hour from now with two searches in it, and drawn."""
    for minute, person in enumerate(("ortiz", "quinn")):
        searched(barstow, person, "7ABC123", now + timedelta(minutes=minute + 1))
    return begun(barstow, now + timedelta(hours=1))


def shown(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


@pytest.mark.clause("B-466.6(c)")
def test_the_commander_sees_the_plan_of_the_policy_and_begins(
    barstow: Town, now: datetime, login: Login
) -> None:
    searched(barstow, "ortiz", "7ABC123", now)
    cole = login("cole")
    page = shown(cole, "audits:audits")
    for words in ("Every 3 months", "B-466.6(c)", "It goes to the Chief of Police", "who approves them"):
        assert words in page
    refused = cole.post(reverse("audits:audits"), {"random_size": "0", "risk_size": "0"})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    cole.post(reverse("audits:audits"), {"random_size": "5", "risk_size": "0"})
    made = Audit.objects.get()
    assert "The sample is not drawn yet" in shown(cole, "audits:audit", made.pk)
    cole.post(reverse("audits:draw", args=[made.pk]))
    assert Audit.objects.get().state == AuditState.BEGUN  # the journal is not sealed past the period


@pytest.mark.clause("H-426.5(c)")
def test_huntington_parks_plan_says_what_is_not_said(huntington_park: Town, login: Login) -> None:
    del huntington_park
    page = shown(login("hayes"), "audits:audits")
    for words in ("asks for audits on a regular basis", "until then nothing is due", "The policy names nobody"):
        assert words in page


@pytest.mark.clause("B-466.6(c)")
def test_an_officer_sees_no_audit_and_the_operations_commander_makes_none(
    audit: Audit, login: Login
) -> None:
    assert login("ortiz").get(reverse("audits:audits")).status_code == HTTPStatus.FORBIDDEN
    lane = login("lane")
    found_status = lane.post(reverse("audits:audits"), {"random_size": "5", "risk_size": "0"}).status_code
    assert found_status == HTTPStatus.FORBIDDEN
    assert Audit.objects.get() == audit


@pytest.mark.clause("B-466.6(c)")
def test_a_record_is_judged_a_check_answered_and_the_audit_signed(
    barstow: Town, audit: Audit, login: Login
) -> None:
    cole, at = login("cole"), audit.until_at
    seal(now=at)
    cole.post(reverse("audits:draw", args=[audit.pk]))
    item = audit.items.earliest("place")
    page = shown(cole, "audits:item", item.pk)
    assert "7ABC123" in page
    refused = cole.post(reverse("audits:item", args=[item.pk]), {"verdict": "OUT_OF_POLICY", "note": ""})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    refused = cole.post(reverse("audits:sign", args=[audit.pk]), {"conclusion": CONCLUSION})
    assert (refused.status_code, "are not judged" in refused.content.decode()) == (422, True)
    given = {"verdict": "OUT_OF_POLICY", "note": "No case stands behind it."}
    followed = cole.post(reverse("audits:item", args=[item.pk]), given, follow=True).content.decode()
    assert f"?origin=audits.SampleItem:{item.pk}" in followed
    judged(audit, barstow, at)
    kind = audit.checks.filter(outcome="ATTENTION").earliest("pk").kind
    cole.post(reverse("audits:answer", args=[audit.pk, kind]), {"answer": "Known; two are on leave."})
    accepted(audit, barstow, at)
    raised = {
        "severity": "LOW",
        "what": "Reasons are too short to be judged.",
        "owner": barstow.users["cruz"].pk,
        "due_date": (at + timedelta(days=9)).date().isoformat(),
        "item": item.pk,
    }
    cole.post(reverse("audits:make-finding", args=[audit.pk]), raised)
    assert Finding.objects.get().item == item
    cole.post(reverse("audits:sign", args=[audit.pk]), {"conclusion": CONCLUSION})
    audit.refresh_from_db()
    assert audit.state == AuditState.SIGNED
    paper = cole.post(reverse("audits:paper", args=[audit.pk, "report"]))
    assert paper.content.startswith(b"%PDF-")
    assert cole.get(reverse("audits:redraw")).content.startswith(b'"""Draws the sample')


def test_the_owner_resolves_without_seeing_the_audit_and_colleagues_find_nothing(
    barstow: Town, audit: Audit, login: Login
) -> None:
    at = audit.until_at
    seal(now=at)
    login("cole").post(reverse("audits:draw", args=[audit.pk]))
    one = found(audit, barstow, at)
    cruz = login("cruz")
    assert "Two people searched" in shown(cruz, "audits:finding", one.pk)
    assert cruz.get(reverse("audits:audit", args=[audit.pk])).status_code == HTTPStatus.FORBIDDEN
    short = cruz.post(reverse("audits:resolve", args=[one.pk]), {"note": "Done."})
    assert short.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    cruz.post(reverse("audits:resolve", args=[one.pk]), {"note": DONE})
    assert login("quinn").get(reverse("audits:finding", args=[one.pk])).status_code == HTTPStatus.NOT_FOUND
    login("cole").post(reverse("audits:retest", args=[one.pk]), {"act": "PASSED", "note": DONE})
    one.refresh_from_db()
    assert one.state == "CLOSED"

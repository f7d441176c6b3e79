"""Emergency access: obtained with a reason, marked, reviewed by another, and never twice without a review."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plateward.accounts.models import Certification
from plateward.audit.models import AuditRecord
from plateward.control import emergency_actions
from plateward.control.models import EmergencyAccess
from plateward.control.rules import Finding
from plateward.notices import actions as notices
from plateward.notices.queries import waiting_for
from plateward.policy import Refused
from tests.exceptions import EMERGENCY, decide_emergencies, emergency_of
from tests.personas import Town

Login = Callable[[str], Client]
ADDRESS = "control:emergencies"


@pytest.fixture
def decided(barstow: Town, now: datetime) -> Town:
    decide_emergencies(barstow, now - timedelta(minutes=5))
    return barstow


def page(client: Client, name: str = ADDRESS) -> str:
    return client.get(reverse(name)).content.decode()


@pytest.mark.usefixtures("barstow")
def test_where_the_agency_has_not_decided_there_is_none(login: Login) -> None:
    dunn = login("dunn")
    assert "has not decided on emergency access" in page(dunn)
    assert dunn.post(reverse(ADDRESS), {"reason": EMERGENCY}).status_code == 403
    assert not EmergencyAccess.objects.exists()


@pytest.mark.usefixtures("decided")
def test_a_dispatcher_searches_for_an_hour_under_a_banner_and_a_mark(login: Login) -> None:
    dunn = login("dunn")
    assert dunn.get(reverse("search:new")).status_code == 403
    assert dunn.post(reverse(ADDRESS), {"reason": "urgent"}).status_code == 422
    answer = dunn.post(reverse(ADDRESS), {"reason": EMERGENCY}, follow=True)
    assert "Emergency access until" in answer.content.decode()
    assert dunn.get(reverse("search:new")).status_code == 200
    assert dunn.get(reverse("accounts:create")).status_code == 403, "it gives what is named and no more"

    emergency = EmergencyAccess.objects.get()
    query = {
        "pattern": "8ABC*",
        "purpose": "curiosity",
        "reason": "Just looking around at people",
        "from_at": "2026-11-01T00:00",
        "until_at": "2026-11-02T00:00",
    }
    assert dunn.post(reverse("search:new"), query).status_code in {403, 422}, "purposes stay closed"
    marked = AuditRecord.objects.filter(detail__emergency=str(emergency.pk))
    assert {row.username for row in marked} == {"dunn"}
    assert marked.filter(verb="governance.access.refused").exists()

    EmergencyAccess.objects.update(until_at=timezone.now())
    assert dunn.get(reverse("search:new")).status_code == 403


def test_training_is_no_less_needed_in_an_emergency(decided: Town, login: Login) -> None:
    Certification.objects.filter(user=decided.users["dunn"]).delete()
    dunn = login("dunn")
    answer = dunn.post(reverse(ADDRESS), {"reason": EMERGENCY})
    assert answer.status_code == 403
    assert "B-466.4(d)" in answer.content.decode()


def test_the_commander_is_told_at_once_reviews_and_only_then_there_is_a_next(
    decided: Town, now: datetime, login: Login
) -> None:
    dunn = login("dunn")
    dunn.post(reverse(ADDRESS), {"reason": EMERGENCY})
    dunn.post(reverse("control:end-emergency"))
    assert "has not been reviewed" in page(dunn)
    assert dunn.post(reverse(ADDRESS), {"reason": EMERGENCY}).status_code == 403

    emergency = EmergencyAccess.objects.get()
    address = reverse("control:emergency", args=[emergency.pk])
    assert dunn.get(address).status_code == 403, "nobody reviews themselves"
    assert login("lane").get(address).status_code == 403
    cole = login("cole")
    assert "obtained emergency access" in page(cole, "home")
    assert "Everything done under it" in cole.get(address).content.decode()
    assert cole.post(address, {"finding": "JUSTIFIED", "note": "It was one."}).status_code == 302
    assert not waiting_for(decided.actor("cole", now)).exists()
    assert "Obtain it" in page(dunn)


def test_the_commanders_own_emergency_is_reviewed_by_the_chief(barstow: Town, now: datetime) -> None:
    emergency = emergency_of(barstow, "cole", now)
    later = now + timedelta(minutes=1)
    chen, cole = barstow.actor("chen", later), barstow.actor("cole", later)
    assert waiting_for(chen).exists()
    with pytest.raises(Refused, match="Nobody reviews their own"):
        emergency_actions.review(
            emergency=emergency, finding=Finding.JUSTIFIED, note="Mine.", by=cole, now=later
        )
    review = {"emergency": emergency, "finding": Finding.NOT_JUSTIFIED, "note": "No.", "by": chen}
    assert emergency_actions.review(**review, now=later).reviewed_by_id == chen.user_id
    with pytest.raises(ValidationError, match="reviewed meanwhile"):
        emergency_actions.review(**review, now=later)


def test_an_unreviewed_one_goes_to_the_chief_too(barstow: Town, now: datetime) -> None:
    emergency = emergency_of(barstow, "dunn", now)
    assert not waiting_for(barstow.actor("chen", now + timedelta(minutes=1))).exists()
    assert notices.escalate_due(now=emergency.review_due_at) == 1
    assert waiting_for(barstow.actor("chen", emergency.review_due_at)).exists()


def test_giving_back_twice_changes_nothing(barstow: Town, now: datetime) -> None:
    emergency_of(barstow, "dunn", now)
    later = now + timedelta(minutes=1)
    emergency_actions.end(by=barstow.actor("dunn", later), now=later)
    with pytest.raises(ValidationError, match="ended already"):
        emergency_actions.end(by=barstow.actor("dunn", later), now=later)

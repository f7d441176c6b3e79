"""Changing single values in forms comes to the same draft as writing YAML; only the right people may."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plateward.governance import actions, queries
from plateward.governance.models import Draft, Workspace
from plateward.notices.models import Notice
from plateward.policy import ValueKind, asked, load_profile, settings
from tests.personas import Town
from tests.versions import REFERENCE_REQUIRED, policy_text

Login = Callable[[str], Client]
EDIT = reverse("governance:edit")
PROPOSE = reverse("governance:edit-propose")
LOCAL = {
    "ground": "LOCAL",
    "clause": "B-466.6(c)",
    "question": "Who audits independently?",
    "decision": "The city auditor.",
    "narrower_reading": "Nobody.",
    "decided_by": "Carl Cole",
    "decided_on": "2026-11-20",
}


def change(client: Client, path: str, **values: Any) -> tuple[int, str]:
    answer = client.post(f"{reverse('governance:edit-value')}?path={path}", values)
    return answer.status_code, answer.content.decode()


def propose(client: Client, version: str = "2026.3", effective: str = "2026-11-22") -> None:
    answer = client.post(PROPOSE, {"version": version, "effective_date": effective, "why": "The council asked."})
    assert answer.status_code == HTTPStatus.FOUND, answer.content.decode()


@pytest.mark.clause("B-466.3¶2", "B-466.3.1")
def test_a_value_changed_in_a_form_is_the_draft_that_yaml_would_give(barstow: Town, login: Login) -> None:
    cole = login("cole")
    done = change(cole, "search.reference_required", ground="SPECIFIED", clause="B-466.6(b)", value="yes")
    assert done[0] == HTTPStatus.FOUND
    assert "case or incident number required" in cole.get(EDIT).content.decode()
    propose(cole)
    by_form = load_profile(bytes(Draft.objects.get().profile))
    by_hand = load_profile(policy_text("barstow-pd", "2026.3", REFERENCE_REQUIRED, effective="2026-11-22"))
    assert by_form == by_hand
    assert not Workspace.objects.exists()


@pytest.mark.clause("B-466.3¶2", "H-426.2¶2")
def test_a_proposed_version_waits_for_everybody_else_who_may_adopt_until_one_decides(
    barstow: Town, now: datetime, login: Login
) -> None:
    cole = login("cole")
    change(cole, "search.reference_required", ground="SPECIFIED", clause="B-466.6(b)", value="yes")
    propose(cole)
    waiting = Notice.objects.filter(kind=actions.WAITING_DRAFT, done_at__isnull=True)
    assert [notice.user_id for notice in waiting.all()] == [barstow.users["chen"].pk]
    actions.adopt_draft(
        draft=Draft.objects.get(), compared_with="2026.2", note="", by=barstow.actor("chen", now), now=now
    )
    assert not waiting.all().exists()


@pytest.mark.parametrize(
    ("path", "values", "shown"),
    [
        ("audit.every", {"amount": "2", "unit": "MONTHS"}, "2 months"),
        ("audit.auditor", {"value": "watch-commander"}, "Watch Commander"),
        ("audit.sampling", {"value": "One search in ten"}, "One search in ten"),
        ("audit.scope", {"value": ["SEARCH_ACTIVITY"]}, "search activity"),
        ("search.reason_min_length", {"value": "20"}, "20"),
        ("releases.request_contents", {"value": "name of the agency\nits purpose"}, "its purpose"),
    ],
)
def test_each_kind_of_value_has_its_own_control(
    barstow: Town, login: Login, path: str, values: dict[str, Any], shown: str
) -> None:
    cole = login("cole")
    status, page = change(cole, path, ground="SPECIFIED", clause="B-466.6(c)", **values)
    assert status == HTTPStatus.FOUND, page
    assert shown in cole.get(EDIT).content.decode()


def test_a_local_decision_says_who_decided_it_when_and_goes_when_nothing_rests_on_it(
    barstow: Town, login: Login
) -> None:
    cole = login("cole")
    change(cole, "audit.independent_auditor", **LOCAL, value="The city auditor", confirmed="on")
    profile = load_profile(bytes(Workspace.objects.get().profile))
    made = profile.decisions["audit-independent-auditor"]
    assert (made.decided_by, made.decided_on.isoformat(), made.status) == ("Carl Cole", "2026-11-20", "ADOPTED")
    change(cole, "audit.independent_auditor", ground="SILENT")
    assert "audit-independent-auditor" not in load_profile(bytes(Workspace.objects.get().profile)).decisions


@pytest.mark.parametrize(
    ("path", "values", "field", "says"),
    [
        ("audit.every", {"ground": "SPECIFIED", "clause": "B-466.6(c)"}, "amount", "Give the value."),
        ("audit.every", {"ground": "SPECIFIED", "amount": "2", "unit": "DAYS"}, "clause", "This is needed"),
        ("audit.every", {"ground": "DELEGATED", "clause": "B-466.1"}, "delegated_to", "This is needed"),
        ("audit.scope", {"ground": "SPECIFIED", "clause": "B-466.1"}, "value", "an audit of nothing is none"),
        ("search.reason_min_length", {"ground": "SPECIFIED", "clause": "B-466.1", "value": "x"}, "value", "number"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_kept(
    barstow: Town, login: Login, path: str, values: dict[str, Any], field: str, says: str
) -> None:
    status, page = change(login("cole"), path, **values)
    assert status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'href="#id_{field}' in page
    assert says in page
    assert not Workspace.objects.exists()


@pytest.mark.clause("B-466.3¶2")
def test_who_may_not_propose_changes_nothing(barstow: Town, login: Login) -> None:
    for who in ("ortiz", "chen"):
        assert login(who).get(EDIT).status_code == HTTPStatus.FORBIDDEN
        assert change(login(who), "audit.every", ground="SILENT")[0] == HTTPStatus.FORBIDDEN
    assert not Workspace.objects.exists()


def test_each_person_prepares_a_version_of_their_own_agency_and_can_throw_it_away(
    barstow: Town, huntington_park: Town, login: Login
) -> None:
    change(login("cole"), "audit.every", ground="SILENT")
    assert "Nothing yet" in login("hayes").get(EDIT).content.decode()
    login("cole").post(reverse("governance:edit-discard"))
    assert not Workspace.objects.exists()


def test_every_parameter_of_both_policies_opens_as_a_form_that_changes_nothing_by_itself(
    barstow: Town, login: Login
) -> None:
    profile, cole = queries.profile_for("barstow-pd"), login("cole")
    for setting in settings(profile)[::9]:
        page = cole.get(f"{reverse('governance:edit-value')}?path={setting.path}")
        in_text = asked(profile, setting.path).kind is ValueKind.STRUCTURED
        assert page.status_code == (HTTPStatus.NOT_FOUND if in_text else HTTPStatus.OK), setting.path
    assert cole.get(f"{reverse('governance:edit-value')}?path=clauses").status_code == HTTPStatus.NOT_FOUND

"""Entries of state data show their plate alone to those without the authorization it takes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from plateward.alerts import actions as alerts
from plateward.alerts.models import Alert
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.governance.organization import actions as organization
from plateward.hotlists import actions as hotlists
from plateward.hotlists import version_actions
from plateward.hotlists.lists import Listed
from plateward.hotlists.models import Entry, EntryState
from plateward.policy import Refused
from tests.alarms import arrives, wanted
from tests.personas import SETUP, Town

Login = Callable[[str], Client]

SECRETS = ("beige Kestrel", "Taken at gunpoint", "FCN-2219", "US-NV")
"""What the state's record says beside the plate."""


def received(town: Town, now: datetime, *plates: str) -> None:
    version_actions.receive_list(
        source="state-federal",
        origin="state",
        listed=[
            Listed(
                plate=plate,
                purpose="stolen-or-wanted-vehicle",
                region="US-NV",
                vehicle_description="beige Kestrel",
                reason="Taken at gunpoint",
                reference="FCN-2219",
            )
            for plate in plates
        ],
        by=town.users["cole"],
        who=SETUP,
        now=now,
    )


def test_a_list_without_reasons_is_taken_in_and_each_entry_says_which_list_names_it(
    barstow: Town, now: datetime
) -> None:
    version_actions.receive_list(
        source="state-federal",
        origin="state",
        listed=[Listed(plate="8STA733", purpose="stolen-or-wanted-vehicle")],
        by=barstow.users["cole"],
        who=SETUP,
        now=now,
    )
    entry = Entry.objects.get()
    assert entry.reason == f"On the list: {entry.hotlist.name}"


def authorized(town: Town, who: str, now: datetime) -> None:
    cole = town.actor("cole", now)
    organization.authorize_data(
        user=town.users[who],
        origin="state",
        authority="CLETS certificate",
        until_date=cole.today,
        by=cole,
        now=now,
    )


def pages(client: Client, entry: Entry, alert: Alert) -> dict[str, str]:
    """Every page and fragment that shows something of the entry."""
    addresses = {
        "list": "/hotlists/?tab=active",
        "entry": f"/hotlists/{entry.pk}/",
        "queue": "/dispatch/queue",
        "alert": f"/dispatch/{alert.pk}/",
        "changes": f"/dispatch/{alert.pk}/changes",
    }
    found = {}
    for name, address in addresses.items():
        answer = client.get(address, headers={"HX-Request": "true"} if name == "list" else {})
        assert answer.status_code == HTTPStatus.OK, address
        found[name] = answer.content.decode()
    return found


@pytest.mark.clause("B-466.4(e)")
def test_without_the_authorization_only_the_plate_is_shown_and_the_look_is_on_record(
    barstow: Town, now: datetime, login: Login
) -> None:
    received(barstow, now, "8STA733")
    arrives(barstow.camera, "8STA733", now)
    alerts.match_waiting(limit=10, now=now)
    entry, alert = Entry.objects.get(), Alert.objects.get()

    for name, page in pages(login("dunn"), entry, alert).items():
        assert "8STA733" in page, name
        assert "Authorization for state data needed." in page, name
        assert [secret for secret in SECRETS if secret in page] == [], name
    refusals = AuditRecord.objects.filter(verb="governance.access.refused", username="dunn")
    assert {row.detail["clause"] for row in refusals} == {"B-466.4(e)"}

    authorized(barstow, "dunn", now)
    shown = pages(login("dunn"), entry, alert)
    assert "Authorization for state data needed." not in "".join(shown.values())
    assert all(secret in shown["alert"] for secret in ("beige Kestrel", "Taken at gunpoint", "FCN-2219"))
    assert "Taken at gunpoint" in shown["entry"]


@pytest.mark.clause("B-466.4(e)")
def test_a_form_that_comes_back_is_made_of_no_more_than_the_person_may_see(
    barstow: Town, now: datetime, login: Login
) -> None:
    received(barstow, now, "8STA733")
    arrives(barstow.camera, "8STA733", now)
    alerts.match_waiting(limit=10, now=now)
    alert, dunn, ortiz = Alert.objects.get(), login("dunn"), login("ortiz")
    forms = {"confirmation": dunn, "units": dunn, "picture": dunn, "hit-confirmation": dunn}
    for name, client in (forms | {"not-practicable": ortiz, "disposition": ortiz}).items():
        answer = client.post(f"/alerts/{alert.pk}/{name}", headers={"HX-Request": "true"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, name
        shown = answer.context["part"].context["alert"].entry
        assert (shown.withheld is not None, shown.reason) == (True, ""), name


@pytest.mark.clause("B-466.4(e)")
def test_a_dispatcher_without_it_works_the_alert_and_reads_out_nothing_of_the_record(
    barstow: Town, now: datetime
) -> None:
    received(barstow, now, "8STA733")
    arrives(barstow.camera, "8STA733", now)
    alerts.match_waiting(limit=10, now=now)
    dunn = barstow.actor("dunn", now)
    for step in ("confirm", "advise-pending", "describe"):
        alerts.work_step(alert=Alert.objects.get(), step=step, by=dunn, now=now)
    rows = AuditRecord.objects.filter(verb="alerts.step.worked")
    assert "beige Kestrel" not in "".join(str(row.detail) for row in rows)


@pytest.mark.clause("B-466.4(e)", "CC-1798.90.52")
def test_the_record_of_showing_it_names_everything_but_what_the_state_keeps(
    barstow: Town, now: datetime, login: Login
) -> None:
    received(barstow, now, "8STA733")
    arrives(barstow.camera, "8STA733", now)
    alerts.match_waiting(limit=10, now=now)
    authorized(barstow, "dunn", now)
    login("dunn").get(f"/dispatch/{Alert.objects.get().pk}/")

    shown = AccessRecord.objects.filter(username="dunn")
    recorded = {"plate": "8STA733", "purpose": "stolen-or-wanted-vehicle", "reference": ""}
    assert [{name: getattr(row, name) for name in recorded} for row in shown] == [recorded] * 2
    assert "state" in {row.elements.get("data_of") for row in shown}
    question = {
        "subject": "PLATE",
        "wanted": "8STA733",
        "purpose": "oversight-audit",
        "reason": "Third quarter's audit",
    }
    page = login("cole").post("/oversight/who-looked/", question).content.decode()
    assert "Drew Dunn" in page
    assert [secret for secret in SECRETS if secret in page] == []


def test_the_agencys_own_entries_need_no_further_authorization(
    barstow: Town, now: datetime, login: Login
) -> None:
    entry = wanted(barstow, "8ABC123", now)
    page = login("dunn").get(f"/hotlists/{entry.pk}/").content.decode()
    assert "blue Honda Civic" in page


@pytest.mark.clause("B-466.11¶3")
def test_a_list_of_others_stays_current_as_long_as_the_policy_says_and_nobody_here_changes_it(
    barstow: Town, now: datetime
) -> None:
    others = ("8STA735", "8STA736", "8STA737")
    received(barstow, now, "8STA733", "8STA734", *others)
    first = Entry.objects.get(plate="8STA733")
    assert first.ends_at == now + timedelta(hours=72)
    later = now + timedelta(hours=24)
    received(barstow, later, "8STA733", *others)
    first = Entry.objects.get(plate="8STA733")
    assert first.ends_at == later + timedelta(hours=72)
    assert Entry.objects.get(plate="8STA734").state == EntryState.REMOVED
    with pytest.raises(Refused, match="its source alone changes it"):
        hotlists.remove(entry=first, note="Recovered.", by=barstow.actor("ortiz", later), now=later)
    with pytest.raises(ValidationError, match="no such list"):
        version_actions.receive_list(
            source="elsewhere", origin="state", listed=[], by=barstow.users["cole"], who=SETUP, now=later
        )

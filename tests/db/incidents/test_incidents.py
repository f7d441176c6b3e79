"""A security incident: told to those who manage, worked by its checklist, never by whom it is about."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from plateward.audit.models import AuditRecord
from plateward.incidents import actions, queries
from plateward.incidents.actions import REPORTED, Draft
from plateward.incidents.models import Done, Incident
from plateward.incidents.rules import Act, Data, State, Step
from plateward.notices.models import Notice
from plateward.policy import Refused
from tests.incident_acts import HAPPENED, did, happened, moved, sent, written
from tests.personas import Town

pytestmark = pytest.mark.django_db

BEFORE_NOTICE = (
    Step.PRESERVE,
    Step.TELL,
    Step.CONTAIN,
    Step.COUNSEL,
    Step.ENCRYPTION,
    Step.DECIDE,
)


@pytest.mark.clause("CC-1798.90.51")
def test_an_incident_is_worked_to_its_end_and_its_notices_end_with_it(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    waiting = Notice.objects.filter(kind=REPORTED, done_at__isnull=True)
    assert {one.user_id for one in waiting} == {barstow.users[name].pk for name in ("cole", "chen")}
    did(made, *BEFORE_NOTICE, town=barstow, now=now)
    moved(made, Act.CONTAIN, barstow, now)
    moved(made, Act.ASSESS, barstow, now, californians=501)
    did(made, Step.SEND, town=barstow, now=now)
    with pytest.raises(ValidationError, match="to whom the notice was sent"):
        moved(made, Act.NOTIFY, barstow, now)
    written(made, barstow, now)
    sent(made, barstow, now)
    moved(made, Act.NOTIFY, barstow, now)
    with pytest.raises(ValidationError, match="Attorney General"):
        moved(made, Act.CLOSE, barstow, now)
    did(made, Step.REGULATOR, town=barstow, now=now)
    closed = moved(made, Act.CLOSE, barstow, now)
    assert (closed.state, closed.ended_at) == (State.CLOSED, now)
    assert not waiting.all().exists()
    with pytest.raises(ValidationError, match="ended"):
        did(made, Step.SEND, town=barstow, now=now)


def test_the_journal_says_neither_what_happened_nor_by_whom(barstow: Town, now: datetime) -> None:
    happened(barstow, now, about="quinn")
    row = AuditRecord.objects.get(verb="incidents.incident.reported")
    assert row.detail == {"number": "I-1"}


@pytest.mark.clause("CC-1798.90.51")
def test_nobody_works_or_sees_an_incident_about_themself(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now, about="cole")
    cole = barstow.actor("cole", now)
    assert [one.user_id for one in Notice.objects.filter(kind=REPORTED)] == [barstow.users["chen"].pk]
    assert queries.seen_by(cole, now) == []
    with pytest.raises(Incident.DoesNotExist):
        actions.open_incident(incident_id=made.pk, by=cole, now=now)
    with pytest.raises(Refused, match="about you"):
        moved(made, Act.DISMISS, barstow, now)
    with pytest.raises(DatabaseError, match="incident_never_ended_by_oneself"), transaction.atomic():
        Incident.objects.filter(pk=made.pk).update(
            state=State.NO_BREACH, ended_by=barstow.users["cole"], ended_at=now
        )
    assert moved(made, Act.DISMISS, barstow, now, by="chen").state == State.NO_BREACH


def test_an_officer_reports_and_reads_it_but_does_not_work_it(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    assert actions.open_incident(incident_id=made.pk, by=barstow.actor("ortiz", now), now=now) == made
    with pytest.raises(Refused, match="manage the system’s use"):
        did(made, Step.PRESERVE, town=barstow, now=now, by="ortiz")
    with pytest.raises(Incident.DoesNotExist):
        actions.open_incident(incident_id=made.pk, by=barstow.actor("quinn", now), now=now)


def test_no_state_is_reached_before_its_steps_or_without_its_number(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    with pytest.raises(ValidationError, match="Preserve the evidence"):
        moved(made, Act.CONTAIN, barstow, now)
    with pytest.raises(ValidationError, match="somebody worked it meanwhile"):
        moved(made, Act.CLOSE, barstow, now)
    did(made, *BEFORE_NOTICE, town=barstow, now=now)
    moved(made, Act.CONTAIN, barstow, now)
    with pytest.raises(ValidationError, match="how many Californians"):
        moved(made, Act.ASSESS, barstow, now)


def test_a_step_is_recorded_once_at_a_time_since_discovery_and_stays(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    for at in (now + timedelta(minutes=1), made.discovered_at - timedelta(minutes=1)):
        with pytest.raises(ValidationError, match="between the discovery and now"):
            actions.record_step(
                incident_id=made.pk,
                step=Step.TELL,
                note="Called.",
                done_at=at,
                by=barstow.actor("cole", now),
                now=now,
            )
    did(made, Step.TELL, town=barstow, now=now)
    with pytest.raises(ValidationError, match="This step is done"):
        did(made, Step.TELL, town=barstow, now=now)
    with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic():
        Done.objects.filter(incident=made).update(note="Otherwise.")


def test_nobody_of_another_agency_is_named(barstow: Town, huntington_park: Town, now: datetime) -> None:
    draft = Draft(what=HAPPENED, touched=[Data.READS], discovered_at=now, about=huntington_park.users["hart"])
    with pytest.raises(ValidationError, match="not of the agency"):
        actions.make_incident(draft=draft, by=barstow.actor("ortiz", now), now=now)

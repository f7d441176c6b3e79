"""What is wrong with the journal waits for people, is answered within the hour, and else goes higher."""

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from plateward.audit import alarm_actions, sealing_actions
from plateward.audit.actions import record
from plateward.audit.models import AlarmKind, AuditRecord, LedgerAlarm
from plateward.audit.who import Who
from plateward.notices import actions as notices
from plateward.notices.models import Notice
from plateward.notices.queries import waiting_for
from plateward.walls import scope
from tests.ownership import the_owner
from tests.personas import Town

HOUR = timedelta(hours=1)


def edited(now: datetime) -> None:
    """A sealed row is edited by whoever owns the tables, and the worker looks."""
    with transaction.atomic():
        row = record(verb="search.search.run", by=Who.system("x"), agency="barstow-pd", subject="", now=now)
    sealing_actions.seal(now=now)
    with the_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditrecord DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditrecord SET username = 'nobody' WHERE id = %s", [row.pk])
        cursor.execute("ALTER TABLE audit_auditrecord ENABLE TRIGGER USER")
    assert alarm_actions.check_ledger(now=now).defects


def waiting(town: Town, username: str, now: datetime) -> list[Notice]:
    return list(waiting_for(town.actor(username, now)).filter(kind="ledger-alarm"))


def test_an_edited_row_waits_for_those_who_audit_in_every_town(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    edited(now)
    (notice,) = waiting(barstow, "cole", now)
    alarm = LedgerAlarm.objects.get(kind=AlarmKind.MODIFIED)
    assert notice.text == "Alarm: The journal is not what was sealed. Find out why."
    assert notice.link.endswith(f"?number={alarm.pk}")
    assert notice.due_at == now + HOUR
    assert notice.is_task
    assert Notice.objects.filter(kind="ledger-alarm", agency=huntington_park.agency.pk).exists()
    assert not waiting(barstow, "ortiz", now)


@pytest.mark.usefixtures("huntington_park")
def test_an_alarm_that_nobody_answered_within_the_hour_goes_to_the_chief(
    barstow: Town, now: datetime
) -> None:
    edited(now)
    notices.escalate_due(now=now + HOUR - timedelta(seconds=1))
    assert not waiting(barstow, "chen", now)
    notices.escalate_due(now=now + HOUR)
    assert waiting(barstow, "chen", now)
    silent = Notice.objects.filter(agency="huntington-park-pd", kind="ledger-alarm")
    assert {notice.escalates_to for notice in silent} == {""}, "its policy does not say to whom"


@pytest.mark.usefixtures("huntington_park")
def test_who_cannot_open_the_ledger_is_told_whom_to_tell(barstow: Town, now: datetime) -> None:
    edited(now)
    notice = Notice.objects.get(kind="ledger-alarm", agency=barstow.agency.pk, position="it-manager")
    assert (notice.link, notice.is_task) == ("", False)
    assert notice.text.endswith("Tell whoever audits; change nothing.")


@pytest.mark.usefixtures("huntington_park")
def test_one_answer_ends_the_notices_of_all_towns(barstow: Town, now: datetime) -> None:
    edited(now)
    alarm = LedgerAlarm.objects.get(kind=AlarmKind.MODIFIED)
    with scope.as_agency(barstow.agency.pk):
        alarm_actions.answer_alarm(
            by=barstow.actor("cole", now).who,
            agency=barstow.agency.pk,
            alarm_id=alarm.pk,
            answer="Put back from the backup.",
            now=now,
        )
    assert not Notice.objects.filter(kind="ledger-alarm", done_at=None).exists()
    assert AuditRecord.objects.filter(verb="notices.notice.settled", agency="huntington-park-pd").exists()

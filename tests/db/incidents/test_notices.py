"""Who is affected, and the notice: frozen, recorded, refused where something is missing."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader

from plateward.audit.models import AccessRecord
from plateward.incidents import affected_actions, notice_actions
from plateward.incidents.affected import Source
from plateward.incidents.affected_actions import PURPOSE, Wanted
from plateward.incidents.letters import HEADINGS
from plateward.incidents.models import Affected, Incident
from plateward.incidents.notice_actions import Dispatch, Text
from plateward.incidents.rules import How
from plateward.policy import Refused
from tests.days import earlier_today
from tests.incident_acts import assessed, delayed, drawn, happened, sent, written
from tests.personas import Town
from tests.reviewing import searched

pytestmark = pytest.mark.django_db


@pytest.mark.clause("CC-1798.90.51", "CC-1798.90.52")
def test_the_list_holds_the_chosen_accounts_accesses_and_is_an_access_itself(
    barstow: Town, now: datetime
) -> None:
    searched(barstow, "quinn", "7ABC123", earlier_today(now, timedelta(minutes=30)))
    searched(barstow, "ortiz", "6XYZ789", earlier_today(now, timedelta(minutes=20)))
    made = happened(barstow, now)
    found = drawn(made, barstow, now, "quinn")
    access = AccessRecord.objects.get(username="quinn")
    assert (found.access_ids, found.plates, found.usernames) == ([access.pk], 1, ["quinn"])
    assert len(drawn(made, barstow, now).access_ids) == len(["quinn", "ortiz", "the first drawing"])

    text = affected_actions.take_affected(
        incident_id=made.pk, list_id=found.pk, by=barstow.actor("cole", now), now=now
    )
    assert "7ABC123" in text
    assert "6XYZ789" not in text
    taken = AccessRecord.objects.filter(purpose=PURPOSE, username="cole").latest("pk")
    assert taken.elements["taken"] == "taken as a CSV file"


def test_an_officer_draws_nothing_and_no_time_ends_before_it_begins(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    with pytest.raises(Refused):
        drawn(made, barstow, now, by="ortiz")
    wanted = Wanted(people=[], from_at=now, until_at=now, sources=[Source.READS])
    with pytest.raises(ValidationError, match="ends before it begins"):
        affected_actions.freeze_affected(
            incident_id=made.pk, wanted=wanted, by=barstow.actor("cole", now), now=now
        )


def test_a_list_of_another_agencys_incident_is_not_found(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    made = happened(barstow, now)
    found = drawn(made, barstow, now)
    with pytest.raises((Incident.DoesNotExist, Affected.DoesNotExist)):
        affected_actions.take_affected(
            incident_id=made.pk, list_id=found.pk, by=huntington_park.actor("hayes", now), now=now
        )


def test_the_letter_is_a_pdf_that_tells_of_the_delay(barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    assert written(made, barstow, now).content["is_delayed"] is False
    delayed(made, barstow, now)
    letter = written(made, barstow, now)
    assert letter.content["is_delayed"] is True
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(bytes(letter.pdf))).pages)
    places = [text.index(heading) for heading in ("Notice of Data Breach", *HEADINGS.values())]
    assert places == sorted(places)
    assert "a law enforcement agency asked that this notice wait" in " ".join(text.split())


@pytest.mark.parametrize("heading", list(HEADINGS))
def test_a_letter_without_one_of_its_headings_is_refused(heading: str, barstow: Town, now: datetime) -> None:
    made = happened(barstow, now)
    text = Text(parts=dict.fromkeys(HEADINGS, "In plain words.") | {heading: " "}, contact="Records")
    with pytest.raises(ValidationError, match="demands"):
        notice_actions.write_letter(incident_id=made.pk, text=text, by=barstow.actor("cole", now), now=now)


def test_a_sending_needs_an_assessed_incident_a_letter_and_a_day_that_was(
    barstow: Town, now: datetime
) -> None:
    made = assessed(barstow, now)
    with pytest.raises(ValidationError, match="write the letter first"):
        sent(made, barstow, now)
    written(made, barstow, now)
    by = barstow.actor("cole", now)
    dispatch = Dispatch(to="Owners", people=3, how=How.SUBSTITUTE, sent_date=by.today)
    with pytest.raises(ValidationError, match="between the discovery and today"):
        notice_actions.record_sent(
            incident_id=made.pk,
            dispatch=replace(dispatch, sent_date=by.today + timedelta(days=1)),
            by=by,
            now=now,
        )
    done = notice_actions.record_sent(incident_id=made.pk, dispatch=dispatch, by=by, now=now)
    assert (done.people, done.how) == (3, How.SUBSTITUTE)

"""Who looked at a plate, for a case, what a person looked at; looking at the journal is journaled too."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from plateward.audit import actions, queries, reading_actions
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.queries import AccessFilter, JournalFilter
from plateward.audit.who import Who

AGENCY = "barstow-pd"
ORTIZ = Who("ortiz", "Olivia Ortiz", "patrol-officer", "Barstow Police Department", "10.0.0.7")
DIAZ = Who("diaz", "Dolores Diaz", "detective", "Barstow Police Department", "10.0.0.8")

pytestmark = pytest.mark.django_db

Look = Callable[..., AccessRecord]


@pytest.fixture
def look(now: datetime) -> Look:
    def record(plate: str, *, by: Who = ORTIZ, agency: str = AGENCY, **changes: object) -> AccessRecord:
        stated = {"purpose": "stolen-plate", "reason": "Stolen from Main St", "reference": "26-1", "now": now}
        with transaction.atomic():
            return actions.record_access(
                by=by,
                agency=agency,
                elements={"plate": plate},
                result_count=1,
                subject="search.Search:1",
                profile_version="1",
                **(stated | changes),
            )

    return record


def found(**wanted: object) -> list[AccessRecord]:
    return queries.accesses(AGENCY, AccessFilter(**wanted)).rows  # type: ignore[arg-type]  # one field each


@pytest.mark.clause("B-466.3.1(d)", "H-426.2.1(d)")
def test_who_looked_at_a_plate_finds_partial_searches_that_cover_it(look: Look) -> None:
    whole, partial, vague = look("7ABC123"), look("7AB?123", by=DIAZ), look("*BC*")
    look("7ABD123")
    look("8*")
    assert found(plate="7ABC123") == [vague, partial, whole]


def test_who_looked_for_a_case_and_what_a_person_looked_at(look: Look) -> None:
    mine, hers = look("7ABC123"), look("6XYZ789", by=DIAZ, reference="26-44a")
    assert found(reference="26-44A") == [hers]
    assert found(person="ORTIZ") == [mine]
    assert found(person="dolores") == [hers]
    assert found(plate="6XYZ789", person="ortiz") == []


def test_days_purposes_and_flags_narrow_the_accesses(look: Look, now: datetime) -> None:
    old = look("7ABC123", now=now - timedelta(days=3))
    flagged = look("7ABC123", purpose="active-warrant", flags=["Personal use: my ex"])
    assert found(until_at=now - timedelta(days=1)) == [old]
    assert found(from_at=now - timedelta(days=1)) == [flagged]
    assert found(flagged=True) == [flagged]
    assert found(purpose="stolen-plate") == [old]


def test_another_agencys_accesses_and_journal_are_not_shown(look: Look) -> None:
    look("7ABC123", agency="huntington-park-pd")
    assert found() == []
    assert queries.journal(AGENCY, JournalFilter()).rows == []


def test_journal_is_narrowed_by_person_area_and_time(look: Look, now: datetime) -> None:
    look("7ABC123")
    with transaction.atomic():
        later = actions.record(
            verb="devices.key.rotated",
            by=DIAZ,
            agency=AGENCY,
            subject="devices.Device:1",
            now=now + timedelta(hours=1),
        )

    def rows(**wanted: object) -> list[AuditRecord]:
        return queries.journal(AGENCY, JournalFilter(**wanted)).rows  # type: ignore[arg-type]  # one field each

    assert len(rows()) == 2
    assert rows()[0] == later, "newest first"
    assert rows(area="devices") == [later]
    assert rows(person="diaz") == [later]
    assert rows(from_at=now + timedelta(minutes=1)) == [later]
    assert later not in rows(until_at=now + timedelta(minutes=1))


def test_pages_follow_each_other(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    first, second, third = look("7ABC123"), look("7ABC123"), look("7ABC123")
    page = queries.accesses(AGENCY, AccessFilter())
    assert page.rows == [third, second]
    assert queries.accesses(AGENCY, AccessFilter(), page.older).rows == [first]
    assert queries.accesses(AGENCY, AccessFilter(), page.older).older is None


def test_looking_at_the_journal_and_the_accesses_is_journaled(look: Look, now: datetime) -> None:
    look("7ABC123")
    reading_actions.read_journal(
        by=DIAZ, agency=AGENCY, wanted=JournalFilter(area="audit"), before=None, profile_version="1", now=now
    )
    reading_actions.read_accesses(
        by=DIAZ,
        agency=AGENCY,
        wanted=AccessFilter(plate="7ABC123", from_at=now - timedelta(days=1)),
        before=None,
        profile_version="1",
        now=now,
    )
    accesses, journal, _ = AuditRecord.objects.order_by("-pk")
    assert (journal.verb, journal.username) == ("audit.journal.viewed", "diaz")
    assert journal.detail == {"area": "audit", "shown": 1, "before": None}
    assert accesses.verb == "audit.accesses.viewed"
    assert accesses.detail["plate"] == "7ABC123"
    assert accesses.detail["from_at"] == (now - timedelta(days=1)).isoformat()

"""An auditor from outside reads what oversight reads, sees no picture, and changes nothing (R125)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from plateward.accounts.models import LoginSession, User
from plateward.accounts.rules import AccountState
from plateward.audit import reading_actions
from plateward.audit.queries import JournalFilter
from plateward.control import actions as control
from plateward.control.rules import EndKind
from plateward.governance.actor import Actor
from plateward.oversight import actions
from plateward.oversight.inquiry import Inquiry, Subject
from plateward.policy import Refused
from plateward.reads.actions import open_read
from tests.personas import Town, open_session
from tests.reviewing import under_review
from tests.sightings import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(huntington_park: Town, now: datetime) -> Actor:
    """Officer Hart's account, with the auditor's title."""
    huntington_park.users["hart"].__class__.objects.filter(username="hart").update(title="outside-auditor")
    return huntington_park.actor("hart", now)


@pytest.mark.clause("H-426.5(c)")
def test_reads_journal_accesses_and_reviews(huntington_park: Town, auditor: Actor, now: datetime) -> None:
    item = under_review(huntington_park, "hale", now)
    asked = Inquiry(subject=Subject.CASE, wanted="26-1", purpose="oversight-audit", reason="Audit of 2026")

    assert actions.answer_inquiry(by=auditor, inquiry=asked, now=now).entries == []
    assert actions.open_item(by=auditor, item_id=item.pk, now=now)[0] == item
    version = auditor.profile.version
    page = reading_actions.read_journal(
        by=auditor.who,
        agency=auditor.agency,
        wanted=JournalFilter(),
        before=None,
        profile_version=version,
        now=now,
    )
    assert page.rows


@pytest.mark.parametrize(
    "capability", ["reads.view", "search.run", "alerts.view", "accounts.manage", "governance.propose"]
)
def test_may_nothing_that_is_audited(auditor: Actor, capability: str) -> None:
    assert not auditor.may(capability)


def test_sees_no_picture_and_decides_no_item(huntington_park: Town, auditor: Actor, now: datetime) -> None:
    read = seen(huntington_park.camera, "7ABC123", now)
    with pytest.raises(Refused):
        open_read(by=auditor, read_id=read.id, purpose="stolen-plate", reason="Audit", reference="", now=now)
    item = under_review(huntington_park, "hale", now)
    with pytest.raises(Refused):
        actions.decide_item(by=auditor, item=item, is_in_policy=True, note="It looks fine.", now=now)


@pytest.mark.clause("H-426.5(c)")
def test_the_engagement_ends_by_the_clock(huntington_park: Town, auditor: Actor, now: datetime) -> None:
    hayes = huntington_park.actor("hayes", now)
    open_session(Client(), "hart")
    last_day = now + timedelta(days=2)
    control.plan_end(
        user=huntington_park.users["hart"],
        kind=EndKind.EXPIRY,
        ends_at=last_day,
        reason="Engagement letter of 2026.",
        by=hayes,
        now=now,
    )
    agency = auditor.agency
    assert control.run_clock(agency=agency, profile=hayes.profile, now=last_day - timedelta(seconds=1)) == 0
    assert User.objects.get(username="hart").state == AccountState.ACTIVE

    assert control.run_clock(agency=agency, profile=hayes.profile, now=last_day) == 1
    assert User.objects.get(username="hart").state == AccountState.DEACTIVATED
    assert not LoginSession.objects.filter(user__username="hart").exists()


def test_opens_no_page_of_reads_pictures_or_searches(
    huntington_park: Town, auditor: Actor, now: datetime, login: Callable[[str], Client]
) -> None:
    read = seen(huntington_park.camera, "7ABC123", now)
    client = login(auditor.username)
    for address in ("/search/", f"/reads/{read.id}/", "/reads/quarantine/", "/dispatch/", "/hotlists/"):
        assert client.get(address).status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}, address
    for address in ("/oversight/who-looked/", "/oversight/reviews/", "/audit/journal/", "/audit/accesses/"):
        assert client.get(address).status_code == HTTPStatus.OK, address

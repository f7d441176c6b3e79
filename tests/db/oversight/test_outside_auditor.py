"""An auditor from outside reads what oversight reads, sees no picture, and changes nothing (R125)."""

from datetime import datetime

import pytest

from plateward.audit import reading_actions
from plateward.audit.queries import JournalFilter
from plateward.governance.actor import Actor
from plateward.oversight import actions
from plateward.oversight.inquiry import Inquiry, Subject
from plateward.policy import Refused
from plateward.reads.actions import open_read
from tests.personas import Town
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

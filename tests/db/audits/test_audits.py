"""An audit from its beginning to its signature, drawn so that anybody can draw it again."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from plateward.audit.models import AccessRecord, AuditRecord, TreeHead
from plateward.audit.sealing_actions import seal
from plateward.audits import actions, clock_actions, queries, report, rules
from plateward.audits.actions import DUE, SIGNED, NotSealedYetError
from plateward.audits.kinds import CheckKind
from plateward.audits.models import Audit, SampleItem
from plateward.audits.rules import AuditState, Outcome, Verdict
from plateward.notices.actions import escalate_due
from plateward.notices.models import Notice
from plateward.oversight.models import ReviewItem
from plateward.policy import Refused
from plateward.violations import actions as violations
from plateward.violations.rules import Kind
from tests.auditing import (
    WHY,
    a_day_of_searches,
    accepted,
    begun,
    drawn,
    found,
    judged,
    signed,
    worked,
)
from tests.personas import Town
from tests.reviewing import searched, under_review

pytestmark = pytest.mark.django_db


@pytest.mark.clause("B-466.6(c)")
def test_an_audit_is_begun_drawn_judged_and_signed_with_a_report(barstow: Town, now: datetime) -> None:
    made = worked(barstow, now)
    at = made.until_at + timedelta(minutes=5)
    assert list(queries.in_the_way(made)) == []
    made = signed(made, barstow, at)
    assert (made.state, made.signed_by) == (AuditState.SIGNED, barstow.users["cole"])
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(bytes(made.pdf or b""))).pages)
    assert "audit A-1" in text
    assert "2 of 3 searches" in text
    assert "7ABC123" not in text
    told = json.loads(bytes(made.data or b""))
    assert [one["verdict"] for one in told["sample"]] == ["IN_POLICY", "IN_POLICY"]
    assert {one["scope"] for one in told["checks"]} == {"CONFIGURATION", "SEARCH_ACTIVITY"}
    row = AuditRecord.objects.get(verb="audits.audit.signed")
    assert row.detail["sha256"] == made.sha256
    assert Notice.objects.get(kind=SIGNED).position == "chief-of-police"
    following = begun(barstow, at + timedelta(days=1))
    assert (following.number, following.from_at) == (2, made.until_at)


@pytest.mark.clause("B-466.6(c)")
def test_only_the_auditor_and_who_stands_above_audit(barstow: Town, now: datetime) -> None:
    end = a_day_of_searches(barstow, now)
    for username in ("lane", "ortiz"):
        with pytest.raises(Refused):
            begun(barstow, end, by=username)
    assert begun(barstow, end, by="chen").begun_by == barstow.users["chen"]
    with pytest.raises(ValidationError, match="A-1 is not signed off"):
        begun(barstow, end)


@pytest.mark.clause("H-426.5(c)")
def test_without_an_auditor_in_the_policy_whoever_sees_reviews_audits_and_nothing_is_due(
    huntington_park: Town, now: datetime
) -> None:
    end = a_day_of_searches(huntington_park, now, "hart")
    made = drawn(huntington_park, end, by="hayes")
    assert made.due_at is None
    assert made.checks.get(kind=CheckKind.CASES).outcome == Outcome.UNSAID
    assert clock_actions.remind_of_audits(now=now + timedelta(days=4000)) == 0


@pytest.mark.clause("B-466.6(c)")
def test_a_due_audit_waits_for_the_auditor_and_late_for_the_chief(barstow: Town, now: datetime) -> None:
    due = rules.due_at(barstow.actor("cole", now).profile, now)
    assert due is not None
    assert clock_actions.remind_of_audits(now=due - timedelta(days=31)) == 0
    for _ in range(2):
        assert clock_actions.remind_of_audits(now=due - timedelta(days=29)) == 1
    notice = Notice.objects.get(kind=DUE)
    assert (notice.position, notice.escalates_to) == ("administrative-division-commander", "chief-of-police")
    escalate_due(now=due)
    notice.refresh_from_db()
    assert notice.escalated_at == due
    made = worked(barstow, now)
    signed(made, barstow, made.until_at + timedelta(minutes=5))
    notice.refresh_from_db()
    assert notice.done_at is not None


@pytest.mark.clause("B-466.6(c)")
def test_the_seed_is_the_first_root_sealed_after_the_period_and_never_another(
    barstow: Town, now: datetime
) -> None:
    made = begun(barstow, a_day_of_searches(barstow, now))
    seal(now=made.until_at - timedelta(minutes=1))
    with pytest.raises(NotSealedYetError):
        actions.draw_sample(audit_id=made.pk, now=made.until_at)
    assert clock_actions.draw_waiting(now=made.until_at) == 0
    for minutes in (1, 2):
        violations.make_report(  # any act: the journal grows
            draft=violations.Draft(kind=Kind.ERROR, what="A camera was turned to a school yard."),
            by=barstow.actor("ortiz", now),
            now=now,
        )
        seal(now=made.until_at + timedelta(minutes=minutes))
    assert clock_actions.draw_waiting(now=made.until_at + timedelta(minutes=3)) == 1
    made.refresh_from_db()
    first = TreeHead.objects.filter(sealed_at__gte=made.until_at).earliest("size")
    assert made.head_size == first.size
    assert bytes(first.root).hex() in made.seed
    with pytest.raises(ValidationError, match="was drawn"):
        actions.draw_sample(audit_id=made.pk, now=made.until_at + timedelta(minutes=4))


@pytest.mark.clause("B-466.6(c)")
def test_an_outsider_draws_the_same_with_nothing_of_ours(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    made = drawn(barstow, a_day_of_searches(barstow, now))
    _, body = actions.take_paper(
        audit_id=made.pk, what="draw", by=barstow.actor("cole", made.until_at), now=made.until_at
    )
    file = tmp_path / "draw.json"

    def says(told: bytes) -> tuple[int, str]:
        file.write_bytes(told)
        program = [sys.executable, "-I", "-S", str(report.REDRAW), str(file)]
        ran = subprocess.run(program, capture_output=True, text=True, check=False)  # noqa: S603  ours
        return ran.returncode, ran.stdout

    assert says(body) == (0, "PASS: 2 records, drawn again.\n")
    told = json.loads(body)
    other = next(one for one in told["population"] if one not in told["random"])
    told["random"][0] = other
    assert says(json.dumps(told).encode())[0] == 1
    assert says(b"nothing")[0] == 2


def test_a_search_on_record_only_after_the_draw_is_in_the_next_audit(barstow: Town, now: datetime) -> None:
    made = worked(barstow, now)
    at = made.until_at + timedelta(minutes=5)
    signed(made, barstow, at)
    searched(barstow, "quinn", "6XYZ789", made.until_at - timedelta(hours=1))  # recorded locally, merged late
    following = drawn(barstow, at + timedelta(days=1))
    assert len(following.population) == 1


def test_those_at_risk_are_flagged_reasons_and_are_drawn_beside_the_others(
    barstow: Town, now: datetime
) -> None:
    a_day_of_searches(barstow, now)
    item = under_review(barstow, "quinn", now + timedelta(hours=1))
    flagged = AccessRecord.objects.get(agency="barstow-pd", username="quinn").pk
    ReviewItem.objects.filter(pk=item.pk).update(access_ids=[flagged])
    made = drawn(barstow, now + timedelta(days=1), random=1, risk=5)
    assert made.at_risk == [flagged]
    assert flagged in made.items.values_list("access_id", flat=True)  # whatever chance drew first
    by_risk = made.items.filter(draw="RISK").count()
    assert made.items.count() == 1 + by_risk


@pytest.mark.clause("B-466.6(c)", "H-426.5(c)")
def test_nobody_judges_their_own_search_not_even_in_the_database(barstow: Town, now: datetime) -> None:
    a_day_of_searches(barstow, now, "diaz")
    made = drawn(barstow, now + timedelta(days=1))
    item = made.items.get()
    item.person = barstow.users["cole"]
    item.save()
    at = made.until_at + timedelta(minutes=2)
    with pytest.raises(Refused, match="nobody audits themself"):
        judged(made, barstow, at)
    with pytest.raises(DatabaseError, match="audit_item_never_marked_by_oneself"), transaction.atomic():
        SampleItem.objects.update(verdict=Verdict.IN_POLICY, marked_by=barstow.users["cole"], marked_at=at)
    marked = actions.mark_item(
        item_id=item.pk, verdict=Verdict.IN_POLICY, note="", by=barstow.actor("chen", at), now=at
    )
    assert marked.marked_by == barstow.users["chen"]


@pytest.mark.clause("B-466.6(c)")
def test_nothing_is_signed_before_every_record_and_check_has_its_word(barstow: Town, now: datetime) -> None:
    made = drawn(barstow, a_day_of_searches(barstow, now))
    at = made.until_at + timedelta(minutes=2)
    with pytest.raises(ValidationError, match="2 of the records drawn are not judged"):
        signed(made, barstow, at)
    with pytest.raises(ValidationError, match="why it is out of policy"):
        actions.mark_item(
            item_id=made.items.earliest("place").pk,
            verdict=Verdict.OUT_OF_POLICY,
            note="",
            by=barstow.actor("cole", at),
            now=at,
        )
    judged(made, barstow, at, Verdict.OUT_OF_POLICY)
    accepted(made, barstow, at)
    first, second = made.items.order_by("place")
    with pytest.raises(ValidationError, match=f"Record {first.access_id} is out of policy"):
        signed(made, barstow, at)
    found(made, barstow, at, item=first.pk)
    violations.make_report(
        draft=violations.Draft(kind=Kind.SUSPECTED, what=WHY, origin=f"{queries.ITEM}{second.pk}"),
        by=barstow.actor("cole", at),
        now=at,
    )
    assert signed(made, barstow, at).state == AuditState.SIGNED


@pytest.mark.clause("B-466.6(c)")
def test_what_is_judged_and_signed_stays(barstow: Town, now: datetime) -> None:
    made = worked(barstow, now)
    at = made.until_at + timedelta(minutes=5)
    item = made.items.earliest("place")
    with pytest.raises(ValidationError, match="judged meanwhile"):
        actions.mark_item(
            item_id=item.pk, verdict=Verdict.IN_POLICY, note="", by=barstow.actor("cole", at), now=at
        )
    signed(made, barstow, at)
    one = SampleItem.objects.filter(pk=item.pk)
    for change in (
        lambda: Audit.objects.update(conclusion="Otherwise."),
        lambda: one.update(verdict=Verdict.OUT_OF_POLICY, note=WHY),
        one.delete,
    ):
        with (
            pytest.raises(DatabaseError, match=r"stays as it is|append-only|permission denied"),
            transaction.atomic(),
        ):
            change()


def test_another_agencys_audit_is_not_found(barstow: Town, huntington_park: Town, now: datetime) -> None:
    made = drawn(barstow, a_day_of_searches(barstow, now))
    item = made.items.earliest("place")
    hayes = huntington_park.actor("hayes", made.until_at)
    with pytest.raises(SampleItem.DoesNotExist):
        actions.open_item(item_id=item.pk, by=hayes, now=made.until_at)
    with pytest.raises(Audit.DoesNotExist):
        actions.sign_off(audit_id=made.pk, conclusion="All is well here.", by=hayes, now=made.until_at)

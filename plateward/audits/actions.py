"""Beginning an audit, drawing its sample, judging it, and signing it off."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord, TreeHead
from plateward.audit.who import CLOCK, Who
from plateward.audits import checks, queries, report, rules
from plateward.audits.models import Audit, ComputedCheck, SampleItem
from plateward.audits.population import at_risk, population, records_of
from plateward.audits.rules import AuditState, Draw, Outcome, Verdict
from plateward.governance.actor import Actor
from plateward.governance.queries import profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.oversight.reviewing import late_rows, seen_rows
from plateward.policy import Profile, enforces

CAPABILITY = "audit.review"
DUE, SIGNED = "audit-due", "audit-signed"
"""The kinds of notice: an audit that is due, and one that was signed off."""


class NotSealedYetError(Exception):
    """The journal has no head sealed after the audit's period yet, so there is no seed."""


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def begin_audit(*, random_size: int, risk_size: int, by: Actor, now: datetime) -> Audit:
    """Begin the audit of the time since the last one; its sample is drawn once the journal is sealed.

    Raises Refused, ValidationError.
    """
    require_auditor(by)
    if random_size < 1:
        raise ValidationError({"random_size": "Draw at least one record at random."})
    for field, size in (("random_size", random_size), ("risk_size", risk_size)):
        if not 0 <= size <= rules.MOST_DRAWN:
            raise ValidationError({field: f"Draw at most {rules.MOST_DRAWN} records."})
    agency = Agency.objects.select_for_update().get(pk=by.agency)  # one number after the other
    last = Audit.objects.filter(agency=agency).order_by("-number").first()
    if last is not None and last.state != AuditState.SIGNED:
        raise ValidationError(f"Audit {last.name} is not signed off. Finish it first.")
    plan = queries.plan(by.agency, by.profile, now)
    if plan.from_at >= now:
        raise ValidationError("There is nothing to audit yet: the policy takes effect later.")
    made = Audit(
        agency=agency,
        number=last.number + 1 if last else 1,
        from_at=plan.from_at,
        until_at=now,
        due_at=plan.due_at,
        begun_by=User.objects.get(pk=by.user_id),
        begun_at=now,
        random_size=random_size,
        risk_size=risk_size,
        profile_version=by.profile.version,
    )
    made.full_clean(exclude=["population", "at_risk", "unsealed_rows"])
    made.save(force_insert=True)
    sizes = {"random": random_size, "at_risk": risk_size}
    journal("audits.audit.begun", made, by.who, by.profile, now, **sizes)
    return made


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def draw_sample(*, audit_id: UUID, now: datetime, who: Who = CLOCK) -> Audit:
    """Fix the population, draw the sample by the journal's root, and compute the checks.

    The seed is the first head sealed after the period, so nobody can wait for a better one. Raises
    NotSealedYetError, and ValidationError where it was drawn already.
    """
    made = Audit.objects.select_for_update().get(pk=audit_id)
    if made.state != AuditState.BEGUN:
        raise ValidationError("The sample of this audit was drawn. Reload the page.")
    head = TreeHead.objects.filter(sealed_at__gte=made.until_at).order_by("size").first()
    if head is None:
        raise NotSealedYetError
    profile = profile_for(made.agency_id, now)
    signed = Audit.objects.filter(agency_id=made.agency_id, number=made.number - 1).first()
    made.sealed_size, made.unsealed_rows = seen_rows()
    made.population = population(made.agency_id, made.from_at, made.until_at, late_rows(signed))
    made.at_risk = at_risk(made.agency_id, made.from_at, made.until_at, made.population)
    made.seed = rules.seed_of(made.agency_id, made.until_at, bytes(head.root))
    made.head_size, made.drawn_at, made.state = head.size, now, AuditState.DRAWN
    made.save()
    _enter(made)
    period = checks.Period(made.agency_id, profile, made.from_at, made.until_at, now)
    ComputedCheck.objects.bulk_create(
        ComputedCheck(
            agency_id=made.agency_id,
            audit=made,
            kind=one.kind,
            outcome=one.outcome,
            count=one.count,
            facts=one.facts,
        )
        for one in checks.computed(period)
    )
    journal(
        "audits.sample.drawn",
        made,
        who,
        profile,
        now,
        seed=made.seed,
        population=len(made.population),
        population_sha256=report.digest(made.population),
        drawn=made.items.count(),
    )
    return made


def _enter(made: Audit) -> None:
    drawn = rules.sample(made.seed, made.population, made.at_risk, made.random_size, made.risk_size)
    chosen = [(Draw.RANDOM, one) for one in drawn.random] + [(Draw.RISK, one) for one in drawn.risk]
    names = AccessRecord.objects.filter(agency=made.agency_id, pk__in=[one for _, one in chosen])
    who = dict(names.values_list("pk", "username"))
    people = {user.username: user for user in User.objects.filter(agency_id=made.agency_id)}
    SampleItem.objects.bulk_create(
        SampleItem(
            agency_id=made.agency_id,
            audit=made,
            place=place,
            draw=way,
            access_id=one,
            person=people.get(who[one]),
        )
        for place, (way, one) in enumerate(chosen, start=1)
    )


@transaction.atomic(durable=True)
@enforces("CC-1798.90.52")
def open_item(*, item_id: UUID, by: Actor, now: datetime) -> tuple[SampleItem, list[AccessRecord]]:
    """A record drawn with every access of its search, once the look is journaled.

    Raises Refused, and SampleItem.DoesNotExist for another agency's.
    """
    by.require(CAPABILITY)
    item = queries.item_of(by.agency, item_id)
    found = records_of(by.agency, item.access_id)
    journal("audits.item.viewed", item.audit, by.who, by.profile, now, record=item.access_id)
    return item, found


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def mark_item(*, item_id: UUID, verdict: Verdict, note: str, by: Actor, now: datetime) -> SampleItem:
    """Judge a record drawn, once and for good; out of policy says why. Raises Refused, ValidationError."""
    by.require(CAPABILITY)
    item = SampleItem.objects.select_for_update(of=("self",)).get(pk=item_id, agency_id=by.agency)
    rules.may_mark(by.profile, by.person, str(item.person_id or "")).require()
    if item.verdict:
        raise ValidationError("This record was judged meanwhile. Reload the page.")
    if verdict is Verdict.OUT_OF_POLICY and len(note.strip()) < rules.SHORTEST:
        raise ValidationError({"note": "Write why it is out of policy, in a sentence."})
    item.verdict, item.note = verdict, note.strip()
    item.marked_by, item.marked_at = User(pk=by.user_id), now
    item.save()
    detail = {"record": item.access_id, "verdict": verdict.label.lower()}
    journal("audits.item.marked", item.audit, by.who, by.profile, now, **detail)
    return item


@transaction.atomic
def answer_check(*, audit_id: UUID, kind: str, answer: str, by: Actor, now: datetime) -> ComputedCheck:
    """Say of a check that asked for attention why it needs no finding. Raises Refused, ValidationError."""
    require_auditor(by)
    found = ComputedCheck.objects.select_for_update(of=("self",)).filter(agency_id=by.agency, audit=audit_id)
    one = found.get(kind=kind)
    if one.outcome != Outcome.ATTENTION or one.answer or one.audit.state != AuditState.DRAWN:
        raise ValidationError("This check asks for no answer. Reload the page.")
    if len(answer.strip()) < rules.SHORTEST:
        raise ValidationError({"answer": "Write why it needs no finding, in a sentence."})
    one.answer, one.answered_by, one.answered_at = answer.strip(), User(pk=by.user_id), now
    one.save()
    journal("audits.check.answered", one.audit, by.who, by.profile, now, check=one.about.label)
    return one


@transaction.atomic
@enforces("B-466.6(c)", "H-426.5(c)")
def sign_off(*, audit_id: UUID, conclusion: str, by: Actor, now: datetime) -> Audit:
    """Freeze the audit with its report, and tell who stands above. Raises Refused, ValidationError."""
    by.require(CAPABILITY)
    made = Audit.objects.select_for_update(of=("self",)).get(pk=audit_id, agency_id=by.agency)
    rules.may_sign(by.profile, by.person, str(made.begun_by_id)).require()
    if made.state != AuditState.DRAWN:
        raise ValidationError("This audit cannot be signed off as it stands. Reload the page.")
    if left := list(queries.in_the_way(made)):
        raise ValidationError(left)
    if len(conclusion.strip()) < rules.SHORTEST:
        raise ValidationError({"conclusion": "Write what you conclude, in a sentence or two."})
    made.conclusion, made.state = conclusion.strip(), AuditState.SIGNED
    made.signed_by, made.signed_at = User.objects.get(pk=by.user_id), now
    told = report.data(made, by.profile)
    made.data = report.as_bytes(told)
    made.sha256 = sha256(made.data).hexdigest()
    made.pdf = report.as_pdf(told, made.sha256, created=now)
    made.save()
    journal("audits.audit.signed", made, by.who, by.profile, now, sha256=made.sha256)
    notices.settle_about(agency=by.agency, subject=plan_of(by.agency), kind=DUE, by=by.who, now=now)
    if above := rules.position_above(by.profile):
        notices.raise_notice(
            agency=by.agency,
            key=f"{SIGNED}:{made.pk}",
            kind=SIGNED,
            to=to_position(above),
            text=f"Audit {made.name} was signed off by {by.name}. Read its report.",
            link=reverse("audits:audit", args=[made.pk]),
            subject=subject_of(made),
            by=by.who,
            now=now,
        )
    return made


@transaction.atomic(durable=True)
def take_paper(*, audit_id: UUID, what: str, by: Actor, now: datetime) -> tuple[Audit, bytes]:
    """The signed report as PDF ("report") or data ("data"), or the draw ("draw"), once that is on record.

    Raises Refused, and Audit.DoesNotExist while there is no such paper.
    """
    by.require(CAPABILITY)
    made = Audit.objects.get(pk=audit_id, agency_id=by.agency)
    paper = {"report": made.pdf, "data": made.data, "draw": report.draw_file(made) if made.seed else None}[
        what
    ]
    if paper is None:
        raise Audit.DoesNotExist
    journal("audits.paper.taken", made, by.who, by.profile, now, paper=what)
    return made, bytes(paper)


def require_auditor(by: Actor) -> None:
    """Raise Refused unless this person may see the reviews and audits by the policy."""
    by.require(CAPABILITY)
    rules.may_audit(by.profile, by.person).require()


def subject_of(made: Audit) -> str:
    """How journal rows and notices name it."""
    return f"audits.Audit:{made.pk}"


def plan_of(agency: str) -> str:
    """How the notices of a due audit name what they are about."""
    return f"audits.Plan:{agency}"


def journal(verb: str, made: Audit, who: Who, profile: Profile, now: datetime, **detail: object) -> None:
    """Write an act's row, which names the audit by its number."""
    audit.record(
        verb=verb,
        by=who,
        agency=made.agency_id,
        subject=subject_of(made),
        detail={"number": made.name, **detail},
        profile_version=profile.version,
        now=now,
    )

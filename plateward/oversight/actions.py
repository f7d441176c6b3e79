"""Asking the record, and reviewing accesses: acts that are on record themselves."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit import alarm_actions
from plateward.audit.models import AccessRecord, AlarmKind
from plateward.audit.pruning import Destroyed
from plateward.audit.who import CLOCK, Who
from plateward.governance.actor import Actor
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_person, to_position
from plateward.oversight import own_plates, queries, reviewing, rules, self_test
from plateward.oversight.inquiry import QUESTIONS, Inquiry, Subject
from plateward.oversight.models import CompletenessTest, OwnPlate, Review, ReviewItem, ReviewStep
from plateward.oversight.queries import Entry
from plateward.oversight.rules import ItemAct, ItemState
from plateward.plates.text import normalize
from plateward.policy import Profile, enforces

PAGE, FILE = "page", "file"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record holds, newest first; `is_cut` when a page shows the newest part only.

    `destroyed` are records that may answer too, whose details are gone: silence about them would say more
    than anybody knows. A file has each of them as a line of its own.
    """

    entries: list[Entry]
    destroyed: list[Destroyed]
    is_cut: bool
    access: AccessRecord


@enforces("CC-1798.90.52", "B-466.3.1(d)", "H-426.2.1(d)", "B-466.6(a)", "H-426.5(a)")
@transaction.atomic(durable=True)
def answer_inquiry(*, by: Actor, inquiry: Inquiry, now: datetime, as_file: bool = False) -> Answer:
    """Answer who looked at a plate or at a case, or what a person looked at; raises Refused.

    The asking is an access with its own purpose, and therefore found by whoever asks next. A file holds every
    entry, a page the newest.
    """
    by.require("audit.view")
    destroyed = queries.destroyed(by.agency, inquiry)
    if as_file:
        found, is_cut = queries.every(by.agency, inquiry, destroyed), False
    else:
        found, is_cut = queries.newest(by.agency, inquiry)
    access = audit.record_access(
        by=by.who,
        agency=by.agency,
        elements=inquiry.elements(FILE if as_file else PAGE),
        purpose=inquiry.purpose,
        reason=inquiry.reason,
        reference=inquiry.wanted if inquiry.subject is Subject.CASE else "",
        result_count=len(found),
        is_count_bounded=is_cut,
        subject=f"oversight.Inquiry:{inquiry.subject.value}",
        profile_version=by.profile.version,
        now=now,
    )
    audit.record(
        verb="oversight.inquiry.answered",
        by=by.who,
        agency=by.agency,
        subject=f"audit.AccessRecord:{access.pk}",
        detail={
            "question": QUESTIONS[inquiry.subject].lower(),
            "found": len(found),
            "answered_as": FILE if as_file else PAGE,
        },
        profile_version=by.profile.version,
        now=now,
    )
    return Answer(found, destroyed, is_cut, access)


@transaction.atomic(durable=True)
def view_own_record(*, by: Actor, now: datetime) -> tuple[list[Entry], bool]:
    """What is on record about oneself, newest first, and whether there is more; the looking is journaled."""
    own = Inquiry(subject=Subject.PERSON, wanted=by.username, purpose="", reason="")
    found, is_cut = queries.newest(by.agency, own)
    audit.record(
        verb="oversight.record.viewed",
        by=by.who,
        agency=by.agency,
        subject=f"accounts.User:{by.user_id}",
        detail={"shown": len(found)},
        profile_version=by.profile.version,
        now=now,
    )
    return found, is_cut


REVIEW_KIND, ANSWER_KIND = "access-review", "access-explanation"


@enforces("B-466.3.1(c)", "H-426.2.1(c)", "CJIS-AU-6")
def review_due(*, now: datetime) -> int:
    """Begin the review of every agency whose plan says that it is time; returns how many.

    An agency whose policy does not settle the plan is left out: its pages say what is missing.
    """
    made = 0
    for agency in Agency.objects.all():
        try:
            profile = profile_for(agency.pk, now)
        except PolicyUnavailableError:
            continue
        if not rules.unsettled(profile) and reviewing.is_due(
            agency.pk, profile.monitoring.every.require("How often accesses are reviewed"), now
        ):
            _make_review(agency, profile, CLOCK, now)
            made += 1
    return made


def begin_review(*, by: Actor, now: datetime) -> Review:
    """Review what was accessed since the last review, before the clock does; raises Refused, Unsettled."""
    by.require("audit.review")
    rules.may_begin(by.profile, by.person).require()
    return _make_review(Agency.objects.get(pk=by.agency), by.profile, by.who, now)


@transaction.atomic
def _make_review(agency: Agency, profile: Profile, by: Who, now: datetime) -> Review:
    Agency.objects.select_for_update().get(pk=agency.pk)  # one review at a time
    every = profile.monitoring.every.require("How often accesses are reviewed")
    done_within = profile.monitoring.done_within.require("How soon a review is to be finished")
    sealed_size, unsealed_rows = reviewing.seen_rows()
    review = Review(
        agency=agency,
        from_at=reviewing.begins_at(agency.pk, every, now),
        until_at=now,
        made_at=now,
        due_at=done_within.after(now),
        seed=reviewing.seed_for(agency.pk, now),
        sealed_size=sealed_size,
        unsealed_rows=unsealed_rows,
        profile_version=profile.version,
    )
    found = reviewing.contents(profile, review)
    review.accesses, review.population = found.accesses, found.population
    review.save(force_insert=True)
    ReviewItem.objects.bulk_create(found.items)
    audit.record(
        verb="oversight.review.made",
        by=by,
        agency=agency.pk,
        subject=f"oversight.Review:{review.pk}",
        detail={
            "from_at": review.from_at.isoformat(),
            "until_at": review.until_at.isoformat(),
            "accesses": review.accesses,
            "population": review.population,
            "items": len(found.items),
            "seed": review.seed,
        },
        profile_version=profile.version,
        now=now,
    )
    _tell_reviewers(review, profile, by, now)
    return review


def _tell_reviewers(review: Review, profile: Profile, by: Who, now: datetime) -> None:
    line = rules.line_of(profile)
    for position, count in reviewing.waiting_positions(review):
        above = line[line.index(position) + 1 :] if position in line else ()
        if position:
            notices.raise_notice(
                agency=review.agency_id,
                key=_key(review, position),
                kind=REVIEW_KIND,
                to=to_position(position),
                text=f"Review of accesses: {count} item{'' if count == 1 else 's'} to decide.",
                link=reverse("oversight:review", args=[review.pk]),
                subject=f"oversight.Review:{review.pk}",
                due_at=review.due_at,
                escalates_to=above[0] if above else "",
                is_task=True,
                by=by,
                now=now,
            )


def _key(review: Review, position: str) -> str:
    return f"oversight.review:{review.pk}:{position}"


@transaction.atomic(durable=True)
def open_item(*, by: Actor, item_id: UUID, now: datetime) -> tuple[ReviewItem, list[Entry]]:
    """An item with the records it is about, once looking at them is journaled.

    Raises Refused, and ReviewItem.DoesNotExist for another agency's.
    """
    by.require("audit.review")
    item = reviewing.item_of(by.agency, item_id)
    found = reviewing.entries_of(item)
    _journal("oversight.item.viewed", item, by, now, kind=item.get_kind_display(), records=len(found))
    return item, found


@transaction.atomic
def ask_person(*, by: Actor, item: ReviewItem, note: str, now: datetime) -> None:
    """Ask the person to explain; raises Refused, and ValidationError without a question or once decided."""
    known = _reviewed(by, item)
    _move(known, ItemAct.ASK, by, note, now)
    notices.raise_notice(
        agency=by.agency,
        key=f"oversight.item:{known.pk}:{known.steps.count()}",
        kind=ANSWER_KIND,
        to=to_person(known.person_id, known.person.username),
        text="The review of accesses asks you to explain some of yours.",
        link=reverse("oversight:mine"),
        subject=f"oversight.ReviewItem:{known.pk}",
        due_at=now + reviewing.ANSWER_WITHIN,
        escalates_to=known.position,
        is_task=True,
        by=by.who,
        now=now,
    )
    _journal("oversight.item.asked", known, by, now, note=note)


@transaction.atomic
def answer_question(*, by: Actor, item_id: UUID, note: str, now: datetime) -> None:
    """Explain one's own accesses; raises ReviewItem.DoesNotExist for anybody else's, ValidationError."""
    known = ReviewItem.objects.select_for_update().get(pk=item_id, agency_id=by.agency, person_id=by.user_id)
    _move(known, ItemAct.ANSWER, by, note, now)
    _settle_question(known, by, now)
    _journal("oversight.item.answered", known, by, now, note=note)


@enforces("B-466.3.1(c)", "H-426.2.1(c)", "CJIS-AU-6")
@transaction.atomic
def decide_item(*, by: Actor, item: ReviewItem, is_in_policy: bool, note: str, now: datetime) -> None:
    """Find accesses in or out of policy; raises Refused (one's own, not the reviewer) and ValidationError."""
    known = _reviewed(by, item)
    known.decided_by, known.decided_at = User(pk=by.user_id), now
    act = ItemAct.FIND_IN_POLICY if is_in_policy else ItemAct.FIND_OUT_OF_POLICY
    _move(known, act, by, note, now)
    _settle_question(known, by, now)
    finding = "in policy" if is_in_policy else "out of policy"
    _journal("oversight.item.decided", known, by, now, finding=finding, kind=known.kind, note=note)
    if not known.review.items.filter(position=known.position, state__in=reviewing.UNDECIDED).exists():
        notices.settle(agency=by.agency, key=_key(known.review, known.position), by=by.who, now=now)


def _reviewed(by: Actor, item: ReviewItem) -> ReviewItem:
    """The item, locked for this transaction, if this person reviews it."""
    by.require("audit.review")
    known = (
        ReviewItem.objects.select_for_update(of=("self",))
        .select_related("person", "review")
        .get(pk=item.pk, agency_id=by.agency)
    )
    rules.may_review(
        by.profile, reviewer=by.person, person_id=str(known.person_id), position=known.position
    ).require()
    return known


def _move(item: ReviewItem, act: ItemAct, by: Actor, note: str, now: datetime) -> None:
    if not note.strip():
        raise ValidationError({"note": "Write it in a sentence; it stays with the item."})
    target = rules.target_of(act, ItemState(item.state))
    if target is None:
        raise ValidationError(
            f"This item is already “{ItemState(item.state).label}”: somebody worked it meanwhile. Reload it."
        )
    item.state = target
    item.save(update_fields=["state", "decided_by", "decided_at"])
    ReviewStep.objects.create(item=item, act=act, note=note.strip(), by_id=by.user_id, said_at=now)


def _settle_question(item: ReviewItem, by: Actor, now: datetime) -> None:
    subject = f"oversight.ReviewItem:{item.pk}"
    notices.settle_about(agency=by.agency, subject=subject, kind=ANSWER_KIND, by=by.who, now=now)


def _journal(verb: str, item: ReviewItem, by: Actor, now: datetime, **detail: object) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=by.agency,
        subject=f"oversight.ReviewItem:{item.pk}",
        detail={"person": item.person.username, **detail},
        profile_version=by.profile.version,
        now=now,
    )


@transaction.atomic
def enter_own_plate(*, by: Actor, plate: str, now: datetime) -> OwnPlate:
    """Put a plate of one's own on the list; only a keyed digest is kept, and the journal names none.

    Raises ValidationError for what is no whole plate.
    """
    whole = normalize(plate)
    if not whole or {"?", "*"} & set(plate):
        raise ValidationError({"plate": "Write the whole plate, letters and digits."})
    salt = own_plates.new_salt()
    entered = OwnPlate.objects.create(
        agency_id=by.agency,
        person_id=by.user_id,
        salt=salt,
        digest=own_plates.digest(whole, salt),
        entered_by=by.name,
        entered_at=now,
    )
    _journal_plate("oversight.plate.entered", by, entered, now)
    return entered


@transaction.atomic
def remove_own_plate(*, by: Actor, plate_id: UUID, now: datetime) -> None:
    """Take a plate of one's own off the list; raises OwnPlate.DoesNotExist for anybody else's."""
    own = OwnPlate.objects.get(pk=plate_id, agency_id=by.agency, person_id=by.user_id)
    _journal_plate("oversight.plate.removed", by, own, now)
    own.delete()


def _journal_plate(verb: str, by: Actor, own: OwnPlate, now: datetime) -> None:
    audit.record(
        verb=verb,
        by=by.who,
        agency=by.agency,
        subject=f"oversight.OwnPlate:{own.pk}",
        detail={"username": by.username},
        profile_version=by.profile.version,
        now=now,
    )


def check_record(*, by: Actor, now: datetime) -> CompletenessTest:
    """Test now whether known acts are on record, under the policy in force; raises Refused."""
    by.require("audit.view")
    return _check_record(by.agency, by.profile, by.who, now)


@enforces("B-466.6(c)", "H-426.5(c)", "B-466.3.1(c)", "H-426.2.1(c)")
def check_every_record(*, now: datetime) -> int:
    """Test the record of every agency with a policy in force; returns in how many it was whole."""
    whole = 0
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError:
            continue
        whole += _check_record(agency, profile, CLOCK, now).is_complete
    return whole


def _check_record(agency: str, profile: Profile, by: Who, now: datetime) -> CompletenessTest:
    outcomes = self_test.perform(profile, now)
    lacking = [outcome for outcome in outcomes if outcome.missing]
    with transaction.atomic():
        tested = CompletenessTest.objects.create(
            agency_id=agency,
            tested_at=now,
            tested_by=by.name,
            results=[asdict(outcome) for outcome in outcomes],
            is_complete=not lacking,
            profile_version=profile.version,
        )
        audit.record(
            verb="oversight.completeness.tested",
            by=by,
            agency=agency,
            subject=f"oversight.CompletenessTest:{tested.pk}",
            detail={
                "acts": len(outcomes),
                "found": len(outcomes) - len(lacking),
                "missing": {outcome.name: list(outcome.missing) for outcome in lacking},
            },
            profile_version=profile.version,
            now=now,
        )
        when = now.isoformat(timespec="seconds")
        told = [f"{when} {outcome.name}: {', '.join(outcome.missing)}" for outcome in lacking]
        alarm_actions.raise_alarm(kind=AlarmKind.MISSING, told=told, now=now)
    return tested

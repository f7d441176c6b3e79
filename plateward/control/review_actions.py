"""Reviewing all accounts of an agency: opened, decided one by one, finished (B-466.6(d), CJIS AC-2j)."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.accounts import actions as accounts
from plateward.accounts.models import Agency, User
from plateward.accounts.rules import AccountState
from plateward.audit import actions as audit
from plateward.audit.who import CLOCK, Who
from plateward.control import queries, rules
from plateward.control.models import LAST_LOG_IN, ReviewCampaign, ReviewItem
from plateward.control.rules import ReviewDecision
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.notices import actions as notices
from plateward.notices.rules import to_position
from plateward.policy import CAPABILITIES, Profile, enforces
from plateward.policy.clearance import cleared


@transaction.atomic
def open_campaign(*, by: Actor, now: datetime) -> ReviewCampaign:
    """Begin a review of all accounts; raises Refused, and ValidationError while one is open."""
    by.admission.require()
    position = rules.reviewer_of(by.profile)
    rules.may_decide(by.profile, by.person, "", position).require()
    if ReviewCampaign.objects.filter(agency_id=by.agency, finished_at__isnull=True).exists():
        raise ValidationError("A review is open already. Finish it first.")
    return _open(by.agency, by.profile, by.who, now)


@transaction.atomic
def open_due(*, agency: str, profile: Profile, now: datetime) -> ReviewCampaign | None:
    """Begin the review that is due by the clock, unless one is open or nobody is named to decide it."""
    Agency.objects.select_for_update().get(pk=agency)
    last = ReviewCampaign.objects.filter(agency_id=agency).first()
    if not rules.reviewer_of(profile) or (last and last.finished_at is None):
        return None
    first = User.objects.filter(agency_id=agency).order_by("created_at").first()
    since = last.opened_at if last else first.created_at if first else None
    if since is None or now < rules.review_due(profile, since):
        return None
    return _open(agency, profile, CLOCK, now)


@enforces("B-466.6(d)")
@transaction.atomic
def decide(
    *, item: ReviewItem, decision: ReviewDecision, title: str, note: str, by: Actor, now: datetime
) -> ReviewItem:
    """Confirm, change or deactivate one account, with effect at once; the last decision finishes the review.

    Raises Refused (one's own, another position's, no right to the change) and ValidationError.
    """
    by.admission.require()
    waiting = ReviewItem.objects.select_for_update(of=("self",)).select_related("user", "campaign")
    known = waiting.filter(pk=item.pk, agency_id=by.agency, decided_at__isnull=True).first()
    if known is None:
        raise ValidationError("This account was decided meanwhile.")
    rules.may_decide(by.profile, by.person, str(known.user_id), known.position).require()
    if decision is ReviewDecision.CHANGED:
        accounts.change_title(user=known.user, title=title, by=by, now=now)
    elif decision is ReviewDecision.DEACTIVATED and known.user.state != AccountState.DEACTIVATED:
        accounts.deactivate(user=known.user, reason=f"Account review: {note}"[:300], by=by, now=now)
    known.decision, known.note = decision, note
    known.decided_by_id, known.decided_at = by.user_id, now
    known.save()
    detail = {"username": known.user.username, "decision": decision.value, "note": note, "title": title}
    _journal("control.review.decided", known.campaign, by.who, now, detail)
    _finish_what_is_done(known, by.who, now)
    return known


@transaction.atomic
def export(*, campaign: ReviewCampaign, by: Actor, now: datetime) -> list[ReviewItem]:
    """The review's accounts for a file, once giving it out is on record."""
    items = list(campaign.items.select_related("user", "decided_by"))
    _journal("control.review.exported", campaign, by.who, now, {"accounts": str(len(items))})
    return items


def _open(agency: str, profile: Profile, by: Who, now: datetime) -> ReviewCampaign:
    campaign = ReviewCampaign.objects.create(
        agency_id=agency,
        opened_by=by.name,
        opened_at=now,
        due_at=rules.review_finished_by(profile, now),
    )
    open_accounts = User.objects.filter(agency_id=agency).exclude(state=AccountState.DEACTIVATED)
    users = queries.with_last_use(open_accounts).select_related("agency")
    ReviewItem.objects.bulk_create(_item(campaign, user, profile, now) for user in users)
    _journal("control.review.opened", campaign, by, now, {"accounts": str(campaign.items.count())})
    above = profile.accounts.escalates_to.settled or ""
    for position in sorted(set(campaign.items.exclude(position="").values_list("position", flat=True))):
        notices.raise_notice(
            agency=agency,
            key=f"account-review:{campaign.pk}:{position}",
            kind="account-review",
            to=to_position(position),
            text="Accounts wait for your review: confirm, change or deactivate each.",
            link=reverse("control:review", args=[campaign.pk]),
            subject=f"control.ReviewCampaign:{campaign.pk}",
            due_at=campaign.due_at,
            escalates_to=above if campaign.due_at and above != position else "",
            is_task=True,
            by=by,
            now=now,
        )
    return campaign


def _item(campaign: ReviewCampaign, user: User, profile: Profile, now: datetime) -> ReviewItem:
    """What is known of an account now; the reviewer's own waits for the position above."""
    person = actor_for(user, at=now)
    reviewer = rules.reviewer_of(profile)
    above = profile.accounts.escalates_to.settled or ""
    trained = max((fact.completed_on for fact in person.certifications), default=None)
    used = user.last_login
    facts = {
        "Title": person.title_name,
        "Positions": ", ".join(profile.position_name(held) for held in sorted(person.positions)) or "none",
        "State": AccountState(user.state).label,
        LAST_LOG_IN: profile.agency.day(used).isoformat() if used else "never",
        "Training": trained.isoformat() if trained else "none",
        "Clearance": cleared(profile, person.clearance, person.today).reason,
        "May": "; ".join(known.does for known in CAPABILITIES.values() if person.may(known.id)) or "nothing",
    }
    return ReviewItem(
        agency_id=campaign.agency_id,
        campaign=campaign,
        user=user,
        position=above if reviewer in person.positions else reviewer,
        facts=facts,
    )


def _finish_what_is_done(decided: ReviewItem, by: Who, now: datetime) -> None:
    campaign, left = decided.campaign, decided.campaign.items.filter(decided_at__isnull=True)
    if not left.filter(position=decided.position).exists():
        key = f"account-review:{campaign.pk}:{decided.position}"
        notices.settle(agency=campaign.agency_id, key=key, by=by, now=now)
    if not left.exclude(position="").exists():  # what the policy lets nobody decide holds up no review
        campaign.finished_at = now
        campaign.save(update_fields=["finished_at"])
        _journal("control.review.finished", campaign, by, now, {"undecided": str(left.count())})


def _journal(verb: str, campaign: ReviewCampaign, by: Who, now: datetime, detail: Mapping[str, str]) -> None:
    audit.record(
        verb=verb,
        by=by,
        agency=campaign.agency_id,
        subject=f"control.ReviewCampaign:{campaign.pk}",
        detail=detail,
        now=now,
    )

"""The clock's work on releases: reviews and approvals about to run out, packages that nobody collected."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from plateward.accounts.models import Agency
from plateward.audit.who import CLOCK
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.governance.telling import told
from plateward.notices import actions as notices
from plateward.notices.models import Notice
from plateward.notices.rules import Addressee, to_person
from plateward.policy import Profile, enforces
from plateward.releases import reminding
from plateward.releases.fulfill_actions import UNCOLLECTED
from plateward.releases.fulfilling_models import Fulfillment
from plateward.releases.partner_actions import REGISTER, REVIEW_DUE
from plateward.releases.partner_models import Partner
from plateward.releases.requesting import APPROVE, subject_of
from plateward.releases.share_actions import RENEWAL_DUE
from plateward.releases.share_models import StandingShare


@enforces("B-466.7", "CC-1798.90.55")
def remind(*, now: datetime) -> int:
    """Tell who keeps the register of what runs out, and what stops with it; returns how many are told."""
    new = 0
    for agency in Agency.objects.order_by("pk"):
        try:
            profile = profile_for(agency.pk)
        except PolicyUnavailableError:
            continue
        new += _remind(agency.pk, profile, now)
    return new


@transaction.atomic
def _remind(agency: str, profile: Profile, now: datetime) -> int:
    today = profile.agency.day(now)
    keepers = [to for to, _ in told(profile, agency, [REGISTER], now)]
    approvers = [to for to, _ in told(profile, agency, [APPROVE], now)]
    new = 0
    for partner, step in reminding.reviews_due(agency, profile, today):
        open_now = reminding.open_requests(partner).count() + reminding.uncollected(partner, today).count()
        new += _tell_of_partner(partner, step, open_now, keepers, now)
    for share, step in reminding.shares_due(agency, profile, today):
        new += _tell_of_share(share, step, approvers, now)
    return new + sum(_tell_of_package(made, now) for made in reminding.left_behind(agency, today))


def _tell_of_partner(
    partner: Partner, step: int, open_now: int, to: Iterable[Addressee], now: datetime
) -> int:
    day = partner.latest.again_date
    stops = f" {open_now} open requests or packages stop with it." if open_now else ""
    text = (
        f"Review {partner.name} by {day:%b %-d, %Y}: after that day nothing is released to it.{stops}"
        if step >= 0
        else f"The review of {partner.name} is over: nothing is released to it until it is reviewed.{stops}"
    )
    key = f"{REVIEW_DUE}:{partner.pk}:{day.isoformat()}:{step}"
    link = reverse("releases:partner", args=[partner.pk])
    return _tell(partner.agency_id, key, REVIEW_DUE, f"releases.Partner:{partner.pk}", text, link, to, now)


def _tell_of_share(share: StandingShare, step: int, to: Iterable[Addressee], now: datetime) -> int:
    day = f"{share.expires_date:%b %-d, %Y}"
    what = f"runs out on {day}" if step >= 0 else f"ran out on {day}: have the vendor end it"
    text = f"The approval of the standing share with {share.partner.name} {what}, or approve it anew."
    key = f"{RENEWAL_DUE}:{share.pk}:{share.expires_date.isoformat()}:{step}"
    link = reverse("releases:share", args=[share.pk])
    return _tell(share.agency_id, key, RENEWAL_DUE, f"releases.StandingShare:{share.pk}", text, link, to, now)


def _tell_of_package(made: Fulfillment, now: datetime) -> int:
    day = made.collect_by_date
    if day is None or made.handed_by is None:
        return 0
    text = f"Nobody collected what was left for the request {made.request.number} by {day:%b %-d, %Y}."
    link = reverse("releases:request", args=[made.request_id])
    key = f"{UNCOLLECTED}:{made.request_id}:{day.isoformat()}"
    to = [to_person(made.handed_by.pk, made.handed_by.full_name)]
    return _tell(made.agency_id, key, UNCOLLECTED, subject_of(made.request), text, link, to, now)


def _tell(
    agency: str,
    key: str,
    kind: str,
    subject: str,
    text: str,
    link: str,
    to: Iterable[Addressee],
    now: datetime,
) -> int:
    """Leave each of them a task for the occasion once, in the place of an earlier one; how many are new.

    Who is to be told only since the others were gets a task beside theirs.
    """
    waiting = [(one, f"{key}:{one.user_id or one.position}") for one in to]
    known = Notice.objects.filter(agency=agency, key__in=[each for _, each in waiting])
    done = set(known.values_list("key", flat=True))
    new = [(one, each) for one, each in waiting if each not in done]
    if new and not Notice.objects.filter(agency=agency, key__startswith=f"{key}:").exists():
        notices.settle_about(agency=agency, subject=subject, kind=kind, by=CLOCK, now=now)
    for one, each in new:
        notices.raise_notice(
            agency=agency,
            key=each,
            kind=kind,
            to=one,
            text=text,
            by=CLOCK,
            now=now,
            link=link,
            subject=subject,
            is_task=True,
        )
    return len(new)

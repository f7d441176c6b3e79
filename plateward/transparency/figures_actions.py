"""Publishing a month's figures."""

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from plateward.accounts.models import Agency, User
from plateward.audit import actions as audit
from plateward.audit.ledger import newest_head, note_of
from plateward.governance.actor import Actor
from plateward.governance.queries import adoption_in_force
from plateward.ledger.canonical import canonical_bytes
from plateward.policy import use_log_published
from plateward.transparency import figures, figures_queries, rules
from plateward.transparency.figures_models import MonthlyFigures


@transaction.atomic
def publish_month(*, month: date, note: str, by: Actor, now: datetime) -> MonthlyFigures:
    """Publish a month's figures as a person saw them; what was published stays, a later edition says why.

    Raises Refused, also where the policy forbids it, and ValidationError.
    """
    by.require(rules.RECORD)
    if by.profile.public.use_log.settled is False:
        use_log_published(by.profile).require()
    agency = Agency.objects.select_for_update().get(pk=by.agency)  # one edition after the other
    before = figures_queries.edition(by.agency, month)
    told = preview(by, month, now)
    if before is not None:
        if not note.strip():
            raise ValidationError({"note": "This month is published. Say why there is another edition."})
        if json.loads(bytes(before.data))["figures"] == told["figures"]:
            raise ValidationError({"note": "The figures are those that are published already."})
        told |= {"edition": before.edition + 1, "note": note.strip()}
    data = canonical_bytes(told)
    made = MonthlyFigures(
        agency=agency,
        month_date=month,
        edition=told["edition"],
        data=data,
        sha256=sha256(data).hexdigest(),
        note=told["note"],
        published_by=User.objects.get(pk=by.user_id),
        published_at=now,
    )
    made.full_clean()
    made.save(force_insert=True)
    audit.record(
        verb="transparency.figures.published",
        by=by.who,
        agency=by.agency,
        subject=f"transparency.MonthlyFigures:{made.pk}",
        detail={"month": f"{month:%Y-%m}", "edition": made.edition, "sha256": made.sha256},
        profile_version=by.profile.version,
        now=now,
    )
    return made


def preview(by: Actor, month: date, now: datetime) -> dict[str, Any]:
    """A month's first edition as it would be published now; raises ValidationError."""
    profile = by.profile
    from_at, until_at = figures.bounds(month, ZoneInfo(profile.agency.time_zone))
    if until_at > now:
        raise ValidationError({"month": "This month is not over."})
    head = newest_head()
    if head is None or head.sealed_at < until_at:
        raise ValidationError(
            {"month": "The journal is not sealed past this month yet. Try again in a minute."}
        )
    rule = profile.public.use_log
    misread = figures.misread_codes(profile)
    found = figures_queries.counts(by.agency, from_at, until_at)
    return {
        "format": figures.FORMAT,
        "agency": {"id": by.agency, "name": profile.agency.name},
        "month": f"{month:%Y-%m}",
        "edition": 1,
        "note": "",
        "from": from_at.isoformat(),
        "until": until_at.isoformat(),
        "policy": {
            "version": profile.version,
            "sha256": adoption_in_force(by.agency, now).profile_sha256,
            "asked_for_by": (rule.clause or rule.local_decision) if rule.settled else "",
        },
        "misread_codes": sorted(misread),
        "left_out": f"Acts of people from 1 to {figures.SMALLEST - 1} are null, and what tells them.",
        "figures": figures.published(found, misread),
        "checkpoint": note_of(head),
    }

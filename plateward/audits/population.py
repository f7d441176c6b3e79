"""Which searches an audit draws from, and which of them are at risk."""

from datetime import datetime

from django.db.models import Min, Q

from plateward.audit.models import AccessRecord
from plateward.oversight.models import SAMPLE, ReviewItem

SEARCHES = "search."
"""How the subjects of searches begin in access records: of plates, canvasses, analyses, files of results."""


def population(agency: str, from_at: datetime, until_at: datetime, late: Q) -> list[int]:
    """Each search of the period once, by the number of its first access record, in their order.

    `late` selects by `audit_id` what came on record only after the period before was drawn from.
    """
    span = Q(accessed_at__gte=from_at, accessed_at__lt=until_at) | Q(late, accessed_at__lt=from_at)
    found = AccessRecord.objects.filter(span, agency=agency, subject__startswith=SEARCHES)
    once = found.order_by().values("subject").annotate(first=Min("pk")).order_by("first")
    return list(once.values_list("first", flat=True))


def at_risk(agency: str, from_at: datetime, until_at: datetime, among: list[int]) -> list[int]:
    """Those whose reason was flagged when they were made, or that a review raised a flag about."""
    flagged = AccessRecord.objects.filter(agency=agency, pk__in=among).exclude(flags=[])
    found = set(flagged.values_list("pk", flat=True))
    items = ReviewItem.objects.filter(
        agency_id=agency, review__until_at__gt=from_at, review__from_at__lt=until_at
    ).exclude(kind=SAMPLE)
    for ids in items.values_list("access_ids", flat=True).iterator():
        found |= set(ids)
    return sorted(found & set(among))


def records_of(agency: str, access_id: int) -> list[AccessRecord]:
    """Every access record of a search, its pages and files included, newest first."""
    first = AccessRecord.objects.get(agency=agency, pk=access_id)
    found = AccessRecord.objects.filter(agency=agency, subject=first.subject)
    return list(found.order_by("-accessed_at", "-pk"))

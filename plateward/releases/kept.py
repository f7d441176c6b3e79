"""What releases hold of pictures and reads, told where the oldest of each store is shown (R83, R91)."""

from collections.abc import Iterator

from django.db.models import Min

from plateward.evidence.stores import Kept
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.records_models import RecordsPaper

COPIES = ("REDACTED", "WHOLE")


def kept_for_the_public(agency: str) -> Iterator[Kept]:
    """Originals of pictures while a request is worked, and the copies that answers to the public gave out."""
    originals = AnswerPicture.objects.filter(agency_id=agency, key__isnull=False)
    requests = originals.values("request").distinct().count()
    yield Kept(
        "Originals for the public",
        originals.aggregate(oldest=Min("added_at"))["oldest"],
        f"since they were added to {requests:,} open requests; each goes when its request ends",
    )
    copies = RecordsPaper.objects.filter(agency_id=agency, kind__in=COPIES)
    yield Kept(
        "Copies for the public",
        copies.aggregate(oldest=Min("made_at"))["oldest"],
        "since they were made; records of their own (Gov. Code 34090) that stay with their request",
    )

"""Eight weeks of searches, so that the demonstration's first review has something to ask about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plateward.accounts.models import User
from plateward.governance.queries import actor_for
from plateward.oversight.actions import begin_review
from plateward.plates.pattern import PlatePattern
from plateward.search.actions import run_search
from plateward.search.models import Search
from plateward.search.rules import SearchQuery

AGENCY, REVIEWER = "barstow-pd", "cole"
ZONE = ZoneInfo("America/Los_Angeles")
DAY_SHIFT = ((9, 12), (11, 40), (15, 5))
NIGHT = ((2, 7), (2, 31), (3, 4), (3, 26))
USUAL = (
    "Burglary at the outlet stores, vehicle seen leaving",
    "Hit and run on Main Street, partial plate from a witness",
    "Missing juvenile, last seen in this vehicle",
    "Catalytic converter theft, plate from the store's video",
)


@dataclass(frozen=True, slots=True)
class PastSearch:
    """One search as it was asked, and when."""

    username: str
    at: datetime
    plate: str
    reason: str
    reference: str


def seed_history(now: datetime) -> None:
    """Have people search as they do on workdays, one of them at night, then begin the first review; once."""
    if Search.objects.filter(agency_id=AGENCY).exists():
        return
    for past in sorted(_searches(now), key=lambda search: search.at):
        query = SearchQuery(
            pattern=PlatePattern.parse(past.plate),
            from_at=past.at - timedelta(days=7),
            until_at=past.at,
            purpose="investigatory-lead",
            reason=past.reason,
            reference=past.reference,
        )
        person = User.objects.get(username=past.username)
        run_search(by=actor_for(person, at=now), query=query, now=past.at)
    begin_review(by=actor_for(User.objects.get(username=REVIEWER), at=now), now=now)


def _searches(now: datetime) -> Iterator[PastSearch]:
    midnight = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(2, 50, 3):
        for number, (hour, minute) in enumerate(DAY_SHIFT):
            for place, username in enumerate(("diaz", "ortiz", "soto")):
                at = midnight - timedelta(days=days) + timedelta(hours=hour, minutes=minute + 7 * place)
                which = days + number + place
                yield PastSearch(
                    username, at, f"8{which % 7}?{which % 10}*", USUAL[which % 4], f"26-{4400 + which}"
                )
    for number, (hour, minute) in enumerate(NIGHT):
        at = midnight - timedelta(days=1) + timedelta(hours=hour, minutes=minute)
        yield PastSearch("ortiz", at, "7RVN204", "Same vehicle, checking again on this plate", "")
        if not number:
            yield PastSearch("soto", at + timedelta(hours=8), "6TRK551", "BOLO susp vehicle", "")

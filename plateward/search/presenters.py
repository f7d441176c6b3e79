"""Search results in the words and pictures of the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from plateward.devices.rules import direction_words
from plateward.governance.actor import Actor
from plateward.plates.matching import Mark, Marked, Match, Tolerance, explain
from plateward.policy import Profile
from plateward.reads.models import Direction, Picture, PictureRole, Read
from plateward.reads.pictures import signed_url
from plateward.reads.tokens import open_url
from plateward.search.actions import SearchResult
from plateward.search.models import Search
from plateward.search.queries import cameras
from plateward.search.rules import describe_count

THUMBNAIL_ROLES = (PictureRole.VEHICLE, PictureRole.SCENE, PictureRole.PLATE)
"""Which of a read's pictures stands for it in a list, best first."""

VEHICLE_FACTS = ("color", "make", "model", "type")
TOLERANCES = {
    Tolerance.AS_WRITTEN: "as written",
    Tolerance.LOOK_ALIKES: "or with look-alikes",
    Tolerance.ONE_CHARACTER: "or with one wrong, missing or extra character",
}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One read in the list.

    `match` says why it was found; `vehicle` is what the sender recognized of it; `thumbnail_url` is ""
    without a picture.
    """

    read: Read
    match: Match
    vehicle: str
    direction: str
    thumbnail_url: str
    open_url: str


def result_page(actor: Actor, result: SearchResult) -> dict[str, Any]:
    """Everything the page of results shows."""
    query, found = result.query, result.found
    names = cameras(actor.agency, query.device_ids)
    return {
        "result": result,
        "query": query,
        "rows": [_row(actor, result, read) for read in found.reads],
        "count": describe_count(found.count, is_bounded=found.is_bounded),
        "purpose": purpose_name(actor.profile, query.purpose),
        "cameras": [names[device] for device in query.device_ids],
        "older": quote(found.next.token) if found.next else "",
        "tolerance": TOLERANCES[query.tolerance],
        "vehicle": " ".join(filter(None, (query.color, query.make, query.vehicle_type))),
        "is_again": result.access.pk != result.search.access_record_id,
    }


def _row(actor: Actor, result: SearchResult, read: Read) -> ResultRow:
    query, picture = result.query, _best(result.pictures[read.id])
    return ResultRow(
        read=read,
        match=(query.pattern and explain(query.pattern, read.plate))
        or Match((Marked(read.plate, Mark.OPEN),)),
        vehicle=" ".join(str(read.vehicle[fact]) for fact in VEHICLE_FACTS if read.vehicle.get(fact)),
        direction=", ".join(
            filter(None, (Direction(read.direction).label, direction_words(read.heading_deg)))
        ),
        thumbnail_url=signed_url(
            picture=picture, user_id=actor.user_id, access_id=result.access.pk, small=True
        )
        if picture
        else "",
        open_url=open_url(
            read_id=read.id,
            purpose=query.purpose,
            reason=query.reason,
            reference=query.reference,
            user_id=actor.user_id,
        ),
    )


def _best(pictures: Iterable[Picture]) -> Picture | None:
    by_role = {picture.role: picture for picture in pictures}
    return next((by_role[role] for role in THUMBNAIL_ROLES if role in by_role), None)


def purpose_name(profile: Profile, purpose: str) -> str:
    """The purpose in the policy's words, as far as the policy in force still names it."""
    known = profile.purposes.get(purpose)
    return f"{known.name} ({known.clause})" if known else purpose.replace("-", " ").capitalize()


def own_searches(actor: Actor, searches: Iterable[Search]) -> list[tuple[Search, str, str]]:
    """A person's searches, each with its purpose and its count in words."""
    return [
        (
            search,
            purpose_name(actor.profile, search.purpose),
            describe_count(search.result_count, is_bounded=search.is_count_bounded),
        )
        for search in searches
    ]

"""Search results in the words and pictures of the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from plateward.devices.models import Device
from plateward.devices.rules import direction_words
from plateward.governance.actor import Actor
from plateward.governance.hiding import Hiding, hidings
from plateward.plates.matching import Mark, Marked, Match, Tolerance, explain
from plateward.policy import Profile
from plateward.reads.check_queries import last_checks
from plateward.reads.models import Direction, Picture, PictureRole, Read, ReadCheck
from plateward.reads.pictures import signed_url
from plateward.reads.tokens import open_url
from plateward.search.actions import SearchResult
from plateward.search.models import Search
from plateward.search.passes import Camera, Pass, Sighting, fold
from plateward.search.queries import cameras
from plateward.search.rules import describe_count
from plateward.search.spots import spots_of, way_of
from plateward.search.timeline import timeline_of

THUMBNAIL_ROLES = (PictureRole.VEHICLE, PictureRole.SCENE, PictureRole.PLATE)
"""Which of a read's pictures stands for it in a list, best first."""

LOOKS: Final = {"list": "List", "map": "Map", "timeline": "Timeline", "pictures": "Pictures"}
"""The ways of looking at a page of results, by their names in its address."""

VEHICLE_FACTS = ("color", "make", "model", "type")
TOLERANCES = {
    Tolerance.AS_WRITTEN: "as written",
    Tolerance.LOOK_ALIKES: "or with look-alikes",
    Tolerance.ONE_CHARACTER: "or with one wrong, missing or extra character",
}


@dataclass(frozen=True, slots=True)
class Shot:
    """A small picture: what it shows, and its address."""

    role: str
    url: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One read.

    `match` says why it was found; `vehicle` is what the sender recognized of it; `thumbnail_url` is ""
    without a picture; `check` is what somebody found who compared it with its picture.
    """

    read: Read
    match: Match
    vehicle: str
    direction: str
    shots: tuple[Shot, ...]
    thumbnail_url: str
    open_url: str
    check: ReadCheck | None


@dataclass(frozen=True, slots=True)
class PassRow:
    """One vehicle passing: its best read, and the others of the same pass, newest first."""

    seen: Pass
    best: ResultRow
    others: tuple[ResultRow, ...]

    @property
    def reads(self) -> tuple[ResultRow, ...]:
        """All of them, the best first."""
        return (self.best, *self.others)


@dataclass(frozen=True, slots=True)
class Look:
    """A way of looking at this page of results, with the address that shows it so."""

    name: str
    label: str
    url: str
    is_current: bool


def result_page(actor: Actor, result: SearchResult, show: str) -> dict[str, Any]:
    """Everything the page of results shows, in all its ways, of which `show` is seen first."""
    query, found = result.query, result.found
    names = cameras(actor.agency, query.device_ids)
    rows = _folded(actor, result)
    spots = spots_of(row.seen for row in rows)
    return {
        "looks": [_look(result, name, show) for name in LOOKS],
        "show": show,
        "spots": spots,
        "way": way_of(spots),
        "timeline": timeline_of(spots, ZoneInfo(actor.profile.agency.time_zone)),
        "result": result,
        "query": query,
        "rows": rows,
        "count": describe_count(found.count, is_bounded=found.is_bounded),
        "purpose": purpose_name(actor.profile, query.purpose),
        "cameras": [names[device] for device in query.device_ids],
        "newest_url": _address(result, show=show),
        "older_url": _address(result, after=found.next.token, show=show) if found.next else "",
        "tolerance": TOLERANCES[query.tolerance],
        "vehicle": " ".join(filter(None, (query.color, query.make, query.vehicle_type))),
        "may_export": actor.may("search.export") and not result.search.of_deleted,
        "hidden": hidden_within(actor.profile, query.from_at, result.access.accessed_at),
        "is_again": result.access.pk != result.search.access_record_id,
    }


def hidden_now(profile: Profile, now: datetime) -> list[tuple[Hiding, str]]:
    """What searches leave out because it is deleted logically, each with its clause."""
    return [(one, profile.citation(one.stage.after)) for one in hidings(profile, now)]


def hidden_within(profile: Profile, from_at: datetime, now: datetime) -> list[tuple[Hiding, str]]:
    """What of a time that begins at `from_at` is deleted logically."""
    return [(one, clause) for one, clause in hidden_now(profile, now) if from_at < one.before]


def _address(result: SearchResult, **query: str) -> str:
    return f"{reverse('search:results', args=[result.search.pk])}?{urlencode(query)}"


def _look(result: SearchResult, name: str, show: str) -> Look:
    page = {"after": result.after.token} if result.after else {}
    return Look(name, LOOKS[name], _address(result, **page, show=name), name == show)


def _folded(actor: Actor, result: SearchResult) -> list[PassRow]:
    """The reads of the page by passes, those seen last first."""
    checks = last_checks([read.id for read in result.found.reads])
    shown = {read.id: _row(actor, result, read, checks.get(read.id)) for read in result.found.reads}
    passes = fold(_sighting(row.read, has_picture=bool(row.shots)) for row in shown.values())
    return [
        PassRow(one, shown[one.best.id], tuple(shown[other.id] for other in one.others)) for one in passes
    ]


def _sighting(read: Read, *, has_picture: bool) -> Sighting:
    camera = _camera(read.device)
    return Sighting(
        id=read.id,
        plate=read.plate,
        plate_key=read.plate_key,
        region=read.region,
        camera=camera,
        captured_at=read.captured_at,
        event=read.source_event_id,
        place=camera.place_of(_place(read)),
        confidence=read.confidence,
        has_picture=has_picture,
    )


def _camera(device: Device) -> Camera:
    return Camera(
        id=device.pk,
        name=device.name,
        location=device.location,
        site=device.site,
        place=_place(device),
    )


def _place(told: Read | Device) -> tuple[float, float] | None:
    if told.latitude is None or told.longitude is None:
        return None
    return told.latitude, told.longitude


def _row(actor: Actor, result: SearchResult, read: Read, check: ReadCheck | None) -> ResultRow:
    query, pictures = result.query, result.pictures[read.id]
    urls = {
        picture: signed_url(
            picture=picture,
            user_id=actor.user_id,
            access_id=result.access.pk,
            small=True,
            deleted=result.search.of_deleted,
        )
        for picture in pictures
    }
    best = _best(pictures)
    return ResultRow(
        read=read,
        match=(query.pattern and explain(query.pattern, read.plate))
        or Match((Marked(read.plate, Mark.OPEN),)),
        vehicle=" ".join(str(read.vehicle[fact]) for fact in VEHICLE_FACTS if read.vehicle.get(fact)),
        direction=", ".join(
            filter(None, (Direction(read.direction).label, direction_words(read.heading_deg)))
        ),
        shots=tuple(Shot(PictureRole(picture.role).label, url) for picture, url in urls.items()),
        thumbnail_url=urls[best] if best else "",
        open_url=open_url(
            read_id=read.id,
            purpose=query.purpose,
            reason=query.reason,
            reference=query.reference,
            user_id=actor.user_id,
        ),
        check=check,
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

"""Between the API's formats and the subjects' own."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

import msgspec
from django.urls import reverse
from django.utils.http import urlencode
from msgspec import UNSET, UnsetType

from plateward.api import formats, openapi, problems
from plateward.api.formats import (
    EARLIEST,
    LATEST,
    DeviceFacts,
    DeviceProblemFacts,
    Devices,
    OpenedRead,
    OwnSearch,
    OwnSearches,
    PictureCheck,
    PictureFacts,
    PlateFacts,
    PlatesPage,
    ReadSummary,
    SearchPage,
    SearchRequest,
    Stated,
)
from plateward.api.problems import Problem
from plateward.devices.activity import Activity, activity_of
from plateward.devices.models import Device, DeviceProblem
from plateward.devices.queries import devices_of, open_problems
from plateward.plates import color_word
from plateward.plates.matching import explain
from plateward.plates.pattern import PatternError, PlatePattern
from plateward.policy.screening import Flag
from plateward.reads import actions as reads
from plateward.reads.check_models import ReadCheck
from plateward.reads.check_queries import last_checks
from plateward.reads.models import Picture, Read
from plateward.reads.pictures import Cut, PictureGrant, signed
from plateward.search.actions import SearchResult
from plateward.search.areas import Area, AreaError, area_from
from plateward.search.canvass_actions import PlatesSeen
from plateward.search.models import Search
from plateward.search.rules import DEFAULT_SPAN, QueryError, SearchQuery


def query_of(asked: SearchRequest, now: datetime) -> SearchQuery:
    """What is asked, as the search takes it. Raises Problem."""
    until_at = now if asked.until_at is UNSET else asked.until_at
    from_at = until_at - DEFAULT_SPAN if asked.from_at is UNSET else asked.from_at
    in_known_times(from_at, until_at)
    try:
        return SearchQuery(
            pattern=None if asked.plate is UNSET else PlatePattern.parse(asked.plate),
            area=area_of(asked.area),
            from_at=from_at,
            until_at=until_at,
            **stated(asked),
            tolerance=asked.tolerance,
            region=asked.region,
            make=asked.make.strip(),
            color=color_word(asked.color.strip()),
            vehicle_type=asked.vehicle_type.strip(),
            device_ids=tuple(sorted(set(asked.device_ids))),
        )
    except (PatternError, QueryError, AreaError) as error:
        raise Problem(problems.QUERY, str(error)) from error


class StatedWords(TypedDict):
    """Why one asks, as the subjects take it."""

    purpose: str
    reason: str
    reference: str


def stated(asked: Stated) -> StatedWords:
    """Why one asks, without spaces around it."""
    return {
        "purpose": asked.purpose,
        "reason": asked.reason.strip(),
        "reference": asked.reference.strip(),
    }


def in_known_times(*moments: datetime) -> None:
    """Raise Problem for moments that no read can be of."""
    if not all(EARLIEST <= moment <= LATEST for moment in moments):
        raise Problem(problems.QUERY, "from_at, until_at: only 2000 to 2100 can be searched.")


def area_of(asked: formats.Area | UnsetType) -> Area | None:
    """The area as searches take it. Raises AreaError."""
    return None if asked is UNSET else area_from(msgspec.to_builtins(asked))


def flags_told(flags: Iterable[Flag]) -> tuple[str, ...]:
    """The signs in a reason that a reviewer may ask about."""
    return tuple(f"{flag.name}: {flag.matched}" for flag in flags)


def search_page(result: SearchResult) -> SearchPage:
    """A page of results."""
    found, pattern = result.found, result.query.pattern
    checks = last_checks([read.id for read in found.reads])
    shown = tuple(
        _summary(
            read,
            checks.get(read.id),
            why.explanation if pattern and (why := explain(pattern, read.plate)) else "",
        )
        for read in found.reads
    )
    address = reverse("api:results", args=[result.search.pk])
    return SearchPage(
        search_id=result.search.pk,
        access_record=result.access.pk,
        page=result.page,
        count=found.count,
        is_count_bounded=found.is_bounded,
        flags=flags_told(result.flags),
        reads=shown,
        next=f"{address}?{urlencode({'after': found.next.token})}" if found.next else None,
    )


def plates_page(seen: PlatesSeen) -> PlatesPage:
    """A page of the plates of a canvass."""
    address = reverse("api:plates", args=[seen.search.pk])
    return PlatesPage(
        search_id=seen.search.pk,
        access_record=seen.access.pk,
        page=seen.page,
        count=seen.total,
        reads=seen.reads,
        plates=tuple(
            PlateFacts(
                plate=one.plate,
                reads=one.reads,
                cameras=len(one.devices),
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in seen.plates
        ),
        next=f"{address}?after={seen.page}" if seen.has_more else None,
    )


def _compared(check: ReadCheck) -> PictureCheck:
    return PictureCheck(
        checked_at=check.checked_at,
        checked_by=check.checked_by.full_name,
        is_misread=check.is_misread,
        is_wrong_state=check.is_wrong_state,
        shows_plate=check.shows_plate,
        shows_region=check.shows_region,
        reason=check.reason,
    )


def _summary(read: Read, check: ReadCheck | None, why_found: str = "") -> ReadSummary:
    return ReadSummary(
        id=read.id,
        captured_at=read.captured_at,
        plate=read.plate,
        region=read.region,
        confidence=read.confidence,
        device_id=read.device_id,
        device=read.device.name,
        location=read.device.location,
        direction=read.direction,
        vehicle=read.vehicle,
        compared=_compared(check) if check else None,
        why_found=why_found,
    )


def own_searches(searches: Sequence[Search], size: int) -> OwnSearches:
    """A page of one's own searches; one more than fits says that there is another page."""
    shown = searches[:size]
    following = f"{reverse('api:searches')}?after={shown[-1].pk}" if len(searches) > size else None
    return OwnSearches(searches=tuple(_own_search(search) for search in shown), next=following)


def _own_search(search: Search) -> OwnSearch:
    return OwnSearch(
        search_id=search.pk,
        searched_at=search.searched_at,
        plate=search.pattern,
        area=search.area,
        purpose=search.purpose,
        reason=search.reason,
        reference=search.reference,
        from_at=search.from_at,
        until_at=search.until_at,
        count=search.result_count,
        is_count_bounded=search.is_count_bounded,
        results=reverse("api:results", args=[search.pk]),
    )


def opened_read(opened: reads.OpenedRead, user_id: UUID) -> OpenedRead:
    """A read as this person opened it."""

    def address(picture: Picture) -> str:
        grant = PictureGrant(picture.pk, user_id, opened.access.pk, Cut.WHOLE)
        return reverse("api:picture", args=[signed(grant)])

    pictures = tuple(
        PictureFacts(
            id=picture.pk,
            address=address(picture),
            role=picture.role,
            media_type=picture.media_type,
            sha256=picture.sha256,
            width=picture.width,
            height=picture.height,
        )
        for picture in opened.pictures
    )
    return OpenedRead(
        access_record=opened.access.pk,
        plate_as_sent=opened.read.plate_raw,
        read=_summary(opened.read, last_checks([opened.read.id]).get(opened.read.id)),
        pictures=pictures,
    )


def devices(agency: str, now: datetime) -> Devices:
    """The register with what each device did lately."""
    activity, troubled = activity_of(agency, now), open_problems(agency)
    return Devices(
        devices=tuple(
            _device(device, activity.get(device.pk, Activity()), troubled.get(device.pk, ()))
            for device in devices_of(agency)
        )
    )


def _device(device: Device, lately: Activity, troubles: Sequence[DeviceProblem]) -> DeviceFacts:
    return DeviceFacts(
        id=device.pk,
        name=device.name,
        kind=device.kind,
        location=device.location,
        owner=device.owner,
        latitude=device.latitude,
        longitude=device.longitude,
        heading_deg=device.heading_deg,
        is_enabled=device.is_enabled,
        last_read_at=lately.last_read_at,
        reads_24h=lately.reads_24h,
        problems=device_problems(troubles),
    )


def device_problems(troubles: Iterable[DeviceProblem]) -> tuple[DeviceProblemFacts, ...]:
    """What is or was wrong with a device."""
    return tuple(DeviceProblemFacts(kind=one.kind, text=one.text, since_at=one.since_at) for one in troubles)


def schemas() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Every format for the page of documentation: its name, what it is, its fields with type and meaning."""
    known = openapi.document()["components"]["schemas"]
    return [
        (name, schema.get("description", ""), [_field(schema, *one) for one in schema["properties"].items()])
        for name, schema in sorted(known.items())
        if "properties" in schema
    ]


def _field(schema: dict[str, Any], name: str, facts: dict[str, Any]) -> tuple[str, str, str]:
    kinds = [facts, *facts.get("anyOf", [])]
    told = next((one["description"] for one in kinds if "description" in one), "")
    required = name in schema.get("required", [])
    return name, " or ".join(filter(None, map(_type, kinds))) + ("" if required else " (optional)"), told


def _type(facts: dict[str, Any]) -> str:
    if "$ref" in facts:
        return str(facts["$ref"].rpartition("/")[2])
    if "prefixItems" in facts:
        return f"pair of {_type(facts['prefixItems'][0])}"
    if "enum" in facts:
        return " or ".join(map(str, facts["enum"]))
    if facts.get("type") == "array":
        return f"list of {_type(facts['items'])}"
    return str(facts.get("format") or facts.get("type", ""))

"""Analyses in the words of their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from plateward.governance.actor import Actor
from plateward.plates.matching import near_keys
from plateward.reads.tokens import open_url
from plateward.search import analysis_queries
from plateward.search.analysis_actions import IncidentsResult, TravelResult
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.incidents import Presence, Suspect
from plateward.search.meetings import SHOWN
from plateward.search.presenters import purpose_name
from plateward.search.travel import CommonPass, Companion

LISTED = 5
"""Reads of a plate at one incident that are listed."""


@dataclass(frozen=True, slots=True)
class PassRow:
    """One common pass: which camera, how far apart, and where to open both reads."""

    common: CommonPass
    camera: str
    own_url: str
    open_url: str


@dataclass(frozen=True, slots=True)
class CompanionRow:
    """A companion with its common passes; `is_near` where one character less makes it the vehicle itself."""

    companion: Companion
    is_near: bool
    summary: str
    passes: list[PassRow]


def travel_page(actor: Actor, result: TravelResult) -> dict[str, Any]:
    """Everything the page of companions shows."""
    query = result.query
    near = near_keys(query.plate_key)
    return {
        "result": result,
        "query": query,
        "analysis": result.analysis,
        "rows": [_row(actor, result, one, is_near=one.plate_key in near) for one in result.companions],
        "heading": counted(result.count, "vehicle"),
        "rest": result.count - len(result.companions),
        "most": SHOWN,
        "passes": counted(len(result.passes), "pass", "es"),
        "cameras": counted(len(result.cameras), "camera"),
        "other_readings": sorted(
            {one.plate for own in result.passes for one in own.sightings} - {query.plate}
        ),
        "purpose": purpose_name(actor.profile, query.purpose),
        "is_again": result.access.pk != result.analysis.access_record_id,
    }


def _row(actor: Actor, result: TravelResult, companion: Companion, *, is_near: bool) -> CompanionRow:
    said = ", ".join(
        (
            counted(len(companion.passes), "common pass", "es"),
            counted(companion.cameras, "camera"),
            counted(companion.days, "day"),
        )
    )
    return CompanionRow(
        companion,
        is_near,
        said,
        [
            PassRow(
                common,
                result.cameras[common.own.device_id],
                opens(actor, result.query, common.own.sightings[0].read_id),
                opens(actor, result.query, common.read_id),
            )
            for common in companion.passes
        ],
    )


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A read at an incident: when, which camera, how it was read, and where to open it."""

    captured_at: datetime
    camera: str
    plate: str
    open_url: str


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """One incident at which a plate was; `rest` counts the reads that are not listed."""

    presence: Presence
    reads: list[ReadRow]
    rest: int


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """A plate with the incidents at which it was; `plate` is how it was read first."""

    plate: str
    presences: list[PresenceRow]


def incidents_page(actor: Actor, result: IncidentsResult) -> dict[str, Any]:
    """Everything the page of plates seen at several incidents shows."""
    query = result.query
    names = analysis_queries.camera_names(
        actor.agency, {device for one in query.incidents for device in one.device_ids}
    )
    asked = [
        (one, counted(looked, "camera"), [names[device] for device in one.device_ids])
        for one, looked in zip(query.incidents, result.looked, strict=True)
    ]
    return {
        "result": result,
        "query": query,
        "analysis": result.analysis,
        "asked": asked,
        "rows": [_suspect(actor, result, one) for one in result.suspects],
        "heading": counted(result.count, "plate"),
        "rest": result.count - len(result.suspects),
        "most": SHOWN,
        "purpose": purpose_name(actor.profile, query.purpose),
        "is_again": result.access.pk != result.analysis.access_record_id,
    }


def _suspect(actor: Actor, result: IncidentsResult, suspect: Suspect) -> SuspectRow:
    presences = [
        PresenceRow(
            one,
            [
                _read(actor, result, at, read_id)
                for at, read_id in list(zip(one.times, one.read_ids, strict=True))[:LISTED]
            ],
            max(0, len(one.read_ids) - LISTED),
        )
        for one in suspect.presences
    ]
    return SuspectRow(presences[0].reads[0].plate, presences)


def _read(actor: Actor, result: IncidentsResult, at: datetime, read_id: UUID) -> ReadRow:
    plate, device = result.reads[read_id]
    return ReadRow(at, result.cameras[device], plate, opens(actor, result.query, read_id))


def opens(actor: Actor, stated: Any, read_id: UUID) -> str:
    """The address under which the person opens a read for the purpose of the analysis."""
    return open_url(
        read_id=read_id,
        purpose=stated.purpose,
        reason=stated.reason,
        reference=stated.reference,
        user_id=actor.user_id,
    )


def counted(count: int, one: str, more: str = "s") -> str:
    """A number of things in words."""
    return f"{count:,} {one}{'' if count == 1 else more}" if count else f"No {one}{more}"


def own_analyses(actor: Actor, analyses: Iterable[Analysis]) -> list[dict[str, Any]]:
    """A person's analyses, each with what was asked, its purpose and its count in words."""
    return [
        {
            "analysis": one,
            "kind": AnalysisKind(one.kind).label,
            "asked": asked_words(one.asked),
            "purpose": purpose_name(actor.profile, one.purpose),
            "count": counted(one.match_count, "plate"),
        }
        for one in analyses
    ]


def asked_words(asked: Mapping[str, Any]) -> str:
    """What an analysis was about."""
    if "plate" in asked:
        return str(asked["plate"])
    return ", ".join(str(one["name"]) for one in asked["incidents"])

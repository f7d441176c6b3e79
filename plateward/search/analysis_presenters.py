"""Analyses in the words of their pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from plateward.governance.actor import Actor
from plateward.plates.matching import near_keys
from plateward.reads.tokens import open_url
from plateward.search.analysis_actions import TravelResult
from plateward.search.analysis_models import Analysis, AnalysisKind
from plateward.search.meetings import SHOWN
from plateward.search.presenters import purpose_name
from plateward.search.travel import CommonPass, Companion


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
        "heading": _counted(result.count, "vehicle"),
        "rest": result.count - len(result.companions),
        "most": SHOWN,
        "passes": _counted(len(result.passes), "pass", "es"),
        "cameras": _counted(len(result.cameras), "camera"),
        "other_readings": sorted(
            {one.plate for own in result.passes for one in own.sightings} - {query.plate}
        ),
        "purpose": purpose_name(actor.profile, query.purpose),
        "is_again": result.access.pk != result.analysis.access_record_id,
    }


def _row(actor: Actor, result: TravelResult, companion: Companion, *, is_near: bool) -> CompanionRow:
    said = ", ".join(
        (
            _counted(len(companion.passes), "common pass", "es"),
            _counted(companion.cameras, "camera"),
            _counted(companion.days, "day"),
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


def opens(actor: Actor, stated: Any, read_id: UUID) -> str:
    """The address under which the person opens a read for the purpose of the analysis."""
    return open_url(
        read_id=read_id,
        purpose=stated.purpose,
        reason=stated.reason,
        reference=stated.reference,
        user_id=actor.user_id,
    )


def _counted(count: int, one: str, more: str = "s") -> str:
    return f"{count:,} {one}{'' if count == 1 else more}" if count else f"No {one}{more}"


def own_analyses(actor: Actor, analyses: Iterable[Analysis]) -> list[dict[str, Any]]:
    """A person's analyses, each with what was asked, its purpose and its count in words."""
    return [
        {
            "analysis": one,
            "kind": AnalysisKind(one.kind).label,
            "asked": asked_words(one.asked),
            "purpose": purpose_name(actor.profile, one.purpose),
            "count": _counted(one.match_count, "plate"),
        }
        for one in analyses
    ]


def asked_words(asked: Mapping[str, Any]) -> str:
    """What an analysis was about."""
    return str(asked["plate"])

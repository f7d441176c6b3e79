"""The report of an audit: its data, its PDF, and the file from which anybody draws the sample again.

Nothing of it names a plate, a reason or who searched: records stand by their numbers.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from plateward.audits.kinds import SCOPES
from plateward.audits.models import Audit
from plateward.audits.rules import FindingAct, Verdict, unsaid
from plateward.documents.typesetting import typeset
from plateward.ledger.canonical import canonical_bytes
from plateward.policy import Profile

_FOLDER: Final = Path(__file__).resolve().parent
REDRAW: Final = _FOLDER / "redraw.py"
"""The program that draws again from the file of the draw, with nothing of Plateward's."""

METHOD: Final = (
    "Order the numbers by the SHA-256 (in hexadecimal) of “seed:number” and take the first ones: so many "
    "from the population, then so many from those at risk that were not taken."
)


def digest(numbers: Iterable[int]) -> str:
    """The SHA-256 of numbers in their order, each on a line of its own."""
    return sha256("".join(f"{one}\n" for one in numbers).encode()).hexdigest()


def draw_file(made: Audit) -> bytes:
    """Everything that the draw rests on, as JSON: seed, sizes, numbers, and what was drawn."""
    items = list(made.items.order_by("place").values_list("draw", "access_id"))
    return canonical_bytes(
        {
            "agency": made.agency_id,
            "audit": made.name,
            "method": METHOD,
            "seed": made.seed,
            "head_size": made.head_size,
            "population": made.population,
            "population_sha256": digest(made.population),
            "at_risk": made.at_risk,
            "random_size": made.random_size,
            "risk_size": made.risk_size,
            "random": [one for way, one in items if way == "RANDOM"],
            "risk": [one for way, one in items if way == "RISK"],
        }
    )


def data(made: Audit, profile: Profile) -> dict[str, Any]:
    """What the report says, as it is signed."""
    rule = profile.audit
    auditor = rule.auditor.settled
    return {
        "agency": {"id": made.agency_id, "name": profile.agency.name},
        "audit": made.name,
        "period": {"from": _instant(made.from_at), "until": _instant(made.until_at)},
        "due": _instant(made.due_at),
        "policy": {
            "version": profile.version,
            "clause": rule.auditor.clause or rule.every.clause,
            "auditor": profile.position_name(auditor) if auditor else "",
            "unsaid": unsaid(profile),
        },
        "begun": {"by": made.begun_by.full_name, "at": _instant(made.begun_at)},
        "signed": {"by": made.signed_by.full_name if made.signed_by else "", "at": _instant(made.signed_at)},
        "conclusion": made.conclusion,
        "draw": {
            "seed": made.seed,
            "head_size": made.head_size,
            "population": len(made.population),
            "population_sha256": digest(made.population),
            "at_risk": len(made.at_risk),
            "drawn_at": _instant(made.drawn_at),
        },
        "checks": [_check(one) for one in made.checks.all()],
        "sample": [_item(item) for item in made.items.select_related("marked_by")],
        "findings": [_finding(one) for one in made.findings.select_related("owner", "audit")],
    }


def _check(one: Any) -> dict[str, Any]:
    return {
        "scope": one.about.scope.value,
        "check": one.about.label,
        "outcome": one.outcome,
        "count": one.count,
        "facts": one.facts,
        "answer": one.answer,
    }


def _item(item: Any) -> dict[str, Any]:
    return {
        "record": item.access_id,
        "draw": item.draw,
        "verdict": item.verdict,
        "note": item.note,
        "by": item.marked_by.full_name if item.marked_by else "",
    }


def _finding(one: Any) -> dict[str, Any]:
    return {
        "finding": one.name,
        "severity": one.severity,
        "what": one.what,
        "owner": one.owner.full_name,
        "due": one.due_date.isoformat(),
        "state": one.state,
        "steps": [
            {"act": FindingAct(step.act).value, "note": step.note, "at": _instant(step.said_at)}
            for step in one.steps.all()
        ],
    }


def as_bytes(told: Mapping[str, Any]) -> bytes:
    """The report's data, in canonical form."""
    return canonical_bytes(dict(told))


def as_pdf(told: Mapping[str, Any], data_sha256: str, *, created: datetime) -> bytes:
    """The report for people, PDF/A-2a and PDF/UA-1. Raises typst.TypstError."""
    return typeset(_FOLDER / "report.typ", _shown(told, data_sha256), created=created, is_archived=True)


def _shown(told: Mapping[str, Any], data_sha256: str) -> dict[str, Any]:
    judged = told["sample"]
    out = sum(item["verdict"] == Verdict.OUT_OF_POLICY for item in judged)
    drawn, period = told["draw"], told["period"]
    return {
        "agency": told["agency"]["name"],
        "audit": told["audit"],
        "summary": (
            f"{len(judged)} of {drawn['population']:,} searches between {period['from']} and "
            f"{period['until']} were looked through: {out} out of policy. "
            f"{_counted(len(told['findings']), 'finding')}."
        ),
        "facts": [
            {"label": "Policy", "text": f"version {told['policy']['version']} {told['policy']['clause']}"},
            {"label": "Auditor by the policy", "text": told["policy"]["auditor"] or "Not said"},
            {"label": "Due", "text": told["due"] or "The policy gives no interval"},
            {"label": "Begun", "text": f"{told['begun']['by']}, {told['begun']['at']}"},
            {"label": "Signed off", "text": f"{told['signed']['by']}, {told['signed']['at']}"},
            {"label": "The policy does not say", "text": "; ".join(told["policy"]["unsaid"]) or "–"},
        ],
        "conclusion": told["conclusion"],
        "scopes": [
            {
                "name": name,
                "checks": [
                    {
                        "check": one["check"],
                        "outcome": _OUTCOMES[one["outcome"]].format(count=one["count"]),
                        "facts": [*one["facts"], *([f"Auditor: {one['answer']}"] if one["answer"] else [])],
                    }
                    for one in told["checks"]
                    if one["scope"] == scope.value
                ],
            }
            for scope, name in SCOPES.items()
        ],
        "method": METHOD,
        "seed": drawn["seed"],
        "head": f"The seed holds the root of the journal’s head of {drawn['head_size']:,} rows, the first "
        f"sealed after the period. Population: {drawn['population']:,} searches, of which "
        f"{drawn['at_risk']:,} are at risk.",
        "items": [
            {
                "record": str(item["record"]),
                "draw": _DRAWS[item["draw"]],
                "verdict": Verdict(item["verdict"]).label,
                "note": item["note"] or "–",
            }
            for item in judged
        ],
        "findings": [
            {
                "name": one["finding"],
                "severity": one["severity"].capitalize(),
                "what": one["what"],
                "owner": f"{one['owner']}, by {one['due']}",
            }
            for one in told["findings"]
        ],
        "data_sha256": data_sha256,
    }


_OUTCOMES: Final = {
    "GOOD": "Nothing found",
    "ATTENTION": "{count} found",
    "UNSAID": "The policy says nothing",
}
_DRAWS: Final = {"RANDOM": "Random", "RISK": "At risk"}


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""

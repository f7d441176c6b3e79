"""An incident in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plateward.incidents import rules
from plateward.incidents.models import Done, Incident
from plateward.incidents.rules import Step


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the checklist: the step, by when, and how it was done."""

    step: Step
    due_at: datetime | None
    done: Done | None


def lines(incident: Incident) -> list[Line]:
    """The checklist as it stands."""
    done = {Step(one.step): one for one in incident.done.select_related("by")}
    return [
        Line(step, rules.due_at(step, incident.discovered_at), done.get(step))
        for step in rules.checklist(incident.californians)
    ]


def sheet(incident: Incident, now: datetime, *, works: bool) -> dict[str, Any]:
    """The words of an incident's page; who only reported it reads what they wrote and how it stands."""
    return {
        "incident": incident,
        "works": works,
        "hours": rules.hours(incident.discovered_at, incident.ended_at or now),
        "lines": lines(incident) if works else [],
        "affected": incident.affected.select_related("made_by") if works else [],
        "letters": incident.letters.defer("pdf").prefetch_related("sendings") if works else [],
        "delays": incident.delays.all() if works else [],
        "entries": incident.entries.select_related("by") if works else [],
    }

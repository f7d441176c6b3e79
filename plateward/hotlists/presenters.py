"""What the pages say about entries: what can be done and why not, the clock, and the history in sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.governance.actor import Actor
from plateward.hotlists import queries, rules
from plateward.hotlists.entry_forms import NoteForm, RefreshForm, ScreenedNoteForm
from plateward.hotlists.models import Entry, FileState, ListFile
from plateward.hotlists.narrative import Content
from plateward.hotlists.room import NO_ROOM
from plateward.hotlists.rules import Act, EntryFacts, EntryState
from plateward.policy import ApprovalChain, Decision, Profile, Unsettled

URGENT_S = 12 * 3600
"""An entry with less than this left is marked: somebody must re-confirm it or let it go."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How an act is offered: its heading, its button, and what its note is asked for."""

    title: str
    button: str
    note: str
    hint: str = ""
    note_required: bool = True


WORDING = {
    Act.APPROVE: Wording("Approve", "Approve entry", "Note", "Kept with the decision.", note_required=False),
    Act.REFUSE: Wording("Refuse", "Refuse entry", "Reason", "The requester reads it."),
    Act.ASSERT_UNAVAILABLE: Wording(
        "Record that the approver is unavailable", "Record unavailability", "How it is known"
    ),
    Act.ENTER: Wording("Enter", "Enter it", "Note", "Kept with the entering.", note_required=False),
    Act.WITHDRAW: Wording("Withdraw", "Withdraw request", "Note", note_required=False),
    Act.REFRESH: Wording(
        "Re-confirm",
        "Re-confirm entry",
        "How it was checked, and what was found",
        "Say how you know that the vehicle is still wanted; a further period begins now.",
    ),
    Act.REMOVE: Wording(
        "Remove", "Remove entry", "Reason", "For example: vehicle recovered, where and when."
    ),
}
ACTS_OF = {
    EntryState.REQUESTED: (Act.APPROVE, Act.REFUSE, Act.ASSERT_UNAVAILABLE, Act.WITHDRAW),
    EntryState.APPROVED: (Act.ENTER, Act.WITHDRAW),
    EntryState.ACTIVE: (Act.REFRESH, Act.REMOVE),
}
SLUGS = {
    Act.APPROVE: "approve",
    Act.REFUSE: "refuse",
    Act.ASSERT_UNAVAILABLE: "unavailable",
    Act.ENTER: "enter",
    Act.WITHDRAW: "withdraw",
    Act.REFRESH: "refresh",
    Act.REMOVE: "remove",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One act as the page offers it: with its form where the rule allows it, with the reason where not."""

    act: Act
    wording: Wording
    decision: Decision
    form: NoteForm
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list. `mine` marks what waits for this very person's decision."""

    entry: Entry
    state: EntryState
    purpose: str
    deciders: str
    mine: bool
    left: str
    urgent: bool

    @property
    def ended_at(self) -> datetime | None:
        """When it ended: by a person, by a decision against it, or by the clock."""
        return self.entry.ended_at or (
            self.entry.ends_at if self.state is EntryState.EXPIRED else self.entry.decided_at
        )


FORMS: Mapping[Act, type[NoteForm]] = {
    Act.APPROVE: ScreenedNoteForm,
    Act.ENTER: ScreenedNoteForm,
    Act.REFRESH: RefreshForm,
}
"""Acts whose words stay with an entry in force, and are screened."""


def note_form(act: Act, data: object = None) -> NoteForm:
    """The form of an act's note; its fields are named by the act, since a page shows several."""
    wording = WORDING[act]
    return FORMS.get(act, NoteForm)(
        data, prefix=SLUGS[act], label=wording.note, hint=wording.hint, required=wording.note_required
    )


def options(
    entry: Entry, facts: EntryFacts, actor: Actor, now: datetime, bound: tuple[Act, NoteForm] | None = None
) -> list[Option]:
    """What can be done with an entry in its state; `bound` is a form that came back with mistakes."""
    offered = []
    for act in ACTS_OF.get(facts.state_at(now), ()):
        decision = rules.decide(
            act, actor.profile, facts, actor.person, now=now, position=first_approver(actor.profile, facts)
        )
        form = bound[1] if bound and bound[0] is act else note_form(act)
        url = reverse(f"hotlists:{SLUGS[act]}", args=[entry.pk])
        offered.append(Option(act, WORDING[act], decision, form, url))
    return offered


def first_approver(profile: Profile, facts: EntryFacts) -> str:
    """The position that decides first, "" where the policy names none."""
    chain = rules.chain_for(profile, facts.requester.title)
    return chain.first if isinstance(chain, ApprovalChain) else ""


def rows(entries: Iterable[Entry], actor: Actor, now: datetime) -> list[Row]:
    """The entries as a list shows them to this person."""
    listed = list(entries)
    facts = queries.facts_of(listed, profile=actor.profile, now=now)
    return [_row(entry, facts[entry.pk], actor, now) for entry in listed]


def _row(entry: Entry, facts: EntryFacts, actor: Actor, now: datetime) -> Row:
    state = facts.state_at(now)
    acts = (Act.APPROVE, Act.ENTER)
    mine = any(rules.decide(act, actor.profile, facts, actor.person, now=now) for act in acts)
    seconds = (entry.ends_at - now).total_seconds() if entry.ends_at else 0
    timed = state in queries.TIMED
    seen = queries.shown_to(actor, entry)
    return Row(
        entry=seen,
        state=state,
        purpose=seen.withheld.reason
        if seen.withheld is not None
        else purpose_name(actor.profile, entry.purpose),
        deciders=deciders(actor.profile, entry.requested_as, facts.unavailable),
        mine=mine,
        left=_hours(seconds) if timed else "",
        urgent=timed and seconds < URGENT_S,
    )


def _hours(seconds: float) -> str:
    """Such as "71 h 30 min": the policy counts hours, so the clock does."""
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60} min"


def purpose_name(profile: Profile, purpose: str) -> str:
    """A purpose in words, also one that an earlier version of the policy knew."""
    known = profile.purposes.get(purpose)
    return known.name if known else purpose


def stays_for(profile: Profile) -> str:
    """How long an entry stays, in a sentence."""
    period = profile.hotlists.custom.refresh_within
    if period.settled is None:
        return "How long an entry stays is not addressed by this policy, so none can be approved."
    clause = profile.citation(period)
    return f"Then the entry stays for {period.settled}, unless an approver re-confirms it ({clause})."


def mandatory_in_words(profile: Profile) -> str:
    """For which purposes a vehicle must be entered, in a sentence; "" where the policy names none (R68)."""
    rule = profile.hotlists.mandatory_purposes
    if not rule.settled:
        return ""
    names = ", ".join(purpose_name(profile, purpose) for purpose in rule.settled)
    return f"A vehicle known in such a case must be entered: {names} ({profile.citation(rule)})."


def deciders(profile: Profile, title: str, unavailable: Iterable[str] = ()) -> str:
    """Who decides now on a request of this title, in words."""
    chain = rules.chain_for(profile, title)
    if not isinstance(chain, ApprovalChain):
        return chain.reason
    if chain.first in set(unavailable) and chain.alternatives:
        return _names(profile, chain.alternatives)
    return profile.position_name(chain.first)


def chain_in_words(profile: Profile, title: str) -> str:
    """Which chain decides on a request of this title: "Operations … approves; if unavailable, … or …"."""
    chain = rules.chain_for(profile, title)
    if not isinstance(chain, ApprovalChain):
        return chain.reason
    first = f"The {profile.position_name(chain.first)} approves"
    if not chain.alternatives:
        return f"{first}; no alternative is laid down."
    return f"{first}; if unavailable, the {_names(profile, chain.alternatives)}."


def entering_in_words(profile: Profile, title: str) -> str:
    """Who types in what was approved of this title's requests, in a sentence."""
    try:
        titles = rules.entered_by(profile, title)
    except Unsettled as unsettled:
        return str(unsettled)
    if not titles:
        return "The approval puts it on the list as requested."
    names = " or ".join(profile.title_name(known) for known in titles)
    return f"What is approved is entered by the {names}{' who requested it' if title in titles else ''}."


def approved_in_words(profile: Profile, title: str) -> str:
    """What an approval of this title's request did, in a sentence."""
    with suppress(Unsettled):
        if rules.entered_by(profile, title):
            return f"Approved. It matches nothing yet. {entering_in_words(profile, title)}"
    return "Approved. The entry is active and matches from now on."


def has_alternatives(profile: Profile, title: str) -> bool:
    """Whether somebody may decide in the first approver's place on a request of this title."""
    chain = rules.chain_for(profile, title)
    return isinstance(chain, ApprovalChain) and bool(chain.alternatives)


def _names(profile: Profile, positions: Sequence[str]) -> str:
    return " or ".join(profile.position_name(position) for position in positions)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One journaled act: who did what when, as what, by which clause of which version, with what note."""

    at: datetime
    sentence: str
    person: str
    clause: str
    note: str
    version: str
    further: tuple[str, ...] = ()


SENTENCES = {
    "hotlists.entry.requested": "Requested",
    "hotlists.approver.unavailable": "Recorded as unavailable: {position}",
    "hotlists.entry.approved": "Approved as {as}",
    "hotlists.entry.refused": "Refused as {as}",
    "hotlists.entry.entered": "Entered",
    "hotlists.entry.reminded": "Reminded that it expires soon: {to}",
    "hotlists.entry.recovered": "Vehicle recovered; the entry is to be removed",
    "hotlists.removal.escalated": "Not removed in time; told: {to}",
    "hotlists.entry.withdrawn": "Withdrawn",
    "hotlists.entry.refreshed": "Re-confirmed as {as}",
    "hotlists.entry.removed": "Removed",
    "hotlists.entry.expired": "Expired: not re-confirmed in time",
}
NOTES = ("reason", "note", "confirmed", "fits")


def history(records: Iterable[AuditRecord], profile: Profile) -> list[HistoryLine]:
    """Every journaled act as a sentence."""
    return [_line(record, profile) for record in records]


def _line(record: AuditRecord, profile: Profile) -> HistoryLine:
    detail = record.detail
    named = {key: profile.position_name(str(detail.get(key, ""))) for key in ("as", "position")}
    named["to"] = ", ".join(map(profile.position_name, str(detail.get("to", "")).split(", ")))
    title = f", {profile.title_name(record.title)}" if record.title else ""
    note = next((detail[key] for key in NOTES if detail.get(key)), "")
    return HistoryLine(
        at=record.recorded_at,
        sentence=SENTENCES.get(record.verb, record.verb).format_map(named),
        person=f"{record.name}{title}",
        clause=detail.get("clause", ""),
        note=f"Checked against {detail['source']}: {note}" if detail.get("source") else note,
        version=record.profile_version,
        further=tuple(_further(detail, profile)),
    )


def _further(detail: Mapping[str, Any], profile: Profile) -> Iterator[str]:
    """What a reviewer should know of an act beside its note."""
    if first := detail.get("instead_of"):
        yield f"In place of the {profile.position_name(first)}: {detail.get('because', '')}."
    if titles := detail.get("entered_by"):
        names = " or ".join(profile.title_name(title) for title in titles)
        yield f"To be entered by: {names}."
    if kinds := detail.get("kept"):
        names = ", ".join(Content(kind).label for kind in kinds)
        yield f"Kept after a warning, as no restricted content: words that look like {names}."
    if known := detail.get("despite"):
        yield f"Requested although {len(known)} under the same plate stood or waited."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the worker is with a file: in percent, and in words; `troubles` where it does not get on."""

    percent: int
    told: str
    troubles: str = ""


SLOW: Final = timedelta(minutes=2)
"""A file nobody got on with for so long is told of."""


def progress_of(file: ListFile, now: datetime) -> Progress:
    """What the page tells of a file that is being checked or taken in."""
    percent = 100 * file.read_bytes // max(file.size, 1)
    asked_at = file.decided_at or file.uploaded_at
    is_taken, is_reading = file.state == FileState.TAKING, file.read_bytes < file.size
    if file.worked_at is None:
        told = "It waits for the worker."
    elif is_reading:
        told = f"{percent} % of the file is read."
    elif is_taken:
        told = "All of it is read and put in the place of what stands, in one go."
    else:
        told = "All of it is read and compared with what stands."
    troubles = ""
    if now - max(file.worked_at or asked_at, asked_at) > SLOW and is_reading:
        troubles = "Nothing has moved for minutes. Nothing is lost: tell the IT manager that no worker runs."
    elif file.found.get("no_room"):
        troubles = f"{NO_ROOM}. Nothing is lost: the work is tried again each minute."
    elif file.attempts > 1:
        troubles = f"The work was interrupted and began anew; this is attempt {file.attempts}."
    return Progress(percent, told, troubles)

"""What the pages about versions of the policy say: changes, drafts and their acts, and the checklist."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from plateward.governance import queries, rules
from plateward.governance.actor import Actor
from plateward.governance.forms import AdoptForm, NoteForm
from plateward.governance.models import Adoption, Draft
from plateward.governance.rules import Act, DraftState
from plateward.policy import (
    Change,
    Conflict,
    Decision,
    DecisionStatus,
    LocalDecision,
    Profile,
    ProfileError,
    Setting,
    State,
    compare_profiles,
    conflicts,
    label,
    settings,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """How an act is offered: its heading, its button, and what its note is asked for."""

    title: str
    button: str
    note: str
    note_required: bool = False


WORDING = {
    Act.ADOPT: Wording("Put in force", "Put this version in force", "Note"),
    Act.REFUSE: Wording("Refuse", "Refuse this version", "Reason", note_required=True),
    Act.WITHDRAW: Wording("Withdraw", "Withdraw the proposal", "Note"),
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
class Part:
    """The changes under one heading."""

    title: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Version:
    """One adopted version in the history."""

    adoption: Adoption
    state: str
    two_people: bool
    proposer: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the set-up checklist and everything it affects; `status` is a badge's code."""

    question: str
    clause: str
    status: str
    said: str
    answer: str
    affects: Sequence[str]


def parts(changes: Iterable[Change]) -> list[Part]:
    """Changes by heading, in the profile's order."""
    return [Part(title, list(group)) for title, group in groupby(changes, key=lambda change: change.part)]


def comparison(before: Profile, kept: Adoption | Draft) -> tuple[list[Part], Sequence[str]]:
    """What a kept version changes against another; or why it can no longer be read."""
    try:
        return parts(compare_profiles(before, queries.profile_of(kept))), ()
    except ProfileError as error:
        return [], error.problems


def draft_comparison(draft: Draft, in_force: Profile) -> tuple[str, list[Part], Sequence[str]]:
    """The version that a draft is held against, what it changes there, or why one can no longer be read.

    While it waits that is the version in force; once decided, the one it replaced or was proposed against.
    """
    against = _held_against(draft)
    if against is None:
        return in_force.version, *comparison(in_force, draft)
    try:
        return against.version, *comparison(queries.profile_of(against), draft)
    except ProfileError as error:
        return against.version, [], error.problems


def _held_against(draft: Draft) -> Adoption | None:
    if draft.state == DraftState.PROPOSED:
        return None
    if draft.adoption is not None:
        return queries.predecessor(draft.adoption)
    return queries.adoptions(draft.agency_id).filter(version=draft.compared_with).first()


def conflicts_in(kept: Adoption | Draft) -> list[Conflict]:
    """Where layers contradict each other in a kept version; none where it can no longer be read."""
    try:
        return conflicts(queries.profile_of(kept))
    except ProfileError:
        return []


def summary_in(kept: Adoption | Draft) -> str:
    """What a version says of itself if it was written from descriptions by others, else ""."""
    try:
        origin = queries.profile_of(kept).provenance
    except ProfileError:
        return ""
    return origin.statement if origin.is_summary else ""


def lacking_comment(draft: Draft) -> list[str]:
    """What the sources of a proposed version lack of public comment, a sentence each (R8)."""
    try:
        proposed = queries.profile_of(draft)
    except ProfileError:
        return []
    return queries.missing_comments(proposed, draft.agency_id)


def history(adoptions: Iterable[Adoption], in_force: Adoption) -> list[Version]:
    """Every version with what has become of it, and whether two people put it in force."""
    return [_version(adoption, in_force) for adoption in adoptions]


def _version(adoption: Adoption, in_force: Adoption) -> Version:
    if adoption.pk == in_force.pk:
        state = "ACTIVE"
    else:
        state = "PENDING" if adoption.effective_at > in_force.effective_at else "ENDED"
    draft = getattr(adoption, "draft", None)
    return Version(adoption, state, draft is not None, draft.proposed_by.full_name if draft else "")


def note_form(act: Act, in_force: str, data: object = None) -> NoteForm:
    """The form of an act's note; its fields are named by the act, since a page shows several."""
    wording = WORDING[act]
    kind = AdoptForm if act is Act.ADOPT else NoteForm
    return kind(
        data,
        initial={"compared_with": in_force},
        prefix=act.lower(),
        label=wording.note,
        required=wording.note_required,
    )


def options(draft: Draft, actor: Actor, bound: tuple[Act, NoteForm] | None = None) -> list[Option]:
    """What can be done with a waiting draft; `bound` is a form that came back with mistakes."""
    if draft.state != DraftState.PROPOSED:
        return []
    facts = queries.facts_of(draft)
    return [
        Option(
            act,
            wording,
            rules.decide(act, actor.profile, facts, actor.person),
            bound[1] if bound and bound[0] is act else note_form(act, actor.profile.version),
            reverse(f"governance:{act.lower()}", args=[draft.pk]),
        )
        for act, wording in WORDING.items()
    ]


def checklist(profile: Profile) -> list[Point]:
    """Every point the text leaves open, what still needs somebody first; nothing silent stays hidden (R2)."""
    listed = settings(profile)
    decided = [_decision(profile, decision, listed) for decision in profile.decisions.values()]
    silent = [_silent(profile, point) for point in listed if point.state in {State.SILENT, State.DELEGATED}]
    return [
        *(p for p in decided if p.status == "PENDING"),
        *silent,
        *(p for p in decided if p.status != "PENDING"),
    ]


def _decision(profile: Profile, decision: LocalDecision, listed: Sequence[Setting]) -> Point:
    adopted = decision.status is DecisionStatus.ADOPTED
    who = (
        f"{decision.decided_by}, {decision.decided_on:%b} {decision.decided_on.day}, {decision.decided_on:%Y}"
    )
    return Point(
        question=decision.question,
        clause=decision.clause,
        status="ACTIVE" if adopted else "PENDING",
        said=f"Adopted: {who}" if adopted else f"Narrower reading, to be confirmed: {who}",
        answer=decision.decision,
        affects=[_called(profile, s) for s in listed if s.decision is decision],
    )


def _silent(profile: Profile, point: Setting) -> Point:
    delegated = point.state is State.DELEGATED
    return Point(
        question=_called(profile, point),
        clause=point.clause,
        status="DELEGATED" if delegated else "SILENT",
        said="Left to another document" if delegated else "The policy is silent",
        answer=f"{point.text[:1].upper()}{point.text[1:]}.",
        affects=[],
    )


def _called(profile: Profile, point: Setting) -> str:
    return label(profile, point.path.split("."))

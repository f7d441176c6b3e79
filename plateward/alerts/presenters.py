"""An opened alert as parts of a page.

Each part carries a version, so that a live screen swaps only what changed: a form somebody is typing in, and
the focus, survive whatever happens elsewhere on the same alert.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from plateward.alerts import hit_rules, holding, picture_rules, queries, rules
from plateward.alerts.forms import (
    ConfirmationForm,
    DispositionForm,
    ExcuseForm,
    HitAnswerForm,
    HitRequestForm,
    PictureForm,
    UnitNoteForm,
)
from plateward.alerts.hit_rules import Urgency
from plateward.alerts.models import Alert, Hit
from plateward.alerts.priority import priorities
from plateward.alerts.queries import Seen
from plateward.alerts.radio import radio_text, retraction
from plateward.alerts.rules import AlertFacts, AlertStatus, StepView
from plateward.governance.actor import Actor
from plateward.hotlists.models import Entry, EntryState
from plateward.policy import DEPARTMENT, CategoryPriority, Decision, Profile, stop_permitted
from plateward.ui.ages import age_text

STATUS_TONES = {
    AlertStatus.VERIFIED: "good",
    AlertStatus.UNVERIFIED: "warn",
    AlertStatus.NOT_CONFIRMED: "bad",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an opened alert: its element's id, its version, and what its template needs."""

    id: str
    version: str
    template: str
    context: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """What the screen sends back to say which version of the part it shows."""
        return f"{self.id}:{self.version}"


@dataclass(frozen=True, slots=True)
class Row:
    """An open alert in the queue; `stop` says whether the policy lets it be ground for one."""

    alert: Alert
    purpose: str
    camera: str
    hits: int
    tone: str
    priority: CategoryPriority | None
    stop: Decision

    @property
    def is_unheard(self) -> bool:
        """True while nobody said that they heard of it; of late ones nobody has to."""
        waits = self.alert.acknowledged_at is None and self.alert.status == AlertStatus.UNVERIFIED
        return waits and not self.alert.is_late


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A dispatch step: the words to be read out, since when it waits, whether this person works it.

    `due_at` is by when it is to be worked, None where the policy states no limit.
    """

    view: StepView
    radio: str
    may_work: bool
    waits_since: datetime | None
    due_at: datetime | None
    is_overdue: bool


def queue(alerts: Iterable[Alert], actor: Actor) -> list[Row]:
    """The open alerts as rows, as this person may see them; they carry their hits."""
    said = priorities(actor.profile)
    return [
        Row(
            alert=alert,
            purpose=purpose_of(actor.profile, alert.entry),
            camera=alert.newest_hits[0].device.name,
            hits=alert.hit_count,
            tone=STATUS_TONES.get(AlertStatus(alert.status), "quiet"),
            priority=None if alert.entry.withheld else said.get(alert.entry.category),
            stop=stop_permitted(actor.profile, alert.entry.category),
        )
        for alert in (queries.shown_to(actor, one) for one in alerts)
    ]


def parts(
    alert: Alert, facts: AlertFacts, seen: Seen, actor: Actor, now: datetime, others: Sequence[Alert]
) -> list[Part]:
    """Every part of the opened alert but the pictures, which are fetched by opening the read.

    `others` are those to name beside it (see `queries.beside`), delivered like the alert itself.
    """
    profile = actor.profile
    base = {"alert": alert, "facts": facts, "actor": actor}
    return [
        _status_part(profile, facts, base),
        holding_part(alert, facts, actor),
        _part("entry", _entry_version(alert, now), base | _entry(profile, alert, now)),
        _part(
            "where",
            (alert.hit_count, [hit.pk for hit in alert.newest_hits]),
            base | _where(alert, seen),
        ),
        movement_part(alert, facts, seen, actor),
        beside_part(alert, facts, actor, others),
        picture_part(alert, facts, seen, actor),
        hit_confirmation_part(alert, facts, actor, now),
        excuse_part(alert, facts, actor),
        *(
            _part(
                f"step-{shown.view.step.id}",
                shown,
                base | {"shown": shown, "seen": seen, "act": uuid4()},
                "step",
            )
            for shown in _steps(profile, facts, seen, actor, alert.raised_at, now)
        ),
        confirmation_part(alert, facts, actor),
        disposition_part(alert, facts, actor),
        *log_parts(alert, facts, actor),
    ]


def scene_version(seen: Seen) -> str:
    """Version of the part that shows the pictures; it changes with the hit shown."""
    return _digest((seen.hit.pk, seen.read is None))


def scene_part(alert: Alert, seen: Seen, pictures: Mapping[str, str]) -> Part:
    """The pictures beside the characters. `pictures` holds signed addresses by "scene" and "plate"."""
    context = {
        "alert": alert,
        "seen": seen,
        "pictures": pictures,
        "shares": [round(sure * 100) for sure in seen.confidences or ()],
        "region": region_words(seen, alert.entry.region),
    }
    return Part("scene", scene_version(seen), "alerts/_scene.html", context)


def confirmation_part(
    alert: Alert, facts: AlertFacts, actor: Actor, form: ConfirmationForm | None = None
) -> Part:
    """The answers from CLETS so far, and the form for the next, bound when it came back with mistakes."""
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "lock": rules.check_confirmation(actor.profile, facts),
        "asked_at": None if facts.answers else rules.asked_at(actor.profile, facts),
        "answers": [(one, rules.channel_name(actor.profile, one.channel)) for one in facts.answers],
        "may_confirm": actor.may("alerts.dispatch") or actor.may("alerts.dispose"),
        "form": form or ConfirmationForm(profile=actor.profile, seen=len(facts.answers)),
        "clause": actor.profile.citation(actor.profile.verification.before_enforcement),
    }
    return _part("confirmation", (facts.answers, context["lock"], context["asked_at"]), context)


def disposition_part(
    alert: Alert, facts: AlertFacts, actor: Actor, form: DispositionForm | None = None
) -> Part:
    """How the alert ended, or the form to end it."""
    closing = facts.closing
    chosen = rules.disposition_by_code(actor.profile, closing.code) if closing else None
    removal = bool(chosen and chosen.recovered and alert.entry.state == EntryState.ACTIVE)
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "name": rules.disposition_name(actor.profile, closing.code) if closing else "",
        "may_dispose": actor.may("alerts.dispose"),
        "removal_due": removal,
        "form": form or DispositionForm(profile=actor.profile, facts=facts),
        "clause": actor.profile.citation(actor.profile.verification.before_enforcement),
    }
    return _part("disposition", (closing, removal), context)


def holding_part(alert: Alert, facts: AlertFacts, actor: Actor) -> Part:
    """Who works the alert, and what this person may do about it."""
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "is_mine": alert.holder_id == actor.user_id,
        "may_work": actor.may("alerts.dispatch") and facts.closing is None,
    }
    return _part("holding", (alert.holder_id, alert.held_at, alert.acknowledged_at, facts.closing), context)


def log_parts(
    alert: Alert, facts: AlertFacts, actor: Actor, form: UnitNoteForm | None = None
) -> tuple[Part, Part]:
    """What units were told and did, and the form for more: apart, so that a new line disturbs no typing."""
    lines = holding.unit_log(alert)
    base = {"alert": alert, "facts": facts, "actor": actor}
    may_note = actor.may("alerts.dispatch") and facts.closing is None
    mine = sum(line.by == actor.name for line in lines)
    entered = {"may_note": may_note, "form": form or UnitNoteForm(act=uuid4())}
    return _part("log", lines, base | {"lines": lines}), _part("note", (may_note, mine), base | entered)


def movement_part(alert: Alert, facts: AlertFacts, seen: Seen, actor: Actor) -> Part:
    """The last known direction with what it rests on, the way there, and what units should hear."""
    views = rules.step_views(actor.profile, facts)
    told_verified = any(view.times for view in views if view.step.requires_confirmation)
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "direction": seen.direction,
        "direction_by": seen.direction_by,
        "leg": seen.leg,
        "prompted": next((view.step for view in views if view.is_prompted), None),
        "retraction": "" if facts.is_confirmed or not told_verified else retraction(seen.sighting),
    }
    version = (seen.hit.pk, seen.leg, context["prompted"], context["retraction"])
    return _part("movement", version, context)


def beside_part(alert: Alert, facts: AlertFacts, actor: Actor, others: Sequence[Alert]) -> Part:
    """Other open alerts on what may be the same vehicle; each is verified by itself."""
    context = {"alert": alert, "facts": facts, "actor": actor, "others": others}
    return _part("beside", [(one.pk, one.status) for one in others], context)


def picture_part(
    alert: Alert, facts: AlertFacts, seen: Seen, actor: Actor, form: PictureForm | None = None
) -> Part:
    """What people saw on the pictures, and the form for what this person sees."""
    compared = queries.compared_pictures(alert)
    is_gone = seen.read is None
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "compared": compared,
        "is_gone": is_gone,
        "may_compare": _may_verify(actor) and facts.closing is None and not is_gone,
        "form": form or PictureForm(hit=seen.hit.pk),
    }
    return _part("picture-match", (compared, seen.hit.pk, is_gone, facts.closing), context, "picture_match")


def hit_confirmation_part(
    alert: Alert,
    facts: AlertFacts,
    actor: Actor,
    now: datetime,
    asking: HitRequestForm | None = None,
    answering: HitAnswerForm | None = None,
) -> Part:
    """What the entering agency was asked and answered, what is overdue, and the form for what comes next."""
    requests, own = queries.hit_requests(alert), alert.entry.origin == DEPARTMENT
    last = requests[-1] if requests else None
    lock = hit_rules.check_request(actor.profile, facts, requests, Urgency.URGENT, own_entry=own, now=now)
    overdue = bool(last and last.is_overdue(now))
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "requests": requests,
        "waiting": last if last and not last.is_answered else None,
        "overdue": overdue,
        "lock": lock,
        "own": own,
        "source": hit_rules.SOURCE,
        "limits": list(hit_rules.ANSWERED_WITHIN.values()),
        "told": actor.profile.verification.overdue_to.settled,
        "may_ask": _may_verify(actor),
        "asking": asking or HitRequestForm(),
        "answering": answering or HitAnswerForm(),
    }
    return _part("hit-confirmation", (requests, overdue, lock), context, "hit_confirmation")


def excuse_part(alert: Alert, facts: AlertFacts, actor: Actor, form: ExcuseForm | None = None) -> Part:
    """Why nobody could verify, as an officer stated before enforcement action (B-466.4(f), H-426.3(f))."""
    rule = actor.profile.verification.before_enforcement
    lock = picture_rules.check_excuse(actor.profile, facts, "…")
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "lock": lock,
        "may_excuse": actor.may("alerts.dispose"),
        "form": form or ExcuseForm(),
        "clause": actor.profile.citation(rule),
    }
    return _part("excuse", (facts.excuses, lock), context)


def _may_verify(actor: Actor) -> bool:
    return actor.may("alerts.dispatch") or actor.may("alerts.dispose")


def region_words(seen: Seen, entered: str) -> str:
    """Whether the state on the plate agrees with the entry's (CC 1798.90.51: accuracy)."""
    read = seen.read.region if seen.read else ""
    if not read:
        return f"State not read{f'; entered as {entered}' if entered else ''}."
    if not entered:
        return f"State read as {read}; the entry names none."
    if read == entered:
        return f"State read as {read}, as entered."
    return f"State read as {read}, entered as {entered}: a different state."


def purpose_of(profile: Profile, entry: Entry) -> str:
    """The entry's purpose in words, or why it is withheld."""
    return entry.withheld.reason if entry.withheld is not None else purpose_name(profile, entry.purpose)


def purpose_name(profile: Profile, purpose: str) -> str:
    """The purpose in the policy's words."""
    known = profile.purposes.get(purpose)
    return known.name if known else purpose


def _steps(
    profile: Profile, facts: AlertFacts, seen: Seen, actor: Actor, raised_at: datetime, now: datetime
) -> list[ShownStep]:
    may_work = actor.may("alerts.dispatch")
    shown = []
    for view in rules.step_views(profile, facts):
        since = rules.waits_since(facts, view, raised_at)
        due = rules.due_at(profile, view.step, since)
        is_overdue = due is not None and now >= due
        radio = radio_text(profile, view.step, seen.sighting, facts)
        shown.append(ShownStep(view, radio, may_work, since, due, is_overdue))
    return shown


def _status_part(profile: Profile, facts: AlertFacts, base: Mapping[str, Any]) -> Part:
    stop = stop_permitted(profile, facts.category)
    context = {
        **base,
        "tone": STATUS_TONES.get(facts.status, "quiet"),
        "answer": facts.answer,
        "stop": stop,
    }
    return _part("status", (facts.status, facts.closing, facts.answers, stop), context)


def _entry(profile: Profile, alert: Alert, now: datetime) -> dict[str, Any]:
    entry = alert.entry
    return {
        "entry": entry,
        "purpose": purpose_of(profile, entry),
        "fresh_at": queries.entry_fresh_at(alert),
        "in_force": entry.is_in_force(now),
        "refresh_within": profile.hotlists.custom.refresh_within.settled,
        "refresh_clause": profile.citation(profile.hotlists.custom.refresh_within),
    }


def _where(alert: Alert, seen: Seen) -> dict[str, Any]:
    hits = alert.newest_hits
    return {
        "seen": seen,
        "place": seen.place,
        "hits": hits,
        "earlier": alert.hit_count - len(hits),
        "late": age_text(seen.late_by.total_seconds()) if seen.late_by else "",
        "track": track_of(hits),
        "map_label": f"the alert at {seen.hit.device.name}",
    }


def track_of(hits: Sequence[Hit]) -> str:
    """Where the hits were, the first first, as JSON of longitudes and latitudes; a place once in a row."""
    places = [(hit.longitude, hit.latitude) for hit in reversed(hits) if hit.latitude is not None]
    return json.dumps([place for place, _ in itertools.groupby(places)])


def _entry_version(alert: Alert, now: datetime) -> tuple[object, ...]:
    entry = alert.entry
    return entry.state, entry.ends_at, entry.narrative, entry.withheld, entry.is_in_force(now)


def _part(part_id: str, facts: object, context: Mapping[str, Any], template: str = "") -> Part:
    version = _digest(facts)
    return Part(part_id, version, f"alerts/_{template or part_id}.html", context)


def part_of(part_id: str, facts: object, context: Mapping[str, Any], template: str) -> Part:
    """A part of another subject's page of an alert: a further `facts` is a further version."""
    return Part(part_id, _digest(facts), template, context)


def _digest(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]

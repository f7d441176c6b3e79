"""An alert on an officer's device, in parts that a live page swaps one by one (see alerts.presenters)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from plateward.alerts import presenters as alerts
from plateward.alerts import queries as alert_queries
from plateward.alerts import rules as alert_rules
from plateward.alerts.forms import ConfirmationForm, DispositionForm, ExcuseForm
from plateward.alerts.models import Alert
from plateward.alerts.presenters import Part, part_of
from plateward.alerts.queries import Seen
from plateward.alerts.rules import AlertFacts
from plateward.field import queries
from plateward.field.forms import HandOverForm
from plateward.field.models import HandOver
from plateward.governance.actor import Actor
from plateward.policy import dispatch_steps, stop_permitted


@dataclass(frozen=True, slots=True)
class Card:
    """An alert handed to the officer: what is known of it, and what they can do."""

    alert: Alert
    facts: Part
    acts: Part


def card(alert: Alert, handed: HandOver | None, actor: Actor, now: datetime) -> Card:
    """The card of an alert as this person may see it, with its hits; `handed` is None if it is not theirs."""
    facts = alert_queries.facts_of(alert)
    seen = alert_queries.last_seen(alert, alert.newest_hits)
    return Card(alert, facts_part(alert, facts, seen, actor, now), acts_part(alert, facts, handed, actor))


def facts_part(alert: Alert, facts: AlertFacts, seen: Seen, actor: Actor, now: datetime) -> Part:
    """What is known of the alert, in words."""
    entry = alert.entry
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "seen": seen,
        "purpose": alerts.purpose_of(actor.profile, entry),
        "region": alerts.region_words(seen, entry.region),
        "in_force": entry.is_in_force(now),
        "tone": alerts.STATUS_TONES.get(facts.status, "quiet"),
        "answer": facts.answers[-1] if facts.answers else None,
        "stop": stop_permitted(actor.profile, facts.category),
        "told": _told(facts, actor),
    }
    version = (
        context["stop"],
        facts.status,
        facts.answers,
        facts.worked,
        facts.closing,
        alert.hit_count,
        entry.withheld,
        context["in_force"],
    )
    return part_of(f"facts-{alert.pk}", version, context, "field/_facts.html")


def _told(facts: AlertFacts, actor: Actor) -> str:
    """The dispatch step worked last by its title; an earlier policy's by its id."""
    step = facts.worked[-1].step if facts.worked else ""
    return next((one.title for one in dispatch_steps(actor.profile) if one.id == step), step)


def acts_part(alert: Alert, facts: AlertFacts, handed: HandOver | None, actor: Actor) -> Part:
    """What the officer can do: acknowledge, verify first, say how it ended."""
    profile = actor.profile
    verify = ConfirmationForm(profile=profile, seen=len(facts.answers))
    dispose = DispositionForm(profile=profile, facts=facts)
    excuse = ExcuseForm()
    for form, name in ((verify, "verify"), (excuse, "excuse"), (dispose, "dispose")):
        form.auto_id = f"{name}-{alert.pk}-%s"
        _without(form, "act")
    context = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "handed": handed,
        "lock": alert_rules.check_confirmation(profile, facts),
        "clause": profile.citation(profile.verification.before_enforcement),
        "may_act": actor.may("alerts.dispose"),
        "verify": verify,
        "excuse": excuse,
        "dispose": dispose,
        "ids": [str(uuid4()) for _ in range(4)],
        "refused": list(queries.refused_acts(alert, actor.user_id)[:3]),
    }
    version = (
        facts.status,
        facts.answers,
        facts.excuses,
        facts.closing,
        handed and (handed.pk, handed.acknowledged_at),
        context["lock"],
        context["may_act"],
        context["refused"],
    )
    return part_of(f"acts-{alert.pk}", version, context, "field/_acts.html")


def _without(form: forms.Form, name: str) -> None:
    """The act's id comes with the act, not with what it says."""
    form.fields.pop(name, None)


def sent_part(alert: Alert, facts: AlertFacts, actor: Actor, form: HandOverForm | None = None) -> Part:
    """For dispatch: whom the alert was handed to, who acknowledged, what they did, a form to hand it on."""
    handed, acts = queries.handed(alert), queries.acts_of(alert)
    context: dict[str, Any] = {
        "alert": alert,
        "facts": facts,
        "actor": actor,
        "handed": handed,
        "acts": acts,
        "may_send": actor.may("alerts.dispatch") and facts.closing is None,
        "form": form or hand_over_form(actor),
    }
    version = ([(one.pk, one.acknowledged_at) for one in handed], len(acts), facts.closing)
    return part_of("sent", version, context, "field/_sent.html")


def hand_over_form(actor: Actor, data: Mapping[str, Any] | None = None) -> HandOverForm:
    """The form to hand an alert to somebody of the person's agency."""
    people = queries.officers(actor.agency, actor.profile)
    return HandOverForm(data, people=people, units=queries.units(actor.agency), profile=actor.profile)


def changed(parts: Sequence[Part], have: frozenset[str]) -> list[Part]:
    """Those of the parts that a page does not show as they are now."""
    return [part for part in parts if part.mark not in have]

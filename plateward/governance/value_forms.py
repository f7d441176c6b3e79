"""One value of the policy as a form: typed by its kind, with its ground, mistakes at their field."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.text import slugify

from plateward.policy import (
    Asked,
    DecisionStatus,
    LocalDecision,
    Param,
    Period,
    Profile,
    ProfileError,
    State,
    Unit,
    ValueKind,
    asked,
    parameter,
    with_value,
    with_version,
)
from plateward.ui.forms import DateInput

GROUNDS = (
    (State.SPECIFIED.value, "The policy’s text says it"),
    (State.DELEGATED.value, "The text leaves it to another document"),
    (State.SILENT.value, "Not addressed by this policy"),
    (State.LOCAL.value, "The agency decides it beside the text"),
)
VALUE_FIELDS = ("value", "amount", "unit")
CLAUSE_FIELDS = ("clause",)
DELEGATED_FIELDS = ("delegated_to",)
DECISION_FIELDS = ("question", "decision", "narrower_reading", "decided_by", "decided_on", "confirmed")
_YES_NO = (("yes", "Yes"), ("no", "No"))
_PLACE = re.compile(r"^at `([^`]*)`: ")


def _area(label: str, rows: int = 2, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class ValueForm(forms.Form):
    """Change one parameter. Valid, it holds the whole changed `profile`, checked as any text would be."""

    ground = forms.ChoiceField(label="Where it comes from", choices=GROUNDS, widget=forms.RadioSelect)
    clause = forms.ChoiceField(label="Clause", required=False)
    delegated_to = forms.CharField(label="Which document", required=False, max_length=200)
    question = _area("What the text leaves open")
    decision = _area("What the agency decides")
    narrower_reading = _area("The narrower reading", help_text="What would hold if nothing were decided.")
    decided_by = forms.CharField(label="Decided by", required=False, max_length=200)
    decided_on = forms.DateField(label="Decided on", required=False, widget=DateInput)
    confirmed = forms.BooleanField(
        label="The agency has decided this; it is no longer a default", required=False
    )
    note = forms.CharField(label="Note", required=False, max_length=500)

    profile: Profile

    def __init__(self, data: Any = None, *, before: Profile, path: str, by: str, today: date) -> None:
        self.before, self.path = before, path
        self.asked: Asked = asked(before, path)
        super().__init__(data, initial=_initial(before, path, self.asked, by, today))
        self.fields["clause"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", "Choose a clause"),
            *((key, f"{key} {clause.title}") for key, clause in before.clauses.items()),
        ]
        self.fields |= _value_fields(self.asked)

    def clean(self) -> None:
        """Build the changed profile; what it contradicts is told at the field it comes from."""
        given = self.cleaned_data
        if not given.get("ground") or self.errors:
            return
        state = State(given["ground"])
        self._require(state)
        if self.errors:
            return
        decision = self._decision() if state is State.LOCAL else None
        try:
            self.profile = with_value(self.before, self.path, self._ground(state, decision), decision)
        except ProfileError as error:
            for problem in error.problems:
                self.add_error(self._field_of(problem, state), _PLACE.sub("", problem))

    def _require(self, state: State) -> None:
        needed: tuple[str, ...] = {
            State.SPECIFIED: CLAUSE_FIELDS,
            State.DELEGATED: CLAUSE_FIELDS + DELEGATED_FIELDS,
            State.SILENT: (),
            State.LOCAL: ("clause", "question", "decision", "narrower_reading", "decided_by", "decided_on"),
        }[state]
        for name in needed:
            if not self.cleaned_data.get(name):
                self.add_error(name, "This is needed where the value comes from there.")
        if state in {State.SPECIFIED, State.LOCAL}:
            for name in VALUE_FIELDS:
                if name in self.fields and self._is_missing(name):
                    self.add_error(name, "Give the value.")

    def _is_missing(self, name: str) -> bool:
        may_be_empty = self.asked.kind in {ValueKind.SOME_OF, ValueKind.LINES}
        return not may_be_empty and self.cleaned_data.get(name) in {None, ""}

    def _ground(self, state: State, decision: LocalDecision | None) -> dict[str, Any]:
        given = self.cleaned_data
        note = {"note": given["note"].strip()} if given["note"].strip() else {}
        if state is State.SILENT:
            return {"silent": True} | note
        if state is State.DELEGATED:
            return {"clause": given["clause"], "delegated_to": given["delegated_to"].strip()} | note
        ground = {"local_decision": decision.id} if decision else {"clause": given["clause"]}
        value = {} if self.asked.kind is ValueKind.NONE else {"value": self._value()}
        return ground | value | note

    def _value(self) -> Any:
        given = self.cleaned_data
        match self.asked.kind:
            case ValueKind.PERIOD:
                return {"amount": given["amount"], "unit": given["unit"]}
            case ValueKind.YES_NO:
                return given["value"] == "yes"
            case ValueKind.LINES:
                return [line.strip() for line in given["value"].splitlines() if line.strip()]
        return given["value"]

    def _decision(self) -> LocalDecision:
        """The decision the value rests on already, worded anew, or a new one named after the place."""
        given = self.cleaned_data
        known = parameter(self.before, self.path).local_decision
        status = DecisionStatus.ADOPTED if given["confirmed"] else DecisionStatus.DEFAULT
        return LocalDecision(
            id=known or slugify(self.path.replace(".", "-").replace("_", "-")),
            clause=given["clause"],
            question=given["question"].strip(),
            decision=given["decision"].strip(),
            narrower_reading=given["narrower_reading"].strip(),
            decided_by=given["decided_by"].strip(),
            decided_on=given["decided_on"],
            status=status,
        )

    def _field_of(self, problem: str, state: State) -> str | None:
        """The field a problem of this very place belongs to; others are told above the form."""
        found = _PLACE.match(problem)
        if found is None or not found[1].startswith(self.path):
            return None
        if found[1].endswith(".clause"):
            return "clause"
        shown = next((name for name in VALUE_FIELDS if name in self.fields), None)
        return shown if state in {State.SPECIFIED, State.LOCAL} else "ground"


def _value_fields(shape: Asked) -> Mapping[str, forms.Field]:
    """The value's own fields; a ground alone has none."""
    match shape.kind:
        case ValueKind.YES_NO:
            field: forms.Field = forms.ChoiceField(
                label="Value", choices=_YES_NO, required=False, widget=forms.RadioSelect
            )
        case ValueKind.NUMBER:
            field = forms.IntegerField(label="Value", min_value=0, required=False)
        case ValueKind.PERIOD:
            units = [(unit.value, unit.value.lower()) for unit in Unit]
            return {
                "amount": forms.IntegerField(label="How many", min_value=1, required=False),
                "unit": forms.ChoiceField(label="Unit", choices=units, required=False),
            }
        case ValueKind.ONE_OF:
            field = forms.ChoiceField(label="Value", choices=[("", "Choose"), *shape.choices], required=False)
        case ValueKind.SOME_OF:
            field = forms.MultipleChoiceField(
                label="Value", choices=shape.choices, required=False, widget=forms.CheckboxSelectMultiple
            )
        case ValueKind.LINES:
            field = _area("Value", 5, help_text="One item on each line.")
        case ValueKind.TEXT:
            field = forms.CharField(label="Value", required=False, max_length=500)
        case _:
            return {}
    return {"value": field}


def _initial(profile: Profile, path: str, shape: Asked, by: str, today: date) -> dict[str, Any]:
    ground = parameter(profile, path)
    decision = profile.decisions.get(ground.local_decision)
    told: dict[str, Any] = {
        "ground": ground.state.value,
        "clause": decision.clause if decision else ground.clause,
        "delegated_to": ground.delegated_to,
        "note": ground.note,
        "decided_by": by,
        "decided_on": today,
    }
    if decision:
        for name in ("question", "decision", "narrower_reading", "decided_by", "decided_on"):
            told[name] = getattr(decision, name)
        told["confirmed"] = decision.status is DecisionStatus.ADOPTED
    settled = ground.settled if isinstance(ground, Param) else None
    return told | _shown_value(settled, shape)


def _shown_value(settled: Any, shape: Asked) -> dict[str, Any]:
    if isinstance(settled, Period):
        return {"amount": settled.amount, "unit": settled.unit.value}
    if shape.kind is ValueKind.LINES:
        return {"value": "\n".join(settled or ())}
    if shape.kind is ValueKind.YES_NO:
        return {} if settled is None else {"value": "yes" if settled else "no"}
    return {"value": list(settled) if isinstance(settled, tuple) else settled}


class VersionForm(forms.Form):
    """What a prepared version is called, from when it holds, and why."""

    version = forms.CharField(label="New version", max_length=40)
    effective_date = forms.DateField(label="In force from", widget=DateInput)
    why = forms.CharField(
        label="Why this change",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The second person reads it, and it stays on record.",
    )

    profile: Profile

    def __init__(self, data: Any = None, *, before: Profile, today: date) -> None:
        self.before = before
        super().__init__(data, initial={"effective_date": max(today, before.effective_date)})

    def clean(self) -> None:
        """Name the prepared profile; what stands in its way is told."""
        if self.errors:
            return
        given = self.cleaned_data
        try:
            self.profile = with_version(self.before, given["version"].strip(), given["effective_date"])
        except ProfileError as error:
            for problem in error.problems:
                self.add_error(None, problem)

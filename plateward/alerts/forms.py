"""What people type in while working an alert."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms

from plateward.alerts import hit_rules, rules
from plateward.alerts.hit_rules import HitResult, Urgency
from plateward.alerts.picture_rules import Sameness
from plateward.alerts.rules import AlertFacts, ConfirmationResult, StepOutcome
from plateward.governance.actor import Actor
from plateward.policy import Disposition, Profile, stop_permitted

Data = Mapping[str, Any] | None


class StepForm(forms.Form):
    """One press of a step's button. `seen` and `hit` say what the screen showed when it was pressed."""

    outcome = forms.TypedChoiceField(
        choices=[(outcome.value, outcome.label) for outcome in StepOutcome],
        coerce=StepOutcome,
        empty_value=StepOutcome.DONE,
        required=False,
    )
    note = forms.CharField(max_length=300, required=False)
    seen = forms.IntegerField(min_value=0, required=False)
    hit = forms.UUIDField(required=False)
    act = forms.UUIDField(required=False)


class HoldingForm(forms.Form):
    """What somebody does with the work on an alert; `reason` is why it is taken from a colleague."""

    do = forms.ChoiceField(choices=[("take", "Take"), ("release", "Release")])
    reason = forms.CharField(max_length=300, required=False)


class HandOverForm(forms.Form):
    """To whom an alert is handed over: the colleagues who are at a console now."""

    to = forms.ChoiceField(label="Hand over to", error_messages={"required": "Choose a colleague."})

    def __init__(self, data: Data = None, *, colleagues: Sequence[Actor]) -> None:
        super().__init__(data, auto_id="hand_%s")
        chosen = self.fields["to"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  declared above
        people = ((str(one.user_id), f"{one.name}, {one.title_name}") for one in colleagues)
        chosen.choices = [("", "Choose"), *people]


class UnitNoteForm(forms.Form):
    """What a unit did or said. `act` is the note's id, so that it can be sent again without being doubled."""

    unit = forms.CharField(
        label="Unit", max_length=20, error_messages={"required": "Type the unit, such as 4A12."}
    )
    text = forms.CharField(
        label="What it did or said",
        max_length=300,
        error_messages={"required": "Type what the unit did or said, such as “on scene”."},
    )
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None, *, act: UUID | None = None) -> None:
        super().__init__(data, auto_id="unit_%s", initial={"act": act})


class ConfirmationForm(forms.Form):
    """The answer to the CLETS inquiry, typed in by the person who obtained it."""

    result = forms.TypedChoiceField(
        label="Answer",
        choices=[(result.value, result.label) for result in ConfirmationResult],
        coerce=ConfirmationResult,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the answer says."},
    )
    channel = forms.ChoiceField(
        label="Obtained by", error_messages={"required": "Choose how the answer was obtained."}
    )
    record_number = forms.CharField(
        label="Record number",
        max_length=60,
        required=False,
        help_text="The number of the active record, such as the NIC. Nothing else from the return.",
    )
    no_number = forms.BooleanField(label="I was given no record number", required=False)
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None, *, profile: Profile, seen: int = 0) -> None:
        super().__init__(data, auto_id="confirm_%s", initial={"seen": seen, "act": uuid4()})
        channels = profile.verification.channels.settled or ()
        self.names_record = profile.verification.record_number_required.settled is True
        if not self.names_record:
            del self.fields["no_number"]
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ChoiceField)  # noqa: S101  declared above
        channel.choices = [("", "Choose"), *((one.id, one.name) for one in channels)]

    def clean(self) -> dict[str, Any]:
        """Where the profile wants the record's number, that none was given is said and never left open."""
        data = super().clean() or {}
        is_confirmed = self.names_record and data.get("result") is ConfirmationResult.CONFIRMED
        if is_confirmed and not data.get("record_number", "").strip() and not data.get("no_number"):
            self.add_error(
                "record_number", "Type the record's number, or say below that you were given none."
            )
        data.pop("no_number", None)
        return data


class DispositionForm(forms.Form):
    """How the alert ended. The rules' own words stand beside the field that is missing."""

    code = forms.ChoiceField(label="Outcome", error_messages={"required": "Choose how the alert ended."})
    stop_made = forms.TypedChoiceField(
        label="Was a stop made because of this alert?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether a stop was made."},
    )
    stop_reason = forms.CharField(
        label="Reason for the stop", max_length=300, required=False, help_text="Needed where a stop was made."
    )
    note = forms.CharField(label="Note", max_length=500, required=False, widget=forms.Textarea({"rows": 2}))
    not_practicable_reason = forms.CharField(
        label="Why verification was not practicable",
        max_length=300,
        required=False,
        help_text="Needed after enforcement action on an alert that is not verified.",
    )
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None, *, profile: Profile, facts: AlertFacts) -> None:
        super().__init__(data, auto_id="dispose_%s", initial={"act": uuid4()})
        self.profile, self.facts = profile, facts
        self.fields["stop_made"].required = bool(profile.dispatch.stop_asked.settled)
        code = self.fields["code"]
        assert isinstance(code, forms.ChoiceField)  # noqa: S101  declared above
        outcomes = profile.dispatch.dispositions.settled or ()
        code.choices = [("", "Choose"), *((one.id, one.name) for one in outcomes)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = rules.disposition_by_code(self.profile, data.get("code", ""))
        if chosen is None or self.facts.closing is not None:
            return data
        note, why = data.get("note", ""), data.get("not_practicable_reason", "")
        decision = rules.check_disposition(
            self.profile, self.facts, chosen.id, note=note, not_practicable_reason=why
        )
        if not decision:
            field = self._at_fault(chosen, note)
            self.add_error(field, f"{decision.reason} {decision.remedy} ({decision.clause})")
        stop = rules.check_stop(
            self.profile, stop_made=data.get("stop_made"), reason=data.get("stop_reason", "")
        )
        if not stop:
            self.add_error("stop_reason", f"{stop.reason} {stop.remedy} ({stop.clause})")
        return data

    def _at_fault(self, chosen: Disposition, note: str) -> str:
        """The field that has to change for the outcome to be possible."""
        if chosen.enforcement and not stop_permitted(self.profile, self.facts.category):
            return "code"
        return "note" if chosen.note_required and not note.strip() else "not_practicable_reason"


def _sameness(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[(one.value, one.label) for one in Sameness],
        coerce=Sameness,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes, no or cannot tell."},
    )


class PictureForm(forms.Form):
    """What a person sees on a hit's picture, each point by itself."""

    characters = _sameness("Are the characters on the picture the ones entered?")
    region = _sameness("Is it the state entered?")
    make = _sameness("Is it the make entered?")
    color = _sameness("Is it the color entered?")
    hit = forms.UUIDField(widget=forms.HiddenInput)
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None, *, hit: UUID | None = None) -> None:
        super().__init__(data, auto_id="picture_%s", initial={"hit": hit, "act": uuid4()})


class ExcuseForm(forms.Form):
    """Why verification is not practicable, before enforcement action."""

    reason = forms.CharField(
        label="Why verification is not practicable",
        max_length=300,
        error_messages={"required": "State why verification is not practicable."},
    )
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None) -> None:
        super().__init__(data, auto_id="excuse_%s", initial={"act": uuid4()})


class HitRequestForm(forms.Form):
    """Which agency was asked to confirm the hit, and how soon it is to answer. Nothing is preselected."""

    entering_agency = forms.CharField(
        label="Entering agency",
        max_length=80,
        help_text="Its name or ORI, as the return says.",
        error_messages={"required": "Type which agency entered the record."},
    )
    urgency = forms.TypedChoiceField(
        label="Answer needed",
        choices=[
            (urgency.value, f"{urgency.label}: within {within.period}")
            for urgency, within in hit_rules.ANSWERED_WITHIN.items()
        ],
        coerce=Urgency,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose urgent or routine."},
    )
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None) -> None:
        super().__init__(data, auto_id="hit_%s", initial={"act": uuid4()})


class HitAnswerForm(forms.Form):
    """What the entering agency answered."""

    result = forms.TypedChoiceField(
        label="Its answer",
        choices=[(result.value, result.label) for result in HitResult],
        coerce=HitResult,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the agency answered."},
    )
    promised_at = forms.DateTimeField(
        label="It will answer by",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Only with “will answer”.",
    )
    note = forms.CharField(label="Note", max_length=300, required=False)
    act = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Data = None) -> None:
        super().__init__(data, auto_id="answer_%s", initial={"act": uuid4()})

    def clean(self) -> dict[str, Any]:
        """A promise names its time, and no other answer does."""
        data = super().clean() or {}
        promises = data.get("result") is HitResult.WILL_ANSWER
        if "result" in data and promises != bool(data.get("promised_at")) and not self.errors:
            said = (
                "Give the time by which it will answer." if promises else "Leave this empty for this answer."
            )
            self.add_error("promised_at", said)
        return data

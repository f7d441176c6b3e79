"""What people type about hotlist entries."""

from django import forms

from plateward.hotlists.rules import MAX_PLATE
from plateward.plates.regions import STATES
from plateward.policy import Profile
from plateward.ui.forms import PlateInput

UNKNOWN_STATE = ("", "Unknown, or outside the United States")


class PurposeField(forms.ChoiceField):
    """Offers the agency's closed list; anything else sent is for the policy to refuse, on record."""

    def valid_value(self, value: object) -> bool:
        del value
        return True


class RequestForm(forms.Form):
    """A request for an entry; purposes are those of the agency's closed list."""

    plate = forms.CharField(
        label="License plate",
        max_length=2 * MAX_PLATE,  # typed with spaces and dashes
        widget=PlateInput(),
        help_text="Spaces and dashes do not matter.",
    )
    region = forms.ChoiceField(label="State of the plate", required=False)
    vehicle_description = forms.CharField(
        label="Vehicle", max_length=200, required=False, help_text="Make, model, color, and what stands out."
    )
    purpose = PurposeField(label="Purpose")
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is read by the approver and kept in the entry's narrative. Nothing from CLETS or a "
        "criminal history belongs here.",
    )
    case_number = forms.CharField(label="Case number", max_length=80, required=False)

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        home = f"US-{profile.agency.state}"
        states = [(f"US-{code}", name) for code, name in STATES.items()]
        self._choices("region", [*sorted(states, key=lambda s: s[0] != home), UNKNOWN_STATE])
        purposes = [(purpose.id, purpose.name) for purpose in profile.purposes.values()]
        self._choices("purpose", [("", "Choose a purpose"), *purposes])
        self.fields["case_number"].required = bool(profile.search.reference_required.settled)
        self.fields["case_number"].help_text = _case_number_hint(profile)

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = choices


def _case_number_hint(profile: Profile) -> str:
    rule = profile.search.reference_required
    if rule.settled:
        return f"Required: {profile.citation(rule)}"
    return f"Not required: {profile.citation(rule) or 'not addressed by this policy'}"


class NoteForm(forms.Form):
    """A sentence that goes on record with an act."""

    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *args: object, label: str, hint: str = "", required: bool = True, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        field = self.fields["note"]
        field.label, field.help_text, field.required = label, hint, required

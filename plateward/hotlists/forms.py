"""What people type about hotlist entries, and the files of lists that they upload."""

from django import forms

from plateward.hotlists.models import ListMode
from plateward.hotlists.rules import MAX_PLATE, may_be_partial
from plateward.plates.regions import STATES
from plateward.policy import DEPARTMENT, Profile
from plateward.ui.forms import DateTimeInput, PlateInput

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
        self.fields["plate"].help_text = _plate_hint(profile)
        self.fields["case_number"].required = bool(profile.search.reference_required.settled)
        self.fields["case_number"].help_text = _case_number_hint(profile)

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = choices


def _plate_hint(profile: Profile) -> str:
    plain, partial = "Spaces and dashes do not matter.", may_be_partial(profile)
    if not partial:
        return f"{plain} {partial.reason}"
    wildcards = "write ? for one unknown character and * for any number"
    return f"{plain} Of a partial plate {wildcards} ({partial.clause})."


def _case_number_hint(profile: Profile) -> str:
    rule = profile.search.reference_required
    if rule.settled:
        return f"Required: {profile.citation(rule)}"
    return f"Not required: {profile.citation(rule) or 'not addressed by this policy'}"


MAX_MEGABYTES = 200
KEPT = "KEPT"
NEW = "NEW"
LAYOUTS = {
    KEPT: "As laid down for this list before",
    NEW: "Lay down its columns on the next page, with a preview",
    "HEADED": "The first line names the columns",
    "GENETEC": "Genetec: category; state; plate; from; until; record",
}


class ListFileForm(forms.Form):
    """A file with a list of others: which list it is, whose data, and how its lines are read."""

    file = forms.FileField(
        label="File",
        help_text=f"Text, at most {MAX_MEGABYTES} MB and two million lines. The "
        "worker checks it; the next page shows how far it is.",
    )
    source = forms.ChoiceField(label="List")
    origin = forms.ChoiceField(label="Whose data")
    purpose = forms.ChoiceField(
        label="Purpose", help_text="What its entries are for, where the layout gives none by reason code."
    )
    kind = forms.ChoiceField(label="Layout", choices=LAYOUTS)
    mode = forms.ChoiceField(
        label="The file holds",
        choices=ListMode.choices,
        initial=ListMode.FULL,
        required=False,
        help_text="Additions and removals need a column that says which a line is.",
    )
    effective_at = forms.DateTimeField(
        label="Made by its source at",
        required=False,
        widget=DateTimeInput(),
        help_text="Where the file or its sender says so: the list is as old as that. Empty: now.",
    )

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        sources, origins = profile.hotlists.sources, profile.organization.data_origins
        self._choices("source", {k: v.name for k, v in sources.items() if v.used.settled is not False})
        self._choices("origin", {k: v.name for k, v in origins.items() if k != DEPARTMENT})
        self._choices("purpose", {k: v.name for k, v in profile.purposes.items()})

    def _choices(self, name: str, choices: dict[str, str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = [("", "Choose"), *choices.items()]

    def clean_file(self) -> object:
        """The file, unless it is too large to be checked while somebody waits."""
        file = self.cleaned_data["file"]
        if file.size > MAX_MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(f"The file is larger than {MAX_MEGABYTES} MB. Ask for a shorter one.")
        return file


class TakeForm(forms.Form):
    """Why a file is taken in although something speaks against it; nothing is asked where nothing does."""

    reason = forms.CharField(
        label="Why it is right nevertheless",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Goes on record with this version of the list.",
    )

    def __init__(self, *args: object, is_asked: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they are
        if not is_asked:
            del self.fields["reason"]


class NoteForm(forms.Form):
    """A sentence that goes on record with an act."""

    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *args: object, label: str, hint: str = "", required: bool = True, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        field = self.fields["note"]
        field.label, field.help_text, field.required = label, hint, required

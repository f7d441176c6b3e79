"""What people say of the files with lists of others that they upload."""

from django import forms

from plateward.hotlists.models import ListMode
from plateward.policy import DEPARTMENT, Profile
from plateward.ui.forms import DateTimeInput

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
        error_messages={
            "required": "Choose the file with the list.",
            "empty": "The file is empty: nothing of the list is in it. Fetch it from its source again.",
        },
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

from collections.abc import Mapping
from typing import Any

from django import forms

from plateward.plates.regions import STATES
from plateward.policy import Profile
from plateward.reads.check_rules import LONGEST_REASON
from plateward.reads.csv_file import MAX_BYTES
from plateward.reads.models import Read
from plateward.ui.forms import PlateInput

MAX_PLATE = 20


class DiscardForm(forms.Form):
    """Why a quarantined payload is not needed."""

    reason = forms.CharField(
        max_length=300,
        label="Reason for discarding",
        help_text="Discarding destroys the payload; the reason stays in the journal.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class UploadForm(forms.Form):
    """A file of reads."""

    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, with the columns' names in its first line; at most 10 MB and 50,000 lines.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> object:
        """The file, unless it is too large to be checked while somebody waits."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 10 MB. Send it in pieces.")
        return file


class CheckForm(forms.Form):
    """What the picture of a read shows; it begins with what was read."""

    plate = forms.CharField(
        label="Plate in the picture", max_length=2 * MAX_PLATE, required=False, widget=PlateInput()
    )
    illegible = forms.BooleanField(
        label="It cannot be made out, but it is not the plate as read", required=False
    )
    region = forms.ChoiceField(label="State in the picture", required=False)
    reason = forms.CharField(
        label="How you know",
        max_length=LONGEST_REASON,
        required=False,
        help_text="Needed where the picture shows something else than was read.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, read: Read, profile: Profile) -> None:
        super().__init__(data, auto_id="check_%s", initial={"plate": read.plate, "region": read.region})
        self.order_of_states(read.region, f"US-{profile.agency.state}")

    def order_of_states(self, as_read: str, home: str) -> None:
        """The state as read and the agency's own come first."""
        states = {f"US-{code}": name for code, name in STATES.items()}
        if as_read and as_read not in states:
            states[as_read] = as_read
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)  # noqa: S101  declared above
        ordered = sorted(states.items(), key=lambda one: (one[0] != as_read, one[0] != home))
        region.choices = [("", "Cannot be told"), *ordered]

    def clean(self) -> dict[str, Any]:
        """Either a plate, or that it cannot be made out."""
        data = super().clean() or {}
        plate = data.get("plate", "").strip()
        if data.get("illegible"):
            data["plate"] = ""
        elif not plate and "plate" not in self.errors:
            self.add_error(
                "plate", "Type the plate that the picture shows, or say that it cannot be made out."
            )
        return data

    def shown(self) -> dict[str, str]:
        """What the person saw, for the act."""
        data = self.cleaned_data
        return {"shows": data["plate"], "shows_region": data["region"], "reason": data["reason"]}

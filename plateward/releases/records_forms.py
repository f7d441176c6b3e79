"""What is asked when the public requests records, and when copies are redacted."""

from typing import Any

from django import forms
from django.utils import timezone

from plateward.reads.models import PictureRole
from plateward.releases.records_models import Channel, RecordsRequest
from plateward.releases.records_rules import Outcome, RecordsState, Unusual
from plateward.releases.redaction import Box, UnredactableError
from plateward.ui.forms import DateInput


class IntakeForm(forms.Form):
    """A request for records that came in."""

    received_date = forms.DateField(label="Received on", widget=DateInput())
    channel = forms.ChoiceField(label="How it came", choices=Channel.choices)
    requester = forms.CharField(
        label="Requester", max_length=200, required=False, help_text="Nobody need say who they are."
    )
    contact = forms.CharField(label="Where answers go", max_length=300, required=False)
    described = forms.CharField(
        label="Records asked for", max_length=2000, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        self.fields["received_date"].initial = timezone.localdate()


class ExtensionForm(forms.Form):
    """Why more time is needed, and until when."""

    reason = forms.TypedChoiceField(
        label="Unusual circumstance",
        choices=[(one.value, one.label) for one in Unusual],
        coerce=Unusual,
        widget=forms.RadioSelect,
    )
    until = forms.DateField(label="Determination by", widget=DateInput())
    text = forms.CharField(
        label="What the letter adds", max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )


class DeterminationForm(forms.Form):
    """What is disclosed, and what the letter says."""

    outcome = forms.TypedChoiceField(
        label="Determination",
        choices=[(one.value, one.label) for one in Outcome],
        coerce=Outcome,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label="What the letter says", max_length=3000, widget=forms.Textarea({"rows": 5}))
    ground = forms.CharField(
        label="Exemption relied on",
        max_length=500,
        required=False,
        help_text="The section, where anything is withheld.",
    )
    responsible = forms.CharField(
        label="Responsible for withholding",
        max_length=200,
        required=False,
        help_text="Name and title, where anything is withheld.",
    )
    available_date = forms.DateField(label="Available by (estimated)", required=False, widget=DateInput())


class NoteForm(forms.Form):
    """What was handed over, or why it ends."""

    note = forms.CharField(label="Note", max_length=500, widget=forms.Textarea({"rows": 3}))


class _CopyForm(forms.Form):
    """A copy from which something is taken out."""

    name = forms.CharField(label="Name of the copy", max_length=200)


class PictureForm(_CopyForm):
    """A picture of the answer; what is covered in it is decided on its own page."""

    file = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or WebP, as it is: it stays untouched. Then you cover what may not leave.",
        widget=forms.ClearableFileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )


class ReadPictureForm(_CopyForm):
    """A picture out of the store, of a read, and the answer that it goes into."""

    request = forms.ModelChoiceField(label="Request", queryset=RecordsRequest.objects.none())
    read = forms.UUIDField(label="Read", help_text="The id that the read’s page shows under “Read”.")
    role = forms.ChoiceField(label="Which picture", choices=PictureRole.choices, initial=PictureRole.SCENE)

    field_order = ("request", "read", "role", "name")

    def __init__(self, *args: Any, agency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.fields["request"]
        assert isinstance(request, forms.ModelChoiceField)  # noqa: S101  declared above
        request.queryset = RecordsRequest.objects.filter(agency_id=agency, state=RecordsState.RECEIVED)
        self.fields["name"].help_text = "The requester sees it: name no plate and no person."


class BoxesForm(forms.Form):
    """What is filled in a picture."""

    boxes = forms.CharField(
        label="Boxes, as numbers",
        required=False,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        help_text="One on each line: left, top, width and height in pixels of the upright picture. What is "
        "drawn above stands here too.",
    )

    def clean_boxes(self) -> list[Box]:
        """The boxes; raises ValidationError for a line that is none, or where there is none."""
        try:
            found = [Box.parse(line) for line in self.cleaned_data["boxes"].splitlines() if line.strip()]
        except UnredactableError as error:
            raise forms.ValidationError(str(error)) from error
        if not found:
            raise forms.ValidationError("Nothing is covered. Draw at least one box, or decide below.")
        return found


class PictureReasonForm(forms.Form):
    """Why nothing in a picture is redacted, or why it does not go out."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea({"rows": 2}))


class TableForm(_CopyForm):
    """A table, and the columns that are taken out."""

    file = forms.FileField(label="Table, as CSV", help_text="In UTF-8. The original is not kept here.")
    columns = forms.CharField(
        label="Columns to take out",
        help_text="Their headings, one on each line. What they hold is taken out elsewhere too, "
        "however it is spaced or written, also within longer words.",
        widget=forms.Textarea({"rows": 3}),
    )

    def clean_columns(self) -> list[str]:
        """The headings."""
        return [line.strip() for line in self.cleaned_data["columns"].splitlines() if line.strip()]

from django import forms

from plateward.reads.csv_file import MAX_BYTES


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

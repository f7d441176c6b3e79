from django import forms


class DiscardForm(forms.Form):
    """Why a quarantined payload is not needed."""

    reason = forms.CharField(
        max_length=300,
        label="Reason for discarding",
        help_text="Discarding destroys the payload; the reason stays in the journal.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

"""Forms of the register of lists of others."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from plateward.plates import normalize
from plateward.policy import Profile
from plateward.ui.forms import DateTimeInput, PlateInput


class SwitchForm(forms.Form):
    """Why a category is switched."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Goes on record with the switch: who ordered it, and why.",
    )


def _not_to_come(at: datetime) -> None:
    if at > timezone.now():
        raise forms.ValidationError("That has not come yet: nobody can tell. Choose a time up to now.")


class MomentForm(forms.Form):
    """An instant up to now, in the agency's time."""

    at = forms.DateTimeField(
        label="Was it on at",
        widget=DateTimeInput,
        help_text="Local time of the agency.",
        validators=[_not_to_come],
    )


class LookUpForm(forms.Form):
    """Whether a plate was listed at an instant, and why somebody asks."""

    plate = forms.CharField(label="Plate", max_length=20, widget=PlateInput)
    at = forms.DateTimeField(
        label="Was it listed at",
        widget=DateTimeInput,
        help_text="Local time of the agency.",
        validators=[_not_to_come],
    )
    # The policy, not the form, refuses a purpose, so that the refusal is journaled with its clause.
    purpose = forms.CharField(label="Purpose", max_length=60, widget=forms.Select)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="In a sentence: which alert or question this explains.",
    )
    reference = forms.CharField(label="Case or incident number", max_length=80, required=False)

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(key, purpose.name) for key, purpose in profile.purposes.items()]
        self.fields["purpose"].widget = forms.Select(choices=[("", "Choose a purpose"), *choices])

    def clean_plate(self) -> str:
        """The plate as entries spell it."""
        plate = normalize(self.cleaned_data["plate"])
        if not plate:
            raise forms.ValidationError(
                "No letter or digit is left of this plate. Enter the whole plate, for example 8ABC123."
            )
        return plate

"""What a person types to sign in on a unit."""

from django import forms

from plateward.units.rules import FASTEST_KB_PER_S


class CodeForm(forms.Form):
    """The code that the unit shows."""

    code = forms.CharField(
        label="Code on the unit's screen",
        max_length=20,
        help_text="Eight letters, such as BCDF-GHJK.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "Type the code that the unit shows."},
    )


class RateForm(forms.Form):
    """How fast a unit may send."""

    kilobytes = forms.IntegerField(
        label="Sends at most, in kilobytes a second",
        min_value=1,
        max_value=FASTEST_KB_PER_S,
        required=False,
        help_text="Leave it empty for as fast as it can.",
    )

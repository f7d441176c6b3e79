from django import forms

from plateward.devices.models import DeviceKind
from plateward.ui.forms import DateInput


class RegisterForm(forms.Form):
    """A new device's entry in the register."""

    name = forms.CharField(max_length=100, help_text="As people will see it, for example Main St at 1st Ave.")
    kind = forms.ChoiceField(choices=DeviceKind)
    location = forms.CharField(
        max_length=200,
        help_text="Where it stands, in words, as the radio texts are to say it; without a direction.",
    )
    owner = forms.CharField(max_length=100, help_text="Whose device it is.")
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, help_text="Degrees, WGS 84.")
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, help_text="Degrees, WGS 84.")
    heading_deg = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=359,
        label="Heading",
        help_text="Where the camera looks, in degrees clockwise from north.",
    )
    installed_date = forms.DateField(required=False, label="Installed on", widget=DateInput())

    def clean(self) -> None:
        """A place has both coordinates or neither."""
        super().clean()
        if (self.cleaned_data.get("latitude") is None) != (self.cleaned_data.get("longitude") is None):
            self.add_error("longitude", "Give latitude and longitude together, or neither.")

"""What people say of where a list's files are fetched from."""

import re
from typing import Any

from django import forms

from plateward.hotlists.entry_forms import PurposeField
from plateward.hotlists.models import ListMode
from plateward.hotlists.pickup_actions import PickupFacts
from plateward.hotlists.pickup_models import PickupLayout, PickupWay, Proof, Readiness
from plateward.policy import DEPARTMENT, Profile

DAY_MINUTES = 24 * 60


class PickupForm(forms.Form):
    """From where, by which layout, how often, and what happens with a file that came."""

    source = forms.ChoiceField(label="List")
    origin = forms.ChoiceField(label="Whose data")
    purpose = PurposeField(label="Purpose")
    layout = forms.ChoiceField(label="Layout", choices=PickupLayout.choices)
    mode = forms.ChoiceField(label="Its files hold", choices=ListMode.choices)
    way = forms.ChoiceField(
        label="Fetched from",
        choices=PickupWay.choices,
        help_text="Of a watched folder the next page says where it is.",
    )
    host = forms.CharField(label="Server", required=False, max_length=253, help_text="Its name or address.")
    port = forms.IntegerField(label="Port", required=False, min_value=1, max_value=65_535, initial=22)
    login = forms.CharField(label="User name there", required=False, max_length=100)
    folder = forms.CharField(label="Folder there", required=False, max_length=500)
    host_key = forms.CharField(
        label="Server's key",
        required=False,
        max_length=100,
        help_text="Its fingerprint as its operator tells it: SHA256: and 43 characters. No other is trusted.",
    )
    proof = forms.ChoiceField(label="It knows us by", choices=Proof.choices, required=False)
    password = forms.CharField(
        label="Password there",
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept in the data folder, and never shown. Empty leaves the one that was given for this "
        "very server, port, user and key.",
    )
    pattern = forms.CharField(
        label="Names of its files",
        max_length=100,
        initial="*",
        help_text="* stands for any letters, ? for one: extract-*.txt",
    )
    readiness = forms.ChoiceField(label="A file is whole when", choices=Readiness.choices)
    every_minutes = forms.IntegerField(
        label="Look every so many minutes", min_value=1, max_value=DAY_MINUTES, initial=10
    )
    expected_hours = forms.IntegerField(
        label="Ask when none came for so many hours",
        min_value=1,
        max_value=24 * 365,
        required=False,
        help_text="A task for whoever takes lists in. Empty: nobody is asked.",
    )
    takes_in = forms.BooleanField(
        label="Take its lists in without asking anybody",
        required=False,
        help_text="In your name, as long as you may, and only where nothing speaks against a file. Otherwise "
        "each waits for somebody's decision.",
    )
    removes = forms.BooleanField(
        label="Delete a file on the server once it was taken over",
        required=False,
        help_text="Of a watched folder it is moved to its folder “done” in any case.",
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

    def clean_host(self) -> str:
        """A name or an address, and nothing else."""
        host: str = self.cleaned_data["host"].strip()
        if host and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.:-]*", host):
            raise forms.ValidationError("Write a name or an address, such as sftp.state.example.")
        return host

    def clean_host_key(self) -> str:
        """A SHA-256 fingerprint as OpenSSH writes it."""
        key: str = self.cleaned_data["host_key"].strip().rstrip("=")
        if key and not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", key):
            raise forms.ValidationError(
                "Write it as ssh-keygen -l shows it: SHA256: and 43 letters, digits, + or /."
            )
        return key

    def clean(self) -> dict[str, Any]:
        """What a server needs."""
        cleaned = super().clean() or {}
        if cleaned.get("way") == PickupWay.SFTP:
            for name in ("host", "login", "host_key", "proof"):
                if name in cleaned and not cleaned[name]:
                    self.add_error(name, "A server cannot be reached without it.")
        return cleaned

    def facts(self) -> PickupFacts:
        """What a valid form says."""
        said = {key: value for key, value in self.cleaned_data.items() if key != "password"}
        if said["way"] != PickupWay.SFTP:
            said |= {"host": "", "login": "", "folder": "", "host_key": "", "proof": "", "removes": False}
        return PickupFacts(**said | {"port": said["port"] or 22})

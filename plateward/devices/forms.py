from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator

from plateward.devices.formats import formats
from plateward.devices.hosts import parse_hosts
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind, ServiceKind
from plateward.devices.ways import Way, WayIn, parse_networks, parse_topics
from plateward.ui.forms import DateInput


class FactsForm(forms.Form):
    """A device's entry in the register."""

    name = forms.CharField(max_length=100, help_text="As people will see it, for example Main St at 1st Ave.")
    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in DeviceKind])
    location = forms.CharField(
        max_length=200,
        help_text="Where it stands, in words, as the radio texts are to say it; without a direction.",
    )
    site = forms.CharField(
        max_length=100, required=False, help_text="The pole, gate or car it belongs to with others, if any."
    )
    owner = forms.CharField(max_length=100, help_text="Whose device it is.")
    model = forms.CharField(
        max_length=100,
        required=False,
        label="Maker and model",
        help_text="As on its label, with the firmware.",
    )
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, help_text="Degrees, WGS 84.")
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, help_text="Degrees, WGS 84.")
    heading_deg = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=359,
        label="Heading",
        help_text="Where the camera looks, in degrees clockwise from north: 0 is north, 90 east, 180 south.",
    )
    view_deg = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=360,
        label="Field of view",
        help_text="How wide it sees, in degrees from edge to edge.",
    )
    sensitive_place = forms.CharField(
        max_length=200,
        required=False,
        label="Sensitive place in view",
        help_text="Such as a clinic, a house of worship or a union hall; leave empty if there is none.",
    )
    installed_date = forms.DateField(required=False, label="Installed on", widget=DateInput())

    def clean(self) -> None:
        """A place has both coordinates or neither."""
        super().clean()
        if (self.cleaned_data.get("latitude") is None) != (self.cleaned_data.get("longitude") is None):
            self.add_error("longitude", "Give latitude and longitude together, or neither.")

    def facts(self) -> DeviceFacts:
        """The entry as typed; call on a valid form."""
        data = {name: self.cleaned_data[name] for name in FactsForm.base_fields}
        return DeviceFacts(**data | {"kind": DeviceKind(data["kind"])})


class RegisterForm(FactsForm):
    """A new device. `device_id` is drawn with the form, so that sending it twice registers one device."""

    device_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"device_id": uuid4()})

    def new_id(self) -> UUID:
        """The new device's id; call on a valid form."""
        drawn: UUID = self.cleaned_data["device_id"]
        return drawn


class ChangeForm(FactsForm):
    """A device's entry with the revision it was opened at."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class ServiceForm(forms.Form):
    """An installation, maintenance or repair that was done."""

    kind = forms.TypedChoiceField(
        label="What was done", choices=[(kind.value, kind.label) for kind in ServiceKind], coerce=ServiceKind
    )
    done_date = forms.DateField(label="Done on", widget=DateInput())
    done_by = forms.CharField(max_length=150, label="Done by", help_text="Person and company.")
    note = forms.CharField(
        max_length=500,
        label="What was found and changed",
        widget=forms.Textarea({"rows": 3}),
        help_text="For a calibration: what was checked, and the result.",
    )

    def given(self) -> dict[str, Any]:
        """The fields as the action takes them; call on a valid form."""
        kind: ServiceKind = self.cleaned_data["kind"]
        done: date = self.cleaned_data["done_date"]
        return {**self.cleaned_data, "kind": kind, "done_date": done}


class WayForm(forms.Form):
    """How a device gets in."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    format = forms.ChoiceField(
        required=False,
        label="Whose format it sends",
        help_text="So that this page can say what to enter in it.",
    )
    way = forms.TypedChoiceField(
        label="How it proves who it is",
        coerce=Way,
        choices=[(way.value, way.label) for way in Way],
        help_text="A key goes over the line with each read: use it with HTTPS.",
    )
    sources = forms.CharField(
        required=False,
        label="From where it may send",
        widget=forms.Textarea({"rows": 3}),
        help_text="Addresses or networks, one a line, such as 192.0.2.17 or 2001:db8::/48. Empty: anywhere.",
    )
    picture_hosts = forms.CharField(
        required=False,
        label="From where its pictures may be fetched",
        widget=forms.Textarea({"rows": 2}),
        help_text="For devices that send a picture's address only. Hosts, one a line, such as"
        " pictures.example.com or http://192.0.2.17:8080; without http:// only HTTPS; never this"
        " machine. Empty: nowhere.",
    )

    topics = forms.CharField(
        required=False,
        label="MQTT topics that feed it",
        widget=forms.Textarea({"rows": 2}),
        help_text="One a line, such as frigate/events; + stands for one level, # for all below. Which may be"
        " taken, the settings of the broker say. Empty: none.",
    )
    topic_camera = forms.CharField(
        required=False,
        max_length=60,
        label="Only messages of the camera named",
        help_text="Where several cameras share a topic: its name in the messages. Empty: all of them.",
    )

    def __init__(self, data: Any = None, *, device: Device) -> None:
        way_in = device.way_in
        super().__init__(
            data,
            initial={
                "revision": device.revision,
                "format": way_in.format,
                "way": way_in.way.value,
                "sources": "\n".join(way_in.sources),
                "picture_hosts": "\n".join(way_in.picture_hosts),
                "topics": "\n".join(way_in.topics),
                "topic_camera": way_in.topic_camera,
            },
        )
        known = [(one.id, one.maker) for one in formats()]
        self.fields["format"].choices = [("", "Not said"), *known]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_sources(self) -> tuple[str, ...]:
        """Networks in their canonical form."""
        return _parsed(parse_networks, self.cleaned_data["sources"])

    def clean_picture_hosts(self) -> tuple[str, ...]:
        """Hosts in their canonical form."""
        return _parsed(parse_hosts, self.cleaned_data["picture_hosts"])

    def clean_topics(self) -> tuple[str, ...]:
        """Topic filters that a broker takes."""
        return _parsed(parse_topics, self.cleaned_data["topics"])

    def way_in(self) -> WayIn:
        """The settings as typed; call on a valid form."""
        data = self.cleaned_data
        return WayIn(
            format=data["format"],
            way=data["way"],
            sources=data["sources"],
            picture_hosts=data["picture_hosts"],
            topics=data["topics"],
            topic_camera=data["topic_camera"].strip() if data["topics"] else "",
        )


class PictureLoginForm(forms.Form):
    """What a camera asks for before it gives a picture."""

    username = forms.CharField(
        label="User name",
        max_length=100,
        validators=[RegexValidator(r'^[^:"\\\x00-\x1f\x7f]+$', "Leave out colons, quotes and backslashes.")],
        help_text="Of an account in the camera that may do nothing but view.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        validators=[ProhibitNullCharactersValidator()],
        help_text="Sealed when it is kept, and never shown again. One that was set before is replaced.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def _parsed(parse: Callable[[str], tuple[str, ...]], text: str) -> tuple[str, ...]:
    try:
        return parse(text)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error

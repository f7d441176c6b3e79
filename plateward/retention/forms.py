"""What is asked about authorities, devices' sources, purges, and the vendor's word."""

import hashlib
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from plateward.devices.models import Device
from plateward.policy import Profile
from plateward.retention import rules


def _day(**facts: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **facts)


def _sources(profile: Profile) -> list[tuple[str, str]]:
    return [(source, rule.name) for source, rule in rules.sources(profile).items()]


class DocumentForm(forms.Form):
    """A scanned paper: its name and SHA-256 go on record, the file itself stays with the agency."""

    document = forms.FileField(
        label="Scan of the document",
        help_text="Its SHA-256 and name go on record, so that the paper can be recognized. Keep the file.",
    )

    def scan(self) -> dict[str, str]:
        """The facts of the scan, once the form is valid."""
        file: UploadedFile[bytes] = self.cleaned_data["document"]
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        return {"document_name": (file.name or "")[:200], "document_sha256": digest.hexdigest()}

    def facts(self) -> dict[str, Any]:
        """Everything that was entered, with the scan's facts in its place."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "document"}
        return told | self.scan()


class AuthorityForm(DocumentForm):
    """The council's resolution and the attorney's consent."""

    sources = forms.MultipleChoiceField(
        label="Covers", widget=forms.CheckboxSelectMultiple, help_text="Data of these sources."
    )
    resolution = forms.CharField(label="Resolution of the council", max_length=120)
    resolution_date = _day(label="Date of the resolution")
    consent_by = forms.CharField(label="Attorney who consents in writing", max_length=200)
    consent_date = _day(label="Date of the consent")

    field_order = ("sources", "resolution", "resolution_date", "consent_by", "consent_date", "document")

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["sources"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  declared above
        field.choices = _sources(profile)


class ReasonForm(forms.Form):
    """Why; it goes on record."""

    because = forms.CharField(label="Reason", max_length=300, help_text="It goes on record.")


class SourceForm(forms.Form):
    """Which source a device's data belong to, and how that is known."""

    device = forms.ModelChoiceField(label="Device", queryset=Device.objects.none())
    source = forms.ChoiceField(label="Its data are")
    reason = forms.CharField(
        label="How this is known", max_length=300, help_text="Such as the contract or who owns the camera."
    )

    def __init__(self, *args: Any, profile: Profile, agency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        device, source = self.fields["device"], self.fields["source"]
        assert isinstance(device, forms.ModelChoiceField)  # noqa: S101  declared above
        assert isinstance(source, forms.ChoiceField)  # noqa: S101  the same
        device.queryset = Device.objects.filter(agency_id=agency).order_by("name")
        source.choices = _sources(profile)


class PurgeForm(forms.Form):
    """Of which source reads are to go, and before which day."""

    source = forms.ChoiceField(label="Data")
    what = forms.ChoiceField(
        label="What goes",
        required=False,
        choices=[("", "Reads with their pictures"), ("pictures", "Pictures alone; their reads stay")],
        help_text="The policy says a length of its own for pictures.",
    )
    before = _day(
        label="Captured before (UTC day)",
        required=False,
        help_text="Leave it empty for everything that may go by the policy.",
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)  # noqa: S101  declared above
        source.choices = _sources(profile)
        if not any(rules.rule_of_pictures(profile, one) for one in rules.sources(profile)):
            del self.fields["what"]

    @property
    def pictures_only(self) -> bool:
        """Whether only pictures go."""
        return self.cleaned_data.get("what") == "pictures"

    @property
    def until_at(self) -> datetime | None:
        """The instant before which reads go; None for as late as may be."""
        before = self.cleaned_data["before"]
        return datetime.combine(before, time(), UTC) if before else None


class AttestationForm(DocumentForm):
    """The vendor's word that it purged."""

    source = forms.ChoiceField(label="Data")
    until_date = _day(label="What is older than this day was purged")
    attested_by = forms.CharField(label="Who of the vendor says so", max_length=200)
    attested_date = _day(label="Date of their letter")

    field_order = ("source", "until_date", "attested_by", "attested_date", "document")

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)  # noqa: S101  declared above
        by_vendor = rules.sources(profile).items()
        source.choices = [(one, rule.name) for one, rule in by_vendor if rule.purged_by.settled is not None]


class SampleForm(forms.Form):
    """A try whether old reads can still be had from the vendor."""

    tried = forms.IntegerField(label="Old reads tried to retrieve", min_value=1)
    found = forms.IntegerField(label="Of these still retrievable", min_value=0)
    note = forms.CharField(label="How you tried", max_length=300)

"""The forms of discs: which, how protected and marked, and a link of a burned disc's chain of custody."""

import json
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localtime

from plateward.evidence.custody_rules import Link, WantedLink
from plateward.evidence.disc_models import Disc, DiscLink
from plateward.evidence.disc_rules import Medium, Protection, WantedDiscs
from plateward.ui.forms import DateTimeInput

_LARGEST_REPORT: Final = 1 << 20


class DiscsForm(forms.Form):
    """Asks what the package is burned on, who may open it, and how it is marked."""

    medium = forms.ChoiceField(
        label="Burn it on",
        choices=[(one.value, one.label) for one in Medium],
        help_text="A package that is larger than one goes on several.",
    )
    protection = forms.ChoiceField(
        label="Encryption",
        choices=[(one.value, one.label) for one in Protection],
        widget=forms.RadioSelect,
        initial=Protection.PASSPHRASE.value,
        help_text="What leaves secure places is encrypted (CJIS MP-5).",
    )
    recipients = forms.CharField(
        label="Public keys of those who may open it",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, as age writes them: age1…",
    )
    marks = forms.CharField(
        label="Handling marks",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, for labels and the discs' list, such as LAW ENFORCEMENT SENSITIVE – CLETS",
    )

    @property
    def wanted(self) -> WantedDiscs:
        """What a valid form asks for."""
        said = self.cleaned_data
        return WantedDiscs(
            medium=Medium(said["medium"]),
            protection=Protection(said["protection"]),
            recipients=_lines(said["recipients"]),
            marks=_lines(said["marks"]),
        )


class LinkForm(forms.Form):
    """Asks what became of a copy of a disc: which, when, what, and what its kind of link needs."""

    serial = forms.CharField(
        max_length=80,
        label="Serial number of the copy",
        help_text="The one printed on the disc's hub, or the one that your agency wrote on it.",
    )
    happened_at = forms.DateTimeField(label="When", widget=DateTimeInput())
    to_whom = forms.CharField(
        max_length=200, label="Handed to", help_text="Name and agency of whoever took it."
    )
    receipt = forms.CharField(
        max_length=200, label="Receipt", help_text="By what they confirmed it, such as the receipt's number."
    )
    witness = forms.CharField(max_length=200, label="Witnessed by", help_text="Who saw it destroyed.")
    unverified_because = forms.CharField(
        max_length=300,
        required=False,
        label="Why it goes unchecked",
        help_text="Only for a copy that was not checked: the reason stands in the chain of custody.",
    )
    told = forms.CharField(max_length=500, label="What happened", widget=forms.Textarea(attrs={"rows": 3}))
    report = forms.FileField(
        label="Report of the check",
        help_text="The file of “plateward disc verify DRIVE --report FILE”, or of verify.py --report. "
        "One that failed is recorded too.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, kind: Link, disc: Disc) -> None:
        super().__init__(data, files)
        self.kind = kind
        self.fields["happened_at"].initial = localtime().replace(second=0, microsecond=0)
        self.fields["told"].help_text = kind.asks
        of_kind = {"to_whom": Link.HANDED_OVER, "receipt": Link.HANDED_OVER, "witness": Link.DESTROYED}
        of_kind["unverified_because"] = Link.HANDED_OVER
        for name, only in of_kind.items():
            if kind is not only:
                del self.fields[name]
        if kind is Link.BURNED:
            self.fields["report"].required = False
            self.fields["report"].label = "Report of the check, where it was read back"
        else:
            self.fields["serial"] = forms.ChoiceField(
                label="Copy", choices=[(one, one) for one in copies(disc)], help_text="By its serial number."
            )
        if kind in {Link.HANDED_OVER, Link.DESTROYED}:
            del self.fields["report"]

    def clean_report(self) -> dict[str, Any] | None:
        """The report as it was written, for the rules to judge."""
        file = self.cleaned_data["report"]
        if file is None:
            return None
        if file.size > _LARGEST_REPORT:
            raise ValidationError("This file is too large to be a report.")
        try:
            found = json.loads(file.read().decode("utf-8"))
        except ValueError as error:
            raise ValidationError("This file is no report of a check.") from error
        if not isinstance(found, dict):
            raise ValidationError("This file is no report of a check.")
        return found

    @property
    def wanted(self) -> WantedLink:
        """What a valid form says."""
        return WantedLink(kind=self.kind, **self.cleaned_data)


def copies(disc: Disc) -> list[str]:
    """The serial numbers of its copies that were burned and are not destroyed."""
    links = list(DiscLink.objects.filter(disc=disc).order_by("recorded_at"))
    gone = {one.serial for one in links if one.kind == Link.DESTROYED}
    return [one.serial for one in links if one.kind == Link.BURNED and one.serial not in gone]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())

"""The forms of discs: which medium, and a link of a burned disc's chain of custody."""

from typing import Any

from django import forms

from plateward.evidence.disc_rules import Link, Medium
from plateward.ui.forms import DateTimeInput


class DiscsForm(forms.Form):
    """Asks what the package is burned on."""

    medium = forms.ChoiceField(
        label="Burn it on",
        choices=[(one.value, one.label) for one in Medium],
        help_text="A package that is larger than one goes on several.",
    )


class LinkForm(forms.Form):
    """Asks what became of a burned disc."""

    serial = forms.CharField(
        max_length=80,
        label="Serial number of the copy",
        help_text="The one printed on the disc's hub, or the one that your agency wrote on it.",
    )
    happened_at = forms.DateTimeField(label="When", widget=DateTimeInput())
    told = forms.CharField(max_length=500, label="What happened", widget=forms.Textarea(attrs={"rows": 3}))
    is_verified = forms.BooleanField(label="verify.py said PASS for this copy", required=False)

    def __init__(self, data: Any = None, *, kind: Link) -> None:
        super().__init__(data)
        self.fields["told"].help_text = kind.asks
        if kind is not Link.CHECKED:
            del self.fields["is_verified"]

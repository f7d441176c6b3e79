"""The forms of a package: what is to be packed and what for, and why our copy is not needed any more."""

from typing import Any
from uuid import UUID

from django import forms

from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_queries import blocking
from plateward.evidence.package_rules import Wanted
from plateward.governance.actor import Actor


class PackageForm(forms.Form):
    """Asks what a package is for; the address names what is packed, else a hold is chosen."""

    hold = forms.ModelChoiceField(
        Hold.objects.none(), label="Hold", help_text="The reads that it covers now are packed."
    )
    purpose = forms.ChoiceField(label="Purpose")
    reason = forms.CharField(
        max_length=500,
        label="What it is for",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands on the package, in its papers and in the journal.",
    )
    reference = forms.CharField(max_length=80, required=False, label="Case number")
    recipient = forms.CharField(
        max_length=200,
        required=False,
        label="Recipient",
        help_text="Who gets it, such as the property room. Another agency gets data by a release alone.",
    )

    def __init__(self, data: Any = None, *, actor: Actor, read_ids: list[UUID], alerts: list[UUID]) -> None:
        super().__init__(data)
        self.read_ids, self.alerts = read_ids, alerts
        if read_ids or alerts:
            del self.fields["hold"]
        else:
            self.fields["hold"].queryset = blocking(actor.agency)  # type: ignore[attr-defined]  # its own field
        choices = [(one.id, f"{one.name} ({one.clause})") for one in actor.profile.purposes.values()]
        self.fields["purpose"].choices = [("", "Choose a purpose"), *choices]  # type: ignore[attr-defined]  # the same

    @property
    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        said = self.cleaned_data
        hold = said.get("hold")
        return Wanted(
            reads=tuple(self.read_ids),
            alerts=tuple(self.alerts),
            hold=hold.pk if hold else None,
            purpose=said["purpose"],
            reason=said["reason"],
            reference=said["reference"],
            recipient=said["recipient"],
            for_outside=False,
        )


class DiscardForm(forms.Form):
    """Asks why our copy is not needed any more."""

    because = forms.CharField(
        max_length=300,
        label="Why our copy is not needed any more",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For example: booked as an item of evidence, with its number.",
    )

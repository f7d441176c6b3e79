"""What a person is asked about how they are told of alerts."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from plateward.outgoing.forms import category_choices
from plateward.policy import CategoryPriority, Profile, TellingWay
from plateward.ui.forms import TimeInput

LEAST = {
    CategoryPriority.LOW: "Of all",
    CategoryPriority.NORMAL: "Of those of normal and of high priority",
    CategoryPriority.HIGH: "Only of those of high priority",
}
WAYS = {TellingWay.MAIL: "By e-mail, of these entries", TellingWay.PUSH: "On my browsers, of these entries"}


class TellingForm(forms.Form):
    """Of which alerts, by which of the ways that the agency decided on, and when not."""

    least = forms.TypedChoiceField(
        label="How urgent",
        coerce=CategoryPriority,
        choices=[(one.value, label) for one, label in LEAST.items()],
        widget=forms.RadioSelect,
        help_text="By the priority that the policy gives a kind of entry; without one it counts as normal.",
    )
    late_too = forms.BooleanField(
        label="Also of reads that came late, such as a car’s upload", required=False
    )
    quiet_from = forms.TimeField(
        label="Quiet from",
        required=False,
        widget=TimeInput,
        help_text="In these hours nothing is sent, nor later.",
    )
    quiet_until = forms.TimeField(label="Quiet until", required=False, widget=TimeInput)

    field_order = ("mail", "push", "least", "late_too", "quiet_from", "quiet_until")

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        profile: Profile,
        ways: Collection[TellingWay],
        initial: Mapping[str, Any],
    ) -> None:
        super().__init__(data, initial=dict(initial))
        for way in ways:
            self.fields[way.lower()] = forms.MultipleChoiceField(
                label=WAYS[way],
                choices=category_choices(profile),
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text="None chosen: of none.",
            )
        self.order_fields(self.field_order)


class AddressForm(forms.Form):
    """Where e-mail goes."""

    address = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="A link is sent there; the address counts once you open it. Empty: none.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class BrowserForm(forms.Form):
    """What a browser says of itself when it is to be told; `web/src/telling.ts` fills it in."""

    name = forms.CharField(max_length=100)
    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=88)
    auth = forms.CharField(max_length=24)

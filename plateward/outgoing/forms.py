"""The form of a system that alerts are sent to."""

from collections.abc import Mapping
from typing import Any

from django import forms

from plateward.alerts.rules import AlertChange
from plateward.outgoing import rules
from plateward.policy import Profile

WHATS = {
    AlertChange.RAISED: "A new alert",
    AlertChange.HIT: "A further read of the same vehicle",
    AlertChange.CHANGED: "The answer to a confirmation",
    AlertChange.CLOSED: "How it ended",
}


def category_choices(profile: Profile) -> list[tuple[str, str]]:
    """The kinds of entries that the policy knows, the agency's own ones first."""
    named = [(key, one.name) for key, one in profile.hotlists.categories.items() if not one.forbidden_by]
    return [(rules.OWN, "Entries without a category, such as the agency's own"), *named]


class SystemForm(forms.Form):
    """What the system is, where it is, and what it hears of."""

    name = forms.CharField(label="Name", max_length=100, help_text="Such as: CAD of the county.")
    purpose = forms.CharField(
        label="What it does with alerts",
        max_length=300,
        help_text="Who reads them there, and why. It stands in the journal beside what was sent.",
    )
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.URLInput,
        help_text="Where it takes messages by HTTPS, such as https://cad.city.example/alerts.",
    )
    whats = forms.MultipleChoiceField(
        label="It hears of",
        choices=[(key.value, label) for key, label in WHATS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[AlertChange.RAISED.value],
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, profile: Profile, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.fields["categories"] = forms.MultipleChoiceField(
            label="Of these entries",
            choices=category_choices(profile),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text="None chosen: of all.",
        )

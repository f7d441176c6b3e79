"""The form that makes a token."""

from collections.abc import Mapping
from typing import Any

from django import forms

from plateward.api import rules
from plateward.governance.actor import Actor
from plateward.policy import CAPABILITIES


class TokenForm(forms.Form):
    """What the program does, for which purpose, what it may ask, and for how long."""

    use = forms.CharField(
        label="What the program does",
        max_length=200,
        help_text="In a sentence, such as: Looks up the plates of calls in the dispatch system.",
    )
    # The policy, not the form, refuses a purpose, so that the refusal is journaled with its clause.
    purpose = forms.CharField(
        label="Purpose",
        max_length=60,
        widget=forms.Select,
        help_text="The token is good for this one. Make another token for another purpose.",
    )
    days = forms.TypedChoiceField(
        label="How long",
        coerce=int,
        choices=[(days, "1 day" if days == 1 else f"{days} days") for days in rules.LASTS],
        initial=30,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, actor: Actor) -> None:
        super().__init__(data)
        purposes = actor.profile.purposes.values()
        choices = [(purpose.id, f"{purpose.name} ({purpose.clause})") for purpose in purposes]
        self.fields["purpose"].widget = forms.Select(choices=[("", "Choose a purpose"), *choices])
        offered = [(id_, CAPABILITIES[id_].does.capitalize()) for id_ in rules.CAPABILITIES if actor.may(id_)]
        self.fields["capabilities"] = forms.MultipleChoiceField(
            label="What it may do",
            choices=offered,
            widget=forms.CheckboxSelectMultiple,
            help_text="Only what you may do yourself; never more than you may at that moment.",
        )
        self.order_fields(("use", "purpose", "capabilities", "days"))

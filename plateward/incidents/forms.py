"""What is asked of who reports an incident and of who works it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from plateward.accounts.queries import people_of
from plateward.governance.actor import Actor
from plateward.governance.organization.forms import PersonField
from plateward.incidents.rules import Act, Data, Step


def _instant(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, help_text=help_text, initial=timezone.now, widget=widget)


class IncidentForm(forms.Form):
    """What happened, what it touched, since when it is known, and by whom."""

    what = forms.CharField(
        label="What happened?",
        max_length=4000,
        help_text="What you saw, and where. Do not write plates or names of drivers.",
        widget=forms.Textarea({"rows": 6}),
    )
    touched = forms.TypedMultipleChoiceField(
        label="What did it touch, as far as you know?",
        choices=[(one.value, one.label) for one in Data],
        coerce=Data,
        widget=forms.CheckboxSelectMultiple,
    )
    systems = forms.CharField(
        label="Which systems?", required=False, max_length=400, help_text="A server, a laptop, a car."
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["discovered_at"] = _instant("Discovered", "The clock of the incident runs from here.")
        person = PersonField(people_of(actor.agency), actor.profile, "Who caused it?")
        person.required, person.empty_label = False, "Nobody of the agency, or I do not know"
        person.help_text = "They do not see it, and do not work it."
        self.fields["about"] = person


class StepForm(forms.Form):
    """A step of the checklist, how and when it was done."""

    step = forms.TypedChoiceField(label="Step", coerce=Step)
    note = forms.CharField(label="How, and with whom", max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, steps: Sequence[Step], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["step"]
        assert isinstance(chosen, forms.TypedChoiceField)  # noqa: S101  declared so above
        chosen.choices = [(step.value, step.label) for step in steps]
        self.fields["done_at"] = _instant("Done")


class MoveForm(forms.Form):
    """Where the incident goes on to, and why."""

    act = forms.TypedChoiceField(label="What now?", coerce=Act, widget=forms.RadioSelect)
    note = forms.CharField(
        label="Why",
        max_length=2000,
        help_text="It stays with the incident.",
        widget=forms.Textarea({"rows": 3}),
    )
    californians = forms.IntegerField(
        label="How many Californians get the notice?",
        required=False,
        min_value=0,
        help_text="For the assessment. Above 500 the Attorney General gets a sample (Civil Code 1798.29(e)).",
    )

    def __init__(self, *args: Any, acts: Sequence[Act], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["act"]
        assert isinstance(chosen, forms.TypedChoiceField)  # noqa: S101  declared so above
        chosen.choices = [(act.value, act.label) for act in acts]
        if Act.ASSESS not in acts:
            del self.fields["californians"]

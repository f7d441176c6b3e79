"""What is asked for the list of accesses, the letter, its sending and its delay."""

from typing import Any

from django import forms

from plateward.accounts.models import User
from plateward.accounts.queries import people_of
from plateward.governance.actor import Actor
from plateward.incidents.affected import Source
from plateward.incidents.letters import HEADINGS
from plateward.incidents.models import Incident
from plateward.incidents.rules import How


def _instant(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


def _day(label: str, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, help_text=help_text, widget=widget)


class AffectedForm(forms.Form):
    """Whose accesses, when and to what."""

    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label="Accounts", required=False, help_text="None chosen: every account."
    )
    sources = forms.TypedMultipleChoiceField(
        label="What was accessed",
        choices=[(source.value, source.label) for source in Source],
        coerce=Source,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = self.fields["people"]
        assert isinstance(people, forms.ModelMultipleChoiceField)  # noqa: S101  declared so above
        people.queryset = people_of(actor.agency)
        self.fields["from_at"], self.fields["until_at"] = _instant("From"), _instant("Until")


class LetterForm(forms.Form):
    """What the letter says under each heading."""

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, heading in HEADINGS.items():
            self.fields[name] = forms.CharField(
                label=heading, max_length=4000, widget=forms.Textarea({"rows": 4})
            )
        touched = "; ".join(one.label for one in incident.data)
        self.fields["information"].initial = touched
        self.fields["contact"] = forms.CharField(
            label="Whom to ask: name, address, telephone", max_length=400
        )
        self.fields["breach_from"] = _day("Breach from", "Empty where it is not known.")
        self.fields["breach_until"] = _day("Breach until", "Empty where it is not known.")


class SentForm(forms.Form):
    """To whom the newest letter was sent, how and when."""

    to = forms.CharField(
        label="To whom", max_length=400, help_text="Which people, in words. Do not write plates."
    )
    people = forms.IntegerField(label="To how many people", min_value=1)
    how = forms.TypedChoiceField(
        label="How", choices=[(how.value, how.label) for how in How], coerce=How, widget=forms.RadioSelect
    )
    sent_date = forms.DateField(
        label="On which day", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class DelayForm(forms.Form):
    """Who asked that the notice wait, and until when."""

    asked_by = forms.CharField(label="Which agency asked, and who there", max_length=200)
    until_date = _day("Until", "Empty where no day was said.")

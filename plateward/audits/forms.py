"""What is asked of who audits and of who resolves a finding."""

from typing import Any

from django import forms

from plateward.accounts.queries import people_of
from plateward.audits.rules import MOST_DRAWN, FindingAct, Severity, Verdict
from plateward.governance.actor import Actor
from plateward.governance.organization.forms import PersonField


def _words(label: str, help_text: str, rows: int = 3, *, required: bool = True) -> forms.CharField:
    area = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, max_length=1000, help_text=help_text, widget=area, required=required)


class BeginForm(forms.Form):
    """How many records are drawn; who may look at them is the policy's."""

    random_size = forms.IntegerField(
        label="Searches drawn at random",
        min_value=1,
        max_value=MOST_DRAWN,
        initial=25,
        help_text="Chosen before anybody knows the seed, and on record.",
    )
    risk_size = forms.IntegerField(
        label="And among those at risk",
        min_value=0,
        max_value=MOST_DRAWN,
        initial=10,
        help_text="Searches whose reason was flagged, or that a review raised a flag about.",
    )


class MarkForm(forms.Form):
    """In or out of policy, and why."""

    verdict = forms.TypedChoiceField(
        label="What do you find?",
        choices=[(one.value, one.label) for one in Verdict],
        coerce=Verdict,
        widget=forms.RadioSelect,
    )
    note = _words(
        "Why", "Needed out of policy. Do not write plates or names: it stands in the report.", required=False
    )


class AnswerForm(forms.Form):
    """Why a check needs no finding."""

    answer = _words("Why it needs no finding", "It stands in the report.")


class FindingForm(forms.Form):
    """What was found, how severe it is, who puts it right and by when."""

    severity = forms.TypedChoiceField(
        label="Severity",
        choices=[(one.value, one.label) for one in Severity],
        coerce=Severity,
        widget=forms.RadioSelect,
    )
    what = _words(
        "What did you find?", "What is to be put right. Do not write plates: it stands in the report.", 4
    )
    due_date = forms.DateField(
        label="To be resolved by", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    item = forms.UUIDField(required=False, widget=forms.HiddenInput())
    kind = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput())

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = PersonField(people_of(actor.agency), actor.profile, "Who puts it right?")
        self.order_fields(["severity", "what", "owner", "due_date"])


class ResolveForm(forms.Form):
    """How a finding was put right."""

    note = _words("What was done", "An auditor tests it again.", 4)


class RetestForm(forms.Form):
    """Whether a finding was put right."""

    act = forms.ChoiceField(
        label="Was it put right?",
        choices=[
            (FindingAct.PASSED.value, "Yes: close it"),
            (FindingAct.FAILED.value, "No: back to its owner"),
        ],
        widget=forms.RadioSelect,
    )
    note = _words("What you looked at", "It stays with the finding.")


class SignForm(forms.Form):
    """The conclusion."""

    conclusion = forms.CharField(
        label="Conclusion",
        max_length=4000,
        help_text="It stands at the head of the report. After this nothing of the audit can be changed.",
        widget=forms.Textarea({"rows": 5}),
    )

"""What is asked of who reports and of who decides."""

from typing import Any

from django import forms

from plateward.accounts.queries import people_of
from plateward.governance.actor import Actor
from plateward.governance.organization.forms import PersonField
from plateward.policy import required_courses
from plateward.training.queries import course_name
from plateward.violations.models import Report
from plateward.violations.rules import Finding, Kind

NOBODY = "Nobody, or I do not know"


class ReportForm(forms.Form):
    """An error or violation, by whom, when."""

    kind = forms.TypedChoiceField(
        label="What do you report?",
        choices=[(kind.value, kind.label) for kind in Kind],
        coerce=Kind,
        widget=forms.RadioSelect,
    )
    what = forms.CharField(
        label="What happened?",
        max_length=4000,
        help_text="What you saw or did, and where it can be seen. Do not write plates or names of drivers.",
        widget=forms.Textarea({"rows": 6}),
    )
    happened_date = forms.DateField(
        label="On which day?",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    origin = forms.RegexField(
        r"^(oversight\.ReviewItem|audits\.SampleItem):[0-9a-f-]{36}$",
        required=False,
        max_length=80,
        widget=forms.HiddenInput(),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"] = _person(
            actor,
            "Whom is it about?",
            NOBODY,
            "Your superior too: the report then passes them over. They do not see it.",
        )
        self.order_fields(["kind", "about"])


class NoteForm(forms.Form):
    """A note that stays with the report."""

    note = forms.CharField(
        label="Note",
        max_length=2000,
        help_text="It stays with the report.",
        widget=forms.Textarea({"rows": 3}),
    )


class AgainForm(NoteForm):
    """The retraining assigned anew."""

    course = forms.ChoiceField(label="Course")

    def __init__(self, *args: Any, actor: Actor, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _of_courses(self, actor, report)


class DecisionForm(forms.Form):
    """What was found; whom it is about, what is told and trained only where that is still open."""

    finding = forms.TypedChoiceField(
        label="What did you find?",
        choices=[(finding.value, finding.label) for finding in Finding],
        coerce=Finding,
        widget=forms.RadioSelect,
    )
    clause = forms.ChoiceField(
        label="Against which part of the policy", required=False, help_text="For a violation."
    )
    tell = forms.BooleanField(label="Tell the employee", required=False, initial=True)
    retrain = forms.BooleanField(label="Retrain the employee", required=False, initial=True)
    course = forms.ChoiceField(label="Course of the retraining", required=False)
    note = forms.CharField(
        label="Why",
        max_length=2000,
        help_text="The employee reads it after a violation. For an error: what prevents the next one.",
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, actor: Actor, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profile = actor.profile
        clause = self.fields["clause"]
        assert isinstance(clause, forms.ChoiceField)  # noqa: S101  declared so above
        clause.choices = [
            ("", "None in particular"),
            *((id_, f"{id_} {known.title}") for id_, known in profile.clauses.items()),
        ]
        _of_courses(self, actor, report)
        if report.about is None:
            self.fields["about"] = _person(actor, "By whom", "Choose, for a violation")
            self.order_fields(["finding", "about"])
        if profile.sanctions.user_notified.settled is not None:
            del self.fields["tell"]
        if profile.sanctions.violation.settled is not None:
            del self.fields["retrain"]


def _person(actor: Actor, label: str, none: str, help_text: str = "") -> PersonField:
    field = PersonField(people_of(actor.agency), actor.profile, label)
    field.required, field.empty_label, field.help_text = False, none, help_text
    return field


def _of_courses(form: forms.Form, actor: Actor, report: Report) -> None:
    """The courses that the person's title needs; all required ones while nobody is named."""
    profile = actor.profile
    titles = [report.about.title] if report.about else list(profile.titles)
    courses = dict.fromkeys(course for title in titles for course in required_courses(profile, title))
    field = form.fields["course"]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
    field.choices = [(course, course_name(profile, course)) for course in courses]

"""What the trainer enters."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from plateward.accounts.forms import course_choices
from plateward.accounts.models import User
from plateward.documents.kinds import EXTENSIONS, LARGEST
from plateward.policy import Profile, all_topics
from plateward.training.models import Attendance, Session
from plateward.training.queries import Trainee
from plateward.training.rules import BY_HAND, AssignmentReason, AttendanceState
from plateward.ui.forms import DateInput, DateTimeInput


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic to mypy alone
    """People of the agency as check boxes, each with how they stand."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, label: str, required: bool = False, help_text: str = "") -> None:
        super().__init__(User.objects.none(), label=label, required=required, help_text=help_text)

    def offer(self, people: Sequence[Trainee]) -> None:
        """Offer these, in this order."""
        self.queryset = User.objects.filter(pk__in=[person.user.pk for person in people])
        self.choices = [(person.user.pk, _described(person)) for person in people]


def _described(person: Trainee) -> str:
    standing = person.worst.label if person.worst else "Nothing required"
    overdue = ", overdue" if person.is_overdue else ""
    return f"{person.user.full_name}, {person.title_name} ({standing.lower()}{overdue})"


class PlanForm(forms.Form):
    """A session to come."""

    course = forms.ChoiceField(label="Course")
    held_at = forms.DateTimeField(label="Begins", widget=DateTimeInput())
    place = forms.CharField(label="Place", max_length=200)
    instructor = forms.CharField(label="Instructor", max_length=200)
    invited = PeopleField(label="Invite", help_text="Those who need it most come first.")

    def __init__(self, *args: object, profile: Profile, people: Sequence[Trainee], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        course, invited = self.fields["course"], self.fields["invited"]
        assert isinstance(course, forms.ChoiceField)  # noqa: S101  declared so above
        assert isinstance(invited, PeopleField)  # noqa: S101  declared so above
        course.choices = course_choices(profile)
        invited.offer(people)


class InviteForm(forms.Form):
    """Further people for a session to come."""

    invited = PeopleField(label="Invite", required=True)

    def __init__(self, *args: object, people: Sequence[Trainee], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        invited = self.fields["invited"]
        assert isinstance(invited, PeopleField)  # noqa: S101  declared so above
        invited.offer(people)


class RecordForm(forms.Form):
    """What was covered and who was there."""

    topics = forms.MultipleChoiceField(
        label="Topics covered", required=False, widget=forms.CheckboxSelectMultiple()
    )
    present = PeopleField(label="Present", help_text="Whoever was invited and is not ticked was absent.")

    def __init__(
        self,
        *args: object,
        profile: Profile,
        session: Session,
        attendances: Iterable[Attendance],
        people: Sequence[Trainee],
        **kwargs: object,
    ) -> None:
        there = [a.user_id for a in attendances if a.state == AttendanceState.PRESENT]
        kwargs.setdefault("initial", {"topics": session.topics, "present": there})
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        topics, present = self.fields["topics"], self.fields["present"]
        assert isinstance(topics, forms.MultipleChoiceField)  # noqa: S101  declared so above
        assert isinstance(present, PeopleField)  # noqa: S101  declared so above
        course = profile.training.courses.get(session.course)
        topics.choices = [(topic, topic) for topic in (all_topics(course) if course else ())]
        if not topics.choices:
            del self.fields["topics"]
        present.offer(people)

    def clean(self) -> dict[str, Any]:
        """A policy that names no topics has none asked for."""
        return {"topics": [], **self.cleaned_data}


class CertifyForm(forms.Form):
    """The completions of a session."""

    expires_date = forms.DateField(
        label="Certificates end on",
        required=False,
        widget=DateInput(),
        help_text="Only if the certificates themselves name an end. The course's own validity counts too.",
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=300, help_text="It goes on record.", widget=forms.Textarea({"rows": 2})
    )


class AssignForm(forms.Form):
    """A course for one person by a day."""

    course = forms.ChoiceField(label="Course")
    reason = forms.TypedChoiceField(
        label="Reason", choices=[(r.value, r.label) for r in BY_HAND], coerce=AssignmentReason
    )
    incident_date = forms.DateField(
        label="Day of the incident", required=False, widget=DateInput(), help_text="After an incident only."
    )
    due_date = forms.DateField(
        label="To be completed by",
        widget=DateInput(),
        help_text="After an incident within 30 days (CJIS AT-2, AT-3).",
    )
    note = forms.CharField(label="Note", max_length=300, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        course = self.fields["course"]
        assert isinstance(course, forms.ChoiceField)  # noqa: S101  declared so above
        course.choices = course_choices(profile)


class FileForm(forms.Form):
    """The scan or photograph of a certificate."""

    file = forms.FileField(
        label="File",
        max_length=200,
        help_text=f"PDF, JPEG or PNG, up to {LARGEST // 1024**2} MB. It is not checked for viruses.",
        widget=forms.ClearableFileInput({"accept": ",".join(EXTENSIONS)}),
    )

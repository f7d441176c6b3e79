"""Logging in, and putting completed training on file."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from plateward.policy import Profile
from plateward.ui.forms import DateInput


class LogInForm(AuthenticationForm):
    """One message for every failure, so that it tells nothing about which accounts exist."""

    error_messages = {
        "invalid_login": "The username or the password is wrong, or the account is not active. Try again; "
        "if you cannot log in, ask your agency's ALPR administrator.",
        "inactive": "The username or the password is wrong, or the account is not active.",
    }


class CertificationForm(forms.Form):
    """One completed course of one person."""

    course = forms.ChoiceField(label="Course")
    completed_date = forms.DateField(label="Completed on", widget=DateInput())
    expires_date = forms.DateField(
        label="Certificate ends on",
        required=False,
        widget=DateInput(),
        help_text="Only if the certificate itself names an end. The course's own validity counts too.",
    )

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        course = self.fields["course"]
        assert isinstance(course, forms.ChoiceField)  # noqa: S101  declared so above
        course.choices = [(id_, known.name) for id_, known in profile.training.courses.items()]

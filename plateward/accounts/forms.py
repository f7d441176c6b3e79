"""Logging in, passwords, what is done with an account, and putting completed training on file."""

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone

from plateward.accounts import identities, queries
from plateward.accounts.models import User
from plateward.policy import Profile, topics_for
from plateward.ui.forms import DateInput

REFUSED = (
    "The username or the password is wrong, or the account is not active. Try again; after five failures an "
    "account is locked. If you cannot log in, ask your agency's ALPR administrator."
)


class LogInForm(AuthenticationForm):
    """One message for every failure, so that it tells nothing about which accounts exist."""

    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}
    acknowledged = forms.BooleanField(
        label="I have read this notice and consent",
        error_messages={"required": "Acknowledge the notice to log in."},
    )

    def clean(self) -> dict[str, Any]:
        """Try the password only when the notice is acknowledged."""
        return super().clean() if self.cleaned_data.get("acknowledged") else self.cleaned_data

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Refuse locked accounts and one-time passwords past their time like a wrong password."""
        assert isinstance(user, User)  # noqa: S101  the one user model
        is_shut = user.locked_at is not None or not queries.opens(user, timezone.now())
        if is_shut or identities.only_by_provider(user):
            raise self.get_invalid_login_error()


class NoticeForm(forms.Form):
    """The notice, before a provider asks who it is."""

    acknowledged = forms.BooleanField(
        label=LogInForm.base_fields["acknowledged"].label,
        error_messages={"required": "Acknowledge the notice to log in."},
    )


class PasswordField(forms.CharField):
    """A password as typed: spaces count, and nothing is cut off."""

    def __init__(self, *, label: str, autocomplete: str, help_text: str = "") -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, help_text=help_text, strip=False, widget=widget)


class UnlockForm(forms.Form):
    """The password again, after inactivity or before something privileged."""

    password = PasswordField(label="Password", autocomplete="current-password")


class PasswordForm(forms.Form):
    """A new password of one's own, with the one that it replaces."""

    old_password = PasswordField(label="Present password", autocomplete="current-password")
    new_password = PasswordField(
        label="New password",
        autocomplete="new-password",
        help_text="At least 8 characters. A phrase of several words with spaces is best. Common passwords "
        "and those like your name or agency are refused.",
    )
    again = PasswordField(label="New password again", autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        """Both entries of the new password must be the same."""
        given = self.cleaned_data
        if given.get("new_password") != given.get("again"):
            self.add_error("again", "This is not the same as the new password above. Type both again.")
        return given


class TitleForm(forms.Form):
    """A job title that the policy authorizes."""

    title = forms.ChoiceField(label="Title", help_text="What the person may do follows from it.")

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        title = self.fields["title"]
        assert isinstance(title, forms.ChoiceField)  # noqa: S101  declared so above
        authorized = profile.access.authorized_titles.settled or ()
        # No title is chosen beforehand: an overlooked field must not make somebody the first of the list.
        title.choices = [("", "Choose a title"), *((id_, profile.title_name(id_)) for id_ in authorized)]


class AccountForm(TitleForm):
    """A new account."""

    username = forms.CharField(
        label="Username",
        max_length=150,
        help_text="Its person's for good: it is never used again. Small letters, digits, dot, hyphen.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    full_name = forms.CharField(
        label="Full name", max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )

    field_order = ("full_name", "username", "title")

    def clean_username(self) -> str:
        """Usernames are in small letters."""
        return str(self.cleaned_data["username"]).lower()


def course_choices(profile: Profile) -> list[tuple[str, str]]:
    """The policy's courses for a form."""
    return [(id_, known.name) for id_, known in profile.training.courses.items()]


class ActForm(forms.Form):
    """What an act on an account asks for; `profile` is there for those that need it."""

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        del profile
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through


class ReasonForm(ActForm):
    reason = forms.CharField(
        label="Reason", max_length=300, help_text="It goes on record.", widget=forms.Textarea({"rows": 2})
    )


class IdentityForm(ActForm):
    """Whom the agency's provider calls this person."""

    subject = forms.CharField(
        label="Identity at the provider (subject)",
        max_length=255,
        help_text="The claim “sub”, exactly as the provider writes it. It is no e-mail address. If the "
        "provider does not show it, let the person try to log in: the refusal in the journal names it.",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class SuspensionForm(ReasonForm):
    needs_retraining = forms.BooleanField(
        label="Retraining is required before reactivation",
        required=False,
        help_text="For a violation of policy.",
    )
    retrain_course = forms.ChoiceField(
        label="Retraining in", required=False, help_text="The course is assigned at once, if it is required."
    )

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, profile=profile, **kwargs)
        course = self.fields["retrain_course"]
        assert isinstance(course, forms.ChoiceField)  # noqa: S101  declared so above
        course.choices = course_choices(profile)


class ApprovalForm(ActForm):
    need = forms.CharField(
        label="Need to know",
        max_length=500,
        help_text="What in this person's duties needs the ALPR system.",
        widget=forms.Textarea({"rows": 3}),
    )


class ClearanceForm(ActForm):
    """The outcome of a screening; the record itself stays where it is."""

    is_granted = forms.TypedChoiceField(
        label="Outcome of the fingerprint-based screening",
        choices=[("yes", "Cleared"), ("no", "Denied or withdrawn")],
        coerce=lambda value: value == "yes",
        help_text="Enter the outcome only, nothing from the record itself.",
    )
    dated_date = forms.DateField(label="Screened on", widget=DateInput())
    expires_date = forms.DateField(label="Last day it counts", required=False, widget=DateInput())


class AgreementForm(ActForm):
    dated_date = forms.DateField(label="Signed on", widget=DateInput())


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
    instructor = forms.CharField(label="Instructor", max_length=200)
    topics = forms.MultipleChoiceField(
        label="Topics covered",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="A completion that leaves out one of the person's topics is not certified.",
    )

    def __init__(self, *args: object, profile: Profile, title: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        course, topics = self.fields["course"], self.fields["topics"]
        assert isinstance(course, forms.ChoiceField)  # noqa: S101  declared so above
        assert isinstance(topics, forms.MultipleChoiceField)  # noqa: S101  declared so above
        course.choices = course_choices(profile)
        known = (topic for id_ in profile.training.courses for topic in topics_for(profile, id_, title))
        topics.choices = [(topic, topic) for topic in dict.fromkeys(known)]
        if not topics.choices:
            del self.fields["topics"]

    def clean(self) -> dict[str, Any]:
        """A policy that names no topics has none asked for."""
        return {"topics": [], **self.cleaned_data}

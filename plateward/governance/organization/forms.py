"""What is typed to appoint, relieve, delegate, authorize, and place people in units."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.governance.models import Unit
from plateward.policy import CAPABILITIES, Profile
from plateward.ui.forms import DateInput


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no subscript at run time
    """A person of the agency, told by name and title."""

    def __init__(self, people: QuerySet[User], profile: Profile, label: str = "Person") -> None:
        super().__init__(people, label=label, empty_label="Choose a person")
        self._profile = profile

    def label_from_instance(self, obj: User) -> str:
        """Such as "Carl Cole, Captain"."""
        return f"{obj.full_name}, {self._profile.title_name(obj.title)}"


def _day(label: str, help_text: str, *, required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, required=required, widget=DateInput())


def _reason() -> forms.CharField:
    return forms.CharField(label="Reason", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


def _capitalized(does: str) -> str:
    return does[:1].upper() + does[1:]


class AppointForm(forms.Form):
    """Who holds a position from when, by which authority."""

    def __init__(self, *args: Any, people: QuerySet[User], profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = PersonField(people, profile)
        self.fields["from_date"] = _day(
            "From", "Empty or today: at once. A later day begins at midnight.", required=False
        )
        self.fields["authority"] = forms.CharField(
            label="Order or authority", max_length=200, help_text="Such as the number of the personnel order."
        )


class RelieveForm(forms.Form):
    """From when, and why."""

    on_date = _day("From", "Empty or today: at once. A later day begins at midnight.", required=False)
    note = _reason()


class DelegateForm(forms.Form):
    """Which capabilities of a position go to whom until when."""

    def __init__(
        self,
        *args: Any,
        people: QuerySet[User],
        profile: Profile,
        capabilities: tuple[str, ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = PersonField(people, profile, "Member")
        self.fields["capabilities"] = forms.MultipleChoiceField(
            label="May",
            choices=[(each, _capitalized(CAPABILITIES[each].does)) for each in capabilities],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["from_date"] = _day("From", "Empty or today: at once.", required=False)
        self.fields["until_date"] = _day("Last day", "It ends by itself at the end of this day.")
        self.fields["note"] = forms.CharField(label="Order or note", max_length=300, required=False)


class AuthorizeForm(forms.Form):
    """Which data somebody may see, by which authority, until when."""

    def __init__(
        self,
        *args: Any,
        people: QuerySet[User],
        profile: Profile,
        origins: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = PersonField(people, profile)
        self.fields["origin"] = forms.ChoiceField(label="Data", choices=origins)
        self.fields["authority"] = forms.CharField(
            label="Authority",
            max_length=200,
            help_text="Such as the CLETS certificate or the agreement it rests on.",
        )
        self.fields["until_date"] = _day("Last day", "The authorization ends by itself after this day.")


class NoteForm(forms.Form):
    """A reason that goes on record."""

    note = _reason()


class UnitForm(forms.Form):
    """A unit and what it is part of."""

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label="Name", max_length=100, help_text="Such as Patrol.")
        self.fields["part_of"] = forms.ModelChoiceField(
            units, label="Part of", required=False, empty_label="The department itself"
        )


class PlaceForm(forms.Form):
    """Who is in a unit from now on."""

    def __init__(self, *args: Any, people: QuerySet[User], profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = PersonField(people, profile)
        self.fields["is_supervisor"] = forms.BooleanField(label="Supervises the unit", required=False)


class ContractForm(forms.Form):
    """The contract that a contractor works under."""

    company = forms.CharField(label="Company", max_length=200)
    reference = forms.CharField(label="Contract", max_length=100, help_text="Its number or title.")
    from_date = _day("From", "")
    until_date = _day("Last day", "")

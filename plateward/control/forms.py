"""What is asked when an account's end is planned, an access confirmed, a window opened."""

from typing import Any

from django import forms

from plateward.accounts.models import User
from plateward.accounts.queries import people_of
from plateward.accounts.rules import AccountState
from plateward.control.rules import SHORTEST_REASON, EndKind, Finding, ReviewDecision, WindowPurpose
from plateward.governance.actor import Actor
from plateward.policy import Profile, is_vendor
from plateward.ui.forms import DateTimeInput


class NoteForm(forms.Form):
    """Why; it goes on record."""

    reason = forms.CharField(
        label="Reason", max_length=300, help_text="It goes on record.", widget=forms.Textarea({"rows": 2})
    )


class EndForm(NoteForm):
    """When and why an account ends."""

    kind = forms.TypedChoiceField(
        label="Why it ends",
        choices=[(kind.value, kind.label) for kind in EndKind],
        coerce=EndKind,
        widget=forms.RadioSelect,
    )
    ends_at = forms.DateTimeField(
        label="Ends at",
        widget=DateTimeInput(),
        help_text="For somebody who has left already, enter that time: the account is closed at once.",
    )

    field_order = ("kind", "ends_at", "reason")


class TransferForm(forms.Form):
    """What was found about an access after a change of duties."""

    note = forms.CharField(
        label="What you found",
        max_length=300,
        help_text="That the access fits, or what you changed. Change the title on the account's own page.",
        widget=forms.Textarea({"rows": 2}),
    )


class WindowForm(forms.Form):
    """Who of the vendor comes in, for what, when, and who supervises."""

    user = forms.ModelChoiceField(label="Vendor's employee", queryset=User.objects.none())
    purpose = forms.TypedChoiceField(
        label="Purpose",
        choices=[(purpose.value, purpose.label) for purpose in WindowPurpose],
        coerce=WindowPurpose,
        widget=forms.RadioSelect,
    )
    work = forms.CharField(label="What is to be done", max_length=300, widget=forms.Textarea({"rows": 2}))
    supervisor = forms.ModelChoiceField(
        label="Supervised by", queryset=User.objects.none(), help_text="A member of the department."
    )
    from_at = forms.DateTimeField(label="From", widget=DateTimeInput())
    until_at = forms.DateTimeField(label="Until", widget=DateTimeInput())

    def __init__(self, *args: object, actor: Actor, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        people = people_of(actor.agency).filter(state=AccountState.ACTIVE)
        titles = [title for title in actor.profile.titles if is_vendor(actor.profile, title)]
        for name, chosen in (
            ("user", people.filter(title__in=titles)),
            ("supervisor", people.exclude(title__in=titles)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared so above
            field.queryset = chosen


class EmergencyForm(forms.Form):
    """What the emergency is."""

    reason = forms.CharField(
        label="What is the emergency?",
        max_length=500,
        min_length=SHORTEST_REASON,
        help_text="In your own words. It goes on record and to whoever reviews it.",
        widget=forms.Textarea({"rows": 3}),
    )


class FindingForm(forms.Form):
    """What the review found."""

    finding = forms.TypedChoiceField(
        label="Finding",
        choices=[(finding.value, finding.label) for finding in Finding],
        coerce=Finding,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Note", max_length=500, widget=forms.Textarea({"rows": 3}))


class DecisionForm(forms.Form):
    """What is decided about an account in a review."""

    decision = forms.TypedChoiceField(
        label="Decision",
        choices=[(decision.value, decision.label) for decision in ReviewDecision],
        coerce=ReviewDecision,
        widget=forms.RadioSelect,
    )
    title = forms.ChoiceField(label="New title", required=False, help_text="Only for a change.")
    note = forms.CharField(
        label="Note",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="It goes on record.",
    )

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        title = self.fields["title"]
        assert isinstance(title, forms.ChoiceField)  # noqa: S101  declared so above
        authorized = profile.access.authorized_titles.settled or ()
        title.choices = [("", "–"), *((id_, profile.title_name(id_)) for id_ in authorized)]

    def clean(self) -> dict[str, Any]:
        """A change needs its title; what is not confirmed needs its reason."""
        given = self.cleaned_data
        if given.get("decision") is ReviewDecision.CHANGED and not given.get("title"):
            self.add_error("title", "Choose the new title.")
        if given.get("decision") is ReviewDecision.DEACTIVATED and not given.get("note"):
            self.add_error("note", "Say why it is no longer needed.")
        return given

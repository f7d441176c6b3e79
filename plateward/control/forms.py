"""What is asked when an account's end is planned, an access confirmed, a window opened."""

from django import forms

from plateward.control.rules import EndKind
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

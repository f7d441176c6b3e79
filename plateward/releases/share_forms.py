"""What is asked about standing shares, vendors' lists of them, and agreements."""

from typing import Any

from django import forms

from plateward.governance.actor import Actor
from plateward.releases import queries
from plateward.releases.forms import file_field
from plateward.releases.partner_models import Partner
from plateward.releases.share_rules import ANSWERS, LARGEST_LIST, Answer, DriftKind
from plateward.ui.forms import DateInput


class _OfPartner(forms.Form):
    """About one of the partners on the register."""

    partner = forms.ModelChoiceField(label="Partner", queryset=Partner.objects.none())

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partner = self.fields["partner"]
        assert isinstance(partner, forms.ModelChoiceField)  # noqa: S101  declared so above
        partner.queryset = queries.partners(actor.agency).filter(ended_at__isnull=True)


class ShareForm(_OfPartner):
    """A standing share that is proposed."""

    listed_as = forms.CharField(
        label="Its name on the vendor’s list",
        max_length=200,
        help_text="By which an imported list is compared. It approves nothing.",
    )
    what = forms.CharField(
        label="What is shared", max_length=300, help_text="Such as: searches of our reads."
    )
    authority = forms.CharField(
        label="Authority", max_length=300, help_text="The agreement, statute or resolution it rests on."
    )
    expires_date = forms.DateField(label="Approved until", widget=DateInput())


class NoteForm(forms.Form):
    """Why; it goes into the share's log."""

    note = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea({"rows": 3}))


class RenewalForm(NoteForm):
    """Until when a share is approved anew, and why."""

    expires_date = forms.DateField(label="Approved until", widget=DateInput())


class ListForm(forms.Form):
    """A vendor's own list of whom it shares with."""

    vendor = forms.CharField(label="Vendor", max_length=200)
    column = forms.CharField(
        label="Column with the agencies’ names",
        max_length=100,
        help_text="Its heading in the file’s first line.",
    )
    file = forms.FileField(
        label="The list, as CSV",
        help_text=f"In UTF-8, up to {LARGEST_LIST // 1024**2} MB.",
        widget=forms.ClearableFileInput({"accept": ".csv,text/csv"}),
    )


class AnswerForm(forms.Form):
    """What was done about a difference; only what fits it is offered."""

    answer = forms.TypedChoiceField(label="What was done", coerce=Answer, widget=forms.RadioSelect)
    note = forms.CharField(
        label="When, with whom, or why",
        max_length=500,
        help_text="Such as: asked Reader Works in writing on November 20, ticket 4711.",
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, kind: DriftKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["answer"]
        assert isinstance(chosen, forms.TypedChoiceField)  # noqa: S101  declared so above
        chosen.choices = [(one.value, one.label) for one in ANSWERS[kind]]


class AgreementForm(_OfPartner):
    """An agreement to exchange information."""

    title = forms.CharField(label="Title", max_length=200)
    exchanges = forms.CharField(label="What is exchanged", max_length=500, widget=forms.Textarea({"rows": 2}))
    safeguards = forms.CharField(
        label="Safeguards and responsibilities", max_length=500, widget=forms.Textarea({"rows": 2})
    )
    signed_date = forms.DateField(label="Signed on", widget=DateInput())
    ends_date = forms.DateField(label="Ends on", required=False, widget=DateInput())
    document = file_field("The agreement itself", required=True)

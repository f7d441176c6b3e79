"""What is asked when a request comes in, is decided, and when a partner is reviewed."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone

from plateward.accounts.models import plain_name
from plateward.documents.kinds import EXTENSIONS, LARGEST
from plateward.governance.actor import Actor
from plateward.policy import PartnerClass, Profile
from plateward.releases import queries, rules
from plateward.releases.partner_actions import Finding
from plateward.releases.partner_models import Partner
from plateward.releases.requesting import FIELDS, MOST_PLATES, Asked, Described
from plateward.releases.rules import CLASS_NAMES, Override
from plateward.ui.forms import DateInput, DateTimeInput

FILE = f"PDF, JPEG or PNG, up to {LARGEST // 1024**2} MB. It is not checked for viruses."


def file_field(label: str, *, required: bool) -> forms.FileField:
    """A file that is put on record."""
    accepted = ",".join(EXTENSIONS)
    widget = forms.ClearableFileInput({"accept": accepted})
    return forms.FileField(label=label, required=required, help_text=FILE, widget=widget)


def uploaded(form: forms.Form, field: str) -> bytes:
    """The bytes of an uploaded file, b"" for none."""
    file = form.cleaned_data.get(field)
    return file.read() if file else b""


class DataForm(forms.Form):
    """Which data are asked for, and what for."""

    purpose = forms.ChoiceField(label="Purpose under this agency’s policy", required=False)
    intended = forms.CharField(
        label="Intended purpose, as the request states it",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    reference = forms.CharField(label="Their case number", max_length=60, required=False)
    plates = forms.CharField(
        label="Plates",
        required=False,
        widget=forms.Textarea({"rows": 3, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=f"One on each line, {MOST_PLATES} at most; ? stands for one character, * for any run. "
        "Empty: every plate at the cameras chosen.",
    )
    cameras = forms.TypedMultipleChoiceField(
        label="Cameras", required=False, coerce=UUID, widget=forms.CheckboxSelectMultiple
    )
    from_at = forms.DateTimeField(label="Captured from", widget=DateTimeInput())
    until_at = forms.DateTimeField(label="Captured until", widget=DateTimeInput())

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes = [(purpose.id, purpose.name) for purpose in actor.profile.purposes.values()]
        self.fields["purpose"] = forms.ChoiceField(
            label="Purpose under this agency’s policy",
            required=False,
            choices=[("", "None of these"), *purposes],
        )
        cameras = self.fields["cameras"]
        assert isinstance(cameras, forms.TypedMultipleChoiceField)  # noqa: S101  declared so above
        cameras.choices = [(str(pk), name) for pk, name in queries.cameras(actor.agency)]
        cameras.help_text = "None chosen: all."
        for number, content in enumerate(rules.further_contents(actor.profile)):
            self.fields[f"further_{number}"] = forms.CharField(
                label=content.capitalize(), max_length=500, required=False
            )

    def described(self) -> Described:
        """The data asked for."""
        given = self.cleaned_data
        lines = [line.strip() for line in given["plates"].splitlines()]
        return Described(
            plates=[line for line in lines if line],
            cameras=given["cameras"],
            from_at=given["from_at"],
            until_at=given["until_at"],
        )

    def further(self, profile: Profile) -> dict[str, str]:
        """What else the policy wants a request to contain, by its name."""
        return {
            content: self.cleaned_data[f"further_{number}"]
            for number, content in enumerate(rules.further_contents(profile))
        }


class RequestForm(DataForm):
    """A written request that came in by letter, mail or fax."""

    partner = forms.ModelChoiceField(
        label="On the partner register as",
        queryset=Partner.objects.none(),
        required=False,
        empty_label="Not on the register",
        help_text="Choose it only if you know that it is this body: nothing is concluded from the name.",
    )
    agency_name = forms.CharField(label="Agency, as the request writes it", max_length=200)
    person = forms.CharField(label="Person requesting", max_length=200, required=False)
    contact = forms.CharField(label="How to reach them", max_length=200, required=False)
    received_date = forms.DateField(label="Received on", widget=DateInput())
    form = file_field("The written request itself", required=False)
    is_acknowledged = forms.BooleanField(
        label="It states that the data serve no immigration enforcement (SB 54)", required=False
    )
    is_immigration = forms.BooleanField(label="It is for immigration enforcement", required=False)

    field_order = ("received_date", "agency_name", "partner", "person", "contact", "purpose", "intended")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        partner = self.fields["partner"]
        assert isinstance(partner, forms.ModelChoiceField)  # noqa: S101  declared so above
        partner.queryset = queries.partners(actor.agency).filter(ended_at__isnull=True)
        self.fields["received_date"].initial = timezone.localdate()
        self._say_what_is_wanted(actor.profile)

    def _say_what_is_wanted(self, profile: Profile) -> None:
        """At its field, what policy or statute wants in every request; the rules refuse one without."""
        for content, decision in rules.missing_contents(profile, rules.EMPTY).items():
            field = self.fields.get(FIELDS.get(content, content))
            if field is not None and not field.required:
                field.help_text = f"{field.help_text} Wanted in every request ({decision.clause}).".strip()
                field.widget.attrs["aria-required"] = "true"

    def asked(self, profile: Profile) -> Asked:
        """The request as it came."""
        given = self.cleaned_data
        same = ("agency_name", "person", "contact", "purpose", "intended", "reference", "partner")
        more = ("received_date", "is_acknowledged", "is_immigration")
        return Asked(
            **{name: given[name] for name in (*same, *more)},
            data=self.described(),
            further=self.further(profile),
            form=uploaded(self, "form"),
        )


class ReasonForm(forms.Form):
    """Why; it goes on record."""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="It goes on record; of a decision, the partner sees it in the portal.",
        widget=forms.Textarea({"rows": 3}),
    )


class ApprovalForm(ReasonForm):
    """Why a request is approved, and what accompanies the data."""

    destroy_by = forms.DateField(
        label="The recipient destroys the data by",
        required=False,
        widget=DateInput(),
        help_text="Goes with the data as one of their limits. Empty: no day is set, and the limits say so.",
    )


class OverrideForm(ApprovalForm):
    """An approval against a hard stop."""

    legal_authority = forms.CharField(
        label="Legal authority",
        max_length=300,
        required=False,
        help_text="The statute, order or warrant that permits this release, by name and number.",
    )
    counsel_reference = forms.CharField(
        label="Counsel’s reference",
        max_length=200,
        required=False,
        help_text="Who advised, and the date or number of the advice.",
    )

    field_order = ("legal_authority", "counsel_reference", "reason", "destroy_by")

    def override(self) -> Override:
        """On what the stop is overridden."""
        return Override(self.cleaned_data["legal_authority"], self.cleaned_data["counsel_reference"])


class ReviewForm(forms.Form):
    """What a body is, and the evidence of it."""

    kind = forms.TypedChoiceField(
        label="What it is",
        choices=[(kind.value, name) for kind, name in CLASS_NAMES.items()],
        coerce=PartnerClass,
    )
    state = forms.CharField(
        label="State under whose law it exists",
        max_length=2,
        required=False,
        help_text="Two letters, as CA; empty for a federal or tribal body.",
    )
    is_enforcement = forms.BooleanField(
        label="It is a law enforcement or prosecutorial agency", required=False
    )
    authority = forms.CharField(
        label="Evidence",
        max_length=300,
        help_text="The statute, charter or document that makes it what it is; where you looked it up.",
    )
    document = file_field("The document itself", required=False)
    again_date = forms.DateField(
        label="Review again by", widget=DateInput(), help_text="After this day nothing is released to it."
    )

    def clean_state(self) -> str:
        """The postal code in capitals."""
        return str(self.cleaned_data["state"]).strip().upper()

    def finding(self) -> Finding:
        """What was found."""
        given = self.cleaned_data
        named = ("kind", "state", "is_enforcement", "authority", "again_date")
        return Finding(**{name: given[name] for name in named}, document=uploaded(self, "document"))


class PartnerForm(ReviewForm):
    """A body that is put on the register."""

    name = forms.CharField(label="Name", max_length=200)
    ori = forms.CharField(label="ORI", max_length=9, required=False, help_text="Where it has one.")

    field_order = ("name", "ori", "kind")


class ReopeningForm(ReviewForm):
    """Why a body is put on the register again, and what it is found to be now."""

    reason = forms.CharField(
        label="Why it is put on the register again",
        max_length=300,
        help_text="It goes on record beside why it was taken off.",
        widget=forms.Textarea({"rows": 2}),
    )

    field_order = ("reason",)


class PortalForm(DataForm):
    """A partner's own request, through the portal."""

    form = file_field("A letter or form of your agency", required=False)
    is_acknowledged = forms.BooleanField(
        label="I acknowledge that these data serve no immigration enforcement (Gov. Code § 7284.6), are for "
        "the stated purpose alone, and go to nobody else."
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        if actor.profile.releases.written_request.settled:
            self.fields["form"].required = True

    def asked(self, profile: Profile, today: date) -> Asked:
        """The request; agency and person are put in from the account."""
        given = self.cleaned_data
        return Asked(
            agency_name="",
            person="",
            purpose=given["purpose"],
            intended=given["intended"],
            reference=given["reference"],
            data=self.described(),
            received_date=today,
            further=self.further(profile),
            form=uploaded(self, "form"),
            is_acknowledged=given["is_acknowledged"],
        )


class InvitationForm(forms.Form):
    """Who of a partner gets an account of the portal."""

    full_name = forms.CharField(label="Full name", max_length=200)
    username = forms.CharField(
        label="Username",
        max_length=150,
        validators=[plain_name],
        help_text="Letters a–z, digits, dot, hyphen and underscore; never used again for anybody else.",
    )

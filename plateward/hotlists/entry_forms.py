"""What people type about entries of the custom hotlist."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing

from plateward.hotlists import lists, narrative
from plateward.hotlists.filters import LONGEST, VehicleFilter
from plateward.hotlists.models import Entry
from plateward.hotlists.rules import MAX_PLATE, may_be_partial
from plateward.hotlists.watching import SPANS, Preview, Watch
from plateward.plates import PlatePattern, color_word
from plateward.plates.regions import STATES
from plateward.policy import Profile
from plateward.ui.forms import PlateInput

UNKNOWN_STATE = ("", "Unknown, or outside the United States")


class PurposeField(forms.ChoiceField):
    """Offers the agency's closed list; anything else sent is for the policy to refuse, on record."""

    def valid_value(self, value: object) -> bool:
        del value
        return True


class ScreenedForm(forms.Form):
    """Text that goes into a narrative: what looks restricted is told of once, and may then be kept.

    `ask_again` is called with what the act refused. The box that keeps the words stands only beside a
    warning, and counts only for the words it was shown with.
    """

    SCREENED: tuple[str, ...] = ()

    is_unrestricted = forms.BooleanField(
        label="It is none of that: keep my words, on record", required=False, widget=forms.HiddenInput
    )
    warned = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Let the box count only for the words that were warned of."""
        cleaned = super().clean() or {}
        is_told = cleaned.pop("warned", "") == self._digest(cleaned)
        cleaned["is_unrestricted"] = bool(cleaned.get("is_unrestricted")) and is_told
        return cleaned

    def ask_again(self, profile: Profile) -> None:
        """Offer to keep the words that were refused, where the profile lets people; else only say why not."""
        problems = self.errors.pop("is_unrestricted", None)
        if problems is None:
            return
        for problem in problems:
            self.add_error(None, str(problem))
        if narrative.may_keep(profile):
            self.fields["is_unrestricted"].widget = forms.CheckboxInput()
            self.say("warned", self._digest(self.cleaned_data))
            self.say("is_unrestricted", "")

    def say(self, name: str, value: str) -> None:
        """Have a field sent back with this value, whatever was sent."""
        self.data = {key: self.data[key] for key in self.data} | {self.add_prefix(name): value}

    def _digest(self, cleaned: dict[str, Any]) -> str:
        signs = narrative.signs_in(*(str(cleaned.get(name) or "") for name in self.SCREENED))
        return hashlib.sha256(repr(signs).encode()).hexdigest()[:16] if signs else ""


class RequestForm(ScreenedForm):
    """A request for an entry; purposes are those of the agency's closed list."""

    SCREENED = ("vehicle_description", "reason", "case_number", "caution")

    plate = forms.CharField(
        label="License plate",
        max_length=2 * MAX_PLATE,  # typed with spaces and dashes
        widget=PlateInput(),
    )
    region = forms.ChoiceField(label="State of the plate", required=False)
    vehicle_description = forms.CharField(
        label="Vehicle", max_length=200, required=False, help_text="Make, model, color, and what stands out."
    )
    purpose = PurposeField(label="Purpose")
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is read by the approver and kept in the entry's narrative. Nothing from CLETS or a "
        "criminal history belongs here.",
    )
    case_number = forms.CharField(label="Case number", max_length=80, required=False)
    caution = forms.CharField(
        label="Caution",
        max_length=200,
        required=False,
        help_text="What officers have to heed at a stop, such as “armed” or “child in the vehicle”.",
    )
    despite = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order: Sequence[str] = (
        *("plate", "region", "vehicle_description", "purpose", "reason", "case_number", "caution"),
    )

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        home = f"US-{profile.agency.state}"
        states = [(f"US-{code}", name) for code, name in STATES.items()]
        self._choices("region", [*sorted(states, key=lambda s: s[0] != home), UNKNOWN_STATE])
        purposes = [(purpose.id, purpose.name) for purpose in profile.purposes.values()]
        self._choices("purpose", [("", "Choose a purpose"), *purposes])
        self.fields["plate"].help_text = self.plate_hint(profile)
        self.fields["case_number"].required = bool(profile.search.reference_required.settled)
        self.fields["case_number"].help_text = _case_number_hint(profile)

    def plate_hint(self, profile: Profile) -> str:
        """What is said beside the plate."""
        plain, partial = "Spaces and dashes do not matter.", may_be_partial(profile)
        more = "Of a part of it request a watch pattern" if partial else partial.reason.rstrip(".")
        return f"{plain} {more} ({partial.clause})." if partial.clause else f"{plain} {more}."

    def clean_plate(self) -> str:
        """The plate as entries hold it."""
        try:
            spelled, _ = lists.spelled(self.cleaned_data["plate"])
        except forms.ValidationError as error:
            raise forms.ValidationError(error.messages) from error
        return spelled

    def untold(self, found: Sequence[Entry]) -> list[Entry]:
        """What stands or waits under the same plate and was not told of yet; from now on it is."""
        told = set(self.cleaned_data.get("despite", "").split())
        if new := [entry for entry in found if str(entry.pk) not in told]:
            self.say("despite", " ".join(str(entry.pk) for entry in found))
        return new

    def asked(self) -> dict[str, Any]:
        """What the request says, for the act."""
        names = ("plate", "region", "vehicle_description", "purpose", "reason", "case_number", "caution")
        return {name: self.cleaned_data[name] for name in (*names, "is_unrestricted")}

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = choices


class WatchForm(RequestForm):
    """A request to watch for a partial plate; `previewed` is what the last preview found, signed."""

    only_region = forms.BooleanField(
        label="Only plates of that state",
        required=False,
        help_text="One whose state was not read counts too.",
    )
    color = forms.CharField(label="Color", max_length=LONGEST, required=False)
    make = forms.CharField(label="Make", max_length=LONGEST, required=False)
    type = forms.CharField(
        label="Type of vehicle", max_length=LONGEST, required=False, help_text="Such as sedan or pickup."
    )
    major_crime = forms.CharField(label="Major crime", max_length=80)
    days = forms.TypedChoiceField(
        label="Count known plates of the last",
        choices=[(str(span), f"{span} days") for span in SPANS],
        initial="30",
        coerce=int,
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = (
        *("plate", "region", "only_region", "color", "make", "type", "vehicle_description", "major_crime"),
        *("days", "purpose", "reason", "case_number", "caution"),
    )

    def __init__(self, *args: object, profile: Profile, **kwargs: object) -> None:
        super().__init__(*args, profile=profile, **kwargs)
        self.fields["vehicle_description"].label = "What else stands out"
        self.fields["vehicle_description"].help_text = "Officers read it; nothing is matched by it."
        crimes = profile.hotlists.major_crimes
        if crimes.settled is not None:
            named = [("", "Choose"), *((crime, crime) for crime in crimes.settled)]
            self.fields["major_crime"] = forms.ChoiceField(label="Major crime", choices=named)
        clause = profile.citation(crimes) or "which crimes are major is not addressed by this policy"
        self.fields["major_crime"].help_text = f"At which the partial plate was reported ({clause})."

    def plate_hint(self, profile: Profile) -> str:
        """How a partial plate is written."""
        del profile
        return "Write ? for one unknown character and * for any number, at least three known ones: ?ABC12*."

    def clean_plate(self) -> str:
        """The partial plate; a whole one is requested as an entry."""
        spelled = super().clean_plate()
        if PlatePattern(spelled).is_exact:
            raise forms.ValidationError("This plate is whole. Request an entry for it instead.")
        return spelled

    def clean(self) -> dict[str, Any]:
        """Only plates of a state are asked for where the state is named."""
        cleaned = super().clean()
        if cleaned.get("only_region") and not cleaned.get("region"):
            self.add_error("region", "Choose the state that plates have to be of.")
        return cleaned

    @property
    def vehicle(self) -> VehicleFilter:
        """The vehicle that is watched for."""
        given = self.cleaned_data
        region = given["region"] if given["only_region"] else ""
        color = color_word(given["color"].strip())
        return VehicleFilter(color, given["make"].strip(), given["type"].strip(), region)

    @property
    def preview(self) -> Preview | None:
        """What a preview of this very pattern found, None before there was one."""
        try:
            asked, plates, days, is_bounded, unlike = signing.loads(
                self.cleaned_data["previewed"], salt=_SALT, max_age=_PREVIEW_S
            )
        except signing.BadSignature:
            return None
        return Preview(plates, days, is_bounded, unlike) if asked == self._pattern() else None

    def show(self, preview: Preview) -> None:
        """Keep what a preview found with the form."""
        found = [self._pattern(), preview.plates, preview.days, preview.is_bounded, preview.unlike]
        self.say("previewed", signing.dumps(found, salt=_SALT))

    def asked(self) -> dict[str, Any]:
        """What the request says, for the act."""
        watch = Watch(self.cleaned_data["major_crime"], self.vehicle, self.preview)
        return {**super().asked(), "watch": watch}

    def _pattern(self) -> str:
        return f"{self.cleaned_data['plate']} {self.vehicle.words} {self.cleaned_data['days']}"


_SALT = "plateward.hotlists.preview"
_PREVIEW_S = 3600
"""After an hour a preview is made anew."""


class NoteForm(forms.Form):
    """A sentence that goes on record with an act."""

    note = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *args: object, label: str, hint: str = "", required: bool = True, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        field = self.fields["note"]
        field.label, field.help_text, field.required = label, hint, required


class ScreenedNoteForm(NoteForm, ScreenedForm):
    """A sentence that stays with an entry in force."""

    SCREENED: tuple[str, ...] = ("note",)


class RefreshForm(ScreenedNoteForm):
    """Against what an entry was checked, how, and what was found."""

    SCREENED = ("source", "note")

    source = forms.CharField(
        label="Checked against",
        max_length=120,
        help_text="Such as the CLETS record, the case officer, or the owner.",
    )
    field_order = ("source", "note")


def _case_number_hint(profile: Profile) -> str:
    rule = profile.search.reference_required
    if rule.settled:
        return f"Required: {profile.citation(rule)}"
    return f"Not required: {profile.citation(rule) or 'not addressed by this policy'}"

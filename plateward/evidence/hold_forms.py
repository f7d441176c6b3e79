"""The forms of a hold: what is to be held and why, and what is decided on it."""

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet

from plateward.devices.models import Device
from plateward.evidence.hold_rules import (
    LONGEST_FACTS,
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    HoldError,
    Scope,
    ScopeKind,
    WantedHold,
    check,
    reason_words,
)
from plateward.evidence.hold_rules import HoldForm as Form
from plateward.evidence.hold_sources import Source
from plateward.hotlists.rules import MAX_PLATE
from plateward.plates.text import normalize, plate_key
from plateward.policy import HoldReason, Profile
from plateward.search.forms import MomentField
from plateward.ui.forms import DateInput, PlateInput


class NoteForm(forms.Form):
    """Asks for the words that go with a decision."""

    note = forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, profile: Profile, label: str, required: bool) -> None:
        super().__init__(data)
        del profile
        self.fields["note"].label = label
        self.fields["note"].required = required


class ConfirmForm(NoteForm):
    """Asks why the data are still needed, and when that is asked again."""

    def __init__(self, data: Any = None, *, profile: Profile, label: str, required: bool) -> None:
        super().__init__(data, profile=profile, label=label, required=required)
        self.fields["review_date"] = review_field(profile)

    def clean_review_date(self) -> datetime | None:
        """The beginning of the day by the agency's calendar."""
        return start_of(self.fields["review_date"], self.cleaned_data.get("review_date"))


def review_field(profile: Profile) -> forms.DateField:
    """When a hold is confirmed again; the policy's own period is said, or that it says none."""
    every = profile.retention.holds.reverify_every
    said = (
        f"At the latest after {every.settled} ({profile.citation(every)}). Leave empty for then."
        if every.settled
        else "This policy does not say how often a hold is confirmed again. Leave empty for no review."
    )
    field = forms.DateField(label="Review on", required=False, widget=DateInput(), help_text=said)
    field.zone = ZoneInfo(profile.agency.time_zone)  # type: ignore[attr-defined]  # for `start_of`
    return field


def start_of(field: forms.Field, day: Any) -> datetime | None:
    """The day's first instant in the zone of the field's agency."""
    return datetime.combine(day, time(), field.zone) if day else None  # type: ignore[attr-defined]  # set beside


class SureForm(forms.Form):
    """Asks nothing but to be sent."""

    def __init__(self, data: Any = None, **_: Any) -> None:
        super().__init__(data)


class HoldForm(forms.Form):
    """Asks what is to be held, why, and in which form that was asked for."""

    reason = forms.ChoiceField(label="Reason", widget=forms.RadioSelect)
    explanation = forms.CharField(
        label="In your words",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What happened, and why these data are needed.",
    )
    purpose = forms.ChoiceField(label="Purpose")
    reference = forms.CharField(label="Case or court number", max_length=LONGEST_REFERENCE, required=False)
    plates = forms.CharField(
        label="Plates",
        required=False,
        widget=PlateInput(),
        help_text="Whole plates, with commas between. Reads that look alike are held too.",
    )
    devices = forms.ModelMultipleChoiceField(
        Device.objects.none(),
        label="Cameras",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Everything they read in the time below.",
    )
    whole_case = forms.BooleanField(
        label="Everything worked under this number",
        required=False,
        help_text="Hits of its hotlist entries, reads opened under it, its canvasses; also what comes later.",
    )
    form = forms.ChoiceField(
        label="How it was asked for",
        choices=[(one.value, one.label) for one in Form],
        initial=Form.PLAIN.value,
        widget=forms.RadioSelect,
    )
    facts = forms.CharField(
        label="Facts sworn to",
        required=False,
        max_length=LONGEST_FACTS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For a sworn statement only: its words.",
    )
    sworn_by = forms.CharField(
        label="Sworn by", required=False, max_length=200, help_text="For a sworn statement only."
    )

    def __init__(
        self, data: Any = None, *, profile: Profile, devices: QuerySet[Device], source: Source, now: datetime
    ) -> None:
        super().__init__(data, initial=dict(source.stated))
        self.profile, self.source, self.now = profile, source, now
        zone = ZoneInfo(profile.agency.time_zone)
        for name, fold, label, said in (
            ("from_at", 0, "From", "For cameras, and for plates where not all of their reads are needed."),
            ("until_at", 1, "Until", "Leave empty to hold what is read from now on as well."),
        ):
            self.fields[name] = MomentField(zone=zone, fold=fold, label=label, required=False, help_text=said)
        self.fields["review_date"] = review_field(profile)
        _choose(self, "reason", [(one.value, reason_words(one).capitalize()) for one in reasons_of(profile)])
        purposes = [(one.id, f"{one.name} ({one.clause})") for one in profile.purposes.values()]
        _choose(self, "purpose", [("", "Choose a purpose"), *purposes])
        cameras = self.fields["devices"]
        assert isinstance(cameras, forms.ModelMultipleChoiceField)  # noqa: S101  declared above
        cameras.queryset = devices

    def clean(self) -> dict[str, Any]:
        """Build `wanted`, what the rules check; what they find wrong is an error at its field."""
        said = super().clean() or {}
        if not self.errors:
            try:
                self.wanted = self._wanted(said)
                if self.source.search is None:
                    check(self.wanted, self.now)
            except HoldError as error:
                self.add_error(error.field if error.field in self.fields else None, str(error))
        return said

    def _wanted(self, said: dict[str, Any]) -> WantedHold:
        return WantedHold(
            reason=HoldReason(said["reason"]),
            explanation=said["explanation"],
            purpose=said["purpose"],
            form=Form(said["form"]),
            reference=said["reference"],
            facts=said["facts"],
            sworn_by=said["sworn_by"],
            scopes=(*self.source.scopes, *self._scopes(said)),
            review_at=start_of(self.fields["review_date"], said.get("review_date")),
        )

    def _scopes(self, said: dict[str, Any]) -> Iterator[Scope]:
        """What was typed, beside what the hold is asked for from. Raises HoldError."""
        window = {"from_at": said["from_at"], "until_at": said["until_at"]}
        for plate in _plates(said["plates"]):
            yield Scope(kind=ScopeKind.PLATE, plate=plate, plate_key=plate_key(plate), **window)
        if said["devices"] and window["from_at"] is None:
            raise HoldError("Say from when on what the cameras read is held.", "from_at")
        for device in said["devices"]:
            yield Scope(kind=ScopeKind.CAMERA_WINDOW, device_id=device.pk, **window)
        if said["whole_case"]:
            if not said["reference"].strip():
                raise HoldError("Give the number whose work is to be held.", "reference")
            yield Scope(kind=ScopeKind.CASE, reference=said["reference"].strip())


def _plates(typed: str) -> Iterator[str]:
    """The plates typed, normalized. Raises HoldError for what is none, or part of one."""
    for part in filter(str.strip, re.split(r"[,;\n]", typed)):
        plate = normalize(part)
        if {"?", "*"} & set(part):
            raise HoldError(
                f"A hold takes whole plates, and “{part.strip()}” is part of one. Search for it, and hold "
                "what the search finds.",
                "plates",
            )
        if not plate or len(plate) > MAX_PLATE:
            raise HoldError(f"“{part.strip()}” is no plate. Put a comma between two plates.", "plates")
        yield plate


def reasons_of(profile: Profile) -> tuple[HoldReason, ...]:
    """The reasons that the policy names; none where it is silent."""
    return profile.retention.holds.reasons.settled or ()


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so
    field.choices = choices

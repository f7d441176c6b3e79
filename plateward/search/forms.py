"""The search form: what was typed, checked and turned into a SearchQuery."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from plateward.devices.models import Device
from plateward.plates import color_word
from plateward.plates.formats import FORMATS
from plateward.plates.matching import Tolerance
from plateward.plates.pattern import PatternError, PlatePattern
from plateward.policy import Profile, Purpose, purpose_allowed
from plateward.search.area_forms import AreaFields, area_initial
from plateward.search.rules import (
    DEFAULT_SPAN,
    LONGEST_FACT,
    QueryError,
    SearchQuery,
    TooVagueError,
    check_cost,
    permitted,
    regions,
)

STATES = regions(known.jurisdiction for known in FORMATS)


class PlatePatternField(forms.Field):
    """A whole or partial plate; its value is a PlatePattern."""

    def to_python(self, value: Any) -> PlatePattern | None:
        if not value:
            return None
        try:
            return PlatePattern.parse(str(value))
        except PatternError as error:
            raise ValidationError(str(error)) from error


class MomentField(forms.Field):
    """Date and time in the agency's zone; its value is an instant.

    An hour that the end of daylight saving repeats means its first passing (`fold` 0) or its second (1).
    """

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})

    def __init__(self, *, zone: ZoneInfo, fold: int, **options: Any) -> None:
        super().__init__(**options)
        self.zone = zone
        self.fold = fold

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            typed = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError("Write date and time as 2026-11-22T14:30.") from error
        return typed.replace(tzinfo=self.zone, fold=self.fold)


class StatedForm(AreaFields):
    """What every look for reads states: from when to when, where, and why."""

    # The policy, not the form, refuses a purpose, so that the refusal is journaled with its clause.
    purpose = forms.CharField(label="Purpose", max_length=60, widget=forms.Select)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="In a sentence: what happened, and what you look for.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reference = forms.CharField(label="Case or incident number", max_length=80, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        profile: Profile,
        now: datetime,
        span: timedelta = DEFAULT_SPAN,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        zone = ZoneInfo(profile.agency.time_zone)
        # The next whole minute, so that the reads of this one are searched.
        until = now.astimezone(zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        super().__init__(data, initial={"from_at": until - span, "until_at": until} | dict(initial or {}))
        self.profile = profile
        hint = "Local time of the agency."
        self.fields["from_at"] = MomentField(zone=zone, fold=0, label="From", help_text=hint)
        self.fields["until_at"] = MomentField(zone=zone, fold=1, label="Until", help_text=hint)
        purposes = [_purpose_choice(purpose) for purpose in profile.purposes.values()]
        self.fields["purpose"].widget = forms.Select(choices=[("", "Choose a purpose"), *purposes])
        self.fields["reference"].help_text = reference_hint(profile)

    def state(self, query: SearchQuery) -> None:
        """Add what the policy asks to be stated as an error of the form; a purpose it refuses is none."""
        decision = permitted(self.profile, query)
        if not decision.allowed and purpose_allowed(self.profile, query.purpose).allowed:
            self.add_error(None, f"{decision.reason} {decision.remedy} ({decision.clause})")


class SearchForm(StatedForm):
    """Asks for the plate, where and when to look, and why."""

    plate = PlatePatternField(
        label="Plate",
        help_text=(
            "Whole or partial: ? stands for exactly one unknown character, * for any number of them. So "
            "7??B* is a 7, two unknown, a B and whatever follows. Spaces and dashes do not matter."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    region = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any"), *((code, code.removeprefix("US-")) for code in STATES)],
    )
    tolerance = forms.ChoiceField(
        label="What else counts",
        required=False,
        choices=[
            (Tolerance.AS_WRITTEN.value, "Nothing: only what is written"),
            (Tolerance.LOOK_ALIKES.value, "Look-alikes too: 0 O Q D, 8 B, 1 I L, 5 S, 2 Z, 6 G"),
            (
                Tolerance.ONE_CHARACTER.value,
                "Look-alikes, and one wrong, missing or extra character",
            ),
        ],
        initial=Tolerance.AS_WRITTEN.value,
        widget=forms.RadioSelect,
        help_text=(
            "Cameras and witnesses confuse characters; each result says where it differs. One wrong "
            "character needs a whole plate without ? and *."
        ),
    )
    color = forms.CharField(label="Color", max_length=LONGEST_FACT, required=False)
    make = forms.CharField(label="Make", max_length=LONGEST_FACT, required=False)
    vehicle_type = forms.CharField(
        label="Type of vehicle", max_length=LONGEST_FACT, required=False, help_text="Such as sedan or pickup."
    )
    field_order = (
        "plate",
        "tolerance",
        "from_at",
        "until_at",
        "region",
        "color",
        "make",
        "vehicle_type",
        "area_kind",
        "center",
        "radius_m",
        "points",
        "width_m",
        "devices",
        "purpose",
        "reason",
        "reference",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        profile: Profile,
        devices: QuerySet[Device],
        now: datetime,
        again: SearchQuery | None = None,
    ) -> None:
        initial = initial_of(again, ZoneInfo(profile.agency.time_zone)) if again else {}
        super().__init__(data, profile=profile, now=now, initial=initial)
        self.fields["devices"] = forms.ModelMultipleChoiceField(
            queryset=devices,
            required=False,
            label="Cameras",
            help_text="None chosen: all of them.",
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(self.field_order)

    def offer_deleted(self) -> None:
        """Let the person choose to look up what is deleted logically; for who may."""
        self.fields["of_deleted"] = forms.BooleanField(
            required=False,
            label="Look up reads that are deleted logically",
            help_text="Instead of those in sight. It is on record as such, with your purpose and reason.",
        )

    def clean(self) -> dict[str, Any]:
        """Build `query`; what the policy asks to be stated is an error of the form, a purpose is not."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.query = _query(cleaned)
            check_cost(self.query)
        except QueryError as error:
            self.add_error(
                "tolerance" if cleaned["until_at"] > cleaned["from_at"] else "until_at", str(error)
            )
            return cleaned
        except TooVagueError as error:
            self.add_error("plate", str(error))
            return cleaned
        self.state(self.query)
        return cleaned


def _query(cleaned: Mapping[str, Any]) -> SearchQuery:
    """What was typed, as a query. Raises QueryError."""
    return SearchQuery(
        pattern=cleaned["plate"],
        tolerance=Tolerance(cleaned["tolerance"] or Tolerance.AS_WRITTEN),
        region=cleaned["region"],
        make=cleaned["make"].strip(),
        color=color_word(cleaned["color"].strip()),
        vehicle_type=cleaned["vehicle_type"].strip(),
        from_at=cleaned["from_at"],
        until_at=cleaned["until_at"],
        device_ids=tuple(sorted(device.pk for device in cleaned["devices"])),
        area=cleaned["area"],
        purpose=cleaned["purpose"],
        reason=cleaned["reason"].strip(),
        reference=cleaned["reference"].strip(),
    )


def _purpose_choice(purpose: Purpose) -> tuple[str, str]:
    return purpose.id, f"{purpose.name} ({purpose.clause})"


def initial_of(query: SearchQuery, zone: ZoneInfo) -> dict[str, Any]:
    """What to fill in so that the form asks `query` again."""
    return {
        "plate": query.plate,
        "tolerance": query.tolerance.value,
        "make": query.make,
        "color": query.color,
        "vehicle_type": query.vehicle_type,
        "region": query.region,
        "from_at": query.from_at.astimezone(zone),
        "until_at": query.until_at.astimezone(zone),
        "devices": query.device_ids,
        "purpose": query.purpose,
        "reason": query.reason,
        "reference": query.reference,
        **(area_initial(query.area) if query.area else {}),
    }


def reference_hint(profile: Profile) -> str:
    """Whether this agency asks for a reference, and by which clause."""
    rule = profile.search.reference_required
    clause = profile.citation(rule)
    if rule.settled:
        return f"Required ({clause})." if clause else "Required."
    return f"Not required ({clause})." if clause else "Not required: not addressed by this policy."

"""The forms of a canvass: the incident and its place, sending a car, and how that ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.devices.models import Device
from plateward.governance.organization.forms import PersonField
from plateward.policy import Profile, purpose_allowed
from plateward.search.analysis_forms import PurposeForm
from plateward.search.area_forms import KINDS
from plateward.search.canvass_queries import query_of
from plateward.search.canvass_rules import LONGEST_NOTE, LONGEST_PLACE, CrimeKind, Why
from plateward.search.forms import MomentField, StatedForm
from plateward.search.models import Canvass, CanvassAssignment
from plateward.search.rules import QueryError, SearchQuery, TooVagueError, check_cost, permitted

SPAN = timedelta(hours=2)
SHIFT = timedelta(hours=4)


class CanvassForm(StatedForm):
    """Asks for the incident, where and when it was, and why all plates there are looked for."""

    crime = forms.ChoiceField(
        label="Kind of crime",
        choices=[("", "Choose one"), *((kind.value, kind.label) for kind in CrimeKind)],
        help_text="Homicides, shootings and other major incidents are shown first.",
    )
    place = forms.CharField(
        label="Address or place",
        max_length=LONGEST_PLACE,
        help_text="In words, as on the report. Where to search is given below.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: Profile, now: datetime) -> None:
        super().__init__(data, profile=profile, now=now, span=SPAN, initial={"area_kind": "CIRCLE"})
        self.fields["area_kind"].choices = KINDS[1:]  # type: ignore[attr-defined]  # it is a ChoiceField
        self.fields["area_kind"].required = True

    def clean(self) -> dict[str, Any]:
        """Build `query`; what the policy asks to be stated is an error of the form, a purpose is not."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        try:
            self.query = SearchQuery(
                pattern=None,
                area=cleaned["area"],
                from_at=cleaned["from_at"],
                until_at=cleaned["until_at"],
                purpose=cleaned["purpose"],
                reason=cleaned["reason"].strip(),
                reference=cleaned["reference"].strip(),
            )
            check_cost(self.query)
        except (QueryError, TooVagueError) as error:
            self.add_error("until_at", str(error))
            return cleaned
        self.state(self.query)
        return cleaned

    def place_and_time(self) -> SearchQuery | None:
        """The place and time alone, as far as they can be searched: what the preview shows."""
        given = {name: self.cleaned_data.get(name) for name in ("area", "from_at", "until_at")}
        if not all(given.values()):
            return None
        try:
            query = SearchQuery(pattern=None, purpose="", reason="", **given)  # type: ignore[arg-type]  # all are there
            check_cost(query)
        except (QueryError, TooVagueError):
            return None
        return query


class LookForm(PurposeForm):
    """Asks why a person looks at a canvass, and whether at all of its time or what a car sent there read.

    Purpose and number of the canvass are filled in to be confirmed; its reason only for who gave it.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        profile: Profile,
        canvass: Canvass,
        user_id: UUID,
        assignments: QuerySet[CanvassAssignment],
    ) -> None:
        known = {"purpose": canvass.purpose, "reference": canvass.reference}
        if canvass.opened_by_id == user_id:
            known["reason"] = canvass.reason
        super().__init__(data, profile=profile, initial=known)
        self.canvass = canvass
        self.fields["assignment"] = AssignmentField(
            assignments, zone=self.zone, label="Reads", required=False, empty_label="All of the canvass"
        )
        if not assignments:
            del self.fields["assignment"]
        self.order_fields(("assignment", "purpose", "reason", "reference"))

    def clean(self) -> dict[str, Any]:
        """Build `why`; what the policy asks to be stated is an error of the form, a purpose is not."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.why, self.assignment = Why(**self.stated()), cleaned.get("assignment")
        decision = permitted(self.profile, query_of(self.canvass, self.assignment, self.why))
        if not decision and purpose_allowed(self.profile, self.why.purpose):
            self.add_error(None, f"{decision.reason} {decision.remedy} ({decision.clause})")
        return cleaned


class AssignmentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no subscript at run time
    """A car sent to canvass, named by its person and time."""

    def __init__(self, queryset: QuerySet[CanvassAssignment], *, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(queryset, **options)
        self.zone = zone

    def label_from_instance(self, obj: CanvassAssignment) -> str:
        times = (f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" for at in (obj.from_at, obj.until_at))
        return f"What {obj.assigned_to.full_name} read, {' to '.join(times)}"


class AssignForm(forms.Form):
    """Asks whom to send to canvass, with which car, from when until when."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        profile: Profile,
        people: QuerySet[User],
        cars: QuerySet[Device],
        now: datetime,
    ) -> None:
        zone = ZoneInfo(profile.agency.time_zone)
        begins = now.astimezone(zone).replace(second=0, microsecond=0)
        super().__init__(data, initial={"from_at": begins, "until_at": begins + SHIFT})
        self.fields["assigned_to"] = PersonField(people, profile)
        self.fields["device"] = forms.ModelChoiceField(
            cars, label="ALPR-equipped car", required=False, empty_label="Whichever they drive"
        )
        self.fields["from_at"] = MomentField(zone=zone, fold=0, label="From")
        self.fields["until_at"] = MomentField(zone=zone, fold=1, label="Until")


class CloseForm(forms.Form):
    """Asks how a canvass ended."""

    note = forms.CharField(
        label="How it ended",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it found, or why it is not needed any more. What was read stays to be looked at.",
    )


class EndForm(forms.Form):
    """Asks how an assignment ended."""

    is_done = forms.ChoiceField(
        label="What happened",
        choices=[("yes", "The area was canvassed"), ("no", "The assignment is withdrawn")],
        widget=forms.RadioSelect,
        initial="yes",
    )
    note = forms.CharField(
        label="Note",
        max_length=LONGEST_NOTE,
        required=False,
        help_text="Such as streets left out, or why it is withdrawn.",
    )

"""The form of incidents: each with its place and its window of time, compared in one question."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from plateward.devices.models import Device
from plateward.policy import Profile
from plateward.search.analysis_forms import PurposeForm
from plateward.search.area_forms import PointField
from plateward.search.areas import LARGEST_RADIUS_M, SMALLEST_RADIUS_M, Area, AreaError, Circle, area_from
from plateward.search.canvass_models import Canvass
from plateward.search.canvass_queries import names_of
from plateward.search.forms import MomentField
from plateward.search.incidents import FEWEST, LONGEST, LONGEST_NAME, MOST, Incident, IncidentsQuery
from plateward.search.meetings import AnalysisError

USUAL_RADIUS_M = 500
PREFIX = "incidents"
LONGEST_NUMBER = 4
FIELDS = ("name", "place", "radius_m", "area", "devices", "from_at", "until_at")


class IncidentForm(forms.Form):
    """One incident: a name, where, and when."""

    name = forms.CharField(
        label="Incident", max_length=LONGEST_NAME, help_text="What it is called, such as its case number."
    )
    place = PointField(
        label="Place",
        required=False,
        help_text="Latitude and longitude, as 34.89859, -117.02280; or choose cameras instead.",
    )
    radius_m = forms.IntegerField(
        label="Within so many meters",
        required=False,
        min_value=SMALLEST_RADIUS_M,
        max_value=LARGEST_RADIUS_M,
        initial=USUAL_RADIUS_M,
    )
    # What a canvass brings along: a drawn area or a route, as JSON.
    area = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, profile: Profile, cameras: QuerySet[Device], **options: Any) -> None:
        super().__init__(*args, **options)
        self.empty_permitted = True  # the question says how many there must be
        zone = ZoneInfo(profile.agency.time_zone)
        self.fields["devices"] = forms.ModelMultipleChoiceField(
            queryset=cameras,
            required=False,
            label="Cameras",
            help_text="None chosen: all in the place.",
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["from_at"] = MomentField(zone=zone, fold=0, label="From", help_text="Local time.")
        self.fields["until_at"] = MomentField(
            zone=zone, fold=1, label="Until", help_text=f"At most {LONGEST.days * 24} hours later."
        )
        self.order_fields(FIELDS)

    def has_changed(self) -> bool:
        """Whether anything was filled in; a radius alone is no incident."""
        return bool(set(self.changed_data) - {"radius_m"})

    def clean(self) -> dict[str, Any]:
        """Build `incident`."""
        cleaned = super().clean() or {}
        if self.errors or not self.has_changed():
            return cleaned
        try:
            self.incident = Incident(
                name=cleaned["name"].strip(),
                from_at=cleaned["from_at"],
                until_at=cleaned["until_at"],
                area=_circle(cleaned) or _drawn(cleaned["area"]),
                device_ids=tuple(sorted(device.pk for device in cleaned["devices"])),
            )
        except AreaError as error:
            self.add_error("place", str(error))
        except AnalysisError as error:
            self.add_error(error.field or None, str(error))
        return cleaned


def _drawn(typed: str) -> Area | None:
    """Raises AreaError."""
    if not typed:
        return None
    try:
        read = json.loads(typed)
    except ValueError as error:
        raise AreaError("The area cannot be read. Give a place with a radius instead.") from error
    if not isinstance(read, dict):
        raise AreaError("The area cannot be read. Give a place with a radius instead.")
    return area_from(read)


def _circle(cleaned: Mapping[str, Any]) -> Circle | None:
    """Raises AreaError."""
    if cleaned["place"] is None:
        return None
    latitude, longitude = cleaned["place"]
    return Circle(latitude, longitude, cleaned["radius_m"] or USUAL_RADIUS_M)


class IncidentsForm(PurposeForm):
    """Asks which incidents are compared, at how many of them a plate must have been, and why."""

    fewest = forms.IntegerField(
        label="Seen at so many of them, or more",
        initial=FEWEST,
        min_value=FEWEST,
        max_value=MOST,
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        profile: Profile,
        cameras: QuerySet[Device],
        initial: Mapping[str, Any] | None = None,
        incidents: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(data, profile=profile, initial=dict(initial or {}))
        made = forms.formset_factory(IncidentForm, extra=0, min_num=FEWEST, max_num=MOST, absolute_max=MOST)
        options = {"profile": profile, "cameras": cameras}
        self.incidents = made(data, initial=incidents, prefix=PREFIX, form_kwargs=options)

    def clean(self) -> dict[str, Any]:
        """Build `query`; an incident left empty is left out."""
        cleaned = super().clean() or {}
        if not self.incidents.is_valid():
            for said in self.incidents.non_form_errors():
                self.add_error(None, said)
            return cleaned
        if self.errors:
            return cleaned
        try:
            self.query = IncidentsQuery(
                incidents=tuple(one.incident for one in self.incidents if one.has_changed()),
                fewest=cleaned["fewest"],
                **self.stated(),
            )
        except AnalysisError as error:
            self.add_error(error.field or None, str(error))
            return cleaned
        self.check_stated()
        return cleaned

    def is_valid(self) -> bool:
        """Whether the question and every incident of it can be asked."""
        return super().is_valid() and self.incidents.is_valid()


def asked_again(query: IncidentsQuery, zone: ZoneInfo) -> dict[str, Any]:
    """What to fill in so that the form asks `query` again."""
    stated = {"purpose": query.purpose, "reason": query.reason, "reference": query.reference}
    return {
        "initial": {"fewest": query.fewest, **stated},
        "incidents": [_initial_of(one, zone) for one in query.incidents],
    }


def _initial_of(incident: Incident, zone: ZoneInfo) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": incident.name,
        "devices": incident.device_ids,
        "from_at": incident.from_at.astimezone(zone),
        "until_at": incident.until_at.astimezone(zone),
    }
    return told | _placed(incident.area)


def _placed(area: Area | None) -> dict[str, Any]:
    """Where an incident was, as the form's fields say it."""
    if isinstance(area, Circle):
        return {"place": f"{area.latitude}, {area.longitude}", "radius_m": int(area.radius_m)}
    return {"area": json.dumps(area.as_json())} if area else {}


def of_canvasses(canvasses: Sequence[Canvass], zone: ZoneInfo) -> dict[str, Any]:
    """What to fill in so that the form asks which plates were seen at several canvasses."""
    incidents = [
        {
            "name": name,
            "from_at": one.from_at.astimezone(zone),
            "until_at": one.until_at.astimezone(zone),
            **_placed(one.searched),
        }
        for name, one in zip(names_of(canvasses), canvasses, strict=True)
    ]
    return {"incidents": incidents}


def one_more(typed: QueryDict) -> dict[str, Any]:
    """What to fill in so that the form shows what was typed, not judged yet, and room for one more."""
    count = typed.get(f"{PREFIX}-TOTAL_FORMS", "")
    shown = min(int(count), MOST) if count.isdecimal() and len(count) < LONGEST_NUMBER else FEWEST
    incidents = [
        {name: typed.get(f"{PREFIX}-{number}-{name}", "") for name in FIELDS}
        | {"devices": typed.getlist(f"{PREFIX}-{number}-devices")}
        for number in range(shown)
    ]
    room: list[dict[str, Any]] = [{}] if shown < MOST else []
    stated = ("fewest", "purpose", "reason", "reference")
    return {"initial": {name: typed.get(name, "") for name in stated}, "incidents": incidents + room}

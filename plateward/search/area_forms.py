"""The fields in which a person gives a place: typed, or drawn on the map beside them, which fills them in."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from plateward.devices.geography import Point
from plateward.search.areas import MOST_POINTS, Area, AreaError, Circle, Corridor, Polygon

KINDS = (
    ("", "Everywhere"),
    ("CIRCLE", "Around a point"),
    ("POLYGON", "Inside a drawn area"),
    ("CORRIDOR", "Along a route"),
)
_PAIR = re.compile(r"\s*(-?\d+(?:\.\d*)?)\s*[,;\s]\s*(-?\d+(?:\.\d*)?)\s*")
_LONGEST_LINE = 60


class PointField(forms.Field):
    """A place as latitude and longitude; its value is a Point."""

    def to_python(self, value: Any) -> Point | None:
        return point_of(str(value)) if value else None


class PointsField(forms.Field):
    """Places, one on each line; its value is a tuple of Points."""

    widget = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})

    def to_python(self, value: Any) -> tuple[Point, ...]:
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > MOST_POINTS:
            raise ValidationError(f"At most {MOST_POINTS} points, one on each line. Leave some out.")
        return tuple(point_of(line) for line in lines)


def point_of(text: str) -> Point:
    """Latitude and longitude as people write and copy them. Raises ValidationError."""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise ValidationError(
            f"“{text.strip()[:_LONGEST_LINE]}” is no place. Write latitude and longitude in degrees, as "
            "34.89859, -117.02280."
        )
    return float(found[1]), float(found[2])


class AreaFields(forms.Form):
    """A place that a search is limited to; cleaned as `area`, None for everywhere."""

    area_kind = forms.ChoiceField(
        label="Where", required=False, choices=KINDS, widget=forms.RadioSelect, initial=""
    )
    center = PointField(
        label="Point",
        required=False,
        help_text="Latitude, longitude in degrees, as 34.89859, -117.02280.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    radius_m = forms.FloatField(
        label="Radius in meters", required=False, initial=500, help_text="A quarter mile is 402 m."
    )
    points = PointsField(
        label="Corners or stops",
        required=False,
        help_text=(
            "One on each line, as 34.89859, -117.02280: the corners in the order of a walk around the area, "
            "or where the route leads."
        ),
    )
    width_m = forms.FloatField(
        label="Width of the route in meters",
        required=False,
        initial=200,
        help_text="Half of it to either side.",
    )

    def clean(self) -> dict[str, Any]:
        """Build `area`; what is wrong with it is an error of the field it was typed in."""
        cleaned = super().clean() or {}
        cleaned["area"] = None
        kind = cleaned.get("area_kind")
        field = "center" if kind == "CIRCLE" else "points"
        if kind and not {field, "radius_m", "width_m"} & self.errors.keys():
            try:
                cleaned["area"] = _area(kind, cleaned)
            except AreaError as error:
                self.add_error(field, str(error))
        return cleaned


def _area(kind: str, cleaned: Mapping[str, Any]) -> Area:
    if kind == "CIRCLE":
        center: Point | None = cleaned.get("center")
        if center is None:
            raise AreaError("Give the point around which to search, or choose it on the map.")
        return Circle(center[0], center[1], cleaned.get("radius_m") or 0)
    points = cleaned.get("points") or ()
    return Polygon(points) if kind == "POLYGON" else Corridor(points, cleaned.get("width_m") or 0)


def area_initial(area: Area) -> dict[str, Any]:
    """What to fill in so that the fields give `area` again."""
    if isinstance(area, Circle):
        center = f"{area.latitude}, {area.longitude}"
        return {"area_kind": "CIRCLE", "center": center, "radius_m": area.radius_m}
    lines = "\n".join(f"{latitude}, {longitude}" for latitude, longitude in area.points)
    if isinstance(area, Polygon):
        return {"area_kind": "POLYGON", "points": lines}
    return {"area_kind": "CORRIDOR", "points": lines, "width_m": area.width_m}

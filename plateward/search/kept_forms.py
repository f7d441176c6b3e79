"""The forms of kept searches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.plates.matching import Tolerance
from plateward.policy import Profile, purpose_allowed
from plateward.search.analysis_forms import PurposeForm
from plateward.search.area_forms import PointField
from plateward.search.areas import LARGEST_RADIUS_M, SMALLEST_RADIUS_M, AreaError, Circle
from plateward.search.forms import MomentField, PlatePatternField
from plateward.search.incident_forms import USUAL_RADIUS_M
from plateward.search.kept import Wanted, check_end, latest_end
from plateward.search.rules import QueryError, TooVagueError, check_cost, permitted


def end_field(profile: Profile, now: datetime) -> MomentField:
    """Until when; the longest time that the profile lets it be is filled in, and its ground told."""
    zone, longest = ZoneInfo(profile.agency.time_zone), profile.search.kept_longest
    return MomentField(
        zone=zone,
        fold=0,
        label="Until",
        # Whole minutes, none of them beyond the longest time.
        initial=latest_end(profile, now).astimezone(zone).replace(second=0, microsecond=0),
        help_text=f"At most {longest.settled} from now: the policy does not say how long, so the agency "
        f"decided it on {profile.citation(longest)}. It can be renewed.",
    )


class KeepForm(PurposeForm):
    """Asks what is kept, for which case and until when."""

    plate = PlatePatternField(
        label="Plate",
        help_text="Whole or partial: ? for one unknown character, * for any number of them.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    look_alikes = forms.BooleanField(
        label="Look-alikes count too (0 O Q D, 8 B, 1 I L, 5 S, 2 Z, 6 G)", required=False
    )
    place = PointField(
        label="Only in this place",
        required=False,
        help_text="Latitude and longitude, as 34.89859, -117.02280. Empty: everywhere.",
    )
    radius_m = forms.IntegerField(
        label="Within so many meters",
        required=False,
        min_value=SMALLEST_RADIUS_M,
        max_value=LARGEST_RADIUS_M,
        initial=USUAL_RADIUS_M,
    )
    field_order = ("plate", "look_alikes", "place", "radius_m", "until_at", "purpose", "reason", "reference")

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: Profile, now: datetime) -> None:
        super().__init__(data, profile=profile, initial={"purpose": ""})
        self.now = now
        self.fields["until_at"] = end_field(profile, now)
        self.fields["reference"].required = True
        self.fields["reference"].help_text = "The case that the search is kept for."
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Build `wanted`; a purpose that the policy does not permit is for the act to refuse."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.wanted = self._wanted(cleaned)
            check_end(self.profile, cleaned["until_at"], self.now)
            query = self.wanted.query(self.now, cleaned["until_at"])
            check_cost(query)
        except AreaError as error:
            self.add_error("place", str(error))
        except (QueryError, TooVagueError) as error:
            self.add_error("plate", str(error))
        except ValueError as error:
            self.add_error("until_at", str(error))
        else:
            decision = permitted(self.profile, query)
            if not decision and purpose_allowed(self.profile, query.purpose):
                self.add_error(None, f"{decision.reason} {decision.remedy} ({decision.clause})")
        return cleaned

    def _wanted(self, cleaned: Mapping[str, Any]) -> Wanted:
        place = cleaned["place"]
        return Wanted(
            pattern=cleaned["plate"],
            tolerance=Tolerance.LOOK_ALIKES if cleaned["look_alikes"] else Tolerance.AS_WRITTEN,
            area=Circle(place[0], place[1], cleaned["radius_m"] or USUAL_RADIUS_M) if place else None,
            **self.stated(),
        )


class RenewForm(forms.Form):
    """Asks until when a kept search shall last."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: Profile, now: datetime) -> None:
        super().__init__(data, prefix="renew")
        self.fields["until_at"] = end_field(profile, now)


class HandOverForm(forms.Form):
    """Asks who takes a kept search over."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: QuerySet[User]) -> None:
        super().__init__(data, prefix="hand")
        self.fields["to"] = _Colleague(
            queryset=people,
            label="To",
            help_text="A colleague who may search. They are told, and everything of it is new to them.",
        )


class _Colleague(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable while it runs
    def label_from_instance(self, obj: User) -> str:
        return str(obj.full_name)

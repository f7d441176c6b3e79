"""The forms of both analyses: what was typed, checked and turned into a query."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from plateward.policy import Profile, purpose_allowed
from plateward.search.forms import MomentField, PlatePatternField, reference_hint
from plateward.search.meetings import CRIME_ANALYSIS, AnalysisError, analysis_permitted
from plateward.search.travel import (
    FEWEST_CAMERAS,
    LONGEST_SPAN,
    LONGEST_WITHIN,
    MOST_CAMERAS,
    SHORTEST_WITHIN,
    USUAL_WITHIN,
    TravelQuery,
)

USUAL_SPAN = timedelta(days=14)


class PurposeForm(forms.Form):
    """Asks why: purpose, reason and reference, as this agency's policy wants them stated."""

    # The policy, not the form, refuses a purpose, so that the refusal is journaled with its clause.
    purpose = forms.CharField(label="Purpose", max_length=60)
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        help_text="In a sentence: what happened, and what you look for.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reference = forms.CharField(label="Case or incident number", max_length=80, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, profile: Profile, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial={"purpose": CRIME_ANALYSIS} | (initial or {}))
        self.profile = profile
        self.zone = ZoneInfo(profile.agency.time_zone)
        purposes = [(one.id, f"{one.name} ({one.clause})") for one in profile.purposes.values()]
        self.fields["purpose"].widget = forms.Select(choices=[("", "Choose a purpose"), *purposes])
        self.fields["reference"].help_text = reference_hint(profile)

    def moment(self, label: str, *, fold: int, help_text: str = "") -> MomentField:
        """A field for an instant in the agency's zone."""
        return MomentField(zone=self.zone, fold=fold, label=label, help_text=help_text)

    def stated(self) -> dict[str, str]:
        """Purpose, reason and reference as typed."""
        return {name: self.cleaned_data[name].strip() for name in ("purpose", "reason", "reference")}

    def check_stated(self) -> None:
        """What the policy asks to be stated is an error of the form; a refused purpose is not."""
        stated = self.stated()
        decision = analysis_permitted(self.profile, **stated)
        if not decision.allowed and purpose_allowed(self.profile, stated["purpose"]).allowed:
            self.add_error(None, f"{decision.reason} {decision.remedy} ({decision.clause})")


class TravelForm(PurposeForm):
    """Asks whose companions are looked for, when, and what counts as traveling together."""

    plate = PlatePatternField(
        label="Plate",
        help_text="The whole plate of the known vehicle. Reads of its look-alikes count as its own.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    within = forms.IntegerField(
        label="At most so many seconds apart",
        initial=int(USUAL_WITHIN.total_seconds()),
        min_value=int(SHORTEST_WITHIN.total_seconds()),
        max_value=int(LONGEST_WITHIN.total_seconds()),
        help_text=f"From {SHORTEST_WITHIN.seconds} to {LONGEST_WITHIN.seconds}.",
    )
    fewest = forms.IntegerField(
        label="At so many of the same cameras, or more",
        initial=FEWEST_CAMERAS,
        min_value=FEWEST_CAMERAS,
        max_value=MOST_CAMERAS,
        help_text=f"From {FEWEST_CAMERAS} to {MOST_CAMERAS}.",
    )
    field_order = ("plate", "from_at", "until_at", "within", "fewest", "purpose", "reason", "reference")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        profile: Profile,
        now: datetime,
        again: TravelQuery | None = None,
    ) -> None:
        zone = ZoneInfo(profile.agency.time_zone)
        # The next whole minute, so that the reads of this one count.
        until = now.astimezone(zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
        span = {"from_at": until - USUAL_SPAN, "until_at": until}
        super().__init__(data, profile=profile, initial=span | (_initial(again, zone) if again else {}))
        longest = f"Local time of the agency, at most {LONGEST_SPAN.days} days."
        self.fields["from_at"] = self.moment("From", fold=0, help_text=longest)
        self.fields["until_at"] = self.moment("Until", fold=1, help_text="Local time of the agency.")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Build `query`."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.query = TravelQuery(
                plate=cleaned["plate"].text,
                within=timedelta(seconds=cleaned["within"]),
                fewest=cleaned["fewest"],
                from_at=cleaned["from_at"],
                until_at=cleaned["until_at"],
                **self.stated(),
            )
        except AnalysisError as error:
            self.add_error(error.field or None, str(error))
            return cleaned
        self.check_stated()
        return cleaned


def _initial(query: TravelQuery, zone: ZoneInfo) -> dict[str, Any]:
    """What to fill in so that the form asks `query` again."""
    return {
        "plate": query.plate,
        "within": int(query.within.total_seconds()),
        "fewest": query.fewest,
        "from_at": query.from_at.astimezone(zone),
        "until_at": query.until_at.astimezone(zone),
        "purpose": query.purpose,
        "reason": query.reason,
        "reference": query.reference,
    }

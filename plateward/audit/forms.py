"""Filters over the journal and the access records."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from plateward.audit.queries import AccessFilter, JournalFilter
from plateward.plates.text import normalize


class _PeriodForm(forms.Form):
    """Filters by person and by day, days in the agency's zone, both ends included."""

    person = forms.CharField(label="Person", max_length=150, required=False, help_text="Username or name")
    from_date = forms.DateField(
        label="From", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until_date = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, data: Any, *, time_zone: str) -> None:
        super().__init__(data)
        self.zone = ZoneInfo(time_zone)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_date"), cleaned.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", "The last day lies before the first. Choose a later one.")
        return cleaned

    def _from_at(self) -> datetime | None:
        first = self.cleaned_data["from_date"]
        return self._midnight(first) if first else None

    def _until_at(self) -> datetime | None:
        last = self.cleaned_data["until_date"]
        return self._midnight(last + timedelta(days=1)) if last else None

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)


class JournalForm(_PeriodForm):
    area = forms.ChoiceField(label="What", required=False)
    field_order = ("person", "area", "from_date", "until_date")

    def __init__(self, data: Any, *, time_zone: str, areas: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, time_zone=time_zone)
        self.fields["area"].choices = [("", "Everything"), *areas]  # type: ignore[attr-defined]  # a ChoiceField

    def wanted(self) -> JournalFilter:
        """The filter a valid form asks for."""
        return JournalFilter(
            person=self.cleaned_data["person"],
            area=self.cleaned_data["area"],
            from_at=self._from_at(),
            until_at=self._until_at(),
        )


class AccessForm(_PeriodForm):
    plate = forms.CharField(
        label="Plate",
        max_length=40,
        required=False,
        help_text="Also finds partial plates that cover it",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reference = forms.CharField(label="Case or incident number", max_length=80, required=False)
    purpose = forms.ChoiceField(label="Purpose", required=False)
    flagged = forms.BooleanField(label="Only with a reason marked for review", required=False)
    field_order = ("plate", "person", "reference", "purpose", "from_date", "until_date", "flagged")

    def __init__(self, data: Any, *, time_zone: str, purposes: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, time_zone=time_zone)
        self.fields["purpose"].choices = [("", "Any"), *purposes]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_plate(self) -> str:
        """The plate normalized; one without a letter or digit cannot be looked for."""
        typed = self.cleaned_data["plate"]
        plate = normalize(typed)
        if typed and (not plate or set("?*") & set(typed)):
            raise forms.ValidationError("Write the whole plate, letters and digits, without ? and *.")
        return plate

    def wanted(self) -> AccessFilter:
        """The filter a valid form asks for."""
        return AccessFilter(
            plate=self.cleaned_data["plate"],
            person=self.cleaned_data["person"],
            reference=self.cleaned_data["reference"],
            purpose=self.cleaned_data["purpose"],
            flagged=self.cleaned_data["flagged"],
            from_at=self._from_at(),
            until_at=self._until_at(),
        )


class AnswerForm(forms.Form):
    """What was found behind an alarm about the journal, and what was done."""

    answer = forms.CharField(
        label="What was found, and what was done",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It goes on record, and ends the alarm. What was found stays in the list of checks.",
    )

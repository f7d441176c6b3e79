"""Filters over the journal and the access records."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from plateward.audit.exporting import Part, part_sealed
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


class ExportForm(forms.Form):
    """Which part of the journal an auditor wants; days in the agency's zone, both included."""

    from_date = forms.DateField(
        label="Sealed from", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until_date = forms.DateField(
        label="Sealed until",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    first = forms.IntegerField(
        label="From row",
        required=False,
        min_value=0,
        help_text="Place in the tree, 0 is the first. Instead of days.",
    )
    last = forms.IntegerField(label="To row", required=False, min_value=0, help_text="Included.")
    known = forms.IntegerField(
        label="Rows of the checkpoint that the auditor holds",
        required=False,
        min_value=1,
        help_text="So that a part can be compared with a checkpoint on paper that covers fewer rows.",
    )

    def __init__(self, data: Any = None, *, time_zone: str) -> None:
        super().__init__(data)
        self.zone = ZoneInfo(time_zone)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        by_day = cleaned.get("from_date") or cleaned.get("until_date")
        first, last = cleaned.get("first"), cleaned.get("last")
        if by_day and (first is not None or last is not None):
            self.add_error("first", "Choose days or rows, not both.")
        if first is not None and last is not None and last < first:
            self.add_error("last", "The last row lies before the first. Choose a later one.")
        return cleaned

    def part(self) -> Part:
        """The part a valid form asks for."""
        found = self.cleaned_data
        known = (found["known"],) if found["known"] else ()
        if found["from_date"] or found["until_date"]:
            return part_sealed(
                self._midnight(found["from_date"], 0), self._midnight(found["until_date"], 1), known
            )
        last = None if found["last"] is None else found["last"] + 1
        return Part(found["first"] or 0, last, known)

    def _midnight(self, day: date | None, later: int) -> datetime | None:
        return datetime.combine(day + timedelta(days=later), time(), tzinfo=self.zone) if day else None


class PruningForm(forms.Form):
    """Why plate details go now."""

    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It goes on record. A second person decides.",
    )

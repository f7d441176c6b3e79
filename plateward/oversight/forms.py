"""The question to the record."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from plateward.oversight.inquiry import PURPOSES, QUESTIONS, Inquiry, Subject
from plateward.oversight.queries import known_person
from plateward.plates.text import normalize

SHORTEST_REASON = 10


class InquiryForm(forms.Form):
    """One of three questions, why it is asked, and optionally a span of days, both ends included."""

    subject = forms.ChoiceField(
        label="What do you ask?",
        choices=[(subject.value, words) for subject, words in QUESTIONS.items()],
        widget=forms.RadioSelect,
        initial=Subject.PLATE.value,
    )
    wanted = forms.CharField(
        label="Plate, case number, or person",
        max_length=150,
        help_text="A whole plate, a case or incident number as it was typed, or a username or whole name",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = forms.ChoiceField(label="Why is it asked?", choices=[("", "Choose"), *PURPOSES.items()])
    reason = forms.CharField(
        label="Who asked for it, and any number of the request",
        min_length=SHORTEST_REASON,
        max_length=500,
        help_text="Recorded with your name: looking into the record is an access too",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    from_date = forms.DateField(
        label="From", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until_date = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, data: Any = None, *, agency: str, time_zone: str) -> None:
        super().__init__(data)
        self.agency, self.zone = agency, ZoneInfo(time_zone)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("wanted") and cleaned.get("subject"):
            try:
                cleaned["wanted"] = self._wanted(Subject(cleaned["subject"]), cleaned["wanted"])
            except forms.ValidationError as error:
                self.add_error("wanted", error)
        first, last = cleaned.get("from_date"), cleaned.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", "The last day lies before the first. Choose a later one.")
        return cleaned

    def _wanted(self, subject: Subject, typed: str) -> str:
        if subject is Subject.PLATE:
            plate = normalize(typed)
            if not plate or {"?", "*"} & set(typed):
                raise forms.ValidationError(
                    "Write the whole plate, letters and digits, without ? and *: partial searches that cover "
                    "it are found by themselves."
                )
            return plate
        if subject is Subject.PERSON:
            username = known_person(self.agency, typed)
            if not username:
                raise forms.ValidationError(
                    "No one person of this agency is called so. Write the username as the list of people "
                    "shows it."
                )
            return username
        return typed

    @property
    def inquiry(self) -> Inquiry:
        """What a valid form asks."""
        first, last = self.cleaned_data["from_date"], self.cleaned_data["until_date"]
        return Inquiry(
            subject=Subject(self.cleaned_data["subject"]),
            wanted=self.cleaned_data["wanted"],
            purpose=self.cleaned_data["purpose"],
            reason=self.cleaned_data["reason"],
            from_at=self._midnight(first) if first else None,
            until_at=self._midnight(last + timedelta(days=1)) if last else None,
        )

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)


class NoteForm(forms.Form):
    """What a reviewer asks or finds, in words."""

    note = forms.CharField(
        label="Note",
        max_length=1000,
        help_text="Your question to the person, or what your finding rests on; it stays with the item",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    """What somebody who is asked says."""

    item = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="Your explanation", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class OwnPlateForm(forms.Form):
    plate = forms.CharField(
        label="Plate",
        max_length=20,
        help_text="Yours or your household’s. It is kept as a digest: nobody can read it back, you neither",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

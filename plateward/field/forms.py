"""What is typed to hand an alert over, and what a device sends from the field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet

from plateward.accounts.models import User
from plateward.field.rules import LONGEST_NOTE, ActKind
from plateward.governance.models import Unit
from plateward.policy import Profile

Data = Mapping[str, Any] | None


class HandOverForm(forms.Form):
    """To whom an alert goes: an officer, or everybody of a unit."""

    to = forms.ChoiceField(
        label="Officer or unit", error_messages={"required": "Choose an officer or a unit."}
    )
    note = forms.CharField(
        label="Note",
        max_length=LONGEST_NOTE,
        required=False,
        help_text="Such as where to meet. No CLETS data.",
    )

    def __init__(
        self, data: Data = None, *, people: QuerySet[User], units: QuerySet[Unit], profile: Profile
    ) -> None:
        super().__init__(data, auto_id="hand_to_%s")
        named = [(f"officer:{one.pk}", f"{one.full_name}, {profile.title_name(one.title)}") for one in people]
        parts = [(f"unit:{one.pk}", f"{one.name} (everybody in it)") for one in units]
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)  # noqa: S101  declared above
        to.choices = [("", "Choose"), ("Officers", named), *([("Units", parts)] if parts else [])]

    def chosen(self) -> dict[str, Any]:
        """Officer or unit, and the note, for the act."""
        kind, _, key = self.cleaned_data["to"].partition(":")
        return {
            "officer": UUID(key) if kind == "officer" else None,
            "unit": UUID(key) if kind == "unit" else None,
            "note": self.cleaned_data["note"],
        }


def in_words(form: forms.Form) -> list[tuple[str, str]]:
    """What was chosen and typed, valid or not, as pairs of label and words, without what was left empty."""
    said = ((bound, bound.data) for bound in form.visible_fields())
    return [(str(bound.label), _word(bound.field, value)) for bound, value in said if value]


def _word(field: forms.Field, value: object) -> str:
    choices = {str(key): str(name) for key, name in getattr(field, "choices", ())}
    told = "yes" if value is True else str(value).replace("\0", "")
    return choices.get(told, told)


class SentForm(forms.Form):
    """The cover of an act: its id and its times are the device's own; without script there are no times."""

    act = forms.UUIDField()
    kind = forms.TypedChoiceField(choices=[(one.value, one.value) for one in ActKind], coerce=ActKind)
    done_at = forms.CharField(max_length=40, required=False)
    sent_at = forms.CharField(max_length=40, required=False)

    def times(self, now: datetime) -> tuple[datetime, datetime]:
        """When it was done and when sent, by the device's clock; `now` where it does not say."""
        return self._time("done_at", now), self._time("sent_at", now)

    def _time(self, name: str, now: datetime) -> datetime:
        try:
            told = datetime.fromisoformat(self.cleaned_data[name])
        except ValueError:
            return now
        return told if told.tzinfo else now

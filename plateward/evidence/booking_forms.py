"""The form of a booking into evidence."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from plateward.evidence.booking_rules import WantedBooking
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import LONGEST_TEXT
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.policy import Profile
from plateward.search.forms import MomentField


class PackageField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no subscript at run time
    """A package, by its number and how many reads it has."""

    def label_from_instance(self, obj: Package) -> str:
        return f"{obj.name}, {obj.read_count} read{'' if obj.read_count == 1 else 's'}"


class BookingForm(forms.Form):
    """Asks which package was booked: as which item, where, when, by whom, on what."""

    item_number = forms.CharField(label="Evidence item number", max_length=80)
    place = forms.CharField(
        label="Where it is kept", max_length=200, help_text="Such as the property room and its shelf."
    )
    booked_by = forms.CharField(label="Booked by", max_length=200)
    medium = forms.CharField(label="On what", max_length=200, help_text="Such as a DVD and its number.")
    note = forms.CharField(
        label="Note", max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, profile: Profile, hold: Hold, person: str, now: datetime) -> None:
        zone = ZoneInfo(profile.agency.time_zone)
        packages = Package.objects.filter(hold=hold, state=PackageState.BUILT.value)
        minute = now.astimezone(zone).replace(second=0, microsecond=0)
        known = {"booked_by": person, "booked_at": minute, "package": packages.first()}
        super().__init__(data, initial=known)
        self.fields["package"] = PackageField(packages, label="Package", empty_label="Choose a package")
        self.fields["booked_at"] = MomentField(zone=zone, fold=0, label="Booked at")
        self.order_fields(("package", "item_number", "place", "booked_at", "booked_by", "medium", "note"))

    @property
    def wanted(self) -> WantedBooking:
        """What was entered, as the rules take it."""
        said = dict(self.cleaned_data)
        return WantedBooking(package=said.pop("package").pk, **said)

"""The form of a booking into evidence."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from plateward.evidence.booking_rules import Copy, WantedBooking, bookable
from plateward.evidence.copies import copies_of
from plateward.evidence.hold_models import Hold
from plateward.evidence.hold_rules import LONGEST_TEXT
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from plateward.policy import Profile, booking_allowed
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
        self.package_of = {copy.key: (package, copy) for package, copy in bookable_copies(packages)}
        firsts = list(dict.fromkeys(copy.set_id for _, copy in self.package_of.values()))[:1]
        known = {
            "booked_by": person,
            "booked_at": minute,
            "package": packages.first(),
            "copies": _one_of_each(copy for _, copy in self.package_of.values() if copy.set_id in firsts),
        }
        super().__init__(data, initial=known)
        self.fields["booked_at"] = MomentField(zone=zone, fold=0, label="Booked at")
        if booking_allowed(profile, on_verified_disc=False):
            self.fields["package"] = PackageField(packages, label="Package", empty_label="Choose a package")
        else:
            self._ask_copies(zone)
        self.order_fields(
            ("package", "copies", "item_number", "place", "booked_at", "booked_by", "medium", "note")
        )

    def _ask_copies(self, zone: ZoneInfo) -> None:
        del self.fields["medium"]
        self.fields["copies"] = forms.MultipleChoiceField(
            label="Copies booked",
            choices=[
                (key, _copy_words(package, copy, zone)) for key, (package, copy) in self.package_of.items()
            ],
            widget=forms.CheckboxSelectMultiple,
            help_text="One copy of each disc of a set. Only copies whose last check passed are listed.",
            error_messages={"required": "Choose the copies that were booked."},
        )

    @property
    def wanted(self) -> WantedBooking:
        """What was entered, as the rules take it; copies name their package."""
        said = dict(self.cleaned_data)
        copies = tuple(said.pop("copies", ()))
        package = self.package_of[copies[0]][0] if copies else said.pop("package")
        return WantedBooking(package=package.pk, copies=copies, **said)


def bookable_copies(packages: Iterable[Package]) -> list[tuple[Package, Copy]]:
    """The verified copies of whole sets, with their package."""
    found = list(packages)
    copies = copies_of(*found)
    return [(package, copy) for package in found for copy in bookable(copies[package.pk])]


def _one_of_each(copies: Iterable[Copy]) -> list[str]:
    """The key of one copy of each disc."""
    return list({copy.number: copy.key for copy in copies}.values())


def _copy_words(package: Package, copy: Copy, zone: ZoneInfo) -> str:
    at = f", verified {copy.checked.at.astimezone(zone):%b %-d, %Y, %H:%M}" if copy.checked else ""
    return f"Package {package.name}. {copy}{at}"

"""Form widgets for what browsers already do well."""

from django import forms


class DateTimeInput(forms.DateTimeInput):
    """A moment to the minute, picked with the browser's own control, in the agency's zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class DateInput(forms.DateInput):
    """A day, picked with the browser's own control."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class PlateInput(forms.TextInput):
    """Plate text or pattern: plate type, capitals, no corrections by the browser."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        plain = {
            "autocapitalize": "characters",
            "autocomplete": "off",
            "spellcheck": "false",
            "data-plate": True,
        }
        super().__init__(attrs=plain | (attrs or {}))


class TimeInput(forms.TimeInput):
    """A time of the day to the minute, picked with the browser's own control."""

    input_type = "time"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=attrs, format="%H:%M")

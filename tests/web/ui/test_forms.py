"""Any Django form as USWDS markup that a screen reader can follow."""

from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from django import forms
from django.template.loader import render_to_string

from plateward.ui.forms import DateInput, DateTimeInput, PlateInput


class SearchForm(forms.Form):
    plate = forms.CharField(help_text="? stands for one character.", widget=PlateInput())
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("e", "Exact"), ("p", "Partial")])
    cameras = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, choices=[("1", "Main St")], required=False
    )
    purpose = forms.ChoiceField(choices=[("a", "Active warrant")])
    reason = forms.CharField(widget=forms.Textarea(attrs={"class": "tall"}))
    since = forms.DateTimeField(widget=DateTimeInput(), required=False)
    day = forms.DateField(widget=DateInput(), required=False)
    agree = forms.BooleanField(label="I agree")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class _Elements(HTMLParser):
    """Every element of a page by its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append({"tag": tag, **dict(attrs)})

    def with_(self, **wanted: str) -> list[dict[str, str | None]]:
        return [each for each in self.all if wanted.items() <= each.items()]

    def ids(self) -> set[str | None]:
        return {each["id"] for each in self.all if "id" in each}


def elements(data: dict[str, Any] | None = None, **context: Any) -> _Elements:
    form = SearchForm(data, initial={"since": datetime(2026, 1, 2, 3, 4)})  # noqa: DTZ001  what the widget shows
    return _Elements(render_to_string("ui/form.html", {"form": form, **context}))


def test_every_control_has_a_label_and_its_uswds_class() -> None:
    page = elements()
    labelled = {each["for"] for each in page.with_(tag="label")}
    visible = [
        e for e in page.all if e["tag"] in {"input", "select", "textarea"} and e.get("type") != "hidden"
    ]
    assert {each["id"] for each in visible} == labelled
    assert {str(each["class"]).split()[0] for each in visible} == {
        "usa-input", "usa-radio__input", "usa-checkbox__input", "usa-select", "usa-textarea",
    }  # fmt: skip
    assert page.with_(id="id_reason")[0]["class"] == "usa-textarea tall"


def test_groups_of_choices_are_fieldsets_with_legends() -> None:
    page = elements()
    assert len(page.with_(tag="fieldset")) == len(page.with_(tag="legend")) == 2


def test_moments_use_the_browsers_own_control() -> None:
    page = elements()
    assert page.with_(id="id_since")[0]["type"] == "datetime-local"
    assert page.with_(id="id_since")[0]["value"] == "2026-01-02T03:04"
    assert page.with_(id="id_day")[0]["type"] == "date"


def test_errors_are_summed_up_linked_and_tied_to_their_fields() -> None:
    page = elements({"purpose": "zzz"})
    links = {str(each["href"])[1:] for each in page.with_(tag="a")}
    assert links == {"id_plate", "id_kind_0", "id_purpose", "id_reason", "id_agree"}
    assert links <= page.ids()
    assert page.with_(id="id_plate")[0]["aria-describedby"] == "id_plate_helptext id_plate_error"
    assert {"id_plate_helptext", "id_plate_error"} <= page.ids()
    assert page.with_(tag="fieldset")[0]["aria-describedby"] == "id_kind_error"
    assert "data-focus" in page.with_(role="alert")[0]


def test_a_choice_made_stays_made() -> None:
    page = elements({"kind": "p", "cameras": ["1"]})
    assert "checked" in page.with_(id="id_kind_1")[0]
    assert "checked" not in page.with_(id="id_kind_0")[0]
    assert "checked" in page.with_(id="id_cameras_0")[0]


def test_a_form_can_ask_before_it_is_sent_and_be_left() -> None:
    page = elements(confirm="Remove this entry?", cancel_url="/hotlists/", submit="Remove")
    assert page.with_(tag="form")[0]["data-confirm"] == "Remove this entry?"
    assert page.with_(href="/hotlists/")


def test_a_search_by_address_needs_no_token() -> None:
    assert not elements(method="get").with_(name="csrfmiddlewaretoken")

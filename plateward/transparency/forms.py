"""What people type about postings."""

from typing import Any

from django import forms

from plateward.transparency.posted_text import MAX_BYTES, MAX_CHARACTERS


class PostingForm(forms.Form):
    """Where a document is posted, and what stands there: a saved page, a PDF, or its text."""

    url = forms.URLField(
        label="Address",
        max_length=500,
        assume_scheme="https",
        help_text="Where the public finds it, such as https://city.example/police/alpr.",
    )
    file = forms.FileField(
        label="The posted document, saved",
        required=False,
        help_text="The PDF or the page as the website gave it. Its SHA-256 is kept as evidence.",
    )
    text = forms.CharField(
        label="Or its text",
        required=False,
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 10, "class": "pw-code"}),
    )
    gone = forms.BooleanField(label="Nothing is posted there", required=False)
    note = forms.CharField(label="Note", required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        """Exactly one of file, text and “nothing is posted there”."""
        given = self.cleaned_data
        ways = [bool(given.get("file")), bool((given.get("text") or "").strip()), bool(given.get("gone"))]
        if sum(ways) != 1 and not self.errors:
            said = (
                "Give the saved document or its text, or say that nothing is posted there: one of the three."
            )
            self.add_error("file", said)
        return given

    @property
    def body(self) -> bytes:
        """The posted bytes; empty where nothing is posted."""
        if file := self.cleaned_data.get("file"):
            read: bytes = file.read(MAX_BYTES + 1)
            return read
        text: str = self.cleaned_data.get("text") or ""
        return text.encode()

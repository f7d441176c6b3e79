"""What people type about versions of the policy."""

from typing import IO

from django import forms

from plateward.policy import Profile, ProfileError, join_documents, line_of, load_profile

MAX_BYTES = 1_000_000


class NoteForm(forms.Form):
    """A note or a reason that goes on record."""

    note = forms.CharField(label="Note", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: object, label: str, required: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        self.fields["note"].label = label
        self.fields["note"].required = required


class AdoptForm(NoteForm):
    """The note of an adoption, and the version in force that the page compared with."""

    compared_with = forms.CharField(widget=forms.HiddenInput)


class ProposalForm(forms.Form):
    """A version of the policy as YAML, typed or from files; uploaded files replace the text."""

    text = forms.CharField(
        label="The policy as YAML",
        max_length=MAX_BYTES,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "class": "pw-code", "spellcheck": "false", "wrap": "off"}),
        help_text="profile.yaml and clauses.yaml as one text, parted by a line “---”. Give it a new version.",
    )
    profile_file = forms.FileField(
        label="Or profile.yaml from a file", required=False, help_text="It replaces the text above."
    )
    clauses_file = forms.FileField(label="With clauses.yaml from a file", required=False)
    why = forms.CharField(
        label="Why this change",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The second person reads it, and it stays on record.",
    )

    profile: Profile
    profile_bytes: bytes

    def clean(self) -> None:
        """Read the policy; every mistake is told at its place and line."""
        files = (self.cleaned_data.get("profile_file"), self.cleaned_data.get("clauses_file"))
        self.profile_bytes = self._uploaded(files) if any(files) else self._typed()
        if len(self.profile_bytes) > MAX_BYTES:
            self.add_error(None, f"A policy has at most {MAX_BYTES:,} bytes; this has more. Check the files.")
            return
        try:
            self.profile = load_profile(self.profile_bytes, source="proposed version")
        except ProfileError as error:
            for problem in error.problems:
                line = line_of(self.profile_bytes, problem)
                self.add_error("text", f"Line {line}: {problem}" if line else problem)

    def _typed(self) -> bytes:
        text = self.cleaned_data.get("text") or ""
        return text.replace("\r\n", "\n").encode()

    def _uploaded(self, files: tuple[IO[bytes] | None, ...]) -> bytes:
        documents = [file.read(MAX_BYTES + 1) for file in files if file]
        return join_documents(*documents)

    def with_its_text(self) -> "ProposalForm":
        """Show what was uploaded in the text, where it can be corrected."""
        self.data = {**self.data.dict(), "text": self.profile_bytes.decode(errors="replace")}  # type: ignore[attr-defined]  # a bound form's data is a QueryDict
        return self

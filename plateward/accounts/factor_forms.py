"""Giving a second factor, and setting one up."""

from django import forms

from plateward.accounts.factor_rules import CODE_DIGITS

DIGITS = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "spellcheck": "false",
    "class": "pw-digits",
}
WRONG_CODE = (
    "This is not the code that the app shows now, or it was used already: each opens once. Wait for the "
    "next one. After five failures an account is locked."
)
WRONG_KEY = "The key gave no valid answer. Try again, with the key that you set up here."
WRONG_RECOVERY = (
    "This is none of your unused recovery codes: each opens once. Try the next one of your list. After "
    "five failures an account is locked."
)


class CodeField(forms.CharField):
    """The six digits that an authenticator app shows; spaces between them are no mistake."""

    def __init__(self, *, help_text: str = "") -> None:
        super().__init__(
            label="Code", help_text=help_text, max_length=20, widget=forms.TextInput(attrs=dict(DIGITS))
        )

    def clean(self, value: object) -> str:
        """Digits only; raises ValidationError for anything else."""
        digits = "".join(str(super().clean(value)).split())
        if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
            raise forms.ValidationError(
                f"A code has {CODE_DIGITS} digits. Type those that the app shows now."
            )
        return digits


class CodeForm(forms.Form):
    """The code of an authenticator app."""

    code = CodeField(help_text="Six digits that your authenticator app shows now.")


class RecoveryForm(forms.Form):
    """One of the printed recovery codes."""

    code = forms.CharField(
        label="Recovery code",
        max_length=40,
        help_text="One of those that you printed or noted. Each opens once.",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class AnswerForm(forms.Form):
    """What a security key answered; the page's script fills it in."""

    answer = forms.CharField(widget=forms.HiddenInput(), max_length=20_000)


class NameField(forms.CharField):
    """What a person calls one of their factors."""

    def __init__(self) -> None:
        super().__init__(
            label="Name",
            max_length=60,
            help_text="By which you tell it from others, such as “Duty phone” or “Key on my ring”.",
            widget=forms.TextInput({"autocomplete": "off"}),
        )


class AppForm(forms.Form):
    """An authenticator app to set up, with the first code that it shows."""

    name = NameField()
    code = CodeField(help_text="Six digits that the app shows after it took the secret.")


class KeyForm(AnswerForm):
    """A security key to set up."""

    name = NameField()
    field_order = ("name", "answer")

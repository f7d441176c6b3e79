"""What a password may not be (CJIS IA-5): made of names that everybody here knows, or banned."""

import re

from django.core.exceptions import ValidationError

from plateward.accounts import banned
from plateward.accounts.models import User

LEAST = 8
WORD = re.compile(r"[^\W\d_]{3,}")


class OwnNamesValidator:
    """Refuses a password that is too short once its person's and agency's names are taken out of it.

    Django's own comparison counts letters in common and so refuses long phrases that share none of the words.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError naming the word that does not count."""
        if user is None:
            return
        left, found = password.casefold(), ""
        for word in sorted(names_of(user), key=len, reverse=True):
            if word in left:
                left, found = left.replace(word, ""), word
        if found and len(left.strip()) < LEAST:
            raise ValidationError(
                f"The password is little more than “{found}”, which everybody here knows. Use other words.",
                code="own_names",
            )

    def get_help_text(self) -> str:
        """What Django's own password forms would show."""
        return f"Your name, username and agency do not count among the {LEAST} characters."


class BannedValidator:
    """Refuses a password that is on the list of banned ones, or like those on it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError with the reason."""
        names = sorted(names_of(user)) if user else []
        if why := banned.why_banned(password, names):
            raise ValidationError(
                f"{why} Use several words that have nothing to do with each other.", code="banned"
            )

    def get_help_text(self) -> str:
        """What Django's own password forms would show."""
        return "Passwords that are common, stolen or soon guessed are refused."


def names_of(user: User) -> set[str]:
    """Words of the person's and the agency's names."""
    names = f"{user.full_name} {user.agency.name} {user.agency_id}".casefold()
    return {user.username.casefold(), *WORD.findall(names)}

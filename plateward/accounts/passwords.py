"""What a password may not be made of (CJIS IA-5): the names that everybody at the agency knows."""

import re

from django.core.exceptions import ValidationError

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
        for word in self._known(user):
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

    def _known(self, user: User) -> list[str]:
        """Words of the names, the longest first."""
        names = f"{user.full_name} {user.agency.name} {user.agency_id}".casefold()
        return sorted({user.username.casefold(), *WORD.findall(names)}, key=len, reverse=True)

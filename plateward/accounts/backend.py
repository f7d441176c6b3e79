"""The person behind a log-in and behind a session."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from plateward.accounts.models import User


class PersonBackend(ModelBackend):
    """Django's, with guesses at one account taken one by one, and the agency asked for with the person."""

    def authenticate(  # type: ignore[override]  # narrower: people have names and passwords, nothing else
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None
    ) -> User | None:
        """The account whose name and password these are, its row locked until the caller's transaction ends.

        Within it the caller counts a failure (CJIS AC-7), so that of many guesses at once none is compared
        once the account is locked. That takes as long as any other, and tells nothing.
        """
        del request
        if username is None or password is None:
            return None
        named = User.objects.select_related("agency").filter(username__iexact=username)
        found = named.first()
        if found is not None and found.locked_at is None:
            found = named.select_for_update(of=("self",)).first()
        if found is None or found.locked_at is not None:
            User().set_password(password)
            return None
        return found if found.check_password(password) and self.user_can_authenticate(found) else None

    def get_user(self, user_id: Any) -> User | None:
        """The account, None where there is none or its sessions do not count."""
        found = User.objects.select_related("agency").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None

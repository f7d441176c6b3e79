"""The person behind a session."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from plateward.accounts.models import User


class PersonBackend(ModelBackend):
    """Django's, with the agency in the same question: every page names it."""

    def get_user(self, user_id: Any) -> User | None:
        """The account, None where there is none or its sessions do not count."""
        found = User.objects.select_related("agency").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None

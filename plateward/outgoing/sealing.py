"""Systems' secrets: sealed under the master key, two of them valid for a while after a rotation."""

from datetime import datetime

from plateward.devices.sealing import masters_that_wrap
from plateward.outgoing import rules
from plateward.outgoing.models import Secret, System
from plateward.reads.keys import masters
from plateward.vault.masters import Wrapped


def issue(system: System, now: datetime) -> str:
    """A fresh secret, in the caller's transaction; the earlier one counts a while longer.

    Ones from before that end at once. Raises MasterKeyError.
    """
    text = rules.new_secret()
    system.secrets.filter(until_at__isnull=False).delete()
    system.secrets.update(until_at=now + rules.BOTH_COUNT_FOR)
    secret = Secret(agency_id=system.agency_id, system=system, made_at=now)
    wrapped = masters_that_wrap().wrap(text.encode(), secret.context)
    secret.master, secret.wrapped = wrapped.master, wrapped.key
    secret.save(force_insert=True)
    return text


def valid(system: System, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first. Raises MasterKeyError."""
    source = masters()
    return [
        source.unwrap(Wrapped(secret.master, bytes(secret.wrapped)), secret.context).decode()
        for secret in system.secrets.all()
        if secret.until_at is None or secret.until_at > now
    ]

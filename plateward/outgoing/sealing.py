"""Secrets that sign what leaves, sealed under the master key: systems', and an agency's push key."""

from datetime import datetime

from plateward.devices.sealing import masters_that_wrap
from plateward.outgoing import rules, webpush
from plateward.outgoing.models import PushKey, Secret, System
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


def make_push_key(agency: str, now: datetime) -> tuple[PushKey, bool]:
    """The agency's push key, and whether this call made it, in the caller's transaction.

    Of several calls at once one makes it. Raises MasterKeyError.
    """
    found = PushKey.objects.filter(pk=agency).first()
    if found is not None:
        return found, False
    key = webpush.new_key()
    made = PushKey(agency_id=agency, public=webpush.public_half(key), made_at=now)
    wrapped = masters_that_wrap().wrap(key, made.context)
    made.master, made.wrapped = wrapped.master, wrapped.key
    PushKey.objects.bulk_create([made], ignore_conflicts=True)
    kept = PushKey.objects.get(pk=agency)
    return kept, kept.public == made.public


def push_key(agency: str) -> bytes:
    """The private half of an agency's push key. Raises MasterKeyError."""
    found = PushKey.objects.get(pk=agency)
    return masters().unwrap(Wrapped(found.master, bytes(found.wrapped)), found.context)

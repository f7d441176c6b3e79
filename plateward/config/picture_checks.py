"""What `plateward doctor` says of the pictures: their master key, where they lie, and any still plain."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from plateward.config.environment import Environment
from plateward.findings import Finding, State

_KEY_EXPECTED: Final = timedelta(minutes=5)


def findings(environment: Environment) -> Iterator[Finding]:
    """Look at the keys and the place; the tables exist."""
    yield _master()
    yield _place(environment)
    yield from _plain()
    yield from _inbox()


def _master() -> Finding:
    """Every master key that wraps something must be there and unwrap one of its own."""
    from plateward.reads import inbox_keys, keys  # noqa: PLC0415  after setup_django
    from plateward.vault.masters import KeptMasters, MasterKeyError, Wrapped  # noqa: PLC0415  the same

    name, source, living = "master key", keys.masters(), keys.living()
    if isinstance(source, KeptMasters) and not source.path.exists() and not keys.is_anything_wrapped():
        return Finding(name, State.NOTE, "none yet", "The intake makes it when it starts; then copy it away.")
    try:
        current = source.current()
        for master in living.order_by("master").values_list("master", flat=True).distinct():
            row = living.filter(master=master)[0]
            wrapped = Wrapped(row.master, bytes(row.wrapped or b""))
            source.unwrap(wrapped, keys.context(row.pk, keys.of_row(row)))
        inbox_keys.try_each_master(source)
    except MasterKeyError as error:
        return Finding(name, State.WRONG, str(error), "docs/howto/keep-pictures.md")
    earlier = keys.wrapped_by_others(current)
    if earlier:
        return Finding(
            name,
            State.NOTE,
            f"an earlier one still wraps {keys.counted(earlier)}",
            "`plateward keys rotate`.",
        )
    return Finding(name, State.FINE, f"{current} opens the data keys")


def _inbox() -> Iterator[Finding]:
    """What waits in plain, and inboxes whose key is not made anew."""
    from plateward.reads import inbox_keys  # noqa: PLC0415  after setup_django

    now = datetime.now(UTC)
    if plain := inbox_keys.plain(now).count():
        found = f"{plain:,} payload{'' if plain == 1 else 's'} waiting in plain"
        yield Finding(
            "sealed inbox", State.WRONG, found, "The worker seals them; read its log if this stays so."
        )
    if old := inbox_keys.without_todays(now - _KEY_EXPECTED).count():
        remedy = "See that `plateward intake` runs and has the master key; what comes is sealed all the same."
        counted = "1 agency has" if old == 1 else f"{old:,} agencies have"
        yield Finding("sealed inbox", State.NOTE, f"{counted} no key of today", remedy)


def _place(environment: Environment) -> Finding:
    from plateward.reads.store import picture_store  # noqa: PLC0415  after setup_django

    bucket = environment.bucket
    name, found = "pictures", f"bucket {bucket.name}" if bucket else str(environment.pictures)
    try:
        picture_store().place.check()
    except OSError as error:
        remedy = "Reads with pictures wait in the inbox until that is mended."
        return Finding(name, State.WRONG, str(error), remedy)
    return Finding(name, State.FINE, found)


def _plain() -> Iterator[Finding]:
    from plateward.reads.models import Picture  # noqa: PLC0415  after setup_django

    count = Picture.objects.filter(data_key=None).count()
    if count:
        remedy = "Run `plateward pictures encrypt`."
        yield Finding("pictures", State.WRONG, f"{count:,} of an earlier release are not encrypted", remedy)

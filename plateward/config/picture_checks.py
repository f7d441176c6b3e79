"""What `plateward doctor` says of the pictures: their master key, where they lie, and any still plain."""

from collections.abc import Iterator

from plateward.config.checkup import Finding, State
from plateward.config.environment import Environment


def findings(environment: Environment) -> Iterator[Finding]:
    """Look at the keys and the place; the tables exist."""
    yield _master()
    yield _place(environment)
    yield from _plain()


def _master() -> Finding:
    """Every master key that wraps something must be there and unwrap one of its own."""
    from plateward.reads import keys  # noqa: PLC0415  after setup_django
    from plateward.vault.masters import KeptMasters, MasterKeyError, Wrapped  # noqa: PLC0415  the same

    name, source, living = "pictures' master key", keys.masters(), keys.living()
    if isinstance(source, KeptMasters) and not source.path.exists() and not living.exists():
        return Finding(name, State.NOTE, "none yet", "It is made with the first picture; then copy it away.")
    try:
        current = source.current()
        for master in living.order_by("master").values_list("master", flat=True).distinct():
            row = living.filter(master=master)[0]
            wrapped = Wrapped(row.master, bytes(row.wrapped or b""))
            source.unwrap(wrapped, keys.context(row.pk, keys.of_row(row)))
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

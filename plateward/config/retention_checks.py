"""What `plateward doctor` says of retention: what is past a limit, what has none, which purge is stuck."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plateward.findings import Finding, State

if TYPE_CHECKING:
    from plateward.retention.stores import StoreAge


_REMEDY = "Approve the purge that waits, or propose one; where layers contradict, Retention says what to do."


def findings() -> Iterator[Finding]:
    """For each agency its sources against their limits, and the purges that are stuck."""
    from plateward.accounts.models import Agency  # noqa: PLC0415  after setup_django
    from plateward.governance.queries import PolicyUnavailableError, profile_for  # noqa: PLC0415  the same
    from plateward.retention import stores  # noqa: PLC0415  the same

    now = datetime.now(UTC)
    for agency in Agency.objects.order_by("pk").values_list("pk", flat=True):
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError as error:
            yield Finding("retention", State.NOTE, f"no limit is known: {error}", "Put a policy in force.")
        else:
            yield from _limits(agency, stores.by_source(agency, profile, now))
        for number, problem in stores.stuck_purges(agency):
            told = f"purge {number} of {agency}: {problem}"
            yield Finding("retention", State.WRONG, told, "Mend that; docs/howto/keep-and-purge.md.")


def _limits(agency: str, ages: "list[StoreAge]") -> Iterator[Finding]:
    for age in ages:
        since = f"the oldest that nobody holds is of {age.oldest_at:%Y-%m-%d}" if age.oldest_at else "none"
        told = f"{agency}, {age.name[0].lower()}{age.name[1:]}: {since}"
        if age.is_overdue:
            yield Finding(
                "retention",
                State.WRONG,
                f"{told}, past its limit",
                _REMEDY,
            )
        elif age.note and age.oldest_at:
            yield Finding("retention", State.NOTE, f"{told}; {age.note}")
        else:
            yield Finding("retention", State.FINE, told + (", within its limit" if age.oldest_at else ""))

"""What the worker says about the index of wanted plates, and to whom."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from plateward.accounts.models import Agency
from plateward.audit.who import CLOCK
from plateward.governance.queries import PolicyUnavailableError, profile_for
from plateward.hotlists.index_state import here
from plateward.hotlists.models import IndexKeeper
from plateward.notices import actions as notices
from plateward.notices.rules import to_position

KIND = "index-trouble"
TOLD = "it-manager"


@transaction.atomic
def note_kept(*, trouble: str = "", now: datetime) -> bool:
    """Note that the worker looked after the index, and what stood in the way; whether that is new.

    The IT managers have it as a task until the index can be written again.
    """
    keeper, _ = IndexKeeper.objects.select_for_update().get_or_create(place=here())
    was = keeper.troubled_at
    keeper.kept_at, keeper.trouble = now, trouble[:200]
    keeper.troubled_at = (was or now) if trouble else None
    keeper.save(update_fields=["kept_at", "trouble", "troubled_at"])
    if trouble and was is None:
        _tell(keeper, now)
    elif was is not None and not trouble:
        for agency in Agency.objects.values_list("pk", flat=True):
            notices.settle_about(agency=agency, subject=_subject(), kind=KIND, by=CLOCK, now=now)
    return (was is None) == bool(trouble)


def _tell(keeper: IndexKeeper, now: datetime) -> None:
    for agency in _with_it_managers(now):
        notices.raise_notice(
            agency=agency,
            key=f"{KIND}:{keeper.place}:{now.isoformat()}",
            kind=KIND,
            to=to_position(TOLD),
            text="The index of wanted plates cannot be written: matching goes on, slower. Free some space on "
            "the disc of the data folder; plateward doctor says more.",
            by=CLOCK,
            now=now,
            subject=_subject(),
            is_task=True,
        )


def _with_it_managers(now: datetime) -> Iterator[str]:
    for agency in Agency.objects.values_list("pk", flat=True):
        try:
            positions = profile_for(agency, now).positions
        except PolicyUnavailableError:
            continue  # doctor says so
        if TOLD in positions:
            yield agency


def _subject() -> str:
    return f"hotlists.IndexKeeper:{here()}"[:200]

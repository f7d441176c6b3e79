"""Lists of others, and the index of what is wanted, for test_every_act."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from plateward.hotlists import (
    category_actions,
    index_actions,
    list_actions,
    listing_actions,
    lists,
    version_actions,
)
from plateward.hotlists.lists import Listed
from plateward.hotlists.models import ListFile
from tests.listing import PLATES_FIRST, checked_file, list_file, received, take_in, takes_lists_in
from tests.personas import SETUP
from tests.pickup_acts import PICKUP_ACTS
from tests.stage import Act, Stage


def list_act(act: Callable[[Stage, ListFile], object]) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        takes_lists_in(s.town, s.now)
        file = checked_file(**s.by("soto"))
        return lambda: act(s, file)

    return prepare


def uploaded(act: Callable[[Stage, ListFile], object]) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        takes_lists_in(s.town, s.now)
        file = list_actions.upload_file(**list_file(), **s.by("soto"))
        return lambda: act(s, file)

    return prepare


def worked_on(act: Callable[..., ListFile], *, is_ordered: bool = False) -> Callable[[Stage], Act]:
    """The worker's end of its work on a file whose lines were received."""

    def prepare(s: Stage) -> Act:
        takes_lists_in(s.town, s.now)
        if is_ordered:
            file = list_actions.order_taking(file=checked_file(**s.by("soto")), **s.by("soto"))
        else:
            file = list_actions.upload_file(**list_file(), **s.by("soto"))

        def end() -> ListFile:
            with lists.receiving():
                return act(file=file, lines=received(file, list_file()["data"]), **s.by("soto"))

        return end

    return prepare


def stale_list(s: Stage) -> Act:
    takes_lists_in(s.town, s.now)
    take_in(checked_file(**s.by("soto")), **s.by("soto"))
    return lambda: list_actions.warn_of_stale(now=s.now + timedelta(hours=73))


def taken_version(s: Stage) -> Act:
    listed = [Listed(plate="8STA733", purpose="stolen-or-wanted-vehicle")]
    arrival = version_actions.Arrival(
        source="state-federal", origin="state", by=s.town.users["cole"], who=SETUP, now=s.now
    )

    def take() -> object:
        with transaction.atomic():
            return version_actions.take_version(arrival, lambda one: lists.compare(one, listed, one.name))

    return take


LIST_ACTS: dict[str, Callable[[Stage], Act]] = {
    **PICKUP_ACTS,
    "hotlists.upload_file": lambda s: (
        takes_lists_in(s.town, s.now),
        lambda: list_actions.upload_file(**list_file(), **s.by("soto")),
    )[1],
    "hotlists.lay_down": list_act(
        lambda s, file: list_actions.lay_down(file=file, layout=PLATES_FIRST, **s.by("soto"))
    ),
    "hotlists.take_rejected": lambda s: (
        takes_lists_in(s.town, s.now),
        file := checked_file(data=b"plate\n8STA733\n--\n", **s.by("soto")),
        lambda: list_actions.take_rejected(file=file, **s.by("soto")),
    )[2],
    "hotlists.file_checked": worked_on(list_actions.file_checked),
    "hotlists.file_taken": worked_on(list_actions.file_taken, is_ordered=True),
    "hotlists.fail_file": uploaded(
        lambda s, file: list_actions.fail_file(file=file, why="It is cut off.", now=s.now)
    ),
    "hotlists.discard_file": list_act(lambda s, file: list_actions.discard_file(file=file, **s.by("soto"))),
    "hotlists.discard_forgotten": list_act(
        lambda s, _: list_actions.discard_forgotten(now=s.now + timedelta(hours=25))
    ),
    "hotlists.note_kept": lambda s: lambda: index_actions.note_kept(trouble="No space left", now=s.now),
    "hotlists.order_taking": list_act(lambda s, file: list_actions.order_taking(file=file, **s.by("soto"))),
    "hotlists.warn_of_stale": stale_list,
    "hotlists.switch_category": lambda s: (
        lambda: category_actions.switch_category(
            category="gang", on=True, reason="Ordered by the Chief for the fair.", **s.by("cole")
        )
    ),
    "hotlists.take_version": taken_version,
    "hotlists.look_up": lambda s: (
        lambda: listing_actions.look_up(
            plate="8STA733",
            at=s.now,
            purpose="stolen-or-wanted-vehicle",
            reason="Explains the alert of case 26-1.",
            reference="26-1",
            **s.by("soto"),
        )
    ),
    "hotlists.receive_list": lambda s: (
        lambda: version_actions.receive_list(
            source="state-federal",
            origin="state",
            listed=[Listed(plate="8STA733", purpose="stolen-or-wanted-vehicle", reason="Taken at gunpoint")],
            by=s.town.users["cole"],
            who=SETUP,
            now=s.now,
        )
    ),
}

"""The worker's part in taking in a list of others: reads a file part by part, then checks it or takes it in.

What waits is said by the files' states, so that nothing is lost when the worker ends: another begins with the
file anew. Lines are received outside of any transaction, so that progress is seen and somebody can stop it;
what follows is one transaction, all of it or nothing.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Final

import msgspec
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from plateward.documents.store import FileLost
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for
from plateward.hotlists import list_actions, lists, queries
from plateward.hotlists.layouts import Layout, UnusableFile
from plateward.hotlists.list_file import ListLines
from plateward.hotlists.list_reading import Rejects, lines_of, listed_of, place, store
from plateward.hotlists.models import FileState, ListFile
from plateward.hotlists.room import is_disc_full
from plateward.policy import Refused
from plateward.walls import scope

log = logging.getLogger(__name__)

PART: Final = 10_000
"""So many lines are received before progress is told, and whether to go on is asked."""
MOST_ATTEMPTS: Final = 5
_ONE_WORKER: Final = 0x506C_6C73  # advisory lock; any number that nothing else takes


class StoppedError(Exception):
    """Somebody discarded the file, or the worker is to end."""


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else works on lists: one at a time leaves the database its breath for the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ONE_WORKER])
        ((is_alone,),) = cursor.fetchall()
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_WORKER])


def work_next(*, now: datetime, is_ending: Callable[[], bool] = lambda: False) -> bool:
    """Check or take in the file that waits longest; False where none does.

    Whoever asked for it must still be allowed to. A file that cannot be used says why; what fails otherwise
    is tried again later. A full disc counts as no try: the file waits for room. Raises what failed.
    """
    with scope.as_system("Files wait in every agency."):
        file = queries.next_worked()
    if file is None or is_ending():
        return False
    with scope.as_agency(file.agency_id):
        try:
            _work(file, now, is_ending)
        except StoppedError:
            log.info("Work on the list file %s was stopped", file.pk)
        except (UnusableFile, FileLost, Refused) as error:
            list_actions.fail_file(file=file, why=_said(error), now=now)
        except ValidationError as error:
            list_actions.fail_file(file=file, why=" ".join(error.messages), now=now)
        except (OSError, OperationalError) as error:
            if is_disc_full(error):
                list_actions.wait_for_room(file=file)
            raise
    return True


def _said(error: UnusableFile | FileLost | Refused) -> str:
    if isinstance(error, FileLost):
        return f"{error}. Upload the file again."
    if isinstance(error, Refused):
        return f"{error.decision.reason} {error.decision.remedy} ({error.decision.clause})"
    return str(error)


def _work(file: ListFile, now: datetime, is_ending: Callable[[], bool]) -> None:
    if file.attempts >= MOST_ATTEMPTS:
        told = "The worker failed at it several times; its log says why. Tell the IT manager."
        raise ValidationError(told)
    _go_on(file, attempts=F("attempts") + 1, read_bytes=0)
    by = _person(file, now)
    data = BytesIO(store().get(place(file), file.sha256))
    layout = msgspec.convert(file.layout, Layout)
    rejects = Rejects()
    lines = lines_of(data, layout, by.profile, now, rejects)
    with lists.receiving():
        _receive(file, data, lines, layout, lists.list_name(by.profile, file.source, file.origin), is_ending)
        act = list_actions.file_taken if file.state == FileState.TAKING else list_actions.file_checked
        with transaction.atomic():
            act(file=file, lines=lines, by=by, now=now)
            rejects.keep(file)


def _person(file: ListFile, now: datetime) -> Actor:
    """Whoever asked for it, as they may act now."""
    asked = file.decided_by if file.state == FileState.TAKING else file.uploaded_by
    assert asked is not None  # noqa: S101  what is being taken in was decided by somebody
    return actor_for(asked, at=now, address=file.asked_from)


def _receive(
    file: ListFile,
    data: BytesIO,
    lines: ListLines,
    layout: Layout,
    name: str,
    is_ending: Callable[[], bool],
) -> None:
    listed = listed_of(lines, layout, file.purpose)
    while part := list(islice(listed, PART)):
        lists.receive(part, name)
        _go_on(file, read_bytes=data.tell())
        if is_ending():
            raise StoppedError


def _go_on(file: ListFile, **changes: object) -> None:
    """Tell of progress. Raises StoppedError where the file was decided on meanwhile."""
    waits = ListFile.objects.filter(pk=file.pk, state=file.state)
    if not waits.update(worked_at=Now(), **changes):
        raise StoppedError

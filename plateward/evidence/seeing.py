"""Whom a hold concerns, and what of the held is deleted logically: it stays in their sight (R82, R84)."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from plateward.evidence.holding import held_condition, holds_of
from plateward.governance.actor import Actor
from plateward.reads.models import Read
from plateward.walls import scope

_CONCERNED: Final = ("evidence.hold", "evidence.approve", "evidence.package")


def concerned(actor: Actor, read: Read) -> str:
    """Why a read that is deleted logically is open to this person: the holds on it; "" where it is not."""
    if not any(actor.may(one) for one in _CONCERNED):
        return ""
    return "; ".join(f"held by {str(hold).lower()}" for hold in holds_of(read))


@scope.beyond("What is held stays within reach of who packs it as evidence.")
def held_among(agency: str, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of an agency's reads are held now, also of those that are deleted logically."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(
            "SELECT read.id FROM unnest(%s::uuid[]) AS wanted (id) JOIN reads_read AS read "  # noqa: S608  our own condition
            "ON read.captured_at = plateward_captured_at(wanted.id) AND read.id = wanted.id "
            f"WHERE read.agency_id = %s AND {held_condition('read')}",
            [list(ids), agency],
        )
        return frozenset(found for (found,) in cursor.fetchall())

"""Giving the journal out, each time on record first: pages, proofs, exports."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypedDict, TypeVar, Unpack

from django.db import transaction

from plateward.audit import exporting, ledger, queries
from plateward.audit.actions import record
from plateward.audit.exporting import Part
from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.queries import AccessFilter, JournalFilter, Page, Row
from plateward.audit.who import Who
from plateward.ledger.checkpoints import ProofFile

Wanted = TypeVar("Wanted", JournalFilter, AccessFilter)


class Reading(TypedDict):
    """Who reads a page of an agency's journal, when and under which policy; `before` as in queries."""

    by: Who
    agency: str
    before: int | None
    profile_version: str
    now: datetime


def read_journal(*, wanted: JournalFilter, **asked: Unpack[Reading]) -> Page[AuditRecord]:
    """Return a page of the agency's journal, newest first, once the looking itself is journaled."""
    return _read("audit.journal.viewed", queries.journal, wanted, asked)


def read_accesses(*, wanted: AccessFilter, **asked: Unpack[Reading]) -> Page[AccessRecord]:
    """Return a page of the agency's access records, newest first, once the looking itself is journaled."""
    return _read("audit.accesses.viewed", queries.accesses, wanted, asked)


def _read(
    verb: str, pages: Callable[[str, Wanted, int | None], Page[Row]], wanted: Wanted, asked: Reading
) -> Page[Row]:
    agency, before = asked["agency"], asked["before"]
    with transaction.atomic(durable=True):
        page = pages(agency, wanted, before)
        record(
            verb=verb,
            by=asked["by"],
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail=wanted.facts() | {"shown": len(page.rows), "before": before},
            profile_version=asked["profile_version"],
            now=asked["now"],
        )
    return page


def take_proof(*, by: Who, agency: str, row_id: int, profile_version: str, now: datetime) -> ProofFile:
    """Give out the proof that a row of the agency's journal is sealed, once that is journaled.

    Raises AuditRecord.DoesNotExist for another agency's row and ledger.NotSealedError.
    """
    with transaction.atomic(durable=True):
        proof = ledger.proof_of(queries.row_of(agency, row_id))
        record(
            verb="audit.proof.taken",
            by=by,
            agency=agency,
            subject=f"audit.AuditRecord:{row_id}",
            detail={"row": row_id},
            profile_version=profile_version,
            now=now,
        )
    return proof


def export_journal(*, by: Who, agency: str, path: Path, now: datetime) -> int:
    """Export the journal to a new ZIP file, its owner's alone; returns how many rows it shows.

    With an agency, rows of other agencies are there as hashes only; with "" all are shown, and every agency's
    journal says so. Raises exporting.NothingSealedError and FileExistsError.
    """
    with transaction.atomic(durable=True):
        record(
            verb="audit.journal.exported",
            by=by,
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail={"of": agency or "all agencies"},
            now=now,
        )
        return exporting.write_file(path, agency=agency, now=now)


def send_journal(*, by: Who, agency: str, part: Part, profile_version: str, now: datetime) -> Iterator[bytes]:
    """Give out an export of the agency's journal as it is made, once that is journaled.

    Raises exporting.NothingSealedError.
    """
    with transaction.atomic(durable=True):
        sent = exporting.chunks(agency=agency, now=now, part=part)
        record(
            verb="audit.journal.exported",
            by=by,
            agency=agency,
            subject=f"accounts.Agency:{agency}",
            detail={"of": agency, "first": part.first, "last": part.last, "known": list(part.known)},
            profile_version=profile_version,
            now=now,
        )
    return sent

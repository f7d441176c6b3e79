"""Writing an export of the journal, which an outside auditor checks with one file and no more of ours."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from plateward.audit.ledger import newest_head, notes
from plateward.audit.models import AuditRecord, Leaf, TreeHead
from plateward.audit.sealing import opening_of
from plateward.ledger import verifier
from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.leaves import Leaf as SealedRow

_BATCH: Final = 5_000

README: Final = """The journal of a Plateward installation, exported {made_at}.

leaves.jsonl       every row of the journal in the order it was sealed; of other agencies only a hash
checkpoints.jsonl  what the installation signed, each over all rows up to then
log.vkey           the public key of these signatures; compare its fingerprint with one you have on paper
manifest.json      whose journal this is and how many rows it has
verifier.py        checks all of it with Python 3.9 or newer, alone:

    python3 verifier.py . --key "$(cat log.vkey)"

Take the key, and a checkpoint that you received earlier (--checkpoint FILE), from paper or from somebody whom
the keeper of this journal cannot influence: with them a journal that was rewritten as a whole is noticed too.
A leaf is the exact text that is hashed; its commitment is SHA-256 over the salt's bytes and the opening.
"""


class NothingSealedError(Exception):
    """There is no signed head yet, so nothing to export."""


def write_file(path: Path, *, agency: str, now: datetime) -> int:
    """Write the export to a new file, its owner's alone, or leave none; raises FileExistsError too."""
    with path.open("xb") as file:
        path.chmod(0o600)
        try:
            return write(file, agency=agency, now=now)
        except BaseException:
            path.unlink()
            raise


def write(stream: IO[bytes], *, agency: str, now: datetime) -> int:
    """Write a ZIP file with the journal up to its newest head; returns how many rows it shows.

    With an agency, rows of others are there as hashes only: the tree stays whole and nothing of them shows.
    Rows about the whole installation are everybody's; "" shows all. Raises NothingSealedError.
    """
    newest = newest_head()
    if newest is None:
        raise NothingSealedError
    made_at = now.isoformat(timespec="seconds")
    manifest = {"format": verifier.FORMAT, "agency": agency, "size": newest.size, "made_at": made_at}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        archive.writestr("README.txt", README.format(made_at=made_at))
        archive.writestr("manifest.json", json.dumps(manifest, indent=2) + "\n")
        archive.writestr("log.vkey", f"{newest.key}\n")
        archive.writestr("verifier.py", Path(verifier.__file__).read_bytes())
        _write_lines(archive, "checkpoints.jsonl", _head_lines(newest.size))
        shown = _Count()
        _write_lines(archive, "leaves.jsonl", _leaf_lines(newest.size, agency, shown))
    return shown.rows


class _Count:
    rows = 0


def _write_lines(archive: zipfile.ZipFile, name: str, lines: Iterator[dict[str, Any]]) -> None:
    with archive.open(name, "w", force_zip64=True) as file, io.TextIOWrapper(file, "utf-8") as text:
        for line in lines:
            text.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _head_lines(size: int) -> Iterator[dict[str, Any]]:
    after = -1
    while heads := list(TreeHead.objects.filter(size__gt=after, size__lte=size).order_by("size")[:_BATCH]):
        for head, note in zip(heads, notes(heads), strict=True):
            yield {"size": head.size, "sealed_at": head.sealed_at.isoformat(), "note": note}
        after = heads[-1].size


def _leaf_lines(size: int, agency: str, shown: _Count) -> Iterator[dict[str, Any]]:
    for start in range(0, size, _BATCH):
        end = min(start + _BATCH, size)
        leaves = list(Leaf.objects.filter(index__gte=start, index__lt=end).order_by("index"))
        rows = AuditRecord.objects.in_bulk([leaf.audit_id for leaf in leaves])
        for leaf in leaves:
            yield _leaf_line(leaf, rows.get(leaf.audit_id), agency, shown)


def _leaf_line(leaf: Leaf, row: AuditRecord | None, agency: str, shown: _Count) -> dict[str, Any]:
    """A leaf with its row's details; what the journal holds now is exported, so an edit shows."""
    sealed = SealedRow.parse(bytes(leaf.data))
    if agency and sealed.header["agency"] not in {agency, ""}:
        return {"index": leaf.index, "hash": bytes(leaf.hash).hex()}
    shown.rows += 1
    line: dict[str, Any] = {"index": leaf.index, "leaf": sealed.data.decode()}
    if row is not None:
        line |= {"opening": canonical_bytes(opening_of(row)).decode(), "salt": bytes(leaf.salt).hex()}
    return line

"""Writing an export of the journal, which an outside auditor checks with one file and no more of ours."""

import io
import json
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Any, Final

from django.db.models import Q

from plateward.audit.ledger import newest_head, notes
from plateward.audit.models import AuditRecord, Leaf, PrunedRow, TreeHead
from plateward.audit.pruning import acts_of
from plateward.audit.sealing import key_spans, opening_of, rotation_notes, stored_tile
from plateward.ledger import tiles, verifier
from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.leaves import Leaf as SealedRow
from plateward.ledger.merkle import Nodes
from plateward.ledger.notes import VerifierKey

_BATCH: Final = 5_000
_SENT_AT_ONCE: Final = 500

README: Final = """The journal of a Plateward installation, exported {made_at}.

{what}

leaves.jsonl       the rows in the order they were sealed; of other agencies and other times only hashes
checkpoints.jsonl  what the installation signed, each over all rows up to then
rotations.jsonl    changes of the key that signs them, each signed by the old and the new key
log.vkey           the public key that signs now; compare its fingerprint with one you have on paper
manifest.json      whose journal this is, how many rows it has and which of them are shown
verifier.py        checks all of it with Python 3.9 or newer, alone:

    python3 verifier.py . --key "$(cat log.vkey)"

Keys, with their fingerprints:
{keys}

Take the key, and a checkpoint that you received earlier (--checkpoint FILE), from paper or from somebody whom
the keeper of this journal cannot influence: with them a journal that was rewritten as a whole is noticed too.
A leaf is the exact text that is hashed; its commitment is SHA-256 over the salt's bytes and the opening.
A row with "level": n stands for 2^n rows that are not shown, by the hash over them.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows to show, by their places in the tree from `first` to before `last` (None: to the end).

    `known` are sizes of checkpoints that the auditor holds, so that they can be compared.
    """

    first: int = 0
    last: int | None = None
    known: tuple[int, ...] = ()


WHOLE: Final = Part()


class NothingSealedError(Exception):
    """There is no signed head yet, so nothing to export."""


class _Count:
    rows = 0


def part_sealed(from_at: datetime | None, until_at: datetime | None, known: tuple[int, ...] = ()) -> Part:
    """The rows from the first to the last sealed between two instants, also where a clock went back."""
    heads = TreeHead.objects.order_by("size")
    amid = heads.filter(sealed_at__gte=from_at) if from_at else heads
    amid = amid.filter(sealed_at__lt=until_at) if until_at else amid
    begun, ended = amid.first(), amid.last()
    if begun is None or ended is None:
        return Part(0, 0, known)
    before = heads.filter(size__lt=begun.size).last()
    return Part(before.size if before else 0, ended.size if until_at else None, known)


def write_file(path: Path, *, agency: str, now: datetime) -> int:
    """Write the export to a new file, its owner's alone, or leave none; raises FileExistsError too."""
    with path.open("xb") as file:
        path.chmod(0o600)
        try:
            return write(file, agency=agency, now=now)
        except BaseException:
            path.unlink()
            raise


def write(stream: IO[bytes], *, agency: str, now: datetime, part: Part = WHOLE) -> int:
    """Write the export to a stream in one go; returns how many rows it shows. See `chunks`."""
    shown = _Count()
    for chunk in chunks(agency=agency, now=now, part=part, shown=shown):
        stream.write(chunk)
    return shown.rows


def chunks(*, agency: str, now: datetime, part: Part = WHOLE, shown: _Count | None = None) -> Iterator[bytes]:
    """Yield a ZIP file with a part of the journal up to its newest head, as it is made.

    With an agency, rows of others are there as hashes only: the tree stays whole and nothing of them shows.
    Rows about the whole installation are everybody's; "" shows all. Raises NothingSealedError at once.
    """
    newest = newest_head()
    if newest is None:
        raise NothingSealedError
    return _chunks(newest, agency, now, part, shown or _Count())


def _chunks(newest: TreeHead, agency: str, now: datetime, part: Part, shown: _Count) -> Iterator[bytes]:
    pipe = _Pipe()
    last = newest.size if part.last is None else min(part.last, newest.size)
    first = min(part.first, last)
    cuts = [size for size in part.known if 0 < size < newest.size]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, text in _texts(newest, agency, now, first, last):
            archive.writestr(name, text)
        files = {
            "rotations.jsonl": ({"note": note} for note in rotation_notes()),
            "checkpoints.jsonl": _head_lines(newest.size, first, last, cuts),
            "leaves.jsonl": _leaf_lines(newest.size, range(first, last), cuts, agency, shown),
        }
        for name, lines in files.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for many in _batched(lines):
                    file.write("".join(_line(one) for one in many).encode())
                    yield pipe.taken()
    yield pipe.taken()


def files_of_rows(
    row_ids: Collection[int], *, agency: str, now: datetime
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield names and contents of an export that shows these rows alone: proof that each was sealed.

    The same verifier checks it. Rows that are not sealed yet are not in it. Raises NothingSealedError.
    """
    newest = newest_head()
    if newest is None:
        raise NothingSealedError
    manifest = {"format": verifier.FORMAT, "agency": agency, "size": newest.size}
    made = {"made_at": now.isoformat(timespec="seconds"), "what": "the rows that a package brings along"}
    yield "manifest.json", iter([json.dumps(manifest | made, indent=2).encode() + b"\n"])
    yield "log.vkey", iter([f"{VerifierKey.parse(newest.key)}\n".encode()])
    lines = {
        "rotations.jsonl": ({"note": note} for note in rotation_notes()),
        "checkpoints.jsonl": _head_lines(newest.size, newest.size, newest.size, ()),
        "leaves.jsonl": _row_lines(newest.size, _places(row_ids, newest.size), agency),
    }
    for name, found in lines.items():
        yield name, (_line(one).encode() for one in found)


def _places(row_ids: Collection[int], size: int) -> list[int]:
    """The rows' places in the tree, and those of the acts that pruned any of them, in order."""
    pruned = PrunedRow.objects.filter(audit_id__in=list(row_ids)).values_list("act_id", flat=True)
    leaves = Leaf.objects.filter(audit_id__in={*row_ids, *pruned}, index__lt=size)
    return list(leaves.order_by("index").values_list("index", flat=True))


def _row_lines(size: int, places: Sequence[int], agency: str) -> Iterator[dict[str, Any]]:
    """The whole tree: these rows, and what is between them as the fewest hashes that fit."""
    nodes, shown, at = tiles.nodes_of(stored_tile), _Count(), 0
    for begin in range(0, len(places), _SENT_AT_ONCE):
        many = places[begin : begin + _SENT_AT_ONCE]
        leaves = list(Leaf.objects.filter(index__in=many).order_by("index"))
        for place, line in zip(many, _lines_of(leaves, agency, shown), strict=True):
            yield from _hidden(at, place, nodes)
            yield line
            at = place + 1
    yield from _hidden(at, size, nodes)


def _texts(newest: TreeHead, agency: str, now: datetime, first: int, last: int) -> Iterator[tuple[str, str]]:
    made_at, key = now.isoformat(timespec="seconds"), VerifierKey.parse(newest.key)
    manifest = {
        "format": verifier.FORMAT,
        "agency": agency,
        "size": newest.size,
        "first": first,
        "last": last,
        "made_at": made_at,
    }
    what = f"It shows rows {first:,} to {last:,} of {newest.size:,}" + (f", of {agency}." if agency else ".")
    keys = "\n".join(
        f"  {span.key}\n  {span.key.fingerprint}"
        + (f"\n  until {span.until:,} rows" if span.until is not None else "")
        for span in key_spans([key])
    )
    yield "README.txt", README.format(made_at=made_at, what=what, keys=keys)
    yield "manifest.json", json.dumps(manifest, indent=2) + "\n"
    yield "log.vkey", f"{key}\n"
    yield "verifier.py", Path(verifier.__file__).read_text(encoding="utf-8")


class _Pipe(io.RawIOBase):
    """What a ZIP file is written to that is sent while it is made."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._written.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """All that was written since the last time."""
        made, self._written = b"".join(self._written), []
        return made


def _line(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"


def _batched(lines: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(lines)
    while many := list(islice(iterator, _SENT_AT_ONCE)):
        yield many


def _head_lines(size: int, first: int, last: int, cuts: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The heads that the shown rows lead to: those amid them, those asked for and the newest."""
    wanted = Q(size__gte=first, size__lte=last) | Q(size__in=[*cuts, size])
    after = -1
    while heads := list(
        TreeHead.objects.filter(wanted, size__gt=after, size__lte=size).order_by("size")[:_BATCH]
    ):
        for head, note in zip(heads, notes(heads), strict=True):
            yield {"size": head.size, "sealed_at": head.sealed_at.isoformat(), "note": note}
        after = heads[-1].size


def _leaf_lines(
    size: int, wanted: range, cuts: Sequence[int], agency: str, shown: _Count
) -> Iterator[dict[str, Any]]:
    """Every row in the order of the tree; what is not shown as the fewest hashes that fit."""
    nodes, acts = tiles.nodes_of(stored_tile), _acts(size, wanted)
    edges = {0, size, wanted.start, wanted.stop, *cuts, *acts, *(place + 1 for place in acts)}
    for start, stop in pairwise(sorted(edges)):
        if start in wanted or start in acts:
            yield from _shown(start, stop, agency, shown)
        else:
            yield from _hidden(start, stop, nodes)


def _acts(size: int, wanted: range) -> list[int]:
    """Places of the acts, outside the part, that pruned rows inside it: they tell by whom and when."""
    rows = Leaf.objects.filter(index__gte=wanted.start, index__lt=wanted.stop).values("audit_id")
    acts = PrunedRow.objects.filter(audit_id__in=rows).values("act_id")
    places = Leaf.objects.filter(audit_id__in=acts, index__lt=size).values_list("index", flat=True)
    return [place for place in places if place not in wanted]


def _hidden(start: int, stop: int, nodes: Nodes) -> Iterator[dict[str, Any]]:
    """A stretch by the hashes of the largest whole subtrees that it is made of."""
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield {"index": start, "level": level, "hash": nodes(level, start >> level).hex()}
        start += 1 << level


def _shown(start: int, stop: int, agency: str, shown: _Count) -> Iterator[dict[str, Any]]:
    for begin in range(start, stop, _BATCH):
        leaves = list(
            Leaf.objects.filter(index__gte=begin, index__lt=min(begin + _BATCH, stop)).order_by("index")
        )
        yield from _lines_of(leaves, agency, shown)


def _lines_of(leaves: Sequence[Leaf], agency: str, shown: _Count) -> Iterator[dict[str, Any]]:
    ids = [leaf.audit_id for leaf in leaves]
    rows, acts = AuditRecord.objects.in_bulk(ids), acts_of(ids)
    places = dict(Leaf.objects.filter(audit_id__in=acts.values()).values_list("audit_id", "index"))
    for leaf in leaves:
        act = acts.get(leaf.audit_id)
        place = places.get(act) if act is not None else None
        if act is not None and place is None:  # pruned a moment ago, the act waits to be sealed
            yield {"index": leaf.index, "hash": bytes(leaf.hash).hex()}
        else:
            yield _leaf_line(leaf, rows.get(leaf.audit_id), place, agency, shown)


def line_of(row: AuditRecord, agency: str) -> dict[str, Any]:
    """A row's line in an export for the agency, empty where it has no place in the tree."""
    leaf = Leaf.objects.filter(audit_id=row.pk).first()
    return _leaf_line(leaf, row, None, agency, _Count()) if leaf else {}


def _leaf_line(
    leaf: Leaf, row: AuditRecord | None, act: int | None, agency: str, shown: _Count
) -> dict[str, Any]:
    """A leaf with its row's details; what the journal holds now is exported, so an edit shows."""
    sealed = SealedRow.parse(bytes(leaf.data))
    if agency and sealed.header["agency"] not in {agency, ""}:
        return {"index": leaf.index, "hash": bytes(leaf.hash).hex()}
    shown.rows += 1
    line: dict[str, Any] = {"index": leaf.index, "leaf": sealed.data.decode()}
    if act is not None:
        return line | {"pruned": act}
    if row is not None:
        line |= {"opening": canonical_bytes(opening_of(row)).decode(), "salt": bytes(leaf.salt).hex()}
    return line

#!/usr/bin/env python3
"""Check an export of Plateward's journal, or the proof of one row, with nothing but Python 3.9 or newer.

    python verifier.py EXPORT [--key KEY] [--checkpoint FILE]… [--witness KEY]
    python verifier.py ROW.tlog-proof --key KEY

EXPORT is the ZIP file or the folder it was unpacked to. KEY is the log's public key, best from paper or
from somebody whom the log's keeper cannot influence; FILE a checkpoint that was handed out earlier. One line
a check, PASS or FAIL; status 0 when all passed, 1 when one failed, 2 for a command line that is none.

It stands alone on purpose. It follows RFC 6962 § 2.1 (tree), RFC 8032 § 5.1 (Ed25519) and C2SP's signed-note,
tlog-checkpoint, tlog-proof and tlog-cosignature, all public: you may as well write your own.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import sys
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

FORMAT = "plateward-journal-export/2"
PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
ROTATION = "plateward-journal-key-rotation/1"
PRUNED = "audit.access.pruned"  # the act that destroys details, and names the rows
LOG, WITNESS = 1, 4  # signature types of signed-note
SALT_SIZE = HASH_SIZE = 32
SHOWN = 5  # defects of one kind that are told one by one


class Defect(Exception):
    """Something is not as it must be; the message says what."""


# Ed25519, RFC 8032 § 5.1: points in extended homogeneous coordinates.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    o, q = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, q - o, q + o, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _x(y: int, sign: int) -> int | None:
    """The x of a point (§ 5.1.3), None when there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = _x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message (§ 5.1.7)."""
    key, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(public) != 32 or len(signature) != 64 or key is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    return BASE is not None and _same(_times(s, BASE), _add(r, _times(challenge, key)))


# The tree, RFC 6962 § 2.1.


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Appends leaf hashes and knows the root, in memory for one hash a level."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, made: bytes, level: int = 0) -> None:
        """Append the hash over 2**level leaves; a whole subtree begins at a multiple of its size."""
        size = self.size >> level
        if size << level != self.size:
            raise Defect(f"a hash over {1 << level:,} rows cannot stand after row {self.size}")
        while size & 1:
            made = node_hash(self.peaks.pop(), made)
            size >>= 1
        self.peaks.append(made)
        self.size += 1 << level

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        made = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            made = node_hash(peak, made)
        return made


def root_of_proof(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162 § 2.1.3.2)."""
    place, last, made = index, size - 1, leaf
    if not 0 <= index < size:
        raise Defect(f"row {index} cannot be in a tree of {size}")
    for other in hashes:
        if not last:
            raise Defect("the proof is too long")
        if place & 1 or place == last:
            made = node_hash(other, made)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            made = node_hash(made, other)
        place, last = place >> 1, last >> 1
    if last:
        raise Defect("the proof is too short")
    return made


# Keys, signed notes, checkpoints.


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if base64.b64encode(data).decode() != text:
        raise Defect(f"{text[:50]!r} is not base64")
    return data


def _hash(data: bytes) -> bytes:
    if len(data) != HASH_SIZE:
        raise Defect(f"expected a hash of {HASH_SIZE} bytes, got {len(data)}")
    return data


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


class Key:
    """A public key written as name+id+base64."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        parts = self.text.split("+", 2)
        if len(parts) != 3:
            raise Defect(f"{self.text[:50]!r} is not a key, which reads name+id+base64")
        self.name, material = parts[0], _base64(parts[2])
        self.kind, self.public = material[0] if material else 0, material[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:4]
        if self.kind not in (LOG, WITNESS) or len(self.public) != 32 or self.id.hex() != parts[1]:
            raise Defect(f"{self.text[:50]!r} is not an Ed25519 key, or was mistyped")

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))

    def check(self, note: str) -> int | None:
        """Raise Defect unless the note carries this key's signature; gives a witness's time."""
        body, signatures = split_note(note)
        for line in signatures:
            parts = line.split(" ")
            signed = _base64(parts[2]) if len(parts) == 3 and parts[0] == "—" else b""
            if signed[:4] == self.id and parts[1] == self.name:
                return self._check(body, signed[4:])
        raise Defect(f"it is not signed by {self.name}")

    def _check(self, body: str, signature: bytes) -> int | None:
        message, at = body.encode(), None
        if self.kind == WITNESS:
            if len(signature) != 72:
                raise Defect(f"the cosignature of {self.name} has a wrong length")
            at = int.from_bytes(signature[:8], "big")
            message, signature = f"cosignature/v1\ntime {at}\n{body}".encode(), signature[8:]
        if not ed25519_verifies(self.public, message, signature):
            raise Defect(f"the signature of {self.name} is forged, or the text was changed")
        return at


def split_note(note: str) -> tuple[str, list[str]]:
    """A note's text and signature lines."""
    body, blank, signatures = note.rpartition("\n\n")
    if not blank:
        raise Defect("this is not a signed note")
    return body + "\n", signatures.splitlines()


class Keys:
    """The trusted key, and those before and after it that the journal's rotations lead to.

    A rotation is a note: size, old key, new key, reason. Forward, it counts when the old key signed it;
    backward, when the new one did. Up to its size the old key signs, above it the new one.
    """

    def __init__(self, trusted: Key, notes: list[str]) -> None:
        self.spans: list[tuple[int, Key]] = [(-1, trusted)]  # each key with the size above which it signs
        for note in notes:
            turn = self._turn(note, self.spans[-1][1], 2)
            if turn is not None and turn[0] > self.spans[-1][0]:
                self.spans.append(turn)
        for note in reversed(notes):
            turn = self._turn(note, self.spans[0][1], 3)
            if turn is not None:
                self.spans[0] = (turn[0], self.spans[0][1])
                self.spans.insert(0, (-1, turn[1]))

    @staticmethod
    def _turn(note: str, key: Key, place: int) -> tuple[int, Key] | None:
        """Size and the other key of a rotation that names this key in line `place`, and that it signed."""
        lines = split_note(note)[0].split("\n")
        if len(lines) < 5 or lines[0] != ROTATION or not _is_number(lines[1]) or lines[place] != key.text:
            return None
        try:
            key.check(note)
            return int(lines[1]), Key(lines[5 - place])
        except Defect:
            return None

    def of(self, size: int) -> Key:
        """The key that signs a tree of this size."""
        return [key for above, key in self.spans if above < size][-1]


class Checkpoint:
    """A signed tree head, not yet verified."""

    def __init__(self, note: str) -> None:
        self.note = note
        lines = split_note(note)[0].split("\n")
        if len(lines) < 4 or not _is_number(lines[1]):
            raise Defect("a checkpoint has the lines origin, size and root")
        self.origin, self.size, self.root = lines[0], int(lines[1]), _hash(_base64(lines[2]))

    def check(self, keys: Keys) -> None:
        key = keys.of(self.size)
        key.check(self.note)
        if self.origin != key.name:
            raise Defect(f"it is of {self.origin}, not of {key.name}")


# What is checked, and the report.


class Report:
    """Prints each check once, with its first defects."""

    def __init__(self) -> None:
        self.failed = 0

    def tell(self, check: str, defects: list[str]) -> None:
        print(f"{'FAIL' if defects else 'PASS'}  {check}")
        for defect in defects[:SHOWN]:
            print(f"      {defect}")
        if len(defects) > SHOWN:
            print(f"      and {len(defects) - SHOWN:,} more")
        self.failed += bool(defects)

    def note(self, text: str) -> None:
        print(f"NOTE  {text}")


class Export:
    """The files of an export, from a ZIP file or a folder."""

    def __init__(self, path: str) -> None:
        self.folder = path if os.path.isdir(path) else None
        try:
            self.archive = None if self.folder else zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise Defect(f"{path} is neither a folder nor a ZIP file nor a proof") from None
        names = self.archive.namelist() if self.archive else []
        if len(names) != len(set(names)):  # others may unpack the one that was not checked
            raise Defect(f"{path} holds two files of one name")

    def lines(self, name: str) -> Iterator[str]:
        try:
            found = self.archive.open(name) if self.archive else self._opened(name)
        except (OSError, KeyError):
            raise Defect(f"the export lacks the file {name}") from None
        with io.TextIOWrapper(found, encoding="utf-8", newline="\n") as stream:
            yield from stream

    def _opened(self, name: str) -> IO[bytes]:
        return open(os.path.join(self.folder or "", name), "rb")

    def text(self, name: str) -> str:
        return "".join(self.lines(name))

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self.lines(name), 1):
            yield parsed(line, f"{name}, line {number}")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a name that stands twice, others may read the value that was not checked."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def parsed(text: str, place: str) -> dict[str, Any]:
    """A JSON object; raises Defect naming the place."""
    try:
        found = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise Defect(f"{place}: not JSON that has each name once") from None
    if not isinstance(found, dict):
        raise Defect(f"{place}: not an object")
    return found


class Rows:
    """Reads every row once: order, openings, and the tree's root at each checkpoint's size."""

    def __init__(self, wanted: Iterable[int]) -> None:
        self.wanted = set(wanted)
        self.tree = Tree()
        self.roots = {0: self.tree.root()}
        self.disorder: list[str] = []
        self.changed: list[str] = []
        self.shown = self.withheld = 0
        self.gone: dict[Any, set[Any]] = {}  # numbers of rows without details, by the index of their act
        self.acts: list[str] = []

    def read(self, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            if row.get("index") != self.tree.size:
                self.disorder.append(f"expected row {self.tree.size}, found {row.get('index')}")
            if "leaf" in row:
                self.shown += 1
                self.tree.append(self._leaf(row))
            else:
                self._hide(row)
            if self.tree.size in self.wanted:
                self.roots[self.tree.size] = self.tree.root()
        for act, numbers in self.gone.items():
            self.changed += [f"row numbered {each}: the act at {act} did not prune it" for each in numbers]

    def _hide(self, row: dict[str, Any]) -> None:
        level = row.get("level", 0)
        if type(level) is not int or not 0 <= level < 64:
            raise Defect(f"row {row.get('index')}: no hash is over 2^{level} rows")
        if unproved := set(row) - {"index", "level", "hash"}:
            self.changed.append(f"row {row.get('index')}: nothing proves its {', '.join(sorted(unproved))}")
        self.withheld += 1 << level
        self.tree.append(_hash(bytes.fromhex(str(row.get("hash", "")))), level)

    def _leaf(self, row: dict[str, Any]) -> bytes:
        try:
            header = opened(row)
            if header.get("verb") == PRUNED and "salt" in row:
                self._act(row, header)
            if not {"salt", "pruned"} & set(row):
                self.changed.append(
                    f"row {row.get('index')}: its details are missing, and no act pruned them"
                )
            elif "salt" not in row:
                self.gone.setdefault(row["pruned"], set()).add(header.get("row"))
        except Defect as defect:
            self.changed.append(f"row {row.get('index')}: {defect}")
        return leaf_hash(str(row["leaf"]).encode())

    def _act(self, row: dict[str, Any], header: dict[str, Any]) -> None:
        """Take the rows that an act names off those whose details are gone."""
        detail = parsed(str(row.get("opening", "")), "the act's details").get("detail") or {}
        missing = self.gone.get(row.get("index"), set())
        named = missing & set(detail.get("rows") or ())
        if named:
            missing -= named
            self.acts.append(
                f"the details of {len(named):,} rows were pruned on {header.get('recorded_at')} by "
                f"{detail.get('approved_by')}, proposed by {detail.get('proposed_by')}; commitments intact"
            )


def opened(row: dict[str, Any]) -> dict[str, Any]:
    """The header of a leaf, once its opening, if shown, is what was committed to; no more may be shown."""
    leaf = parsed(str(row["leaf"]), "its leaf")
    proved = {"index", "leaf"} | ({"salt", "opening"} if "salt" in row else {"pruned"})
    if unproved := set(row) - proved:
        raise Defect(f"nothing proves its {', '.join(sorted(unproved))}")
    if "salt" in row:
        salt = bytes.fromhex(str(row["salt"]))
        opening = str(row.get("opening", "")).encode()
        if len(salt) != SALT_SIZE or hashlib.sha256(salt + opening).hexdigest() != leaf.get("commitment"):
            raise Defect("its details are not those that were sealed")
    return dict(leaf.get("header") or {})


def defects_of(items: Iterable[tuple[str, Checkpoint]], keys: Keys) -> list[str]:
    """What is wrong with checkpoints' signatures."""
    found = []
    for name, checkpoint in items:
        try:
            checkpoint.check(keys)
        except Defect as defect:
            found.append(f"{name}: {defect}")
    return found


def wrong_roots(items: Iterable[tuple[str, Checkpoint]], rows: Rows) -> list[str]:
    """Checkpoints that the rows do not lead to."""
    found, here = [], rows.tree.size
    for name, checkpoint in items:
        root = rows.roots.get(checkpoint.size)
        if root is None and checkpoint.size < here:
            found.append(f"{name}: this export shows no rows there; ask for one that names its size")
        elif root is None:
            found.append(f"{name} covers {checkpoint.size:,} rows; here are {here:,}: rows were cut off")
        elif root != checkpoint.root:
            found.append(f"{name}: the first {checkpoint.size:,} rows are not those that were sealed")
    return found


def cosignatures(checkpoints: list[Checkpoint], witness: Key) -> tuple[int, list[str]]:
    """How many rows the witness saw; no defect when it cosigned and every line of it verifies."""
    if witness.kind != WITNESS:
        return 0, ["this is not a witness's key"]
    seen = 0
    for checkpoint in checkpoints:
        if f"— {witness.name} " in checkpoint.note:
            try:
                witness.check(checkpoint.note)
            except Defect as defect:
                return seen, [f"the checkpoint of {checkpoint.size:,} rows: {defect}"]
            seen = checkpoint.size
    return seen, [] if seen else [f"{witness.name} cosigned none of the checkpoints"]


def check_export(asked: argparse.Namespace, report: Report) -> None:
    """Every check of an export."""
    export = Export(asked.path)
    manifest = parsed(export.text("manifest.json"), "manifest.json")
    if manifest.get("format") != FORMAT:
        raise Defect(f"this verifier reads {FORMAT}; the export says {manifest.get('format')}")
    key = _log_key(asked.key or export.text("log.vkey"), given=bool(asked.key), report=report)
    keys = Keys(key, [str(line.get("note")) for line in export.objects("rotations.jsonl")])
    kept = [Checkpoint(str(line.get("note"))) for line in export.objects("checkpoints.jsonl")]
    trusted = [(path, Checkpoint(_file(path))) for path in asked.checkpoint]
    named = [(f"checkpoint of {each.size:,} rows", each) for each in kept]
    if not kept:
        raise Defect("the export holds no checkpoint: nothing in it is signed")
    if [each.size for each in kept] != sorted({each.size for each in kept}):
        raise Defect("the checkpoints are not in the order of their sizes, each size once")
    rows = Rows(each.size for _, each in named + trusted)
    rows.read(export.objects("leaves.jsonl"))
    sealed, found = kept[-1].size, rows.tree.size
    if found != sealed or manifest.get("size") != sealed:
        rows.disorder.append(f"expected {sealed:,} rows, found {found:,}: rows were removed or added")
    report.tell(f"{sealed:,} rows are complete and in order", rows.disorder)
    report.tell(
        f"the details of {rows.shown:,} rows are those that were sealed, or pruned by an act", rows.changed
    )
    report.tell(f"the tree has the root of each of {len(kept):,} checkpoints", wrong_roots(named, rows))
    looked = named if asked.every_signature else named[-max(1, asked.signatures) :]
    report.tell(f"{len(looked):,} newest checkpoints are signed by {key.name}", defects_of(looked, keys))
    for path, checkpoint in trusted:
        item = [(path, checkpoint)]
        report.tell(f"the journal continues {path}", defects_of(item, keys) + wrong_roots(item, rows))
    if asked.witness:
        witness = Key(asked.witness)
        seen, wrong = cosignatures(kept, witness)
        report.tell(f"{witness.name} cosigned the first {seen:,} of {sealed:,} rows", wrong)
    for act in rows.acts:
        report.note(act)
    for above, each in keys.spans[1:]:
        report.note(f"from {above:,} rows on the key is {each.fingerprint}")
    if rows.withheld:
        report.note(
            f"{rows.withheld:,} rows are not part of this export; only their hashes are here, and whose"
        )
        report.note("rows they are a hash does not tell: ask who made the export why they are left out")


def check_proof(asked: argparse.Namespace, report: Report) -> None:
    """Every check of one row's proof."""
    head, _, note = _file(asked.path).partition("\n\n")
    lines = head.split("\n")[1:]
    extra = parsed(_base64(lines.pop(0)[6:]).decode(), "extra") if lines[0].startswith("extra ") else {}
    if not asked.key:
        raise Defect("give the log's key with --key KEY: a proof does not bring it along")
    if "leaf" not in extra or not lines or not lines[0].startswith("index "):
        raise Defect("the proof does not say which row it proves")
    key = _log_key(asked.key, given=True, report=report)
    checkpoint = Checkpoint(note)
    signature = defects_of([("checkpoint", checkpoint)], Keys(key, []))
    report.tell(f"the checkpoint is signed by {key.name}", signature)
    try:
        header, details = opened(extra), []
    except Defect as defect:
        header, details = {}, [str(defect)]
    report.tell("the row's details are those that were sealed", details)
    index, wrong = int(lines[0][6:]), []
    try:
        hashes = [_hash(_base64(line)) for line in lines[1:]]
        found = root_of_proof(leaf_hash(extra["leaf"].encode()), index, checkpoint.size, hashes)
        if found != checkpoint.root:
            wrong.append("the proof leads to another root: the row, its place or the tree was changed")
    except Defect as defect:
        wrong.append(str(defect))
    report.tell(f"the row is number {index:,} of {checkpoint.size:,} in the journal", wrong)
    if "salt" not in extra:
        report.note("the row's details are not in this proof: they were destroyed, or left out")
    for name in sorted(header):
        report.note(f"{name}: {header[name]}")


def _log_key(text: str, *, given: bool, report: Report) -> Key:
    key = Key(text)
    report.note(f"key of {key.name}: {key.fingerprint}")
    if not given:
        report.note("the key came with the export: compare it with the fingerprint that you have on paper")
    return key


def _file(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="\n") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        raise Defect(f"{path} cannot be read") from None


def _is_proof(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as stream:
        return stream.read(len(PROOF_FORMAT)) == PROOF_FORMAT.encode()


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names; 0 when everything passed, 1 when not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", help="ZIP file or folder of an export, or a .tlog-proof file")
    parser.add_argument("--key", help="the log's public key (name+id+base64) from a source you trust")
    parser.add_argument("--checkpoint", action="append", default=[], help="file with a checkpoint you trust")
    parser.add_argument("--witness", help="public key of a witness that must have cosigned")
    parser.add_argument("--signatures", type=int, default=100, help="newest ones to verify (default 100)")
    parser.add_argument("--every-signature", action="store_true", help="verify all, some 5 ms each")
    asked = parser.parse_args(arguments)
    report = Report()
    try:
        (check_proof if _is_proof(asked.path) else check_export)(asked, report)
    except Exception as defect:  # noqa: BLE001  whatever cannot be checked has failed
        report.tell("the files can be read", [str(defect) or type(defect).__name__])
    verdict = "FAIL: do not rely on it." if report.failed else "PASS: everything checked is as it was sealed."
    print(f"\n{verdict}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

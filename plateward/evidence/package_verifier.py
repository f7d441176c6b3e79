#!/usr/bin/env python3
"""Check an evidence package or its discs with nothing but Python 3.9 or newer; no network.

    python verify.py [PACKAGE | DISC…] [--key KEY] [--fingerprint SHA256] [--report FILE]

PACKAGE is the folder of a package (a BagIt bag, RFC 8493) or the ZIP file it came as; DISC is where a disc is
mounted, or a folder that it was copied to. Discs of one set may be named together: then the whole is checked.
Without either, the folder of this file is. KEY is the public key of the agency's journal and SHA256 the
package's fingerprint, both best from paper. Of an encrypted disc the container is checked; its README says
how to open it, and then what was in it is checked as any disc. One line a check, PASS or FAIL. --report keeps
the outcome as a file for the agency. The status is 0 when everything passed and the fingerprint is the one
given; 1 when a check failed; 2 for a command line that is none; 3 when nothing failed, but not all was looked
at, or no fingerprint was given, so that whoever rewrote every file would not be noticed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

# In the copy that a package carries, the text of that module stands here instead.
from plateward.ledger.verifier import Defect, Report, check_export, opened, parsed

SET_FORMAT = "plateward-disc-set/1"
SEALED_FORMAT = "plateward-sealed-disc/1"
SET_LIST = "set.json"
REPORT_FORMAT = "plateward-verification/1"
MANIFESTS = ("tagmanifest-sha256.txt", "manifest-sha256.txt")
TOKEN = "tagmanifest-sha256.txt.tsr"  # noqa: S105  a file's name
UNLISTED = (MANIFESTS[0], TOKEN)
CHUNK = 1 << 20
ACCESS_HEADER = ("username", "name", "title", "agency", "profile_version")
HISTORY_HEADER = ("username", "name", "title", "verb")
ACCESS_OPENING = ("address", "subject")
ACCESS_DETAIL = (
    "purpose",
    "reason",
    "reference",
    "result_count",
    "is_count_bounded",
    "elements",
    "organization",
)


class KeptReport(Report):
    """Prints each check, and keeps what was said for a file."""

    def __init__(self) -> None:
        super().__init__()
        self.checks: list[dict[str, Any]] = []

    def tell(self, check: str, defects: list[str]) -> None:
        super().tell(check, defects)
        self.checks.append({"check": check, "defects": defects[:100], "defect_count": len(defects)})


class Place:
    """The files of one package, from a ZIP file or from one folder or several (discs of a set)."""

    def __init__(self, paths: list[str]) -> None:
        self.archive: zipfile.ZipFile | None = None
        self.roots: list[str] = []
        self.links: list[str] = []
        if len(paths) == 1 and os.path.isfile(paths[0]):
            self._open_archive(paths[0])
        else:
            self.roots = [self._bag_below(path) for path in paths]
        self.sizes = dict(self._found())

    def _open_archive(self, path: str) -> None:
        try:
            self.archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise Defect(f"{path} is neither a folder nor a whole ZIP file") from None
        names = self.archive.namelist()
        tops = {name.partition("/")[0] for name in names}
        if len(names) != len(set(names)) or len(tops) != 1:
            raise Defect(f"{path} is no package: it holds two files of one name, or several folders")
        self.top = tops.pop() + "/"

    @staticmethod
    def _bag_below(path: str) -> str:
        """The folder with the bag's files: the one named, or the one folder in it that has them."""
        if not os.path.isdir(path):
            raise Defect(f"{path} is neither a folder nor a file")
        for below in ["", *sorted(os.listdir(path))]:
            if os.path.isfile(os.path.join(path, below, "bagit.txt")):
                return os.path.join(path, below)
        raise Defect(f"{path} holds no evidence package: there is no bagit.txt")

    def _found(self) -> Iterator[tuple[str, int]]:
        if self.archive:
            for info in self.archive.infolist():
                yield info.filename[len(self.top) :], info.file_size
        for root in self.roots:
            for folder, _, names in os.walk(root):
                for name in names:
                    path = os.path.join(folder, name)
                    inside = os.path.relpath(path, root).replace(os.sep, "/")
                    if os.path.islink(path):
                        self.links.append(inside)
                    yield inside, os.path.getsize(path)

    def open(self, name: str, copy: int = 0) -> IO[bytes]:
        """One of a file's copies: discs of a set have some files in common."""
        try:
            if self.archive:
                return self.archive.open(self.top + name)
            return open(self.copies(name)[copy], "rb")
        except (OSError, KeyError, IndexError):
            raise Defect(f"{name} is missing or cannot be read") from None

    def copies(self, name: str) -> list[str]:
        """Where a file lies: in a ZIP file once, on discs once or on several."""
        if self.archive:
            return [name] if name in self.sizes else []
        found = [os.path.join(root, *name.split("/")) for root in self.roots]
        return [path for path in found if os.path.lexists(path)]

    def text(self, name: str) -> str:
        with self.open(name) as stream:
            return stream.read().decode("utf-8")

    def sha256(self, name: str, copy: int = 0) -> str:
        made = hashlib.sha256()
        with self.open(name, copy) as stream:
            while chunk := stream.read(CHUNK):
                made.update(chunk)
        return made.hexdigest()


def manifest_of(place: Place, name: str) -> dict[str, str]:
    """Path → SHA-256, of a manifest whose paths stay inside the package (RFC 8493 § 2.1.3)."""
    found: dict[str, str] = {}
    for line in place.text(name).splitlines():
        digest, _, path = line.partition(" ")
        path = path.strip()
        parts = path.split("/")
        if len(digest) != 64 or path in found or "\\" in path or not parts[0] or {"..", "."} & set(parts):
            raise Defect(f"{name}: this line names no file of a package: {line[:80]!r}")
        found[path] = digest.lower()
    return found


class Top(Place):
    """Every file of one disc, wherever it lies."""

    @staticmethod
    def _bag_below(path: str) -> str:
        return path


class Discs:
    """Which files should be here: all of them, or those of the discs of a set that were named."""

    def __init__(self, paths: list[str]) -> None:
        told = [path for path in paths if os.path.isfile(os.path.join(path, SET_LIST))]
        self.sets = [self._read(os.path.join(path, SET_LIST)) for path in told]
        self.lists = [Top([path]).sha256(SET_LIST) for path in told]
        self.here = sorted({int(each["disc"]) for each in self.sets})
        self.total = int(self.sets[0]["of"]) if self.sets else 0
        self.files: dict[str, Any] = self.sets[0]["files"] if self.sets else {}
        if self.sets and len(told) != len(paths):
            raise Defect("name discs of one set, or one package, not both")
        if any({**each, "disc": 0} != {**self.sets[0], "disc": 0} for each in self.sets):
            raise Defect("these discs are of different packages or sets, or their lists were changed")
        numbers = [*self.here, *self.files.values()]
        if len(self.here) != len(self.sets) or any(
            type(each) is not int or not 0 <= each <= self.total for each in numbers
        ):
            raise Defect("the list of discs names a disc twice, or one that is not of the set")

    @staticmethod
    def _read(path: str) -> dict[str, Any]:
        with open(path, encoding="utf-8") as stream:
            found = parsed(stream.read(), path)
        if found.get("format") != SET_FORMAT:
            raise Defect(f"{path} is of another format: {found.get('format')}")
        return found

    def belongs(self, name: str) -> bool:
        """Whether a file should be on the discs at hand; 0 stands for every disc.

        Of a whole set every file should: the list of a disc is no part of the package and may be forged.
        """
        return self.is_whole or self.files.get(name, 0) in {0, *self.here}

    @property
    def is_whole(self) -> bool:
        return not self.sets or len(self.here) == self.total

    def tell(self, report: Report, place: Place) -> None:
        if not self.sets:
            return
        wrong = []
        if self.sets[0]["fingerprint"] != place.sha256(MANIFESTS[0]):
            wrong.append("the files are of another package than the disc says")
        numbers = ", ".join(map(str, self.here))
        report.tell(f"disc {numbers} of {self.total} of package {self.sets[0]['package']}", wrong)
        if not self.is_whole:
            left = sorted(set(range(1, self.total + 1)) - set(self.here))
            report.note(
                f"disc {', '.join(map(str, left))} was not looked at: name all discs to check the whole"
            )


def check_files(place: Place, discs: Discs, report: Report) -> None:
    """Every file named is here and is what was packed; nothing else is."""
    if not place.text("bagit.txt").startswith("BagIt-Version: 1.0\n"):
        raise Defect("bagit.txt does not say BagIt-Version: 1.0")
    named: dict[str, str] = {}
    for manifest, what in ((MANIFESTS[0], "files about the evidence"), (MANIFESTS[1], "files of evidence")):
        expected = manifest_of(place, manifest)
        here = {
            name: digest
            for name, digest in expected.items()
            if discs.belongs(name) or name in place.sizes  # what is here is looked at, whatever is said of it
        }
        report.tell(f"{len(here):,} {what} are those that were packed", wrong_files(place, here))
        named.update(expected)
    unknown = [name for name in discs.files if name not in {*named, *UNLISTED}]
    extra = [name for name in place.sizes if name not in {*named, *UNLISTED}]
    defects = [f"{name} is not part of the package" for name in sorted({*unknown, *extra})]
    defects += [f"{name} is a link, not a file" for name in place.links]
    report.tell("nothing was added", defects)
    if discs.is_whole:
        report.tell("the package holds as much as it says", wrong_size(place, named))


def check_token(place: Place, report: Report, found: str) -> None:
    """A time stamp that is here names this package; who signed it takes another program (RFC 3161)."""
    if TOKEN not in place.sizes:
        return
    with place.open(TOKEN) as stream:
        is_of_this = bytes.fromhex(found) in stream.read(CHUNK)
    defects = [] if is_of_this else [f"{TOKEN} does not hold the fingerprint: it is of something else"]
    report.tell("the time stamp names this package (who signed it is not checked here)", defects)
    report.note("to check the time stamp, with the CA certificate of its authority from a source you trust:")
    report.note(f"  openssl ts -verify -in {TOKEN} -data {MANIFESTS[0]} -CAfile CA.pem")
    report.note(f"  openssl ts -reply -in {TOKEN} -text    (by whom and when)")


def wrong_files(place: Place, expected: dict[str, str]) -> list[str]:
    """What is wrong with files of which the SHA-256 is known."""
    found = []
    for name, digest in expected.items():
        try:
            copies = max(1, len(place.copies(name)))
            if any(place.sha256(name, copy) != digest for copy in range(copies)):
                found.append(f"{name} was changed: its SHA-256 is another")
        except (Defect, OSError, zipfile.BadZipFile) as defect:
            found.append(f"{name}: {defect}")
    return found


def wrong_size(place: Place, named: dict[str, str]) -> list[str]:
    """Whether number and size of the payload are those of bag-info.txt (RFC 8493 § 2.2.2)."""
    sizes = [place.sizes.get(name, 0) for name in named if name.startswith("data/")]
    told = [line for line in place.text("bag-info.txt").splitlines() if line.startswith("Payload-Oxum: ")]
    found = f"Payload-Oxum: {sum(sizes)}.{len(sizes)}"
    return [] if told == [found] else [f"bag-info.txt says {told}, found {found}"]


def check_pictures(place: Place, report: Report) -> None:
    """Each picture has the SHA-256 that was taken when the agency received it, before it was stored."""
    packed = manifest_of(place, MANIFESTS[1])
    defects, count = [], 0
    for read in _each(place, "data/reads.json"):
        for picture in read["pictures"]:
            if picture["file"]:
                count += 1
                if packed.get(picture["file"]) != picture["sha256"]:
                    defects.append(f"{picture['file']} is not the picture that was received")
            else:
                report.note(f"a picture of read {read['id']} could not be packed: {picture['missing']}")
    report.tell(f"{count:,} pictures have the SHA-256 of their receipt", defects)


def check_proof(place: Place, report: Report, key: str | None) -> None:
    """The journal's rows that the package brings along were sealed, and say what its files say."""
    if "proof/manifest.json" not in place.sizes:
        report.tell("the package brings its proof", ["there is none: it was taken away"])
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in place.sizes:
            if name.startswith("proof/") and name.count("/") == 1:
                with place.open(name) as stream, open(os.path.join(folder, name[6:]), "wb") as copy:
                    copy.write(stream.read())
        asked = argparse.Namespace(
            path=folder, key=key, checkpoint=[], witness=None, signatures=100, every_signature=False
        )
        check_export(asked, report)
    rows = sealed_rows(place)
    report.tell("what is said of accesses is what the journal holds", wrong_accesses(place, rows))
    report.tell("what is said of alerts and entries is what the journal holds", wrong_histories(place, rows))


def sealed_rows(place: Place) -> dict[Any, dict[str, Any]]:
    """By its number, each row that was brought along: header, address, subject and detail in one."""
    found: dict[Any, dict[str, Any]] = {}
    for line in place.text("proof/leaves.jsonl").splitlines():
        row = parsed(line, "proof/leaves.jsonl")
        if "leaf" in row:
            header = opened(row)
            found[header.get("row")] = {
                **(parsed(row["opening"], "opening") if "salt" in row else {}),
                **header,
            }
    return found


def wrong_accesses(place: Place, rows: dict[Any, dict[str, Any]]) -> list[str]:
    """Accesses told of otherwise than the sealed row of each."""
    found = []
    for access in _each(place, "data/accesses.json"):
        row = rows.get(access["row"], {})
        detail = row.get("detail")
        told = [("accessed_at", "recorded_at"), *((name, name) for name in ACCESS_HEADER)]
        wrong = [name for name, sealed in told if not _same_value(access.get(name), row.get(sealed))]
        if detail is not None:  # else it was destroyed since, and its act says so
            wrong += [name for name in ACCESS_OPENING if access.get(name) != row.get(name)]
            wrong += [name for name in ACCESS_DETAIL if access.get(name) != detail.get(name)]
        found += _told_wrong(access["row"], row, wrong)
    return found


def wrong_histories(place: Place, rows: dict[Any, dict[str, Any]]) -> list[str]:
    """Rows in the timelines of alerts and the histories of entries that are not as they were sealed."""
    found = []
    for name, part in (("data/alerts.json", "timeline"), ("data/entries.json", "history")):
        for thing in _each(place, name):
            for told in thing.get(part, ()):
                row = rows.get(told["row"], {})
                facts = [
                    ("at", "recorded_at"),
                    *((one, one) for one in ("username", "name", "title", "verb")),
                ]
                wrong = [one for one, sealed in facts if not _same_value(told.get(one), row.get(sealed))]
                if "detail" in row and told.get("detail") != row["detail"]:
                    wrong.append("detail")
                found += _told_wrong(told["row"], row, wrong)
    return found


def _told_wrong(number: Any, row: dict[str, Any], wrong: list[str]) -> list[str]:
    if not row:
        return [f"row {number} is not among the proofs"]
    return [f"row {number} says something else of {', '.join(wrong)}"] if wrong else []


def _same_value(told: Any, sealed: Any) -> bool:
    """Whether two values are the same; instants are compared as instants."""
    if told == sealed:
        return True
    try:
        # Before Python 3.11 a "Z" was no offset.
        texts = (str(one).replace("Z", "+00:00") for one in (told, sealed))
        moments = [datetime.fromisoformat(text) for text in texts]
    except ValueError:
        return False
    return moments[0] == moments[1]


def _each(place: Place, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON list that has one on each line, so that a long one needs little memory."""
    with place.open(name) as stream:
        for line in stream:
            text = line.decode("utf-8").strip().rstrip(",")
            if text not in ("[", "]", "[]", ""):
                yield parsed(text, name)


def is_sealed(place: Place) -> bool:
    """Whether this is an encrypted disc: a container with what may be told of it beside."""
    if SET_LIST not in place.sizes:
        return False
    return parsed(place.text(SET_LIST), SET_LIST).get("format") == SEALED_FORMAT


def check_sealed(place: Place, report: Report, fingerprint: str) -> dict[str, Any]:
    """The container and the files beside it are those that were made; returns what names the disc."""
    told = parsed(place.text(SET_LIST), SET_LIST)
    number, total, expected = told["disc"], told["of"], told["files"]
    defects = wrong_files(place, expected)
    defects += [
        f"{name} is not part of the disc" for name in place.sizes if name not in {*expected, SET_LIST}
    ]
    report.tell(f"encrypted disc {number} of {total} of package {told['package']} is as it was made", defects)
    if fingerprint:
        same = told["fingerprint"] == "".join(fingerprint.split()).lower()
        report.tell("it says the fingerprint that you gave", [] if same else [f"you gave {fingerprint}"])
    return {
        "fingerprint": told["fingerprint"],
        "package": told["package"],
        "discs": [number],
        "of": total,
        "sets": [place.sha256(SET_LIST)],
        "bytes": sum(place.sizes.values()),
        "is_sealed": True,
        "is_whole": False,
        "is_origin_checked": bool(fingerprint),
    }


def check(
    paths: list[str], report: Report, *, key: str | None = None, fingerprint: str = ""
) -> dict[str, Any]:
    """Every check of a package or its discs; returns what names it. Raises Defect for what is none."""
    if len(paths) == 1 and os.path.isdir(paths[0]) and is_sealed(Top(paths)):
        return check_sealed(Top(paths), report, fingerprint)
    discs, place = Discs(paths), Place(paths)
    found = place.sha256(MANIFESTS[0])
    told = {"fingerprint": found, "discs": discs.here, "of": discs.total, "bytes": sum(place.sizes.values())}
    told["sets"], told["package"] = discs.lists, discs.sets[0]["package"] if discs.sets else ""
    told["is_whole"], told["is_origin_checked"] = discs.is_whole, bool(fingerprint)
    report.note(f"fingerprint of the package: {found}")
    if fingerprint:
        same = found == "".join(fingerprint.split()).lower()
        report.tell("the fingerprint is the one you gave", [] if same else [f"you gave {fingerprint}"])
    else:
        report.note("compare it with the fingerprint that you have on paper or from the agency")
    discs.tell(report, place)
    check_files(place, discs, report)
    check_token(place, report, found)
    if discs.is_whole and "data/reads.json" in place.sizes:
        check_pictures(place, report)
        check_proof(place, report, key)
    elif not discs.is_whole:
        report.note("pictures' receipts and the journal's proof are checked with all discs at hand")
    return told


def verify(paths: list[str], *, key: str | None, fingerprint: str, report_to: str | None) -> int:
    """Print every check and the verdict; returns the exit status (see above)."""
    report, told = KeptReport(), dict[str, Any]()
    try:
        told = check(paths, report, key=key, fingerprint=fingerprint)
    except Exception as defect:  # noqa: BLE001  whatever cannot be checked has failed
        report.tell("the files can be read", [str(defect) or type(defect).__name__])
    said = _verdict(report, told)
    told["read"] = "folder" if all(map(os.path.isdir, paths)) else "image"
    return close(report, told, said, report_to)


def close(report: KeptReport, told: dict[str, Any], said: tuple[int, str], report_to: str | None) -> int:
    """Print the verdict, keep the outcome where it is wanted; returns the exit status."""
    status, verdict = said
    print(f"\n{verdict}")
    if report_to:
        outcome = {
            "format": REPORT_FORMAT,
            "passed": status == 0,
            "verdict": verdict,
            "checks": report.checks,
            **told,
        }
        outcome["verified_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        outcome["python"] = sys.version.split()[0]
        with open(report_to, "w", encoding="utf-8") as stream:
            json.dump(outcome, stream, indent=1)
        print(f"The outcome is in {report_to}.")
    return status


def _verdict(report: KeptReport, told: dict[str, Any]) -> tuple[int, str]:
    if report.failed:
        return 1, "FAIL: do not rely on it."
    if told.get("is_sealed"):
        return 3, "SEALED: the container is the one that was made. Open it as README.txt says, then check it."
    if not told["is_whole"]:
        return (
            3,
            "IN PART: nothing failed on the discs looked at; name all discs to check the whole.",
        )
    if not told["is_origin_checked"]:
        return 3, "CONSISTENT IN ITSELF, but its origin was not checked: give the fingerprint from paper."
    return 0, "PASS: everything is as it was packed, and the fingerprint is the one you gave."


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", help="folder or ZIP file of a package, or where its discs are")
    parser.add_argument("--key", help="the journal's public key (name+id+base64) from a source you trust")
    parser.add_argument("--fingerprint", default="", help="the package's fingerprint from a source you trust")
    parser.add_argument("--report", help="file to write the outcome to")
    asked = parser.parse_args(arguments)
    paths = asked.paths or [os.path.dirname(os.path.abspath(__file__))]
    return verify(paths, key=asked.key, fingerprint=asked.fingerprint, report_to=asked.report)


if __name__ == "__main__":
    sys.exit(main())

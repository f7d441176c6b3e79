"""Counts published months again: `python -I -S recount.py export.zip 2026-10.json 2026-11.json`.

Uses nothing but Python's standard library, and none of the product's own counting. Writes the checkpoint of
each month beside its file, for the verifier to show that the journal continues it. Exit status 0: every
number follows from the rows; 1: one does not; 2: something cannot be read.
"""

import hashlib
import json
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

LEAST = 5
COUNTED = {
    "alerts": "alerts.alert.raised",
    "audits_signed": "audits.audit.signed",
    "dispositions": "alerts.alert.closed",
    "purges_certified": "retention.certificate.issued",
    "refusals": "governance.access.refused",
    "refusals_by_clause": "governance.access.refused",
    "releases_fulfilled": "releases.request.fulfilled",
    "releases_refused": "releases.request.refused",
    "violations_reported": "violations.report.made",
}
NOT_IN_THE_JOURNAL = {"cameras", "reads"}
ALWAYS_SHOWN = {"audits_signed", "purges_certified"}


def leaves(path: str) -> Iterator[dict[str, Any]]:
    """The rows of an export, a ZIP file or a folder, that show their details."""
    if os.path.isdir(path):
        with open(os.path.join(path, "leaves.jsonl"), encoding="utf-8") as lines:
            yield from map(json.loads, lines)
        return
    with zipfile.ZipFile(path) as archive, archive.open("leaves.jsonl") as lines:
        yield from map(json.loads, lines)


def rows(path: str, agency: str) -> Iterator[tuple[str, datetime, str, dict[str, Any]]]:
    """Verb, instant, subject and details of each row of the agency, once it is what was sealed."""
    for leaf in leaves(path):
        if "leaf" not in leaf:
            continue  # another agency's: only its hash is here
        sealed = json.loads(leaf["leaf"])
        header = sealed["header"]
        if header["agency"] != agency:
            continue
        opening = leaf.get("opening", "{}")
        if "salt" in leaf:
            made = hashlib.sha256(bytes.fromhex(leaf["salt"]) + opening.encode()).hexdigest()
            if made != sealed["commitment"]:
                raise ValueError(f"row {leaf.get('index')}: its details are not those that were sealed")
        told = json.loads(opening)
        subject, detail = told.get("subject", ""), dict(told.get("detail") or {})
        if "purpose" in header:
            detail.setdefault("purpose", header["purpose"])
        yield header["verb"], datetime.fromisoformat(header["recorded_at"]), subject, detail


def numbers(path: str, month: dict[str, Any]) -> dict[str, Any]:
    """The month's figures, counted from the rows."""
    first, end = datetime.fromisoformat(month["from"]), datetime.fromisoformat(month["until"])
    totals: Counter[str] = Counter()
    parts: dict[str, Counter[str]] = {
        name: Counter() for name in ("dispositions", "refusals_by_clause", "searches")
    }
    searches: dict[str, str] = {}
    for verb, at, subject, detail in rows(path, month["agency"]["id"]):
        if not first <= at < end:
            continue
        for figure, counted in COUNTED.items():
            totals[figure] += verb == counted
        if verb == "alerts.alert.closed":
            ended = str(detail.get("disposition") or "not said")
            parts["dispositions"][ended] += 1
            totals["misreads"] += ended in month["misread_codes"]
        elif verb == "governance.access.refused":
            parts["refusals_by_clause"][str(detail.get("clause") or "no clause")] += 1
        elif verb == "audit.access.recorded" and subject.startswith("search."):
            searches.setdefault(subject, str(detail.get("purpose") or "not said"))
    totals["searches"] = len(searches)
    parts["searches"] = Counter(searches.values())
    names = [*COUNTED, "misreads", "searches"]
    return {
        name: (totals[name], dict(parts[name])) if name in parts else (totals[name], {}) for name in names
    }


def defects(month: dict[str, Any], counted: dict[str, Any]) -> list[str]:
    """Where the published figures do not follow from the counted ones; only a few may be left out."""
    found = []
    for name, told in month["figures"].items():
        if name in NOT_IN_THE_JOURNAL:
            continue
        total, parts = counted[name]
        said = told["total"] if isinstance(told, dict) else told
        if said is not None and said != total:
            found.append(f"{name}: {said} is published, {total} is counted")
        if said is None and (name in ALWAYS_SHOWN or (not 0 < total < LEAST and name != "misreads")):
            found.append(f"{name}: {total} is left out")
        if isinstance(told, dict):
            if set(told["parts"]) != set(parts):
                found.append(f"{name}: other parts are published")
            found += [
                f"{name}, {part}: {number} is published, {parts.get(part)} is counted"
                for part, number in told["parts"].items()
                if number is not None and number != parts.get(part)
            ]
    return found


def main(arguments: list[str]) -> int:
    """Recount every month that is named; their checkpoints must grow with the months."""
    try:
        export, *files = arguments
        months = []
        for name in files:
            with open(name, encoding="utf-8") as file:
                months.append((name, json.load(file)))
        months.sort(key=lambda one: (one[1]["month"], one[1]["edition"]))
        failed, before = not months, 0
        for name, month in months:
            wrong = defects(month, numbers(export, month))
            size = int(month["checkpoint"].splitlines()[1])
            if size < before:
                wrong.append(f"its checkpoint has {size} rows, an earlier month's has {before}")
            before = max(before, size)
            with open(os.path.splitext(name)[0] + ".checkpoint", "w", encoding="utf-8") as note:
                note.write(month["checkpoint"])
            failed = failed or bool(wrong)
            told = f"{month['month']}, edition {month['edition']}: checkpoint of {size} rows"
            print(f"{'FAIL' if wrong else 'PASS'}  {told}")
            for one in wrong:
                print(f"      {one}")
    except (OSError, KeyError, TypeError, ValueError, IndexError, zipfile.BadZipFile) as problem:
        print(f"This cannot be read: {problem}")
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

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
    "purges_certified": "retention.certificate.issued",
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
    parts: dict[str, Counter[str]] = {name: Counter() for name in ("dispositions", "refusals", "searches")}
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
            parts["refusals"][str(detail.get("clause") or "no clause")] += 1
        elif verb == "audit.access.recorded" and subject.startswith("search."):
            searches.setdefault(subject, str(detail.get("purpose") or "not said"))
    parts["searches"] = Counter(searches.values())
    return {**dict(totals), **{name: dict(found) for name, found in parts.items()}}


def defects(month: dict[str, Any], counted: dict[str, Any]) -> list[str]:
    """Where the published figures do not follow from the counted ones, or leave out more than they may."""
    found = []
    for name, told in month["figures"].items():
        if name in NOT_IN_THE_JOURNAL or name == "misreads":
            continue
        if isinstance(told, dict):
            found += [f"{name}: {wrong}" for wrong in of_parts(told, counted.get(name, {}))]
            continue
        number = counted.get(name, 0)
        if told is None and (name in ALWAYS_SHOWN or not 0 < number < LEAST):
            found.append(f"{name}: {number} is left out")
        elif told is not None and told != number:
            found.append(f"{name}: {told} is published, {number} is counted")
    ends = month["figures"]["dispositions"]
    misread = [number for name, number in ends["parts"].items() if name in month["misread_codes"]]
    hidden = ends["total"] is None or None in misread
    if month["figures"]["misreads"] != (None if hidden else sum(misread)):
        found.append("misreads: not what the ways for alerts to end say")
    return found


def of_parts(told: dict[str, Any], parts: dict[str, int]) -> list[str]:
    """What is wrong with a total and its parts: another number, or one that is left out without need."""
    total, shown = sum(parts.values()), {name: n for name, n in told["parts"].items() if n is not None}
    hidden = [parts.get(name, 0) for name in told["parts"] if name not in shown]
    wrong = [
        f"{name}: {n} is published, {parts.get(name, 0)} is counted"
        for name, n in shown.items()
        if n != parts.get(name, 0)
    ]
    if set(told["parts"]) != set(parts):
        wrong.append("other parts are published than are counted")
    if told["total"] is None:
        if total == 0 or (total >= LEAST and total > len(parts)):
            wrong.append(f"{total} is left out")
    elif told["total"] != total:
        wrong.append(f"{told['total']} is published, {total} is counted")
    elif hidden and (min(hidden) >= LEAST or max(hidden) > min(shown.values(), default=max(hidden))):
        wrong.append("parts are left out without need")
    return wrong


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

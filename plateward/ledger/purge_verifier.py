#!/usr/bin/env python3
"""Check a certificate of destruction with nothing but Python 3.9 or newer and verifier.py beside this file.

    python purge_verifier.py FOLDER --key KEY

FOLDER is where the certificate's ZIP file was unpacked to. KEY is the journal's public key, best from paper
or from somebody whom the journal's keeper cannot influence. One line a check, PASS or FAIL; status 0 when all
passed, 1 when one failed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
from typing import Any

try:
    import verifier  # type: ignore[import-not-found]  # beside this file, where it was unpacked to
except ImportError:
    from plateward.ledger import verifier

FORMAT = "plateward-purge-certificate/1"
VERBS = ("retention.certificate.issued", "retention.pictures.certified")
PARTS = ("purged_before", "purged", "held", "remaining")


def uneven(certificate: dict[str, Any]) -> list[str]:
    """Days whose figures do not add up, and sums that are not those of the days."""
    days = certificate["days"]
    wrong = [
        f"{day['day']} {day['device_name'] or day['device']}: {day['ingested']} ingested, "
        f"{sum(day[part] for part in PARTS)} accounted for"
        for day in days
        if sum(day[part] for part in PARTS) != day["ingested"]
    ]
    wrong += [
        f"{day['day']} {day['device_name'] or day['device']}: its roots cover "
        f"{sum(root['reads'] for root in day['roots'])} reads, not {day['ingested']}"
        for day in days
        if sum(root["reads"] for root in day["roots"]) != day["ingested"]
    ]
    for name in ("ingested", *PARTS):
        if certificate["total"][name] != sum(day[name] for day in days):
            wrong.append(f"the total of {name} is not the sum of its days")
    pictures = certificate.get("pictures")  # earlier certificates have no sum of them
    if pictures and pictures["purged"] != sum(day["pictures"] for day in days):
        wrong.append("the total of pictures is not the sum of its days")
    return wrong


def named(folder: str, detail: dict[str, Any]) -> list[str]:
    """Files that are not those which the journal's row names."""
    files = {"certificate.json": "certificate_sha256", "certificate.pdf": "document_sha256"}
    wrong = []
    for name, field in files.items():
        with open(os.path.join(folder, name), "rb") as stream:
            if hashlib.sha256(stream.read()).hexdigest() != detail.get(field):
                wrong.append(f"{name} is not the file that the journal names")
    return wrong


def row_of(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the details of the row that a proof file proves."""
    first = proof.split("\n")[1]
    extra = json.loads(base64.b64decode(first[len("extra ") :]))
    return verifier.opened(extra), json.loads(extra["opening"])["detail"]


def check(folder: str, key: str, report: Any) -> None:
    """Every check of an unpacked certificate."""
    proof = os.path.join(folder, "certificate.tlog-proof")
    verifier.check_proof(argparse.Namespace(path=proof, key=key), report)
    with open(proof, encoding="utf-8", newline="\n") as stream:
        header, detail = row_of(stream.read())
    with open(os.path.join(folder, "certificate.json"), encoding="utf-8") as stream:
        certificate = json.load(stream)
    if certificate.get("format") != FORMAT or header.get("verb") not in VERBS:
        raise verifier.Defect("this is no certificate of destruction that this program knows")
    report.tell("the certificate is the one that the journal names", named(folder, detail))
    total = certificate["total"]
    report.tell(
        f"{total['purged']:,} purged, {total['purged_before']:,} before, {total['held']:,} held and "
        f"{total['remaining']:,} not due make up {total['ingested']:,} ingested, on each day",
        uneven(certificate),
    )
    if "READS" not in certificate["classes"]:
        pictures = certificate["pictures"]
        report.tell(
            f"pictures alone: {pictures['purged']:,} purged, {pictures['held']:,} held; their reads stay", []
        )
    left = [f"{number} {name} were left" for name, number in certificate["check"].items() if number]
    if certificate.get("in_part"):
        report.tell("the purge was ended in part: only the days that it names are gone", [])
    else:
        report.tell("nothing was left that should be gone, as its maker looked", left)
    roots = [root for day in certificate["days"] for root in day["roots"]]
    late = sum(root["closed_at"] > certificate["begun_at"] for root in roots)
    report.tell(f"{late:,} roots were first committed to when the purge had begun, all others before", [])


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names; 0 when everything passed, 1 when not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", help="folder that the certificate was unpacked to")
    parser.add_argument("--key", required=True, help="the journal's public key from a source you trust")
    asked = parser.parse_args(arguments)
    report = verifier.Report()
    try:
        check(asked.folder, asked.key, report)
    except Exception as defect:  # noqa: BLE001  whatever cannot be checked has failed
        report.tell("the files can be read", [str(defect) or type(defect).__name__])
    verdict = "FAIL: do not rely on it." if report.failed else "PASS: the certificate holds."
    print(f"\n{verdict}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())

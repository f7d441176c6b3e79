"""The papers about the evidence: README, viewer, report, chain of custody, template of a certification."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

import plateward
from plateward.alerts.models import Alert
from plateward.devices.models import Device
from plateward.documents.typesetting import typeset
from plateward.evidence.bag import PAYLOAD, json_file
from plateward.evidence.case_graph import case_file
from plateward.evidence.package_facts import instant
from plateward.evidence.package_rules import size_words
from plateward.evidence.packing import Packing
from plateward.reads.models import Picture, Read
from plateward.reads.queries import pictures_of

TEMPLATES: Final = Path(__file__).resolve().parent / "papers"
PAGE_OF_READS: Final = 100
"""So many reads are on one page of the viewer."""
REPORTED_READS: Final = 300
REPORTED_FILES: Final = 1_000
"""So many are listed in the report; the files name all, and the report says so."""
_FOLDER: Final = "evidence/package"


def papers(packing: Packing, manifest: str) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """Yield each paper's name and content; `manifest` is the SHA-256 of the payload's manifest."""
    told = facts(packing, manifest)
    yield "README.txt", render_to_string(f"{_FOLDER}/README.txt", told).encode()
    yield "custody.json", json_file(_custody(told))
    yield "case.jsonld", case_file(told, packing.bag.payload, version=plateward.__version__, at=packing.now)
    for name in ("report", "chain-of-custody", "certification"):
        yield f"{name}.pdf", typeset(TEMPLATES / f"{name}.typ", told, created=packing.now, is_archived=True)
    yield from _viewer(packing, told)


def facts(packing: Packing, manifest: str) -> dict[str, Any]:
    """What the papers say; all of it text, lists and dictionaries."""
    package, by = packing.package, packing.by
    zone = ZoneInfo(by.profile.agency.time_zone)
    purpose = by.profile.purposes.get(package.purpose)
    return {
        "number": package.name,
        "agency": by.agency_name,
        "ori": by.profile.agency.ori or "",
        "folder": package.folder,
        "purpose": f"{purpose.name} ({purpose.clause})" if purpose else package.purpose,
        "reason": package.reason,
        "reference": package.reference or "none given",
        "recipient": package.recipient or "none named",
        "limits": list(package.limits),
        "ordered_by": package.ordered_by.full_name,
        "ordered_as": by.profile.title_name(package.ordered_as),
        "ordered_at": _local(package.ordered_at, zone),
        "built_at": _local(packing.now, zone),
        "zone": zone.key,
        "policy": package.profile_version,
        "software": f"Plateward {plateward.__version__}",
        "manifest": manifest,
        "reads": packing.reads,
        "pictures": len(packing.files) - packing.missing,
        "missing": packing.missing,
        "size": size_words(packing.bag.payload_bytes),
        "from_at": _local(package.oldest_at, zone),
        "until_at": _local(package.newest_at, zone),
        "plates": sorted(packing.plates)[:REPORTED_READS],
        "alerts": [_alert(alert, zone) for alert in _alerts(packing)],
        "cameras": [_camera(one) for one in Device.objects.filter(pk__in=list(packing.cameras))],
        "listed_reads": list(islice(_listed(packing, zone), REPORTED_READS)),
        "files": [
            f"{digest}  {path}" for path, digest in islice(packing.bag.payload.items(), REPORTED_FILES)
        ],
        "file_count": len(packing.bag.payload),
        "for_outside": packing.is_for_outside,
        "stamped_from": packing.authority.host if packing.authority else "",
        "is_proved": any(name.startswith("proof/") for name in packing.bag.tags),
    }


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant in the agency's time, with its offset."""
    return at.astimezone(zone).isoformat(sep=" ", timespec="milliseconds") if at else ""


def _alerts(packing: Packing) -> Iterable[Alert]:
    return Alert.objects.filter(pk__in=packing.alerts).order_by("raised_at", "pk")[:REPORTED_READS]


def _alert(alert: Alert, zone: ZoneInfo) -> dict[str, str]:
    return {"plate": alert.plate, "status": alert.status, "raised_at": _local(alert.raised_at, zone)}


def _camera(device: Device) -> dict[str, str]:
    return {"name": device.name, "location": device.location}


def _listed(packing: Packing, zone: ZoneInfo) -> Iterator[dict[str, str]]:
    """Reads as the report and the viewer list them."""
    for read in chain.from_iterable(packing.batches()):
        yield _read(read, zone)


def _read(read: Read, zone: ZoneInfo) -> dict[str, str]:
    return {
        "id": str(read.id),
        "at": _local(read.captured_at, zone),
        "utc": instant(read.captured_at),
        "plate": read.plate,
        "region": read.region,
        "confidence": "" if read.confidence is None else f"{read.confidence:.0%}",
        "camera": read.device.name,
        "place": read.device.location,
    }


def _custody(told: dict[str, Any]) -> dict[str, Any]:
    """The chain's first link; each that follows is written by whoever hands the package on."""
    return {
        "package": told["number"],
        "agency": told["agency"],
        "manifest_sha256": told["manifest"],
        "links": [
            {
                "at": told["built_at"],
                "by": told["ordered_by"],
                "title": told["ordered_as"],
                "what": f"packed by {told['software']} from the agency's store, read back and hashed",
                "purpose": told["purpose"],
                "reference": told["reference"],
                "to": told["recipient"],
            }
        ],
    }


def _viewer(packing: Packing, told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Pages that need no network, no script and no program but a browser."""
    pages = -(-packing.reads // PAGE_OF_READS)
    common = {**told, "pages": [f"{number:04d}" for number in range(1, pages + 1)]}
    yield "viewer/viewer.css", render_to_string(f"{_FOLDER}/viewer.css").encode()
    yield "viewer.html", render_to_string(f"{_FOLDER}/viewer.html", {**common, "up": ""}).encode()
    zone = ZoneInfo(told["zone"])
    reads = chain.from_iterable(packing.batches())
    for number in range(1, pages + 1):
        shown = _shown(packing, list(islice(reads, PAGE_OF_READS)), zone)
        context = {**common, "shown": shown, "page": f"{number:04d}", "up": "../"}
        yield (
            f"viewer/reads-{number:04d}.html",
            render_to_string(f"{_FOLDER}/reads.html", context).encode(),
        )


def _shown(packing: Packing, reads: Sequence[Read], zone: ZoneInfo) -> list[dict[str, Any]]:
    pictures = pictures_of([read.id for read in reads])
    return [
        {**_read(read, zone), "pictures": [_picture(packing, one) for one in pictures[read.id]]}
        for read in reads
    ]


def _picture(packing: Packing, picture: Picture) -> dict[str, str]:
    place = packing.files.get(picture.pk, "it was stored after the package was begun")
    is_here = place.startswith(PAYLOAD)
    return {
        "role": picture.get_role_display(),
        "sha256": picture.sha256,
        "file": place if is_here else "",
        "missing": "" if is_here else place,
    }

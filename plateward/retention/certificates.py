"""What a certificate of destruction says, as data and as a PDF/A (R91)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from plateward.devices.models import Device
from plateward.documents.typesetting import typeset
from plateward.ledger.canonical import canonical_bytes
from plateward.policy import DataClass, Profile
from plateward.retention import rules
from plateward.retention.commitments import Tree
from plateward.retention.models import DayRoot, Purge, PurgeDay, ScheduleSignature
from plateward.retention.rules import PurgeState

FORMAT: Final = "plateward-purge-certificate/1"
_TEMPLATE: Final = Path(__file__).resolve().parent / "certificate.typ"
_HOW: Final = (
    "The ZIP file from the purge’s page holds this certificate as data, the journal’s proof of the row that "
    "names its SHA-256, and a program of one file that checks both with Python alone: that the journal’s key "
    "signed it, and that on each day what was purged, held and is not due adds up to what was ingested. Each "
    "root in the data says when it was committed to: one closed before the purge began stood in the journal "
    "by then; one that the purge made itself, for what no root covered yet, did not."
)
STORES: Final = {
    "pictures": "Pictures",
    "keys": "Data keys",
    "awaited": "Pictures awaited",
    "checks": "Checks of reads",
    "passages": "Vehicles in view",
    "receipts": "Receipts of payloads",
    "payloads": "Payloads in quarantine, which never became a read",
}
"""Stores that a purge destroys in, by their names in its figures."""


def data(
    purge: Purge, profile: Profile, checked: Mapping[str, int], signatures: Sequence[ScheduleSignature]
) -> dict[str, Any]:
    """Everything that the certificate says, in the order that canonical JSON gives it."""
    is_part = purge.state == PurgeState.ENDED
    days = list((purge.days.exclude(rows_at=None) if is_part else purge.days.all()).select_related("purge"))
    names = dict(Device.objects.filter(pk__in={day.device_id for day in days}).values_list("pk", "name"))
    total = rules.total(day.balance for day in days)
    return {
        "format": FORMAT,
        "agency": {"id": purge.agency_id, "name": profile.agency.name},
        "number": purge.number,
        "in_part": (purge.problem or "It was stopped.") if is_part else "",
        "classes": [one.value for one in purge.classes],
        "source": purge.source,
        "cut_off": _instant(purge.until_at),
        "policy": {
            "version": purge.profile_version,
            "rules_sha256": purge.rules_sha256,
            "ground": purge.ground,
        },
        "schedule_signed": [
            {"position": one.position, "by": one.signed_by.full_name, "at": _instant(one.signed_at)}
            for one in signatures
        ],
        "authority": purge.authority,
        "proposed": {"by": purge.proposed_by_name, "at": _instant(purge.proposed_at)},
        "approved": {"by": purge.decided_by_name, "at": _instant(purge.decided_at)},
        "begun_at": _instant(purge.begun_at),
        "done_at": _instant(purge.done_at),
        "reapplies": str(purge.reapplies or ""),
        "total": _figures(total),
        "pictures": {
            "purged": sum(day.pictures for day in days),
            "held": sum(day.pictures_held for day in days),
        },
        "days": [_day(day, names.get(day.device_id, "")) for day in days],
        "stores": {name: purge.stores.get(name, 0) for name in STORES} | {"files": len(days)},
        "roots_not_made_again": purge.stores.get("unproved", 0),
        "backups": _backups(profile),
        "check": dict(checked),
    }


def _figures(balance: rules.Balance) -> dict[str, int]:
    return {
        "ingested": balance.ingested,
        "purged_before": balance.purged_before,
        "purged": balance.purged,
        "held": balance.held,
        "remaining": balance.remaining,
    }


def _day(day: PurgeDay, name: str) -> dict[str, Any]:
    roots = DayRoot.objects.filter(
        agency_id=day.agency_id, device_id=day.device_id, captured_date=day.captured_date
    )
    if day.purge.pictures_only:
        roots = roots.none()  # they are of reads, which stay
    return {
        "day": day.captured_date.isoformat(),
        "device": str(day.device_id),
        "device_name": name,
        **_figures(day.balance),
        "pictures": day.pictures,
        "pictures_held": day.pictures_held,
        "roots": [
            {
                "number": root.number,
                "reads": root.reads,
                "root": root.root,
                "closed_at": _instant(root.closed_at),
                "salts_destroyed_at": _instant(root.destroyed_at),
                "held_root": _held_root(root),
            }
            for root in roots
        ],
    }


def _held_root(root: DayRoot) -> str:
    """The root over the leaves of those reads that stay; "" where none does."""
    leaves = [bytes.fromhex(one) for one in root.kept.order_by("index").values_list("leaf", flat=True)]
    return Tree(leaves).root.hex() if leaves else ""


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else ""


def _backups(profile: Profile) -> str:
    lag = profile.retention.backups_gone_after.settled
    when = (
        "When the last such backup is gone is not addressed by this policy."
        if lag is None
        else f"The policy says that they are gone {lag} after a purge; this program cannot check it."
    )
    return (
        "Backups and replicas of the database from before this purge hold the rows, and the pictures’ data "
        "keys wrapped by the master key; with the master key and a copy of the files they open the pictures "
        f"until they are gone or that master key is destroyed. {when}"
    )


def as_bytes(told: Mapping[str, Any]) -> bytes:
    """The certificate's data as they are signed for."""
    return canonical_bytes(dict(told))


def as_pdf(told: Mapping[str, Any], data_sha256: str, *, created: datetime) -> bytes:
    """The certificate for people, PDF/A-2a and PDF/UA-1. Raises typst.TypstError."""
    return typeset(_TEMPLATE, _shown(told, data_sha256), created=created, is_archived=True)


def _shown(told: Mapping[str, Any], data_sha256: str) -> dict[str, Any]:
    uneven = [day for day in told["days"] if not _is_even(day)]
    return {
        "agency": told["agency"]["name"],
        "number": str(told["number"]),
        "summary": _summary(told)
        + (
            f" The purge was ended in part: {told['in_part']} Only the days below were destroyed."
            if told["in_part"]
            else ""
        ),
        "uneven": (
            f"On {len(uneven):,} days the figures do not add up to what was ingested; they are in the data."
            if uneven
            else ""
        ),
        "facts": [{"label": label, "text": text} for label, text in _facts(told)],
        "days_note": _OF_PICTURES if _is_of_pictures(told) else _OF_READS,
        "days": _rows(told["days"], _is_of_pictures(told)),
        "stores": [
            *(
                {"label": label, "text": f"{told['stores'][name]:,} destroyed"}
                for name, label in STORES.items()
            ),
            {"label": "Files", "text": f"removed for {told['stores']['files']:,} days of a camera"},
            {"label": "Backups", "text": told["backups"]},
            {"label": "Mobile units", "text": "Clear their own copies once a transfer is confirmed."},
        ],
        "how": _HOW,
        "data_sha256": data_sha256,
    }


_OF_READS: Final = (
    "Purged before, purged now, held and not yet due make up what was ingested. The data beside this "
    "paper say it for each camera."
)
_OF_PICTURES: Final = (
    "Of pictures what was destroyed and what is held is counted; their reads stay, and are accounted for "
    "when they are purged. The data beside this paper say it for each camera."
)


def _is_of_pictures(told: Mapping[str, Any]) -> bool:
    return DataClass.READS.value not in told["classes"]


def _summary(told: Mapping[str, Any]) -> str:
    total, pictures = told["total"], told["pictures"]
    whose = f"devices of the source “{told['source']}” captured before {told['cut_off']} were destroyed"
    if _is_of_pictures(told):
        return (
            f"{pictures['purged']:,} pictures that {whose}; their reads stay. {pictures['held']:,} pictures "
            "stay because their reads are held."
        )
    return (
        f"{total['purged']:,} reads that {whose} with their pictures. {total['held']:,} stay because they "
        "are held."
    )


def _facts(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    signed = "; ".join(f"{one['by']} ({one['position']}), {one['at']}" for one in told["schedule_signed"])
    return [
        ("Length and ground", told["policy"]["ground"]),
        ("Policy", f"version {told['policy']['version']}, rules {told['policy']['rules_sha256']}"),
        ("Schedule signed by", signed),
        ("Authority", told["authority"]),
        ("Proposed by", f"{told['proposed']['by']}, {told['proposed']['at']}"),
        ("Approved by", f"{told['approved']['by']}, {told['approved']['at']}"),
        ("Begun and ended", f"{told['begun_at']}, {told['done_at']}"),
        ("Looked at afterwards", _looked(told["check"])),
    ]


def _looked(check: Mapping[str, int]) -> str:
    if not check:
        return "not, since the purge was ended in part: of other days what was due may be there still"
    reads, pictures, living = check["unheld_reads"], check["pictures"], check["living_keys"]
    return (
        f"{reads} reads that nobody holds, {pictures} pictures, {living} living keys of these days were left"
    )


def _rows(days: Sequence[Mapping[str, Any]], is_of_pictures: bool) -> list[dict[str, str]]:  # noqa: FBT001  private
    """Each day over all cameras, so that the paper stays short; the data have every camera's."""
    figures = ("ingested", "purged_before", "purged", "held", "pictures")
    sums: dict[str, dict[str, int]] = {}
    for day in days:
        row = sums.setdefault(day["day"], dict.fromkeys(("device", *figures), 0))
        row["device"] += 1
        for name in figures:
            row[name] += day["pictures_held" if is_of_pictures and name == "held" else name]
    return [{"day": day} | {name: f"{number:,}" for name, number in row.items()} for day, row in sums.items()]


def _is_even(day: Mapping[str, Any]) -> bool:
    return bool(day["purged_before"] + day["purged"] + day["held"] + day["remaining"] == day["ingested"])

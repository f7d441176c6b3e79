"""Evidence packages for tests, of reads that came in as cameras send them and raised an alert."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone
from pycdlib import PyCdlib

from plateward.alerts import actions as alerts
from plateward.evidence import disc_actions, disc_work, package_actions, package_store
from plateward.evidence.disc_models import Disc, DiscLink, DiscSet
from plateward.evidence.disc_rules import Medium, Protection, WantedDiscs
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import Wanted
from plateward.reads import actions as reads
from plateward.reads.models import InboxItem, Read
from plateward.reads.queries import reads_by_id
from tests.alarms import wanted as on_hotlist
from tests.payloads import MULTIPART, as_json, as_multipart, inbox_item, picture
from tests.personas import Town

ORDER: dict[str, Any] = {
    "purpose": "stolen-or-wanted-vehicle",
    "reason": "Robbery at 1st and Main: for the district attorney",
    "reference": "26-01234",
}


def photographed(town: Town, now: datetime, *plates: str) -> list[Read]:
    """Reads with a picture each, stored and matched; 8ABC123 is wanted."""
    on_hotlist(town, "8ABC123", now)
    items = []
    for number, plate in enumerate(plates):
        body = as_json(now, plate=plate, event_id=f"event-{number}")
        scene = picture(size=(320, 180 + number))
        items.append(inbox_item(town.camera, as_multipart(body, scene=scene), now, content_type=MULTIPART).pk)
    reads.store_waiting(limit=100, now=now)
    alerts.match_waiting(limit=100, now=now)
    ids = [one.read_ids[0] for one in InboxItem.objects.filter(pk__in=items)]
    return sorted(reads_by_id(ids).values(), key=lambda read: read.plate)


def ordered(*found: Read, **changes: Any) -> Wanted:
    """What Detective Diaz wants packed."""
    given = {"reads": tuple(read.id for read in found), "for_outside": False}
    return Wanted(**(given | ORDER | changes))


def built(town: Town, now: datetime, *plates: str, **changes: Any) -> Package:
    """A package of photographed reads, built."""
    found = photographed(town, now, *(plates or ("8ABC123", "7XYZ789")))
    wanted = ordered(*found, **changes)
    return package_actions.build(by=town.actor("diaz", now), wanted=wanted, now=now)


def taken(package: Package, folder: Path) -> Path:
    """The package's ZIP file, as whoever takes it has it."""
    place = folder / f"{package.folder}.zip"
    with package_store.reading(package, package_store.BAG) as reader:
        place.write_bytes(reader.read())
    return place


def bare_python(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a file with a Python that has nothing installed and knows nothing of ours."""
    command = [sys.executable, "-I", "-S", *map(str, words)]
    return subprocess.run(  # noqa: S603  the tests' own command
        command, capture_output=True, text=True, check=False, cwd=cwd, timeout=60
    )


def packed(town: Town) -> Package:
    """The row of a package, for what only looks at rows."""
    user, now = next(iter(town.users.values())), timezone.now()
    number = Package.objects.filter(agency=town.agency).count() + 1
    return Package.objects.create(
        agency=town.agency,
        year=2026,
        number=number,
        wanted={"reads": [], "alerts": [], "hold": ""},
        ordered_by=user,
        ordered_as=user.title,
        ordered_at=now,
        oldest_at=now,
        newest_at=now,
        access_row=1,
        profile_version="1",
        **ORDER,
    )


def pressed(town: Town, marks: Sequence[str] = ()) -> Disc:
    """The row of a disc of a set that was made, for what only looks at rows."""
    return set_made(packed(town), marks)


def set_made(package: Package, marks: Sequence[str] = ()) -> Disc:
    """The row of the one disc of a set of this package."""
    discs = DiscSet.objects.create(
        agency=package.agency,
        package=package,
        number=package.disc_sets.count() + 1,
        medium="CD",
        protection="PLAIN",
        marks=list(marks),
        state="BUILDING",
        ordered_by=package.ordered_by,
        ordered_at=package.ordered_at,
    )
    disc = Disc.objects.create(
        agency=package.agency,
        of_set=discs,
        number=1,
        total=1,
        sha256="f" * 64,
        size=1,
        made_at=package.ordered_at,
    )
    discs.state, discs.total, discs.made_at = "BUILT", 1, package.ordered_at
    discs.save()
    return disc


def copied(disc: Disc, serial: str, at: datetime, failure: str = "") -> str:
    """The rows of a copy of a disc that was burned and checked, as a booking names it."""
    told: dict[str, Any] = {"agency": disc.agency, "disc": disc, "serial": serial, "told": "Drive 2"}
    told |= {"recorded_by": disc.of_set.ordered_by, "recorded_at": at, "happened_at": at}
    DiscLink.objects.create(kind="BURNED", **told)
    checked(disc, serial, at, failure)
    return f"{disc.pk}:{serial}"


def checked(disc: Disc, serial: str, at: datetime, failure: str = "") -> DiscLink:
    """The row of a check of a copy, by a report of its own."""
    return DiscLink.objects.create(
        agency=disc.agency,
        disc=disc,
        kind="CHECKED",
        serial=serial,
        told="On the evidence computer",
        report={},
        report_sha256=uuid4().hex * 2,
        is_verified=not failure,
        failure=failure,
        checked_at=at,
        happened_at=at,
        recorded_by=disc.of_set.ordered_by,
        recorded_at=at,
    )


def on_discs(town: Town, now: datetime, package: Package, **changes: Any) -> tuple[DiscSet, str]:
    """A set of discs of a package, made as the worker makes it; and its passphrase."""
    wanted = WantedDiscs(**{"medium": Medium.CD, "protection": Protection.PLAIN} | changes)
    diaz = town.actor("diaz", now)
    discs, passphrase = disc_actions.order_discs(package=package, wanted=wanted, by=diaz, now=now)
    return disc_work.make(discs=discs, by=diaz, now=now), passphrase


def image_of(disc: Disc, folder: Path) -> Path:
    """The file that is burned."""
    place = folder / f"set-{disc.of_set.number}-disc-{disc.number}.iso"
    with package_store.reading(disc.package, disc.file) as reader:
        place.write_bytes(reader.read())
    return place


def unpacked_disc(image: PyCdlib, folder: Path) -> Path:
    """What a computer shows of a disc, by its UDF names."""
    for below, _, names in image.walk(udf_path="/"):
        for name in names:
            path = folder / below.strip("/") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                image.get_file_from_iso_fp(out, udf_path=f"{below.rstrip('/')}/{name}")
    return folder

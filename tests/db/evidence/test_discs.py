"""Discs of a package: images that are read back and that anybody can check, and their chain of custody."""

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from pycdlib import PyCdlib

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.evidence import disc_actions, disc_rules, package_store
from plateward.evidence.disc_models import Disc
from plateward.evidence.disc_rules import Link, Medium
from plateward.evidence.package_models import Package
from tests.packages import bare_python, built, unpacked_disc
from tests.personas import Town

pytestmark = pytest.mark.django_db


def mounted(disc: Disc, folder: Path) -> Path:
    """What a computer shows of a disc, by its UDF names."""
    with package_store.reading(disc.package, disc_rules.image_name(disc.number)) as reader:
        image = PyCdlib()
        image.open_fp(io.BytesIO(reader.read()))
        return unpacked_disc(image, folder)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_an_image_holds_the_package_and_a_bare_python_proves_it(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    package, diaz = built(barstow, now), barstow.actor("diaz", now)
    (disc,) = disc_actions.make_discs(package=package, medium=Medium.CD, by=diaz, now=now)

    folder = mounted(disc, tmp_path / "disc")
    found = bare_python(folder / "verify.py", folder, "--fingerprint", package.fingerprint)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "disc 1 of 1 of package" in found.stdout
    assert AuditRecord.objects.get(verb="evidence.discs.made").detail["discs"][0]["sha256"] == disc.sha256
    with disc_actions.take_image(disc=disc, by=diaz, now=now) as reader:
        assert reader.size == disc.size
    assert AccessRecord.objects.filter(elements__disc=1).count() == 1
    with pytest.raises(ValidationError, match="made already"):
        disc_actions.make_discs(package=package, medium=Medium.DVD, by=diaz, now=now)


def test_a_package_larger_than_a_disc_is_split_and_checked_as_a_whole(
    barstow: Town, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, diaz = built(barstow, now), barstow.actor("diaz", now)
    biggest = 140_000
    monkeypatch.setattr(disc_rules, "SPARE", Medium.CD.capacity - 260_000 - biggest)
    first, *others = disc_actions.make_discs(package=package, medium=Medium.CD, by=diaz, now=now)
    assert others, "it takes several"

    folders = [mounted(one, tmp_path / str(one.number)) for one in (first, *others)]
    check = (folders[0] / "verify.py", "--fingerprint", package.fingerprint)
    assert bare_python(*check, *folders).returncode == 0
    assert bare_python(*check, folders[0]).returncode == 3


def test_what_becomes_of_a_burned_disc_is_told_and_stays(barstow: Town, now: datetime) -> None:
    package, diaz = built(barstow, now, "8ABC123"), barstow.actor("diaz", now)
    (disc,) = disc_actions.make_discs(package=package, medium=Medium.CD, by=diaz, now=now)

    def record(kind: Link, told: str, serial: str = "SN-1", at: datetime = now) -> None:
        disc_actions.record_link(
            disc=disc,
            kind=kind,
            serial=serial,
            told=told,
            is_verified=kind is Link.CHECKED,
            happened_at=at,
            by=diaz,
            now=now,
        )

    record(Link.BURNED, "Drive 2, session closed")
    record(Link.CHECKED, "PASS on the property room's computer")
    record(Link.HANDED_OVER, "To the property room, sealed bag 77")
    with pytest.raises(ValidationError, match="Say which copy"):
        record(Link.BURNED, "", "SN-2")
    with pytest.raises(ValidationError, match="still to come"):
        record(Link.BURNED, "x", "SN-2", now + timedelta(days=1))
    record(Link.DESTROYED, "Shredded, seen by Soto")
    with pytest.raises(ValidationError, match="was destroyed"):
        record(Link.HANDED_OVER, "To nobody")
    assert [link.kind for link in disc.links.all()] == ["BURNED", "CHECKED", "HANDED_OVER", "DESTROYED"]
    assert AuditRecord.objects.filter(verb="evidence.disc.recorded").count() == 4


def test_no_disc_is_made_of_a_package_that_is_not_built(barstow: Town, now: datetime) -> None:
    package = built(barstow, now, "8ABC123")
    Package.objects.update(state="FAILED", failure="No room.")
    with pytest.raises(ValidationError, match="not built"):
        disc_actions.make_discs(package=package, medium=Medium.CD, by=barstow.actor("diaz", now), now=now)
    assert not Disc.objects.exists()

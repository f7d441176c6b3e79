"""Discs of a package: images made by the worker, read back, which anybody can check; none half made."""

import errno
import io
import os
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from pycdlib import PyCdlib

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.evidence import (
    custody_actions,
    disc_actions,
    disc_building,
    disc_check,
    disc_rules,
    disc_work,
    package_store,
)
from plateward.evidence.custody_rules import Link, WantedLink
from plateward.evidence.disc_models import Disc, DiscLink, DiscSet
from plateward.evidence.disc_rules import CONTAINER, KEY_FILE, Medium, Protection, SetState, WantedDiscs
from plateward.evidence.package_models import Package
from tests.packages import bare_python, built, image_of, on_discs, pressed, unpacked_disc
from tests.personas import Town

pytestmark = pytest.mark.django_db
ATTORNEY = pyrage.x25519.Identity.generate()
MARK = "LAW ENFORCEMENT SENSITIVE – CLETS"


def mounted(disc: Disc, folder: Path) -> Path:
    """What a computer shows of a disc, by its UDF names."""
    with package_store.reading(disc.package, disc.file) as reader:
        image = PyCdlib()
        image.open_fp(io.BytesIO(reader.read()))
        return unpacked_disc(image, folder)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_an_image_holds_the_package_and_a_bare_python_proves_it(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    package, diaz = built(barstow, now), barstow.actor("diaz", now)
    discs, _ = on_discs(barstow, now, package)
    disc = discs.discs.get()
    assert (discs.state, discs.total) == (SetState.BUILT, 1)

    folder = mounted(disc, tmp_path / "disc")
    found = bare_python(folder / "verify.py", folder, "--fingerprint", package.fingerprint)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "disc 1 of 1 of package" in found.stdout
    assert disc_check.verify(image_of(disc, tmp_path), fingerprint=package.fingerprint, report_to=None) == 0
    assert AuditRecord.objects.get(verb="evidence.discs.made").detail["discs"][0]["sha256"] == disc.sha256
    with disc_actions.take_image(disc=disc, by=diaz, now=now) as reader:
        assert reader.size == disc.size
    assert AccessRecord.objects.filter(elements__disc=1).count() == 1
    with pytest.raises(ValidationError, match="made already"):
        on_discs(barstow, now, package)
    on_discs(barstow, now, package, medium=Medium.DVD)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_an_encrypted_disc_is_opened_by_its_passphrase_alone_and_shows_nothing_before(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    package = built(barstow, now)
    discs, passphrase = on_discs(barstow, now, package, protection=Protection.PASSPHRASE, marks=(MARK,))
    disc = discs.discs.get()
    folder = mounted(disc, tmp_path / "disc")
    assert {path.name for path in folder.iterdir()} == {
        *("README.txt", "set.json", "verify.py"),
        *(KEY_FILE, CONTAINER),
    }
    outside = b"".join(path.read_bytes() for path in folder.iterdir())
    for word in (b"8ABC123", b"7XYZ789", b"26-01234", b"Robbery", b"Diaz"):
        assert word not in outside
    assert MARK in (folder / "README.txt").read_text()
    assert bare_python(folder / "verify.py").returncode == 3
    assert disc_check.verify(folder, fingerprint="", report_to=None) == 0

    rows = [str(row.detail) for row in AuditRecord.objects.all()]
    rows += [str(DiscSet.objects.filter(pk=discs.pk).values().get())]
    assert not [row for row in rows if passphrase in row], "it is told once and kept nowhere"

    key = pyrage.passphrase.decrypt((folder / KEY_FILE).read_bytes(), passphrase).decode().strip()
    identity = pyrage.x25519.Identity.from_str(key)
    opened = pyrage.decrypt((folder / CONTAINER).read_bytes(), [identity])
    zipfile.ZipFile(io.BytesIO(opened)).extractall(tmp_path / "open")
    found = bare_python(tmp_path / "open" / "verify.py", "--fingerprint", package.fingerprint)
    assert found.returncode == 0, found.stdout + found.stderr
    assert MARK in (tmp_path / "open" / "set.json").read_text().encode().decode("unicode-escape")


def test_a_disc_is_encrypted_for_the_keys_of_those_who_may_open_it(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    package, keys = built(barstow, now, "8ABC123"), (str(ATTORNEY.to_public()),)
    discs, passphrase = on_discs(barstow, now, package, protection=Protection.KEYS, recipients=keys)
    folder = mounted(discs.discs.get(), tmp_path)
    assert (passphrase, (folder / KEY_FILE).exists()) == ("", False)
    assert pyrage.decrypt((folder / CONTAINER).read_bytes(), [ATTORNEY]).startswith(b"PK")
    with pytest.raises(ValidationError, match="no public key of age"):
        on_discs(barstow, now, package, protection=Protection.KEYS, recipients=("age1nonsense",))
    with pytest.raises(ValidationError, match="at least one public key"):
        on_discs(barstow, now, package, protection=Protection.KEYS)


@pytest.mark.parametrize("protection", [Protection.PLAIN, Protection.KEYS])
def test_a_package_larger_than_a_disc_is_split_and_checked_as_a_whole(
    barstow: Town, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protection: Protection
) -> None:
    package = built(barstow, now)
    container = Medium.CD.capacity // disc_rules.OF_CONTAINER * (protection is not Protection.PLAIN)
    biggest = 140_000
    monkeypatch.setattr(disc_rules, "SPARE", Medium.CD.capacity - container - 260_000 - biggest)
    keys = () if protection is Protection.PLAIN else (str(ATTORNEY.to_public()),)
    discs, _ = on_discs(barstow, now, package, protection=protection, recipients=keys)
    found = list(discs.discs.all())
    assert len(found) > 1, "it takes several"

    folders = [mounted(one, tmp_path / str(one.number)) for one in found]
    if keys:
        folders = [unsealed(one) for one in folders]
    check = (folders[0] / "verify.py", "--fingerprint", package.fingerprint)
    assert bare_python(*check, *folders).returncode == 0
    assert bare_python(*check, folders[0]).returncode == 3


def unsealed(folder: Path) -> Path:
    """What was in the container of a disc for the district attorney."""
    opened = pyrage.decrypt((folder / CONTAINER).read_bytes(), [ATTORNEY])
    zipfile.ZipFile(io.BytesIO(opened)).extractall(folder / "open")
    return folder / "open"


def test_no_disc_is_made_of_a_package_that_is_not_built(barstow: Town, now: datetime) -> None:
    package = built(barstow, now, "8ABC123")
    Package.objects.update(state="FAILED", failure="No room.")
    with pytest.raises(ValidationError, match="not built"):
        on_discs(barstow, now, package)
    assert not Disc.objects.exists()


def test_a_full_disc_is_told_and_leaves_nothing_and_the_set_can_be_ordered_again(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, diaz = built(barstow, now, "8ABC123"), barstow.actor("diaz", now)
    sealed = package_store.SealedWriter

    class Full(sealed):
        def write(self, data: Any, /) -> int:
            if self.tell() > 100_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    for keys in ((), (str(ATTORNEY.to_public()),)):
        protection = Protection.KEYS if keys else Protection.PLAIN
        with monkeypatch.context() as full:
            full.setattr(package_store, "SealedWriter", Full)
            discs, _ = on_discs(barstow, now, package, protection=protection, recipients=keys)
        assert (discs.state, "no room on the disc" in discs.failure) == (SetState.FAILED, True)
        assert [path.name for path in package_store.folder(package).iterdir()] == [package_store.BAG]
        assert not Disc.objects.filter(of_set=discs).exists()

        disc_actions.order_discs_again(discs=discs, by=diaz, now=now)
        assert disc_work.work_waiting(now=now) == 1
        discs.refresh_from_db()
        assert discs.state == SetState.BUILT
        package_store.remove_file(package, discs.discs.get().file)


def test_an_image_that_reads_back_otherwise_is_not_kept(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = built(barstow, now, "8ABC123")
    actual = disc_building.write_image

    def spoiled(out: Any, *rest: Any) -> int:
        return actual(lambda piece: out(piece.replace(b"BagIt-Version: 1.0", b"BagIt-Version: 9.9")), *rest)

    monkeypatch.setattr(disc_building, "write_image", spoiled)
    discs, _ = on_discs(barstow, now, package)
    assert (discs.state, "not what was written" in discs.failure) == (SetState.FAILED, True)
    assert [path.name for path in package_store.folder(package).iterdir()] == [package_store.BAG]


def test_nothing_of_a_set_is_given_out_before_all_of_it_is_made(barstow: Town, now: datetime) -> None:
    package, diaz = built(barstow, now, "8ABC123"), barstow.actor("diaz", now)
    discs, _ = disc_actions.order_discs(
        package=package, wanted=WantedDiscs(medium=Medium.CD), by=diaz, now=now
    )
    image = disc_building.Image("f" * 64, "e" * 64, 1)
    disc = disc_actions.disc_made(discs=discs, number=1, total=2, image=image, by=diaz, now=now)
    with pytest.raises(ValidationError, match="not made yet"):
        disc_actions.take_image(disc=disc, by=diaz, now=now)
    with pytest.raises(ValidationError, match="is missing"):
        disc_actions.discs_made(discs=discs, by=diaz, now=now)
    with pytest.raises(ValidationError, match="wait until they are"):
        on_discs(barstow, now, package, medium=Medium.DVD)


@pytest.mark.clause("B-466.5", "H-426.4")
def test_what_was_recorded_of_a_disc_that_was_made_is_never_changed(barstow: Town, now: datetime) -> None:
    disc, diaz = pressed(barstow), barstow.actor("diaz", now)
    wanted = WantedLink(kind=Link.BURNED, serial="SN-1", happened_at=now, told="Drive 2")
    custody_actions.record_link(disc=disc, wanted=wanted, by=diaz, now=now)
    models: tuple[type[Model], ...] = (DiscLink, Disc, DiscSet)
    for table in (model._meta.db_table for model in models):
        for attempt in (
            f"UPDATE {table} SET agency_id = agency_id",  # noqa: S608  our own tables
            f"DELETE FROM {table}",  # noqa: S608  the same
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(DatabaseError, match="never changed"):
                as_the_owner(attempt)


def test_no_disc_joins_a_set_that_was_made(barstow: Town) -> None:
    disc = pressed(barstow)
    with pytest.raises(DatabaseError, match="No disc joins a set"), transaction.atomic():
        Disc.objects.create(
            agency=barstow.agency,
            of_set=disc.of_set,
            number=2,
            total=2,
            sha256="e" * 64,
            size=1,
            made_at=disc.made_at,
        )


def as_the_owner(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)

"""A package: on record first, whole, provable by anybody, and never half built."""

import errno
import hashlib
import json
import shutil
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.evidence import holding, package_actions, package_building, package_store, package_work
from plateward.evidence.package_models import Package, PackageKey
from plateward.evidence.package_rules import PackageState, UnusableWishError
from plateward.policy import Refused
from plateward.reads.models import Picture, Read
from plateward.reads.pictures import filed
from plateward.reads.store import picture_store
from tests.holds import asked, one_read
from tests.packages import bare_python, built, ordered, photographed, taken
from tests.personas import Town

pytestmark = pytest.mark.django_db


def unpacked(package: Package, folder: Path) -> Path:
    with zipfile.ZipFile(taken(package, folder)) as archive:
        archive.extractall(folder)
    return folder / package.folder


@pytest.mark.clause("B-466.5", "H-426.4")
def test_a_package_holds_everything_and_a_bare_python_proves_it(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    package = built(barstow, now)

    assert (package.state, package.failure, package.name[5:]) == (PackageState.BUILT, "", "0001")
    assert (package.read_count, package.picture_count, package.missing) == (2, 2, 0)
    bag = unpacked(package, tmp_path)
    found = bare_python(bag / "verify.py", "--fingerprint", package.fingerprint)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "FAIL" not in found.stdout
    assert bare_python(bag / "verify.py").returncode == 3, "consistent, but who says that it is the one?"
    assert bagit.Bag(str(bag)).is_valid(), "another program finds it sound too"

    (read,) = [one for one in json.loads((bag / "data/reads.json").read_text()) if one["plate"] == "8ABC123"]
    picture = Picture.objects.get(read_id=read["id"])
    assert read["pictures"][0]["sha256"] == picture.sha256
    (alert,) = json.loads((bag / "data/alerts.json").read_text())
    assert [row["verb"] for row in alert["timeline"]] == ["alerts.alert.raised"]
    (entry,) = json.loads((bag / "data/entries.json").read_text())
    assert entry["decided_by"] == "Laura Lane (lane)"
    assert "hotlists.entry.approved" in {row["verb"] for row in entry["history"]}
    for name in ("report.pdf", "chain-of-custody.pdf", "certification.pdf"):
        assert (bag / name).read_bytes().startswith(b"%PDF-1.7")


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_who_is_outside_gets_the_reads_with_their_limits_and_no_other_investigation(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    found = photographed(barstow, now, "8ABC123")
    diaz = barstow.actor("diaz", now)
    other = ordered(*found, recipient="Reno PD", reason="Another matter altogether", for_outside=True)
    package_actions.build(by=diaz, wanted=other, now=now)
    wanted = ordered(*found, recipient="District Attorney", limits=("No onward transfer.",))
    package = package_actions.build(by=diaz, wanted=wanted, now=now)

    bag = unpacked(package, tmp_path)
    for name in ("README.txt", "viewer.html", "data/limits.json"):
        assert "No onward transfer." in (bag / name).read_text()
    everything = b"".join(path.read_bytes() for path in bag.rglob("*") if path.suffix in {".json", ".jsonl"})
    for word in (b"Reno PD", b"Another matter", b"Taken in the robbery", b"Laura Lane"):
        assert word not in everything
    report = " ".join(page.extract_text() for page in PdfReader(bag / "report.pdf").pages)
    for words in (report, (bag / "viewer.html").read_text(), (bag / "README.txt").read_text()):
        assert "None of these reads raised" not in words
        assert "alert is not told" in " ".join(words.split())
    (access,) = json.loads((bag / "data/accesses.json").read_text())
    assert access["row"] == package.access_row
    assert bare_python(bag / "verify.py", "--fingerprint", package.fingerprint).returncode == 0


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("data/accesses.json", '"title":"detective"', '"title":"lieutenant"', "something else of title"),
        ("data/accesses.json", '"purpose":"stolen', '"purpose":"STOLEN', "something else of purpose"),
        ("data/alerts.json", '"name":"Plateward"', '"name":"Drew Dunn"', "something else of name"),
        ("data/entries.json", '"name":"Laura Lane"', '"name":"Carl Cole"', "something else of name"),
    ],
)
def test_words_that_were_changed_with_every_list_are_told_by_the_sealed_rows(
    barstow: Town, now: datetime, tmp_path: Path, file: str, before: str, after: str, told: str
) -> None:
    bag = unpacked(built(barstow, now, "8ABC123"), tmp_path)
    text = (bag / file).read_text()
    assert before in text
    (bag / file).write_text(text.replace(before, after))
    relisted(bag)

    found = bare_python(bag / "verify.py")
    assert (found.returncode, told in found.stdout) == (1, True), found.stdout


def test_a_package_without_its_proof_fails(barstow: Town, now: datetime, tmp_path: Path) -> None:
    bag = unpacked(built(barstow, now, "8ABC123"), tmp_path)
    shutil.rmtree(bag / "proof")
    relisted(bag)
    found = bare_python(bag / "verify.py")
    assert (found.returncode, "it was taken away" in found.stdout) == (1, True)


def relisted(bag: Path) -> None:
    """Write every list anew, as whoever changed a file would."""
    info = [line for line in (bag / "bag-info.txt").read_text().splitlines() if "Oxum" not in line]
    payload = [path for path in (bag / "data").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in payload)
    (bag / "bag-info.txt").write_text("\n".join([*info, f"Payload-Oxum: {size}.{len(payload)}"]) + "\n")
    lines = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in payload}
    listed = "".join(f"{digest}  {path.relative_to(bag)}\n" for path, digest in lines.items())
    (bag / "manifest-sha256.txt").write_text(listed)
    tags = [path for path in bag.rglob("*") if path.is_file() and path not in payload]
    told = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(bag)}\n"
        for path in tags
        if path.name != "tagmanifest-sha256.txt"
    )
    (bag / "tagmanifest-sha256.txt").write_text(told)


@pytest.mark.clause("B-466.6(a)", "CC-1798.90.52")
def test_each_plate_is_on_record_before_anything_is_packed(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = []

    def packed(**_: object) -> None:
        recorded.extend(AccessRecord.objects.order_by("plate").values_list("plate", "reference", "username"))
        raise OSError(errno.ENOSPC, "No space left on device")

    found = photographed(barstow, now, "8ABC123", "7XYZ789")
    monkeypatch.setattr(package_work, "pack", packed)
    package_actions.build(by=barstow.actor("diaz", now), wanted=ordered(*found), now=now)

    assert recorded == [("7XYZ789", "26-01234", "diaz"), ("8ABC123", "26-01234", "diaz")]


def test_a_full_disc_says_so_and_leaves_nothing_and_the_order_can_be_repeated(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = photographed(barstow, now, "8ABC123")
    diaz = barstow.actor("diaz", now)
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr(package_building.Packing, "proof", no_room)
        package = package_actions.build(by=diaz, wanted=ordered(*found), now=now)

    assert package.state == PackageState.FAILED
    assert "no room on the disc" in package.failure
    assert list(package_store.folder(package).iterdir()) == []
    with pytest.raises(ValidationError, match="no file to take"):
        package_actions.take(package=package, by=diaz, now=now)

    package_actions.order_again(package=package, by=diaz, now=now)
    assert package_work.work_waiting(now=now) == 1
    package.refresh_from_db()
    assert (package.state, package.number) == (PackageState.BUILT, 1)


def test_what_a_killed_worker_left_is_begun_anew_and_never_shown_as_built(
    barstow: Town, now: datetime
) -> None:
    found = photographed(barstow, now, "8ABC123")
    package = package_actions.order(by=barstow.actor("diaz", now), wanted=ordered(*found), now=now)
    left = package_store.folder(package) / f".{package_store.BAG}.0badcafe"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a package")
    Package.objects.update(attempts=1, read_count=1)

    assert package_work.work_waiting(now=now) == 1
    package.refresh_from_db()
    assert package.state == PackageState.BUILT
    assert [path.name for path in left.parent.iterdir()] == [package_store.BAG]

    Package.objects.update(state=PackageState.BUILDING, attempts=5)
    package_work.work_waiting(now=now)
    package.refresh_from_db()
    assert (package.state, "several times" in package.failure) == (PackageState.FAILED, True)


def test_a_picture_that_is_lost_is_named_with_the_reason(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    found = photographed(barstow, now, "8ABC123", "7XYZ789")
    picture = Picture.objects.get(read_id=found[0].id)
    assert picture.data_key is not None
    (picture_store().root / filed(picture).name("original", picture.data_key.pk)).unlink()  # type: ignore[arg-type]  # the kind's own text
    package = package_actions.build(by=barstow.actor("diaz", now), wanted=ordered(*found), now=now)

    assert (package.picture_count, package.missing) == (1, 1)
    shown = bare_python(unpacked(package, tmp_path) / "verify.py", "--fingerprint", package.fingerprint)
    assert shown.returncode == 0
    assert "could not be packed: its file is missing" in shown.stdout


def test_a_read_that_was_destroyed_meanwhile_ends_the_build(barstow: Town, now: datetime) -> None:
    found = photographed(barstow, now, "8ABC123", "7XYZ789")
    package = package_actions.order(by=barstow.actor("diaz", now), wanted=ordered(*found), now=now)
    Read.objects.filter(id=found[0].id).delete()
    package_work.work_waiting(now=now)

    package.refresh_from_db()
    assert (package.state, "was destroyed" in package.failure) == (PackageState.FAILED, True)


def test_an_alert_is_packed_with_the_reads_of_its_hits(barstow: Town, now: datetime) -> None:
    (read,) = photographed(barstow, now, "8ABC123")
    alert = AuditRecord.objects.get(verb="alerts.alert.raised").subject.partition(":")[2]
    package = package_actions.order(by=barstow.actor("diaz", now), wanted=ordered(alerts=(alert,)), now=now)
    assert list(package.packed.values_list("read_id", flat=True)) == [read.id]


def test_a_hold_is_packed_with_every_read_it_covers(barstow: Town, now: datetime) -> None:
    reads = photographed(barstow, now, "8ABC123", "7XYZ789")
    hold = asked(barstow, "diaz", now, one_read(reads[0]))
    package = package_actions.order(by=barstow.actor("diaz", now), wanted=ordered(hold=hold.pk), now=now)

    assert package.hold == hold
    assert list(package.packed.values_list("read_id", flat=True)) == [reads[0].id]


def test_nothing_is_packed_without_right_reason_or_read(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    (read,) = photographed(barstow, now, "8ABC123")
    with pytest.raises(Refused):
        package_actions.order(by=barstow.actor("imani", now), wanted=ordered(read), now=now)
    with pytest.raises(UnusableWishError, match="what the package is for"):
        package_actions.order(by=barstow.actor("diaz", now), wanted=ordered(read, reason=" "), now=now)
    with pytest.raises(UnusableWishError, match="at least one"):
        package_actions.order(by=barstow.actor("diaz", now), wanted=ordered(), now=now)
    with pytest.raises(Read.DoesNotExist):
        package_actions.order(
            by=huntington_park.actor("hale", now),
            wanted=ordered(read, purpose="stolen-or-wanted-vehicle"),
            now=now,
        )
    assert not Package.objects.exists()


def test_our_copy_is_destroyed_with_its_key_and_a_reason(barstow: Town, now: datetime) -> None:
    package = built(barstow, now, "8ABC123")
    diaz = barstow.actor("diaz", now)
    with pytest.raises(ValidationError, match="Say why"):
        package_actions.discard(package=package, by=diaz, because="", now=now)
    package_actions.discard(package=package, by=diaz, because="Booked as item 26-7", now=now)

    assert not PackageKey.objects.exists()
    package.refresh_from_db()
    with pytest.raises(ValidationError, match="destroyed"):
        package_actions.take(package=package, by=diaz, now=now)
    assert AuditRecord.objects.filter(verb="evidence.package.discarded", subject=package.subject).exists()


def test_one_package_that_cannot_be_built_holds_up_no_other(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = photographed(barstow, now, "8ABC123", "7XYZ789")
    diaz = barstow.actor("diaz", now)
    first = package_actions.order(by=diaz, wanted=ordered(found[0]), now=now)
    package_actions.order(by=diaz, wanted=ordered(found[1]), now=now)
    actual = package_work.pack

    def faulty(**facts: Any) -> Any:
        if facts["package"].pk == first.pk:
            raise KeyError("a fault of ours")
        return actual(**facts)

    monkeypatch.setattr(package_work, "pack", faulty)
    assert package_work.work_waiting(now=now) == 1
    assert sorted(Package.objects.values_list("number", "state")) == [(1, "BUILDING"), (2, "BUILT")]


def test_what_is_ordered_is_held_until_it_is_packed(barstow: Town, now: datetime) -> None:
    found = photographed(barstow, now, "8ABC123", "7XYZ789")
    diaz = barstow.actor("diaz", now)
    day = (now - timedelta(hours=1), now + timedelta(hours=1))
    package = package_actions.order(by=diaz, wanted=ordered(found[0]), now=now)
    assert holding.held_count("barstow-pd", *day) == 1
    package_work.make(package=package, by=diaz, now=now)
    assert holding.held_count("barstow-pd", *day) == 0

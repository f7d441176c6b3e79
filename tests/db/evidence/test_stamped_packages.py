"""A package with a time stamp (RFC 3161), and one whose authority failed, which is whole without."""

import dataclasses
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import bagit
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from plateward.audit.models import AuditRecord
from plateward.evidence.package_models import Package
from plateward.evidence.package_rules import PackageState
from tests.packages import bare_python, built, on_discs, taken
from tests.personas import Town
from tests.stamps import StampingCa, StampingServer, openssl, stamping_server

Login = Callable[[str], Client]
pytestmark = pytest.mark.django_db
TOKEN, LIST = "tagmanifest-sha256.txt.tsr", "tagmanifest-sha256.txt"


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> StampingCa:
    return StampingCa(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def server(ca: StampingCa, monkeypatch: pytest.MonkeyPatch) -> Iterator[StampingServer]:
    with stamping_server(ca.answer) as made:
        named = dataclasses.replace(settings.ENVIRONMENT, timestamp_url=made.url, timestamp_ca=ca.ca)
        monkeypatch.setattr(settings, "ENVIRONMENT", named)
        yield made


def unpacked(package: Package, folder: Path) -> Path:
    with zipfile.ZipFile(taken(package, folder)) as archive:
        archive.extractall(folder)
    return folder / package.folder


def told_of(package: Package, client: Client) -> tuple[dict[str, str], str]:
    """What the journal says of its stamp, and its page."""
    row = AuditRecord.objects.get(verb="evidence.package.built", subject=package.subject)
    found = {name: value for name, value in row.detail.items() if "stamped" in name}
    return found, client.get(reverse("evidence:package", args=[package.pk])).content.decode()


@pytest.mark.usefixtures("server")
def test_a_package_brings_its_time_stamp_and_says_how_to_check_it(
    barstow: Town, now: datetime, tmp_path: Path, ca: StampingCa, login: Login
) -> None:
    package = built(barstow, now)

    assert (package.state, package.unstamped_because) == (PackageState.BUILT, "")
    assert package.stamped_at is not None
    bag = unpacked(package, tmp_path)
    openssl("ts", "-verify", "-in", bag / TOKEN, "-data", bag / LIST, "-CAfile", ca.ca)
    assert bagit.Bag(str(bag)).is_valid(), "BagIt lets a file be there that no list can name"
    words = (bag / "verify.py", "--fingerprint", package.fingerprint)
    found = bare_python(*words)
    assert found.returncode == 0, found.stdout
    assert f"openssl ts -verify -in {TOKEN} -data {LIST} -CAfile CA.pem" in found.stdout
    assert "stamped by 127.0.0.1" in (bag / "README.txt").read_text()
    journal, page = told_of(package, login("diaz"))
    assert journal == {"stamped_at": package.stamped_at.isoformat(), "stamped_by": package.stamped_by}
    assert "by CN=Stamping Authority,O=County" in page

    discs, _ = on_discs(barstow, now, package)
    assert discs.state == "BUILT", "a disc that holds it is read back and sound"
    (bag / TOKEN).write_bytes(b"of another package")
    forged = bare_python(*words)
    assert forged.returncode == 1
    assert f"{TOKEN} does not hold the fingerprint" in forged.stdout


def test_an_authority_that_fails_costs_no_package(
    barstow: Town, now: datetime, tmp_path: Path, server: StampingServer, login: Login
) -> None:
    server.answer = lambda _: 500
    package = built(barstow, now)

    assert (package.state, package.stamped_at) == (PackageState.BUILT, None)
    bag = unpacked(package, tmp_path)
    assert not (bag / TOKEN).exists()
    found = bare_python(bag / "verify.py", "--fingerprint", package.fingerprint)
    assert (found.returncode, "openssl" in found.stdout) == (0, False)
    journal, page = told_of(package, login("diaz"))
    assert journal == {"unstamped_because": "127.0.0.1 answered with status 500"}
    assert "None: 127.0.0.1 answered with status 500" in page

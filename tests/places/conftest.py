from collections.abc import Iterator
from pathlib import Path

import pytest

from plateward.vault.places import Folder, Place
from plateward.vault.s3 import S3
from tests.buckets import bucket, server


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with server(tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each place in turn: what holds of one holds of the other."""
    if request.param == "folder":
        return Folder(tmp_path / "pictures")
    return S3(bucket(request.getfixturevalue("s3_port")))

"""A unit of its own, and a server that speaks with it, for each test that asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plateward.edge.agent import Unit
from tests.edge.unit_server import UnitServer, serving
from tests.edge.units import enrolled, settings_in


@pytest.fixture
def server() -> Iterator[UnitServer]:
    with serving() as found:
        yield found


@pytest.fixture
def unit(tmp_path: Path, server: UnitServer) -> Iterator[Unit]:
    unit = enrolled(settings_in(tmp_path, server.url))
    yield unit
    unit.close()

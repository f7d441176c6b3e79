from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from plateward.policy import Profile, build_profile, join_documents, load_profile

POLICIES = Path(__file__).parents[3] / "policies"
AGENCIES = ("barstow-pd", "huntington-park-pd")


@cache
def _text(agency: str) -> bytes:
    folder = POLICIES / agency
    return join_documents(*((folder / name).read_bytes() for name in ("profile.yaml", "clauses.yaml")))


@cache
def _profile(agency: str) -> Profile:
    return load_profile(_text(agency))


@cache
def _raw(agency: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for document in yaml.safe_load_all(_text(agency)):
        merged |= document
    return merged


@pytest.fixture
def barstow() -> Profile:
    return _profile("barstow-pd")


@pytest.fixture
def huntington_park() -> Profile:
    return _profile("huntington-park-pd")


@pytest.fixture(params=AGENCIES)
def either(request: pytest.FixtureRequest) -> Profile:
    return _profile(request.param)


@pytest.fixture
def changed() -> Callable[..., Profile]:
    """Load Barstow's profile with values replaced: `changed({"search/reference_required/value": True})`."""

    def change(changes: dict[str, Any], agency: str = "barstow-pd") -> Profile:
        raw = deepcopy(_raw(agency))
        for path, value in changes.items():
            *parents, last = path.split("/")
            place: Any = raw
            for step in parents:
                place = place[int(step) if isinstance(place, list) else step]
            place[int(last) if isinstance(place, list) else last] = value
        return build_profile(raw)

    return change

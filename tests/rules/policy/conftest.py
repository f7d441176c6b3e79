from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from plateward.policy import Profile, build_profile
from tests.rules.policy.shipped import AGENCIES, EXAMPLES, profile_of, raw_profile


@pytest.fixture
def barstow() -> Profile:
    return profile_of("barstow-pd")


@pytest.fixture
def huntington_park() -> Profile:
    return profile_of("huntington-park-pd")


@pytest.fixture(params=AGENCIES)
def either(request: pytest.FixtureRequest) -> Profile:
    return profile_of(request.param)


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Profile:
    return profile_of(request.param)


@pytest.fixture
def changed() -> Callable[..., Profile]:
    """Load a shipped profile with values replaced: `changed({"search/reference_required/value": True})`."""

    def change(changes: dict[str, Any], agency: str = "barstow-pd") -> Profile:
        raw = deepcopy(raw_profile(agency))
        for path, value in changes.items():
            *parents, last = path.split("/")
            place: Any = raw
            for step in parents:
                place = place[int(step) if isinstance(place, list) else step]
            place[int(last) if isinstance(place, list) else last] = value
        return build_profile(raw)

    return change

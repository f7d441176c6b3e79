import pytest

from plateward.policy import Profile
from tests.rules.policy.shipped import profile_of


@pytest.fixture
def barstow() -> Profile:
    return profile_of("barstow-pd")


@pytest.fixture
def huntington_park() -> Profile:
    return profile_of("huntington-park-pd")

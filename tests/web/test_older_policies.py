"""Under versions that an earlier Plateward adopted, each page opens for those who answer for the use.

The oldest takes every step up to today's profile and the newest just one; that each one between, and of both
agencies, loads as well is shown without pages (`tests/structure`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from plateward.accounts.models import Certification
from plateward.governance.queries import adoption_in_force, profile_for
from tests.personas import Town
from tests.versions import PAST, on_file

pytestmark = pytest.mark.django_db

Login = Callable[[str], Client]
READERS = {"barstow-pd": ("chen", "cole", "imani"), "huntington-park-pd": ("hayes", "howe")}
"""Command staff and who manages accounts."""


def _kept(agency: str) -> dict[int, str]:
    return {
        int(path.stem.rpartition("-")[2]): path.name for path in Path(PAST).glob(f"{agency}-schema-*.yaml")
    }


OLDER = _kept("barstow-pd")
SILENT = _kept("huntington-park-pd")
NAMES = [OLDER[min(OLDER)], SILENT[max(SILENT)]]
LEFT_OUT = ("logout/", "live/stream")
"""One ends the session, one never ends."""
BY_TOKEN = ("api/v1/", "unit/v1/")
"""Ask for a program's token or a unit's key, which a log-in is not."""
FINE = {HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
FINE |= {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Every address that names no object."""
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, address)
        elif isinstance(entry, URLPattern) and "<" not in address and not address.endswith(LEFT_OUT):
            yield address


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_under_an_older_version(
    barstow: Town, huntington_park: Town, now: datetime, login: Login, name: str
) -> None:
    towns = {town.agency.pk: town for town in (barstow, huntington_park)}
    town = next(town for agency, town in towns.items() if name.startswith(agency))
    old = on_file(town, name, now + timedelta(milliseconds=1), version="older")
    assert adoption_in_force(town.agency.pk) == old
    # Its people were trained by the course that it names.
    (course,) = profile_for(town.agency.pk).training.courses
    Certification.objects.filter(agency=town.agency).update(course=course)

    opened = set()
    for username in READERS[town.agency.pk]:
        client = login(username)
        for address in addresses(get_resolver()):
            answer = client.get(f"/{address}")
            fine = FINE | {HTTPStatus.UNAUTHORIZED} if address.startswith(BY_TOKEN) else FINE
            assert answer.status_code in fine, f"/{address} for {username}: {answer.status_code}"
            if answer.status_code == HTTPStatus.OK:
                opened.add(address)
    assert {"policy/", "oversight/my-record/", "me/"} <= opened

"""How many known plates a watch pattern would catch: counted on record, for those who may ask."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from plateward.audit.models import AccessRecord
from plateward.hotlists.filters import VehicleFilter
from plateward.hotlists.watching import Preview
from plateward.policy import Refused
from plateward.reads import directory
from plateward.search import known_plates
from plateward.search.watch_actions import preview_watch
from tests.personas import Town
from tests.sightings import seen

pytestmark = [pytest.mark.clause("B-466.4(c)", "H-426.3(c)"), pytest.mark.django_db(transaction=True)]


def known(town: Town, now: datetime) -> None:
    """Three plates that ?ABC12* fits, one of them read by look-alikes too; one seen long ago; one other."""
    for plate, days, color in (
        ("8ABC123", 1, "white"),
        ("8A8C123", 2, "white"),
        ("7ABC124", 3, "red"),
        ("6ABC125", 4, ""),
        ("5ABC126", 40, "white"),
        ("7XYZ999", 1, "white"),
    ):
        directory.note([seen(town.camera, plate, now - timedelta(days=days), color=color).id])


def counted(town: Town, now: datetime, username: str = "ortiz", **changes: Any) -> Preview:
    asked: dict[str, Any] = {
        "plate": "?ABC12*",
        "vehicle": VehicleFilter(),
        "days": 30,
        "purpose": "stolen-or-wanted-vehicle",
        "reason": "Shots fired at 1st and Main, partial plate by a witness",
        "case_number": "26-01234",
    }
    return preview_watch(**(asked | changes), by=town.actor(username, now), now=now)


def test_known_plates_of_the_time_are_counted_look_alikes_as_one(
    barstow: Town, huntington_park: Town, now: datetime
) -> None:
    known(barstow, now)
    known(huntington_park, now)
    assert counted(barstow, now) == Preview(plates=3, days=30)
    assert counted(barstow, now, days=90).plates == 4
    assert counted(barstow, now, plate="9ABC12*").plates == 0


def test_plates_whose_every_read_was_another_vehicle_are_told_apart(barstow: Town, now: datetime) -> None:
    known(barstow, now)
    white = counted(barstow, now, vehicle=VehicleFilter(color="White"))
    assert (white.plates, white.unlike) == (2, 1)
    assert counted(barstow, now, vehicle=VehicleFilter(region="US-NV")).plates == 0


def test_many_plates_are_told_as_at_least_so_many(
    barstow: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(barstow, now)
    monkeypatch.setattr(known_plates, "MOST", 2)
    bounded = counted(barstow, now)
    assert (bounded.plates, bounded.is_bounded) == (2, True)


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
def test_the_count_is_an_access_with_purpose_and_pattern(barstow: Town, now: datetime) -> None:
    known(barstow, now)
    counted(barstow, now, vehicle=VehicleFilter(color="white"))
    access = AccessRecord.objects.get()
    assert (access.purpose, access.reference, access.result_count) == (
        "stolen-or-wanted-vehicle",
        "26-01234",
        2,
    )
    assert access.elements["plate"] == "?ABC12*"
    assert access.elements["vehicle"] == "white"


@pytest.mark.parametrize("username", ["dunn", "soto", "vendor"])
def test_who_may_not_request_is_told_no_number(barstow: Town, now: datetime, username: str) -> None:
    with pytest.raises(Refused):
        counted(barstow, now, username)
    assert not AccessRecord.objects.exists()


def test_a_purpose_outside_the_policy_and_a_whole_plate_are_refused(
    huntington_park: Town, now: datetime
) -> None:
    with pytest.raises(Refused, match=r"H-426\.2"):
        counted(huntington_park, now, "hart", purpose="crime-analysis")
    with pytest.raises(ValidationError, match="This plate is whole"):
        counted(huntington_park, now, "hart", plate="8ABC123")

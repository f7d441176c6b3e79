"""Who was at several incidents: what is found, behind which walls, and on which record."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plateward.audit.models import AccessRecord, AuditRecord
from plateward.audit.presenters import sentence
from plateward.devices.models import Device
from plateward.policy import Refused
from plateward.search.analysis_actions import IncidentsResult, run_incidents, show_analysis
from plateward.search.areas import Circle
from plateward.search.incidents import Incident, IncidentsQuery
from plateward.search.meetings import AnalysisError
from tests.drives import more_cameras
from tests.personas import Town
from tests.sightings import seen

NIGHT = datetime(2026, 6, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def around(camera: Device) -> Circle:
    assert camera.latitude is not None
    assert camera.longitude is not None
    return Circle(camera.latitude, camera.longitude, 300)


def incident(name: str, at: datetime, area: Circle | None, device_ids: tuple[UUID, ...] = ()) -> Incident:
    return Incident(name=name, from_at=at, until_at=at + timedelta(hours=1), area=area, device_ids=device_ids)


def asks(*incidents: Incident, **changes: object) -> IncidentsQuery:
    asked = {
        "incidents": incidents,
        "fewest": 2,
        "purpose": "crime-analysis",
        "reason": "Three burglaries by night, one way of working",
        "reference": "26-01234",
    }
    return IncidentsQuery(**(asked | changes))  # type: ignore[arg-type]  # one story differs in one field


@pytest.fixture
def cameras(barstow: Town, now: datetime) -> list[Device]:
    return more_cameras(barstow, 2, now)


@pytest.fixture
def three(cameras: list[Device]) -> tuple[Incident, ...]:
    """Three nights, each around another camera; the last named by its camera."""
    first, second, third = cameras
    return (
        incident("Burglary at the outlets", NIGHT, around(first)),
        incident("Burglary on L Street", NIGHT + DAY, around(second)),
        incident("Burglary on Armory Road", NIGHT + 2 * DAY, None, (third.pk,)),
    )


def plates(result: IncidentsResult) -> list[str]:
    return [one.plate_key for one in result.suspects]


@pytest.mark.clause("B-466.3")
def test_plates_at_enough_incidents_are_found_by_place_and_by_camera(
    barstow: Town, cameras: list[Device], three: tuple[Incident, ...], now: datetime
) -> None:
    minutes = timedelta(minutes=20)
    for night, camera in enumerate(cameras):
        at = NIGHT + night * DAY + minutes
        seen(camera, "7XYZ777", at)
        seen(camera, f"4CROW0{night}", at)
        seen(cameras[0], "3WRN6P3", at)  # at one place every night, so at one incident
        if night:
            seen(camera, "4TW0444", at)
        seen(camera, "5LATE55", at + timedelta(hours=1))
    result = run_incidents(by=barstow.actor("diaz", now), query=asks(*three), now=now)

    assert plates(result) == ["7XY2777", "4TW0444"]
    first = result.suspects[0]
    assert [one.incident.name for one in first.presences] == [one.name for one in three]
    assert [result.reads[one.read_ids[0]] for one in first.presences] == [
        ("7XYZ777", camera.pk) for camera in cameras
    ]
    assert result.looked == (1, 1, 1)
    assert plates(run_incidents(by=barstow.actor("diaz", now), query=asks(*three, fewest=3), now=now)) == [
        "7XY2777"
    ]


@pytest.mark.clause("B-466.6(a)")
def test_the_access_record_names_each_incident_and_the_plates_shown(
    barstow: Town, cameras: list[Device], three: tuple[Incident, ...], now: datetime
) -> None:
    for night, camera in enumerate(cameras[:2]):
        seen(camera, "7XYZ777", NIGHT + night * DAY)
    result = run_incidents(by=barstow.actor("diaz", now), query=asks(*three), now=now)
    record = AccessRecord.objects.get()
    assert record.pk == result.access.pk
    assert (record.plate, record.result_count) == ("", 1)
    assert [one["name"] for one in record.elements["incidents"]] == [one.name for one in three]
    assert record.elements["incidents"][2]["cameras"] == [str(cameras[2].pk)]
    assert record.elements["shown"] == ["7XYZ777"]
    assert "looked at reads of all plates for crime-analysis, found: 1" in sentence(
        AuditRecord.objects.get(pk=record.pk)
    )

    again = show_analysis(by=barstow.actor("diaz", now), analysis_id=result.analysis.pk, now=now)
    assert isinstance(again, IncidentsResult)
    assert plates(again) == ["7XY2777"]
    assert AccessRecord.objects.count() == 2


@pytest.mark.clause("H-426.2")
def test_where_crime_analysis_is_no_purpose_incidents_are_not_compared(
    huntington_park: Town, three: tuple[Incident, ...], now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        run_incidents(
            by=huntington_park.actor("hale", now), query=asks(*three, purpose="stolen-plate"), now=now
        )
    assert refused.value.decision.clause == "H-426.2"
    assert not AccessRecord.objects.exists()


@pytest.mark.clause("B-466.7")
def test_another_agencys_cameras_are_neither_named_nor_found(
    barstow: Town, huntington_park: Town, three: tuple[Incident, ...], now: datetime
) -> None:
    theirs = huntington_park.camera
    for night in range(2):
        seen(theirs, "7XYZ777", NIGHT + night * DAY)
    by_place = [incident(f"Theirs {n}", NIGHT + n * DAY, around(theirs)) for n in range(2)]
    diaz = barstow.actor("diaz", now)
    assert plates(run_incidents(by=diaz, query=asks(*by_place), now=now)) == []
    with pytest.raises(Device.DoesNotExist):
        run_incidents(by=diaz, query=asks(*three, incident("By camera", NIGHT, None, (theirs.pk,))), now=now)


def test_too_much_at_once_is_refused_and_nothing_recorded(
    barstow: Town, three: tuple[Incident, ...], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.search.incidents.MOST_TIME", timedelta(hours=2))
    with pytest.raises(AnalysisError, match="3 hours of single cameras"):
        run_incidents(by=barstow.actor("diaz", now), query=asks(*three), now=now)
    assert not AccessRecord.objects.exists()

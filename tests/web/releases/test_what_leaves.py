"""What goes along with a release, file by file and field by field, and what stays here (R111, CC 1798.90.55)."""

import json
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from plateward.audit import actions as audit
from plateward.devices.models import Service
from plateward.evidence.package_rules import Wanted
from plateward.reads.models import Read
from plateward.releases import request_actions
from plateward.releases.models import Fulfillment
from plateward.releases.rules import Override
from tests.packages import taken
from tests.pages import text
from tests.personas import Town
from tests.days import day_of
from tests.releasing import kept_portal_request, partner, prepared

Login = Callable[[str], Client]
PAPERS = {
    *("README.txt", "bag-info.txt", "bagit.txt", "case.jsonld", "certification.pdf", "chain-of-custody.pdf", "custody.json"),
    *("manifest-sha256.txt", "report.pdf", "tagmanifest-sha256.txt", "verify.py", "viewer.html"),
    *("viewer/reads-0001.html", "viewer/viewer.css", "data/alerts.json", "data/entries.json"),
    *("data/reads.csv", "proof/checkpoints.jsonl", "proof/leaves.jsonl", "proof/log.vkey"),
    *("proof/rotations.jsonl", "proof/manifest.json", "data/limits.json", "data/policy/clauses.json"),
}
FIELDS: Mapping[str, frozenset[str]] = {
    "data/reads.json": frozenset(
        "id captured_at received_at stored_at camera camera_name plate_raw plate confidence characters "
        "candidates region region_confidence plate_box direction heading_deg latitude longitude vehicle lane "
        "speed_kmh clock_skew_s is_late source_event_id model adapter pictures compared_with_picture".split()
    ),
    "data/accesses.json": frozenset(
        "row accessed_at agency organization username name title address elements purpose reason reference "
        "result_count is_count_bounded profile_version subject".split()
    ),
    "data/cameras.json": frozenset(
        "id name kind location owner site model latitude longitude heading_deg view_deg revision format "
        "installed_date registered_at moved_at services problems_then hours".split()
    ),
    "data/policy/versions.json": frozenset("version effective_at adopted_at adopted_by sha256 file".split()),
}
COLUMNS = (
    "number,read,captured,plate,plate spelled,plate as sent,state,confidence,camera,place,latitude,longitude,"
    "direction,heading,color,make,model,type,pictures,compared with picture,packed by,name,title,agency,"
    "ordered,purpose,reason,case,access record,policy version,extent,notice"
)


def stage(town: Town, now: datetime) -> Any:
    def by(who: str) -> dict[str, Any]:
        return {"by": town.actor(who, now), "now": now}

    return SimpleNamespace(town=town, now=now, by=by)


def searched(town: Town, now: datetime, read: Read) -> None:
    """Officer Ortiz opened the read in a matter of her own."""
    by = town.actor("ortiz", now)
    audit.record_access(
        by=by.who,
        agency=by.agency,
        elements={"plate": read.plate},
        purpose="stolen-plate",
        reason="A neighbor’s complaint",
        reference="RD-26-9",
        result_count=1,
        subject=f"reads.Read:{read.id}",
        profile_version=by.profile.version,
        now=now,
    )


def contents(made: Fulfillment, folder: Path) -> dict[str, bytes]:
    assert made.package is not None
    with zipfile.ZipFile(taken(made.package, folder)) as bag:
        root = f"{made.package.folder}/"
        return {name.removeprefix(root): bag.read(name) for name in bag.namelist()}


@pytest.mark.clause("B-466.7", "CC-1798.90.55")
def test_a_release_holds_exactly_these_fields_and_nothing_of_our_own_work(
    barstow: Town, now: datetime, tmp_path: Path
) -> None:
    camera = barstow.camera
    Service.objects.create(
        agency=barstow.agency,
        device=camera,
        kind="MAINTENANCE",
        done_date=day_of(now),
        done_by="Technician Tully",
        note="Looks into a yard.",
        recorded_by="Dana Diaz",
        recorded_at=now,
    )
    camera.sensitive_place = "Clinic"
    camera.save()
    made = prepared(stage(barstow, now), before=lambda read: searched(barstow, now, read))
    files = contents(made, tmp_path)

    assert set(files) == PAPERS | set(FIELDS)
    told = {name: json.loads(files[name]) for name in FIELDS}
    assert {name: frozenset(rows[0]) for name, rows in told.items()} == FIELDS
    assert files["data/reads.csv"].decode("utf-8-sig").splitlines()[0] == COLUMNS
    assert json.loads(files["data/alerts.json"]) == json.loads(files["data/entries.json"]) == []
    (access,) = told["data/accesses.json"]
    assert access["username"] == "soto"  # who packed it, and nobody who searched
    (camera_told,) = told["data/cameras.json"]
    assert [set(one) for one in camera_told["services"]] == [{"kind", "date"}]
    words = ("Ortiz", "neighbor", "RD-26-9", "Tully", "into a yard", "Clinic", "Within policy", "Laura Lane")
    everything = b"".join(files.values()).decode(errors="replace")
    assert [word for word in words if word in everything] == []


def test_what_goes_out_is_said_each_time_and_limits_alone_make_it_so() -> None:
    given = {"purpose": "stolen-plate", "reason": "Robbery", "reference": "26-1"}
    with pytest.raises(TypeError, match="for_outside"):
        Wanted(**given)  # type: ignore[arg-type]  # that is the point
    assert not Wanted(**given, for_outside=False).is_for_outside  # type: ignore[arg-type]  # the same
    assert Wanted(**given, limits=("No transfer.",), for_outside=False).is_for_outside  # type: ignore[arg-type]  # the same


@pytest.mark.clause("B-466.7(b)")
def test_of_a_refusal_the_partner_learns_the_reason_and_nobodys_name(
    barstow: Town, now: datetime, login: Login
) -> None:
    partner(barstow, now)
    made = kept_portal_request(barstow, now)
    assert made.asked_by is not None
    ground = Override("Warrant 26-SW-11", "City attorney, Nov 20")
    made.is_immigration, made.purpose, made.is_acknowledged = True, "suspect-interdiction", True
    made.save()
    lane, cole = barstow.actor("lane", now), barstow.actor("cole", now)
    request_actions.approve_request(
        request=made, reason="Counsel is content.", override=ground, destroy_by=None, by=lane, now=now
    )
    client, address = login(made.asked_by.username), reverse("releases:portal-request", args=[made.pk])
    assert "Nothing yet." in text(client.get(address))
    request_actions.refuse_request(
        request=made, reason="Not for this purpose.", by=cole, now=now + timedelta(minutes=1)
    )
    page = text(client.get(address))
    (decided,) = re.findall(r'<h2 id="decided">.*?</section>', page)
    assert re.findall(r"<strong>(\w+)</strong>", decided) == ["Refused"]
    assert "Not for this purpose." in decided
    for word in ("Lane", "Cole", "Counsel is content", "26-SW-11", "City attorney", "Gov. Code § 7284.6 (SB 54);"):
        assert word not in decided

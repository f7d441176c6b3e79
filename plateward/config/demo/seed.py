"""Sets the demonstration up through the product's own actions; a second run adds only what is missing."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from plateward.accounts import actions as accounts
from plateward.accounts import factor_actions
from plateward.accounts.models import Agency, User
from plateward.alerts.models import Alert
from plateward.audit.who import Who
from plateward.config.demo.audits import seed_audits
from plateward.config.demo.authenticator import AUTHENTICATOR, secret_of
from plateward.config.demo.cast import (
    BARSTOW,
    CAR,
    CASTS,
    COURSE,
    PASSWORD,
    SET_UP,
    Camera,
    Cast,
    Person,
    WantedPlate,
)
from plateward.config.demo.control import seed_control
from plateward.config.demo.decisions import decided
from plateward.config.demo.detectives import seed_detectives
from plateward.config.demo.drives import seed_drives
from plateward.config.demo.evidence import seed_evidence
from plateward.config.demo.extracts import seed_extracts
from plateward.config.demo.history import seed_history
from plateward.config.demo.incidents import seed_incidents
from plateward.config.demo.organization import DEPARTMENTS, seed_organization
from plateward.config.demo.registers import seed_registers
from plateward.config.demo.releases import PARTNER, seed_releases
from plateward.config.demo.retention import seed_retention
from plateward.config.demo.shift import seed_shift
from plateward.config.demo.unit import seed_unit
from plateward.config.demo.upkeep import seed_upkeep
from plateward.devices import actions as devices
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.governance import actions as governance
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for, profile_for
from plateward.hotlists import actions as hotlists
from plateward.hotlists.filters import VehicleFilter
from plateward.hotlists.models import Entry, EntryState
from plateward.hotlists.watching import Watch
from plateward.policy import topics_for
from plateward.search.watch_actions import preview_watch
from plateward.training import actions as training
from plateward.training.models import Session
from plateward.training.rules import DUE_SOON

BY = Who.system("demo")

BEFORE = timedelta(hours=8)
"""The lists of others came so long before the first start: alerts of theirs were worked since."""

Keys = dict[str, dict[str, str]]
"""Each camera's agency and key by the camera's id."""


@dataclass(frozen=True, slots=True)
class Login:
    """One demonstration login, for the table the start prints."""

    agency: str
    username: str
    name: str
    title: str
    shows: str


def seed(at: datetime | None = None) -> list[Login]:
    """Put agencies, policies, people, training, positions, cameras and entries in place; returns the logins.

    Device keys go to `demo-device-keys.json` in the data folder (its owner's only), for the feeder. `at` is
    the instant of the start, None for now.
    """
    now = (at or timezone.now()).replace(microsecond=0)  # a read keeps milliseconds
    set_up = now - timedelta(days=SET_UP)
    keys = _kept_keys()
    for cast in CASTS:
        with transaction.atomic():
            agency = _agency(cast, set_up)
            for person in cast.people:
                _person(agency, person, now - timedelta(days=person.opened))
            _train(cast, agency, now)
            for camera in cast.cameras:
                _camera(agency, camera, keys, set_up)
            if agency.pk == BARSTOW.agency:
                _car(agency, set_up)
        _keep_keys(keys)
    began = now if Alert.objects.exists() else now - BEFORE
    for department in DEPARTMENTS:
        seed_organization(department, BY, began, set_up=set_up)
    seed_history(now)
    seed_registers(now)
    seed_control(now)
    seed_extracts(now)
    seed_shift(now)
    seed_drives(now)
    seed_upkeep(now)
    seed_unit(now, BY)
    for cast in CASTS:
        _request_entries(cast, now)
    seed_detectives(now)
    seed_evidence(now)
    seed_retention(now, BY)
    seed_releases(now, BY)
    seed_incidents(now)
    seed_audits(now)
    return [*(login for cast in CASTS for login in _logins(cast)), *_partners_login()]


def _agency(cast: Cast, now: datetime) -> Agency:
    existing = Agency.objects.filter(pk=cast.agency).first()
    if existing is not None:
        return existing
    written = decided(governance.read_policy(settings.ENVIRONMENT.policies / cast.agency))
    return governance.establish(profile_bytes=written, by=BY, now=now)


def _person(agency: Agency, person: Person, now: datetime) -> None:
    user = User.objects.filter(username=person.username).first()
    if user is None:
        user = _create(agency, person, now)
    if not user.papers.exists():
        accounts.admit(
            user=user,
            password=PASSWORD,
            screened_date=agency.day(now) - timedelta(days=60),
            agreement_date=agency.day(now) - timedelta(days=45),
            need="Shows the demonstration.",
            by=BY,
            now=now,
        )
    if user.one_time_until_at is None and not user.factors.exists():
        secret = secret_of(user.username)
        factor_actions.give_app(user=user, secret=secret, name=AUTHENTICATOR, by=BY, now=now)


def _create(agency: Agency, person: Person, now: datetime) -> User:
    user = accounts.create_user(
        agency=agency,
        username=person.username,
        full_name=person.full_name,
        title=person.title,
        by=BY,
        now=now,
    )
    for position in person.positions:
        governance.appoint(
            user=user,
            position=position,
            by=BY,
            profile_version=profile_for(agency.pk).version,
            now=now,
        )
    return user


def _train(cast: Cast, agency: Agency, now: datetime) -> None:
    """Everybody is certified by another person: the chief certifies the trainer."""
    people = {user.username: user for user in User.objects.filter(agency=agency)}
    trainer = next(
        people[p.username]
        for p in cast.people
        if {"training-corporal", "training-manager"} & set(p.positions)
    )
    chief = people[cast.people[0].username]
    for person in cast.people:
        user = people[person.username]
        if person.trained and not user.certifications.exists():
            accounts.certify(
                user=user,
                course=COURSE,
                completed_date=agency.day(now) + timedelta(days=person.trained_for - 365),
                expires_date=agency.day(now) + timedelta(days=person.trained_for),
                certified_by=chief if user == trainer else trainer,
                topics=topics_for(profile_for(agency.pk), COURSE, person.title),
                instructor=trainer.full_name,
                by=BY,
                now=now,
            )
    if not Session.objects.filter(agency=agency).exists():
        _plan_session(cast, people, trainer, now)
    today = actor_for(trainer, at=now).today
    training.assign_refreshers(agency=agency.pk, today=today, now=now)
    training.assign_to_new_hires(agency=agency.pk, today=today, now=now)


def _plan_session(cast: Cast, people: Mapping[str, User], trainer: User, now: datetime) -> None:
    """A session next week for those whose training is missing, has ended or soon ends."""
    need_it = [p.username for p in cast.people if not p.trained or p.trained_for <= DUE_SOON.days]
    training.plan_session(
        course=COURSE,
        held_at=now.replace(minute=0, second=0, microsecond=0) + timedelta(days=7),
        place="Briefing room",
        instructor=trainer.full_name,
        invited=[people[username] for username in need_it],
        by=actor_for(trainer, at=now),
        now=now,
    )


def _camera(agency: Agency, camera: Camera, keys: Keys, now: datetime) -> None:
    known = Device.objects.filter(agency=agency, name=camera.name).first()
    if known is None:
        device, key = devices.register(
            agency=agency,
            facts=DeviceFacts(
                name=camera.name,
                kind=DeviceKind.FIXED,
                location=camera.location,
                owner=agency.name,
                latitude=camera.latitude,
                longitude=camera.longitude,
                heading_deg=camera.heading_deg,
                installed_date=agency.day(now) - timedelta(days=1),
            ),
            by=BY,
            now=now,
        )
        if camera.feeds:
            keys[str(device.pk)] = {"agency": agency.pk, "key": key}
    elif camera.feeds and str(known.pk) not in keys:
        fresh = devices.rotate_key(device=known, by=BY, now=now)
        keys[str(known.pk)] = {"agency": agency.pk, "key": fresh}


def _car(agency: Agency, now: datetime) -> None:
    if not Device.objects.filter(agency=agency, name=CAR).exists():
        facts = DeviceFacts(name=CAR, kind=DeviceKind.MOBILE, location="Patrol car 12", owner=agency.name)
        devices.register(agency=agency, facts=facts, by=BY, now=now)


def _request_entries(cast: Cast, now: datetime) -> None:
    for wanted in cast.wanted:
        waiting = Entry.objects.filter(
            agency_id=cast.agency,
            plate=wanted.plate,
            state__in=(EntryState.REQUESTED, EntryState.APPROVED, EntryState.ACTIVE),
        )
        if not any(entry.expires_at is None or entry.expires_at > now for entry in waiting):
            _request_entry(wanted, now)


def _request_entry(wanted: WantedPlate, now: datetime) -> None:
    requester = User.objects.get(username=wanted.requester)
    by = actor_for(requester, at=now)
    entry = hotlists.request_entry(
        by=by,
        plate=wanted.plate,
        region=wanted.region,
        vehicle_description=wanted.vehicle,
        purpose=wanted.purpose,
        reason=wanted.reason,
        case_number=wanted.case_number,
        watch=_watch(wanted, by, now) if wanted.major_crime else None,
        now=now,
    )
    if wanted.approver:
        approver = User.objects.get(username=wanted.approver)
        approved = hotlists.approve(by=actor_for(approver, at=now), entry=entry, note="", now=now)
        if approved.state == EntryState.APPROVED:
            hotlists.enter(by=actor_for(requester, at=now), entry=approved, now=now)


def _watch(wanted: WantedPlate, by: Actor, now: datetime) -> Watch:
    """What is known beside a partial plate, and how many known plates it fits."""
    vehicle = VehicleFilter(color=wanted.color)
    known = preview_watch(
        plate=wanted.plate,
        vehicle=vehicle,
        days=30,
        purpose=wanted.purpose,
        reason=wanted.reason,
        case_number=wanted.case_number,
        by=by,
        now=now,
    )
    return Watch(wanted.major_crime, vehicle, known)


def _logins(cast: Cast) -> Iterator[Login]:
    profile = profile_for(cast.agency)
    for person in cast.people:
        yield Login(
            agency=profile.agency.short_name,
            username=person.username,
            name=person.full_name,
            title=profile.title_name(person.title),
            shows=person.shows,
        )


def _partners_login() -> Iterator[Login]:
    for person in User.objects.filter(username=PARTNER).exclude(organization=""):
        shows = "the partners’ portal: own requests, and nothing else"
        yield Login(person.agency.short_name, person.username, person.full_name, person.organization, shows)


def _keys_file() -> Path:
    return Path(settings.ENVIRONMENT.data) / "demo-device-keys.json"


def _kept_keys() -> Keys:
    file = _keys_file()
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _keep_keys(keys: Keys) -> None:
    """Written to the side and renamed, so that a killed start never leaves half a file."""
    file = _keys_file()
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(keys, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)

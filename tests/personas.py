"""The people the tests tell their stories about, made through the product's own actions.

Barstow: Officer Ortiz and Officer Quinn (patrol), Detective Diaz, Sergeant Soto, Lieutenant Lane (Operations
Division Commander and Watch Commander), Captain Cole (Administrative Division Commander), Chief Chen,
Dispatcher Dunn, Ivy Imani (IT manager), Corporal Cruz (Training Corporal), Vic Vendor, and Rookie Ruiz, an
officer without training.
Huntington Park: Officer Hart, Detective Hale, Captain Hayes (Administration Division Commander), Dispatcher
Hyde, and Lieutenant Howe (Training Manager).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.test import Client
from django.utils import timezone

from plateward.accounts import actions as accounts
from plateward.accounts.factor_rules import FactorKind
from plateward.accounts.models import Agency, LoginSession, User
from plateward.audit.who import Who
from plateward.devices import actions as devices
from plateward.devices.models import Device
from plateward.devices.rules import DeviceFacts, DeviceKind
from plateward.governance import actions as governance
from plateward.governance.actor import Actor
from plateward.governance.queries import actor_for, profile_for
from tests.days import day_of
from tests.factors import give_app

POLICIES = Path(__file__).parent.parent / "policies"
PASSWORD = "correct horse battery staple"
CONTENT = (
    "ALPR policy",
    "Guidelines",
    "Procedures",
    "Logging in and using the system",
    "Verifying an alert before enforcement action",
)
"""What Barstow teaches everybody (B-466.8), and what it adds for end-users."""
SETUP = Who.system("tests")


@dataclass(frozen=True)
class Persona:
    username: str
    full_name: str
    title: str
    positions: tuple[str, ...] = ()
    trained: bool = True


BARSTOW = (
    Persona("ortiz", "Olivia Ortiz", "patrol-officer"),
    Persona("quinn", "Quentin Quinn", "patrol-officer"),
    Persona("diaz", "Dolores Diaz", "detective"),
    Persona("soto", "Sam Soto", "sergeant"),
    Persona("lane", "Laura Lane", "lieutenant", ("operations-division-commander", "watch-commander")),
    Persona("cole", "Carl Cole", "captain", ("administrative-division-commander",)),
    Persona("chen", "Cora Chen", "chief-of-police", ("chief-of-police",)),
    Persona("dunn", "Drew Dunn", "dispatcher"),
    Persona("imani", "Ivy Imani", "it-manager", ("it-manager",)),
    Persona("cruz", "Celia Cruz", "corporal", ("training-corporal",)),
    Persona("vendor", "Vic Vendor", "vendor-personnel"),
    Persona("ruiz", "Rey Ruiz", "patrol-officer", trained=False),
)
HUNTINGTON_PARK = (
    Persona("hart", "Hana Hart", "patrol-officer"),
    Persona("hale", "Hugo Hale", "detective"),
    Persona("hayes", "Helen Hayes", "captain", ("administration-division-commander",)),
    Persona("hyde", "Hank Hyde", "dispatcher"),
    Persona("howe", "Holly Howe", "lieutenant", ("training-manager",)),
)


@dataclass
class Town:
    """An agency in force with its people by username and one camera whose key is known."""

    agency: Agency
    users: dict[str, User]
    camera: Device
    camera_key: str

    def actor(self, username: str, now: datetime) -> Actor:
        return actor_for(User.objects.get(username=username), at=now, address="127.0.0.1")


def admit(user: User, now: datetime) -> None:
    """Put everything on file and activate, with PASSWORD and an app as second factor."""
    accounts.admit(
        user=user,
        password=PASSWORD,
        screened_date=day_of(now) - timedelta(days=60),
        agreement_date=day_of(now) - timedelta(days=45),
        need="Duties that need the system.",
        by=SETUP,
        now=now,
    )
    give_app(user, now)


def open_session(client: Client, username: str) -> Client:
    """Log the client in as this person, as if both steps of logging in had been done."""
    user = User.objects.get(username=username)
    client.force_login(user)
    now = timezone.now()
    LoginSession.objects.create(
        session_id=client.session.session_key,
        user=user,
        address="127.0.0.1",
        opened_at=now,
        active_at=now,
        proved_at=now,
        factor=FactorKind.APP,
    )
    return client


def build_town(slug: str, personas: tuple[Persona, ...], *, now: datetime) -> Town:
    agency = governance.establish(profile_bytes=governance.read_policy(POLICIES / slug), by=SETUP, now=now)
    version = profile_for(slug).version
    users = {
        p.username: accounts.create_user(
            agency=agency,
            username=p.username,
            full_name=p.full_name,
            title=p.title,
            by=SETUP,
            now=now,
        )
        for p in personas
    }
    for user in users.values():
        admit(user, now)
    trainer = next(
        p.username for p in personas if {"training-corporal", "training-manager"} & set(p.positions)
    )
    for p in personas:
        for position in p.positions:
            governance.appoint(
                user=users[p.username], position=position, by=SETUP, profile_version=version, now=now
            )
        if p.trained:
            certifier = users[trainer] if p.username != trainer else users[personas[0].username]
            accounts.certify(
                user=users[p.username],
                course="alpr-basic",
                completed_date=day_of(now) - timedelta(days=30),
                expires_date=None,
                certified_by=certifier,
                by=SETUP,
                now=now,
            )
    camera, key = devices.register(
        agency=agency,
        facts=DeviceFacts(
            name="Main St at 1st Ave",
            kind=DeviceKind.FIXED,
            location="Main Street at First Avenue, northbound",
            owner=agency.name,
            latitude=34.8958 if slug == "barstow-pd" else 33.9817,
            longitude=-117.0173 if slug == "barstow-pd" else -118.2251,
            heading_deg=0,
            installed_date=date(2026, 1, 5),
        ),
        by=SETUP,
        now=now,
    )
    return Town(agency=agency, users=users, camera=camera, camera_key=key)


def build_barstow(now: datetime) -> Town:
    return build_town("barstow-pd", BARSTOW, now=now)


def build_huntington_park(now: datetime) -> Town:
    return build_town("huntington-park-pd", HUNTINGTON_PARK, now=now)

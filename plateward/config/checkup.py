"""The checks of `plateward doctor`: each looks at one thing and says what to do when it is not in order."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from plateward.config import picture_checks, retention_checks
from plateward.config.environment import Environment, django_database
from plateward.config.supervisor import is_listening, port_problem
from plateward.findings import Finding, State
from plateward.outgoing.carriers import MailServer
from plateward.policy import SCHEMA, Kept, TellingWay

_OLDEST_POSTGRESQL: Final = 15
_SPACE_WANTED: Final = 5 * 1024**3  # bytes; some 20,000 reads with pictures
_SPACE_NEEDED: Final = 1 * 1024**3
_SKEW_LIMIT: Final = 2.0  # seconds between this clock and the database's
_CHECK_EXPECTED: Final = timedelta(hours=2)
_NAME_DOMAINS: Final = "Set PLATEWARD_MAIL_DOMAINS (docs/howto/be-told-of-alerts.md)."
_NAME_A_SERVER: Final = "Set PLATEWARD_MAIL_HOST and PLATEWARD_MAIL_FROM (docs/howto/be-told-of-alerts.md)."
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def examine(environment: Environment) -> Iterator[Finding]:
    """Run every check, one after the other; a check that breaks is itself a finding."""
    for check in CHECKS:
        try:
            yield from check(environment)
        except Exception as error:  # noqa: BLE001  a doctor that falls ill helps nobody
            name = check.__name__.strip("_").replace("_", " ")
            yield Finding(name, State.WRONG, f"{type(error).__name__}: {error}", "Report this as a defect.")


def _python(_: Environment) -> Iterator[Finding]:
    yield Finding("Python", State.FINE, f"{sys.version.split()[0]} ({sys.executable})")


def _data_folder(environment: Environment) -> Iterator[Finding]:
    data = environment.data
    if not data.exists():
        yield Finding("data folder", State.NOTE, f"{data} does not exist yet", "The first start makes it.")
        return
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("data folder", State.WRONG, f"{data} is closed to this user", "Run as its owner.")
        return
    if data.stat().st_mode & 0o007:
        remedy = f"Run `chmod o= {data}`."
        yield Finding("data folder", State.WRONG, f"{data} is open to every user", remedy)
        return
    yield Finding("data folder", State.FINE, str(data))


def _disc(environment: Environment) -> Iterator[Finding]:
    place = next(path for path in (environment.data, *environment.data.parents) if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GB free"
    remedy = "Free some space, or set PLATEWARD_DATA to a folder on a larger disc."
    if free < _SPACE_NEEDED:
        yield Finding("disc", State.WRONG, found, remedy)
    elif free < _SPACE_WANTED:
        yield Finding("disc", State.NOTE, found, remedy)
    else:
        yield Finding("disc", State.FINE, found)


def _database(environment: Environment) -> Iterator[Finding]:
    try:
        with psycopg.connect(environment.database_url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
            row = connection.execute("SELECT clock_timestamp()").fetchone()
    except psycopg.OperationalError as error:
        yield _unreachable(environment, error)
        return
    if version < _OLDEST_POSTGRESQL:
        remedy = f"Upgrade it to PostgreSQL {_OLDEST_POSTGRESQL} or newer."
        yield Finding("database", State.WRONG, f"PostgreSQL {version} is too old", remedy)
        return
    yield Finding("database", State.FINE, f"PostgreSQL {version} answers")
    if row is not None:
        yield _clocks(row[0])
    migrations = _migrations()
    yield migrations
    if migrations.state is State.FINE:
        yield _walls(environment)
        yield from _policies_in_force(environment)
        yield _inbox()
        yield _wanted_plates()
        yield from picture_checks.findings(environment)
        yield from retention_checks.findings()
        yield from _seal(environment)


def _unreachable(environment: Environment, error: psycopg.OperationalError) -> Finding:
    if environment.embedded:
        return Finding(
            "database", State.NOTE, "the embedded PostgreSQL is not running", "`plateward up` starts it."
        )
    made = django_database(environment.database_url)
    return Finding(
        "database",
        State.WRONG,
        f"{made['HOST'] or 'localhost'}/{made['NAME']} does not answer: {str(error).strip().splitlines()[0]}",
        "Check DATABASE_URL, that the server runs, and that it lets this machine in.",
    )


def _clocks(database_now: datetime) -> Finding:
    skew = abs((datetime.now(UTC) - database_now).total_seconds())
    if skew > _SKEW_LIMIT:
        remedy = "Let both machines follow a time server (chrony, systemd-timesyncd)."
        return Finding("clocks", State.WRONG, f"{skew:.0f} s apart from the database's", remedy)
    return Finding("clocks", State.FINE, f"with the database's within {_SKEW_LIMIT:.0f} s")


def _migrations() -> Finding:
    from plateward.config.cli import setup_django  # noqa: PLC0415  only when the database answers

    setup_django()
    from django.db import connection  # noqa: PLC0415  after setup_django
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415  the same

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        remedy = "Run `plateward up`, or `plateward manage migrate`."
        return Finding("migrations", State.WRONG, f"{len(missing)} are not applied", remedy)
    return Finding("migrations", State.FINE, "all applied")


def _walls(environment: Environment) -> Finding:
    """Whether the database holds the product's own role (ADR 0015)."""
    from plateward.walls.rights import standing  # noqa: PLC0415  only when the database answers

    with psycopg.connect(environment.database_url, connect_timeout=5) as connection:
        found = standing(connection.cursor())
    if found.is_held:
        return Finding("database role", State.FINE, f"{found.role} may neither alter tables nor the journal")
    could = "owns the tables" if found.owns else "may change the journal"
    remedy = (
        "Set DATABASE_OWNER_URL to this role's address, DATABASE_URL and DATABASE_INGEST_URL to roles of "
        "their own, then run `plateward roles` and `plateward manage migrate` (docs/howto/install.md)."
    )
    why = f"{found.role}, which {'no policy holds' if found.bypasses else could}"
    told = f"the product runs as {why}: the database cannot protect the journal from it"
    return Finding("database role", State.WRONG, told, remedy)


def _policies_in_force(environment: Environment) -> Iterator[Finding]:
    from plateward.accounts.models import Agency  # noqa: PLC0415  after setup_django
    from plateward.governance.queries import (  # noqa: PLC0415  the same
        PolicyUnavailableError,
        UnusablePolicyError,
        adoption_in_force,
        profile_for,
        reading_of,
    )

    for agency in Agency.objects.values_list("pk", flat=True):
        name = f"policy in force for {agency}"
        try:
            profile = profile_for(agency)
        except UnusablePolicyError as unusable:
            yield Finding(name, State.WRONG, "; ".join(unusable.problems), str(unusable))
        except PolicyUnavailableError as missing:
            yield Finding(name, State.WRONG, "none", str(missing))
        else:
            kept = reading_of(adoption_in_force(agency))
            yield _in_force(name, profile.version, kept)
            if TellingWay.MAIL in (profile.outgoing.told_by.settled or ()):
                yield from _mail_findings(agency, environment.mail)


def _mail_findings(agency: str, mail: MailServer | None) -> Iterator[Finding]:
    """What is missing for e-mail to people, where an agency lets them be told by it."""
    lets = f"{agency} lets people be told of alerts by e-mail, and"
    if mail is None:
        yield Finding("e-mail", State.WRONG, f"{lets} no mail server is named", _NAME_A_SERVER)
    elif not mail.domains:
        yield Finding("e-mail", State.WRONG, f"{lets} no domains that it goes to are named", _NAME_DOMAINS)


def _in_force(name: str, version: str, kept: Kept) -> Finding:
    """A version of an older schema decides as before; what it was never asked, it does not answer."""
    if not kept.is_upgraded:
        return Finding(name, State.FINE, f"version {version}")
    found = f"version {version}, of schema {kept.schema}, is read as {SCHEMA}"
    if kept.unasked:
        found += f"; not addressed, since never asked: {', '.join(kept.unasked)}"
    return Finding(name, State.NOTE, found, "“Propose a version” begins with its text brought up to date.")


def _inbox() -> Finding:
    from plateward.reads.queries import held_up  # noqa: PLC0415  after setup_django

    waiting, why = held_up(datetime.now(UTC))
    if not waiting:
        return Finding("inbox", State.FINE, "nothing waits longer than a minute")
    remedy = "Mend what it names; the payloads wait for it." if why else "See that `plateward intake` runs."
    found = f"{waiting} payload{'' if waiting == 1 else 's'} waiting longer than a minute"
    return Finding(
        "inbox", State.WRONG, f"{found}; the oldest with a reason: {why}" if why else found, remedy
    )


def _wanted_plates() -> Finding:
    from plateward.hotlists.building import Standing, standing  # noqa: PLC0415  after setup_django

    name = "index of wanted plates"
    found, generation = standing(datetime.now(UTC))
    if found is Standing.CURRENT and generation is not None:
        built = f"{generation.size:,} keys, built {generation.built_at:%Y-%m-%d %H:%M} UTC"
        return Finding(name, State.FINE, built)
    remedy = (
        "The worker builds it within a minute; matching asks the database meanwhile. If it stays so, read "
        "the worker's log."
    )
    return Finding(name, State.NOTE, found.value, remedy)


def _seal(environment: Environment) -> Iterator[Finding]:
    from plateward.audit import ledger  # noqa: PLC0415  after setup_django

    found = ledger.state(datetime.now(UTC))
    if found.late:
        remedy = "See whether `plateward worker` runs and what it says; then run `plateward verify`."
        waiting = f"{found.waiting:,} rows wait, some for more than {ledger.LATE.seconds // 60} minutes"
        yield Finding("journal's seal", State.WRONG, waiting, remedy)
    elif found.head is None:
        yield Finding("journal's seal", State.NOTE, "nothing is sealed yet", "It happens each minute.")
    else:
        yield Finding("journal's seal", State.FINE, f"{found.head.size:,} rows sealed")
    yield from _journal_checks()
    if found.head is not None:
        yield _witness(environment, found.head.size, found.head.sealed_at)


def _journal_checks() -> Iterator[Finding]:
    from plateward.audit import alarms  # noqa: PLC0415  after setup_django

    name, health = "journal's checks", alarms.health(datetime.now(UTC))
    for alarm in health.alarms:
        told = f"{alarm.get_kind_display()} (since {alarm.raised_at:%Y-%m-%d %H:%M} UTC): {alarm.told[0]}"
        remedy = "Change nothing in the database. Run `plateward verify`; docs/howto/verify-the-journal.md."
        yield Finding(name, State.WRONG, told, remedy)
    last = health.last_check
    if last is None:
        yield Finding(name, State.NOTE, "none yet", "The worker makes one when it starts, and each hour.")
    elif datetime.now(UTC) - last.checked_at > _CHECK_EXPECTED:
        remedy = "See whether `plateward worker` runs and what it says."
        yield Finding(name, State.WRONG, f"the last was at {last.checked_at:%Y-%m-%d %H:%M} UTC", remedy)
    elif not health.alarms:
        yield Finding(name, State.FINE, f"passed at {last.checked_at:%Y-%m-%d %H:%M} UTC")


def _local_journal(environment: Environment) -> Iterator[Finding]:
    from plateward.audit import local  # noqa: PLC0415  the checks load what they look at

    name, place = "local journal", environment.data / local.FOLDER
    if place.exists() and not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(name, State.WRONG, f"{place} is closed to this user", "Run as its owner.")
        return
    if waiting := local.files(place):
        remedy = "See why the database refuses the journal's rows, mend that, and see that the worker runs."
        count = "1 file waits" if len(waiting) == 1 else f"{len(waiting)} files wait"
        found = f"the journal could not be written; {count} to be merged"
        yield Finding(name, State.WRONG, found, f"{remedy} docs/howto/verify-the-journal.md")
    if broken := local.set_aside(place):
        remedy = "Somebody changed them: keep a copy outside as evidence, then move them away."
        yield Finding(name, State.WRONG, f"{len(broken)} files with a broken chain in {place}", remedy)
    if not waiting and not broken:
        yield Finding(name, State.FINE, "nothing waits")


def _witness(environment: Environment, size: int, sealed_at: datetime) -> Finding:
    name = "journal's witness"
    if environment.witness_key is None:
        remedy = "Have one (docs/howto/verify-the-journal.md), or print checkpoints and give them away."
        return Finding(name, State.NOTE, "none is set", remedy)
    from plateward.audit import ledger, witnessing  # noqa: PLC0415  after setup_django
    from plateward.ledger.notes import VerifierKey  # noqa: PLC0415  the same

    known = witnessing.remembered_size(VerifierKey.parse(environment.witness_key))
    if known < size and datetime.now(UTC) - sealed_at > ledger.LATE:
        remedy = "See what `plateward worker` says of it. A refusal means that the journal was rewritten."
        return Finding(name, State.WRONG, f"cosigned {known:,} of {size:,} rows", remedy)
    return Finding(name, State.FINE, f"cosigned {known:,} rows")


def _time_server(_: Environment) -> Iterator[Finding]:
    from plateward.audit.timekeeping import ClockState, clock_state  # noqa: PLC0415  the checks load what they look at

    zone, state = datetime.now().astimezone().strftime("%Z (UTC%z)"), clock_state()
    if state is ClockState.SYNCHRONIZED:
        yield Finding("time", State.FINE, f"follows a time server; {zone}")
    else:
        remedy = "Make sure that this machine follows a time server: times are evidence."
        yield Finding("time", State.NOTE, f"no time server is known to be followed; {zone}", remedy)


def _time_stamps(environment: Environment) -> Iterator[Finding]:
    """Until when the certificates last by which packages' time stamps are checked, where any are wanted."""
    if environment.timestamp_ca is None:
        return
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415  the checks load what they look at

    known = load_pem_x509_certificates(environment.timestamp_ca.read_bytes())
    until = max(one.not_valid_after_utc for one in known)
    found = f"asked of {environment.timestamp_url}; its CA's certificate lasts until {until:%Y-%m-%d}"
    is_over = until < datetime.now(UTC)
    remedy = "Get the authority's newer one and name it in PLATEWARD_TIMESTAMP_CA." if is_over else ""
    yield Finding("time stamps", State.WRONG if is_over else State.FINE, found, remedy)


def _web_assets(_: Environment) -> Iterator[Finding]:
    from plateward.ui.assets import DIST  # noqa: PLC0415  the checks load what they look at

    if (DIST / "manifest.json").exists():
        yield Finding("web assets", State.FINE, "built")
    else:
        yield Finding("web assets", State.WRONG, f"{DIST} is missing", "Run `make assets`.")


def _policies(environment: Environment) -> Iterator[Finding]:
    from plateward.policy import ProfileError, load_profile  # noqa: PLC0415  as above

    folders = sorted(path.parent for path in environment.policies.glob("*/profile.yaml"))
    if not folders:
        remedy = "Set PLATEWARD_POLICIES to the folder with the agencies' policies."
        yield Finding("policies", State.WRONG, f"none in {environment.policies}", remedy)
    for folder in folders:
        documents = [path for path in (folder / "profile.yaml", folder / "clauses.yaml") if path.exists()]
        name = f"policy {folder.name}"
        try:
            profile = load_profile(*(path.read_bytes() for path in documents))
        except ProfileError as error:
            yield Finding(name, State.WRONG, str(error), f"Correct the files in {folder}.")
        else:
            yield Finding(name, State.FINE, f"version {profile.version}")


def _recognition(_: Environment) -> Iterator[Finding]:
    from plateward.recognition import models  # noqa: PLC0415  as above

    for model in models.MODELS:
        try:
            models.checked_bytes(model)
        except models.ModelProblem as error:
            yield Finding(
                f"model {model.name}", State.WRONG, str(error), "Install the locked packages again."
            )
        else:
            yield Finding(f"model {model.name}", State.FINE, f"SHA-256 {model.sha256[:12]}… as pinned")


def _ports(environment: Environment) -> Iterator[Finding]:
    for what, port in (("web", environment.port), ("ingest", environment.ingest_port)):
        name = f"port {port} ({what})"
        reason = port_problem(environment.host, port)
        if reason is None:
            yield Finding(name, State.FINE, "free")
        elif is_listening(environment.host, port):
            yield Finding(
                name, State.NOTE, "in use", "Fine if that is Plateward running; else choose another."
            )
        else:
            variable = "PLATEWARD_PORT" if what == "web" else "PLATEWARD_INGEST_PORT"
            yield Finding(name, State.WRONG, reason, f"Correct PLATEWARD_HOST or {variable}.")


def _chromium(_: Environment) -> Iterator[Finding]:
    found = os.environ.get("PLATEWARD_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found and Path(found).exists():
        yield Finding("Chromium", State.FINE, found)
    else:
        yield Finding("Chromium", State.NOTE, "not found", "Needed for browser tests only.")


CHECKS: Final[tuple[Callable[[Environment], Iterator[Finding]], ...]] = (
    _python,
    _data_folder,
    _disc,
    _database,
    _local_journal,
    _time_server,
    _time_stamps,
    _ports,
    _web_assets,
    _policies,
    _recognition,
    _chromium,
)

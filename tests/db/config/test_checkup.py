import dataclasses
import hashlib
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from plateward.alerts import actions as alerts
from plateward.alerts import queries
from plateward.alerts.rules import Place
from plateward.audit import local_actions
from plateward.config.checkup import examine
from plateward.config.environment import Environment, embedded_database_url
from plateward.findings import Finding, State
from plateward.governance.queries import adoption_in_force, profile_for
from plateward.outgoing.carriers import MailServer, MailTls
from plateward.ui import assets
from tests.alarms import alerted
from tests.failing import journal_refuses
from tests.ownership import the_owner
from tests.payloads import inbox_item
from tests.personas import Town
from tests.stamps import StampingCa, expired_ca
from tests.telling import decide_to_tell
from tests.versions import on_file


def examined(url: str | None = None, **changed: object) -> dict[str, Finding]:
    environment = Environment.load()
    if url:
        changed |= {"database_url": url, "embedded": False}
    return {found.name: found for found in examine(dataclasses.replace(environment, **changed))}  # type: ignore[arg-type]  # as given


@pytest.mark.django_db
def test_a_sound_installation_has_nothing_wrong(test_database_url: str) -> None:
    found = examined(test_database_url)
    assert [one for one in found.values() if one.state is State.WRONG] == []
    assert "all applied" in found["migrations"].found
    assert found["policy barstow-pd"].state is State.FINE


@pytest.mark.django_db
def test_missing_migrations_are_counted_with_what_to_do(test_database_url: str) -> None:
    recorder = MigrationRecorder(connection)
    with the_owner():
        recorder.record_unapplied("search", recorder.migration_qs.filter(app="search").latest("id").name)
    found = examined(test_database_url)["migrations"]
    assert found.state is State.WRONG
    assert found.remedy == "Run `plateward up`, or `plateward manage migrate`."


def test_policy_in_force_that_no_longer_loads_is_named_with_agency_and_remedy(
    barstow: Town, test_database_url: str
) -> None:
    assert examined(test_database_url)["policy in force for barstow-pd"].found == "version 2026.2"
    adoption = adoption_in_force(barstow.agency.pk)
    adoption.profile = b"id: barstow-pd"
    adoption.profile_sha256 = hashlib.sha256(adoption.profile).hexdigest()
    adoption.save()

    found = examined(test_database_url)["policy in force for barstow-pd"]

    assert found.state is State.WRONG
    assert "missing required field" in found.found
    assert "plateward adopt" in found.remedy


def test_a_policy_that_lets_people_be_told_by_e_mail_needs_a_mail_server(
    barstow: Town, now: datetime, test_database_url: str
) -> None:
    assert "e-mail" not in examined(test_database_url)
    decide_to_tell(barstow, now, "MAIL")
    found = examined(test_database_url)["e-mail"]
    assert (found.state, "PLATEWARD_MAIL_HOST" in found.remedy) == (State.WRONG, True)
    named = MailServer("mail.city.example", 587, MailTls.STARTTLS, "plateward@city.example")
    assert "PLATEWARD_MAIL_DOMAINS" in examined(test_database_url, mail=named)["e-mail"].remedy
    for_the_city = dataclasses.replace(named, domains=("city.example",))
    assert "e-mail" not in examined(test_database_url, mail=for_the_city)


@pytest.mark.parametrize(
    ("reason", "remedy"), [("", "`plateward intake` runs"), ("Not stored yet (disc full).", "Mend")]
)
def test_payloads_that_wait_are_counted_with_what_holds_them_up(
    barstow: Town, now: datetime, test_database_url: str, reason: str, remedy: str
) -> None:
    inbox_item(barstow.camera, b"{}", now - timedelta(seconds=30))
    assert examined(test_database_url)["inbox"].state is State.FINE
    inbox_item(barstow.camera, b"{}", now - timedelta(minutes=2), reason=reason)
    found = examined(test_database_url)["inbox"]
    assert found.state is State.WRONG
    assert found.found.startswith("1 payload waiting longer than a minute")
    assert reason in found.found
    assert remedy in found.remedy


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    found = examined("postgresql://ann:hidden-word@127.0.0.1:1/alpr")["database"]
    assert found.state is State.WRONG
    assert "127.0.0.1/alpr does not answer" in found.found
    assert "hidden-word" not in found.found


def test_an_embedded_database_that_is_not_running_is_no_fault(tmp_path: Path) -> None:
    found = examined(database_url=embedded_database_url(tmp_path), embedded=True)["database"]
    assert found.state is State.NOTE


def test_missing_assets_are_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    assert examined()["web assets"].remedy == "Run `make assets`."


def test_a_broken_policy_is_shown_with_its_place(tmp_path: Path) -> None:
    shutil.copytree(Environment.load().policies / "barstow-pd", tmp_path / "barstow-pd")
    with (tmp_path / "barstow-pd" / "profile.yaml").open("a") as file:
        file.write("wishes: many\n")
    found = examined(policies=tmp_path)["policy barstow-pd"]
    assert found.state is State.WRONG
    assert "wishes" in found.found


def test_a_data_folder_open_to_everybody_is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert "chmod" in examined(data=tmp_path)["data folder"].remedy


def test_a_check_that_breaks_is_a_finding_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no disc")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    assert examined()["disc"].found == "OSError: no disc"


def test_time_stamps_are_told_only_where_wanted_and_wrong_once_the_ca_is_over(tmp_path: Path) -> None:
    url = "https://tsa.example/tsr"
    assert "time stamps" not in examined()
    found = examined(timestamp_url=url, timestamp_ca=StampingCa(tmp_path / "ca").ca)["time stamps"]
    assert (found.state, url in found.found) == (State.FINE, True)
    over = examined(timestamp_url=url, timestamp_ca=expired_ca(tmp_path / "old.pem"))["time stamps"]
    assert over.state is State.WRONG
    assert "lasts until 2000-01-02" in over.found
    assert "PLATEWARD_TIMESTAMP_CA" in over.remedy


def test_the_browser_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PLATEWARD_CHROMIUM", "/nowhere/chromium")
    assert examined()["Chromium"].state is State.NOTE


def test_a_policy_of_an_older_schema_is_named_with_what_it_was_never_asked(
    test_database_url: str, barstow: Town, now: datetime
) -> None:
    on_file(barstow, "barstow-pd-schema-1.yaml", now)
    found = examined(test_database_url)["policy in force for barstow-pd"]
    assert found.state is State.NOTE
    assert "of schema 1, is read as" in found.found
    assert "audit.every" in found.found


def test_a_journal_that_could_not_be_written_is_told_with_what_to_do_until_it_is_merged(
    barstow: Town, now: datetime, test_database_url: str
) -> None:
    assert examined(test_database_url)["local journal"].state is State.FINE
    dunn = barstow.actor("dunn", now)
    alerted(barstow, now)
    with journal_refuses():
        alerts.deliver(
            by=dunn,
            alerts=list(queries.open_alerts("barstow-pd", profile_for("barstow-pd"))),
            place=Place.CONSOLE,
            now=now,
        )
        found = examined(test_database_url)["local journal"]
    assert found.state is State.WRONG
    assert found.found == "the journal could not be written; 1 file waits to be merged"
    assert "See why the database refuses" in found.remedy
    local_actions.merge(now=now)
    assert examined(test_database_url)["local journal"].state is State.FINE

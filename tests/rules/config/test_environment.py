import base64
import os
from datetime import timedelta
from pathlib import Path

import pytest

from plateward.config.environment import Environment, django_database, embedded_database_url, run_folder
from plateward.config.values import check_data_place
from plateward.config.variables import VARIABLES, EnvironmentProblem
from tests.stamps import StampingCa

PLACE = os.environ["PLATEWARD_DATA"]  # a folder this test run may use, as root too


def load(**given: str) -> Environment:
    return Environment.load({"PLATEWARD_DATA": PLACE, **given})


def problems(**given: str) -> str:
    with pytest.raises(EnvironmentProblem) as caught:
        load(**given)
    return str(caught.value)


def test_nothing_set_gives_a_system_on_this_machine_alone_with_the_embedded_database() -> None:
    found = load()
    assert (found.host, found.port, found.ingest_port) == ("127.0.0.1", 8000, 8001)
    assert found.embedded
    assert found.base_url == "http://localhost:8000"
    assert not found.debug


def test_every_problem_is_listed_with_variable_value_and_example() -> None:
    said = problems(PLATEWARD_PORT="eighty", PLATEWARD_DEBUG="maybe")
    assert "PLATEWARD_PORT is 'eighty'" in said
    assert "Example: PLATEWARD_PORT=8000" in said
    assert "PLATEWARD_DEBUG is 'maybe'" in said


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000.5", "８０"])
def test_a_port_outside_its_range_is_refused(port: str) -> None:
    assert "a port is a number from 1 to 65535" in problems(PLATEWARD_PORT=port)


def test_after_how_long_a_silent_unit_is_a_problem_is_the_installations_to_say() -> None:
    assert load().unit_warn_after == timedelta(days=1)
    assert load(PLATEWARD_UNIT_WARN_HOURS="72").unit_warn_after == timedelta(days=3)
    assert "hours are a whole number from 1 to 8760" in problems(PLATEWARD_UNIT_WARN_HOURS="0")


def test_a_misspelt_variable_is_refused_with_the_name_that_was_meant() -> None:
    assert "did you mean PLATEWARD_PORT?" in problems(PLATEWARD_PROT="8000")


def test_web_and_receiver_cannot_share_a_port() -> None:
    assert "both 9000" in problems(PLATEWARD_PORT="9000", PLATEWARD_INGEST_PORT="9000")


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 50 + "\n")
    assert load(PLATEWARD_SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == "k" * 50


def test_a_missing_secret_file_is_named() -> None:
    assert "PLATEWARD_SECRET_KEY_FILE is '/nowhere/key'" in problems(PLATEWARD_SECRET_KEY_FILE="/nowhere/key")


def test_a_secret_given_twice_is_refused() -> None:
    said = problems(PLATEWARD_SECRET_KEY="k" * 50, PLATEWARD_SECRET_KEY_FILE="/nowhere/key")
    assert "keep one of them" in said


def test_secrets_are_never_shown() -> None:
    secret = "tooshort-and-private"
    assert secret not in problems(PLATEWARD_SECRET_KEY=secret)
    assert "hidden-word" not in problems(DATABASE_URL="mysql://me:hidden-word@db/x")
    assert "k" * 50 not in repr(load(PLATEWARD_SECRET_KEY="k" * 50))


def test_only_postgresql_is_accepted() -> None:
    assert "only PostgreSQL is supported" in problems(DATABASE_URL="sqlite:///x.db")


def test_a_given_database_address_is_taken_apart_for_django() -> None:
    made = django_database("postgresql://ann:p%40ss@db.example:5433/alpr?sslmode=verify-full")
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"], made["NAME"]) == (
        "ann",
        "p@ss",
        "db.example",
        "5433",
        "alpr",
    )
    assert made["OPTIONS"] == {"sslmode": "verify-full"}


def test_the_embedded_address_is_a_socket_below_the_data_folder() -> None:
    made = django_database(embedded_database_url(Path("/var/lib/plateward")))
    assert made["HOST"] == "/var/lib/plateward/run"
    assert made["PORT"] == ""


def test_a_path_too_long_for_a_socket_moves_it_to_a_temporary_folder() -> None:
    deep = Path("/srv") / ("x" * 100)
    assert deep not in run_folder(deep).parents
    assert run_folder(deep) == run_folder(deep)
    assert run_folder(deep) != run_folder(deep / "y")


def test_root_keeps_its_data_in_one_place_so_that_no_home_folder_is_opened() -> None:
    check_data_place(Path("/var/lib/plateward/demo"), as_root=True)
    with pytest.raises(ValueError, match="only below /var/lib/plateward"):
        check_data_place(Path("/root/plateward"), as_root=True)
    check_data_place(Path("/home/ann/plateward"), as_root=False)


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = Environment(**{**vars(load()), "data": tmp_path / "data"})
    assert len(first.secret_key) > 50
    kept = tmp_path / "data" / "secret.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert Environment(**{**vars(load()), "data": tmp_path / "data"}).secret_key == first.secret_key


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("k" * 50)
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(EnvironmentProblem, match="chmod 600"):
        _ = Environment(**{**vars(load()), "data": tmp_path}).secret_key


def test_the_public_name_may_be_asked_for() -> None:
    assert "alpr.city.example" in load(PLATEWARD_BASE_URL="https://alpr.city.example").hosts


def test_an_address_with_a_path_is_refused() -> None:
    assert "without a path" in problems(PLATEWARD_BASE_URL="https://city.example/alpr")


def test_a_missing_map_is_named() -> None:
    assert "there is no such file" in problems(PLATEWARD_PMTILES="/nowhere/map.pmtiles")


def test_every_variable_is_documented() -> None:
    manual = Path(__file__).parents[3] / "docs" / "howto" / "install.md"
    text = manual.read_text(encoding="utf-8")
    assert [name for name in VARIABLES if f"`{name}`" not in text] == []


def test_the_ledgers_key_is_made_once_under_a_name_of_its_own(tmp_path: Path) -> None:
    first = Environment(**{**vars(load(PLATEWARD_BASE_URL="https://alpr.city.example")), "data": tmp_path})
    assert first.ledger_key.startswith("PRIVATE+KEY+alpr.city.example/journal/")
    assert (tmp_path / "sealer" / "ledger.key").stat().st_mode & 0o777 == 0o600
    moved = Environment(**{**vars(load(PLATEWARD_BASE_URL="https://new.example")), "data": tmp_path})
    assert moved.ledger_key == first.ledger_key, "a log keeps its name when the address changes"
    given = load(PLATEWARD_LEDGER_KEY=first.ledger_key)
    assert given.ledger_key == first.ledger_key
    assert first.ledger_key not in repr(given)


def test_a_wrong_ledger_key_or_witness_is_named_and_no_secret_shown() -> None:
    said = problems(PLATEWARD_LEDGER_KEY="PRIVATE+KEY+private+and+short")
    assert "PLATEWARD_LEDGER_KEY is set: expected a signing key" in said
    assert "and+short" not in said
    log = "example.com+33d7b496+AeHI1+8ZpnqO7zt2nFdvHPiBLqbhlFX6lG/Em1YeSOyA"
    assert "PLATEWARD_WITNESS_KEY" in problems(PLATEWARD_WITNESS_KEY=log)
    assert "set both or none" in problems(PLATEWARD_WITNESS_URL="https://witness.example")
    assert "http:// or https://" in problems(PLATEWARD_WITNESS_URL="witness.example")


def test_a_time_stamping_authority_is_named_with_its_ca_s_certificates(tmp_path: Path) -> None:
    url, empty = "https://tsa.example/tsr", tmp_path / "empty.pem"
    empty.write_text("no certificate")
    assert load().timestamp_url is None
    assert "set both or none" in problems(PLATEWARD_TIMESTAMP_URL=url)
    assert "http:// or https://" in problems(PLATEWARD_TIMESTAMP_URL="tsa.example")
    gone = problems(PLATEWARD_TIMESTAMP_URL=url, PLATEWARD_TIMESTAMP_CA=str(tmp_path / "gone.pem"))
    assert "there is no such file" in gone
    bad = problems(PLATEWARD_TIMESTAMP_URL=url, PLATEWARD_TIMESTAMP_CA=str(empty))
    assert "it holds no certificate in PEM" in bad
    ca = StampingCa(tmp_path / "ca").ca
    found = load(PLATEWARD_TIMESTAMP_URL=url, PLATEWARD_TIMESTAMP_CA=str(ca))
    assert (found.timestamp_url, found.timestamp_ca) == (url, ca.resolve())


BUCKET = {
    "PLATEWARD_S3_BUCKET": "pictures",
    "PLATEWARD_S3_ENDPOINT": "https://s3.city.example/",
    "PLATEWARD_S3_ACCESS_KEY": "plateward",
    "PLATEWARD_S3_SECRET_KEY": "only-for-tests",
}


def test_a_bucket_is_whole_or_not_there(tmp_path: Path) -> None:
    assert load().bucket is None
    found = load(**BUCKET).bucket
    assert found is not None
    assert (found.name, found.endpoint, found.region) == ("pictures", "https://s3.city.example", "us-east-1")
    (tmp_path / "secret").write_text("from a file\n")
    from_file = {name: value for name, value in BUCKET.items() if name != "PLATEWARD_S3_SECRET_KEY"}
    given = load(**from_file, PLATEWARD_S3_SECRET_KEY_FILE=str(tmp_path / "secret")).bucket
    assert given is not None
    assert given.secret_key == "from a file"
    for name in BUCKET:
        assert "set all or none" in problems(**{n: v for n, v in BUCKET.items() if n != name})
    assert "only-for-tests" not in repr(load(**BUCKET))


def test_a_bucket_is_reached_encrypted_unless_it_is_on_this_machine() -> None:
    local = load(**BUCKET | {"PLATEWARD_S3_ENDPOINT": "http://127.0.0.1:8333"}).bucket
    assert local is not None
    said = problems(**BUCKET | {"PLATEWARD_S3_ENDPOINT": "http://s3.city.example"})
    assert "use https://" in said


def test_a_wrong_master_key_is_named_and_not_shown() -> None:
    given = base64.b64encode(bytes(range(32))).decode()
    found = load(PLATEWARD_MASTER_KEY=given)
    assert found.given_master_key == given
    assert given not in repr(found)
    said = problems(PLATEWARD_MASTER_KEY="too short")
    assert "32 random bytes in base64" in said
    assert "too short" not in said
    assert "keep one of them" in problems(PLATEWARD_MASTER_KEY=given, PLATEWARD_MASTER_KEY_COMMAND="true")


def test_a_kms_command_must_be_one_that_can_be_run() -> None:
    assert load(PLATEWARD_MASTER_KEY_COMMAND="env -i 'a b'").master_key_command == ("env", "-i", "a b")
    assert "no such command" in problems(PLATEWARD_MASTER_KEY_COMMAND="/no/such/kms --fast")


MAIL = {"PLATEWARD_MAIL_HOST": "mail.city.example", "PLATEWARD_MAIL_FROM": "plateward@city.example"}


def test_a_mail_server_is_reached_encrypted_unless_it_is_on_this_machine() -> None:
    assert load().mail is None
    found = load(**MAIL).mail
    assert found is not None
    assert (found.port, found.tls, found.sender) == (587, "starttls", "plateward@city.example")
    tls = load(**MAIL, PLATEWARD_MAIL_TLS="tls").mail
    assert tls is not None
    assert tls.port == 465
    assert load(**MAIL | {"PLATEWARD_MAIL_HOST": "localhost"}, PLATEWARD_MAIL_TLS="off").mail is not None
    assert "on this machine only" in problems(**MAIL, PLATEWARD_MAIL_TLS="off")
    assert "starttls, tls, or off" in problems(**MAIL, PLATEWARD_MAIL_TLS="yes")


def test_a_mail_server_is_whole_and_its_password_never_shown() -> None:
    for name in MAIL:
        assert "set both or none" in problems(**{n: v for n, v in MAIL.items() if n != name})
    assert "set both or none" in problems(**MAIL, PLATEWARD_MAIL_USER="plateward")
    assert "one address" in problems(**MAIL | {"PLATEWARD_MAIL_FROM": "Plateward <plateward>"})
    named = load(**MAIL, PLATEWARD_MAIL_USER="plateward", PLATEWARD_MAIL_PASSWORD="only-for-tests")
    assert "only-for-tests" not in repr(named)


def test_domains_and_push_services_are_names() -> None:
    found = load(**MAIL, PLATEWARD_MAIL_DOMAINS="City.example, @pd.city.example").mail
    assert found is not None
    assert found.domains == ("city.example", "pd.city.example")
    assert load(PLATEWARD_PUSH_SERVICES="push.city.example").push_services == ("push.city.example",)
    assert "commas between" in problems(PLATEWARD_PUSH_SERVICES="https://push.city.example")

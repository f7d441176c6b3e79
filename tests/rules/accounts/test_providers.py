"""The file with the agencies' OpenID Connect providers."""

from pathlib import Path

import pytest

from plateward.accounts.providers import Provider, is_safe, load

LINES = {
    "name": '"City account"',
    "issuer": '"https://login.city.example"',
    "client_id": '"plateward"',
    "client_secret_file": '"secret"',
}


def written(folder: Path, **lines: str) -> Path:
    (folder / "secret").write_text("kept secret\n", encoding="utf-8")
    path = folder / "providers.toml"
    rows = "\n".join(f"{name} = {value}" for name, value in {**LINES, **lines}.items())
    path.write_text(f"[barstow-pd]\n{rows}\n", encoding="utf-8")
    return path


def test_file_gives_each_agency_its_provider_and_shows_no_secret(tmp_path: Path) -> None:
    provider = load(written(tmp_path, factor_amr='["hwk", "mfa"]'))["barstow-pd"]
    assert (provider.agency, provider.name, provider.client_secret) == (
        "barstow-pd",
        "City account",
        "kept secret",
    )
    assert provider.passwords
    assert "kept secret" not in repr(provider)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"issuer": '"http://login.city.example"'}, "https"),
        ({"issuer": '"https://login.city.example/?x=1"'}, "without query"),
        ({"name": '" "'}, "must not be empty"),
        ({"factor_amr": '[""]'}, "without a second factor"),
        ({"factor_arm": '["hwk"]'}, "factor_arm"),
        ({"passwords": '"no"'}, "passwords"),
        ({"client_secret_file": '"elsewhere"'}, "elsewhere"),
    ],
)
def test_wrong_file_is_refused_with_what_is_wrong(tmp_path: Path, lines: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load(written(tmp_path, **lines))


def test_empty_secret_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "secret").write_text("\n", encoding="utf-8")
    with pytest.raises(ValueError, match="is empty"):
        load(path)


@pytest.mark.parametrize(
    ("amr", "acr", "gives"),
    [
        ([], "", False),
        (["pwd"], "", False),
        (["pwd", "mfa"], "", True),
        ([], "silver", False),
        ([], "gold", True),
    ],
)
def test_only_the_named_values_stand_for_a_second_factor(amr: list[str], acr: str, *, gives: bool) -> None:
    named = {"factor_amr": frozenset({"mfa"}), "factor_acr": ("gold",)}
    given = {"agency": "a", "name": "n", "issuer": "i", "client_id": "c", "client_secret": "s"}
    assert Provider(**given, **named).gives_factor(amr, acr) is gives  # type: ignore[arg-type]  # as in the file
    assert not Provider(**given).gives_factor(amr, acr)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.city.example/a", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost", True),
        ("http://login.city.example", False),
        ("ftp://localhost", False),
        ("https://", False),
    ],
)
def test_nothing_is_sent_where_it_could_be_read_on_the_way(url: str, *, safe: bool) -> None:
    assert is_safe(url) is safe

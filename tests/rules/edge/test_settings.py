from pathlib import Path

import pytest

from plateward.edge.settings import Settings, SettingsError

GOOD = """\
[unit]
server = "https://plateward.city.example/"
data = "state"
key_file = "unit.key"

[[source]]
name = "front"
stream = "rtsp://camera@10.0.0.8/main"
password_file = "front.password"
frames_per_s = 8

[[source]]
name = "yard"
folder = "yard"
after = "move"
done = "seen"
"""


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "unit.toml"
    path.write_text(text, encoding="utf-8")
    return Settings.load(path)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text)
    return str(caught.value).replace(str(folder), "…")


def test_files_are_named_from_where_the_settings_lie(tmp_path: Path) -> None:
    settings = loaded(tmp_path, GOOD)
    assert settings.server == "https://plateward.city.example"
    assert (settings.data, settings.key_file) == (tmp_path / "state", tmp_path / "unit.key")
    front, yard = settings.sources
    assert (front.kind, front.frames_per_s, front.password_file) == ("stream", 8, tmp_path / "front.password")
    assert (yard.place, yard.done) == (str(tmp_path / "yard"), tmp_path / "seen")


def test_systemd_says_where_state_and_key_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/plateward-unit")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/plateward-edge.service")
    settings = loaded(tmp_path, GOOD.replace('data = "state"\n', "").replace('key_file = "unit.key"\n', ""))
    assert settings.data == Path("/var/lib/plateward-unit")
    assert settings.key_file == Path("/run/credentials/plateward-edge.service/unit-key")


@pytest.mark.parametrize(
    ("changed", "into", "said"),
    [
        ("frames_per_s = 8", "frames_per_s = 0", "line 10, source[0].frames_per_s: expected `float` > 0.0"),
        ("frames_per_s = 8", "frames_a_second = 8", "line 10, source[0].frames_a_second: object contains"),
        ('after = "move"', 'after = "burn"', "line 15, source[1].after: invalid enum value 'burn'"),
        ('done = "seen"\n', "", "line 13, source[1].name: source 'yard': name the folder to move to"),
        (
            'done = "seen"',
            'done = "yard/seen"',
            "line 13, source[1].name: source 'yard': done lies in the folder",
        ),
        ('name = "yard"', 'name = "front"', "line 13, source[1].name: two sources are called 'front'"),
        ('folder = "yard"\n', "", "line 13, source[1].name: source 'yard' names nothing"),
        (
            '"https://plateward.city.example/"',
            '"http://plateward.city.example"',
            "line 2, unit.server: reads and",
        ),
        (
            '"https://plateward.city.example/"',
            '"plateward"',
            "line 2, unit.server: write the server's address",
        ),
        ('data = "state"\n', "", "line 1, unit.data: name the folder for the spool"),
        ('key_file = "unit.key"\n', "", "line 1, unit.key_file: name the file of the spool's key"),
        (
            "camera@10.0.0.8",
            "camera:secret@10.0.0.8",
            "line 7, source[0].name: source 'front': put the password",
        ),
        ("[unit]", "[unit", "is no TOML: Expected ']' at the end of a table declaration (at line 1"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_key(
    tmp_path: Path, changed: str, into: str, said: str
) -> None:
    told = refused(tmp_path, GOOD.replace(changed, into))
    assert said in told
    assert "secret" not in told


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read.*Copy packaging/unit\.toml"):
        Settings.load(tmp_path / "none.toml")

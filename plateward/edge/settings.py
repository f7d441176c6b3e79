"""The unit's settings file: TOML, every key checked, every complaint with its line."""

import os
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

KEY_NAME: Final = "unit-key"
"""The systemd credential that holds the spool's key."""
DEFAULT: Final = Path("/etc/plateward/unit.toml")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_MEGABYTE: Final = 1024 * 1024


class SettingsError(ValueError):
    """The settings cannot be used; the message names file, line and key and says what to write."""


class _Unit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    server: str
    data: str = ""
    key_file: str = ""
    ca_file: str = ""


class _Recognition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    threads: Annotated[int, Meta(ge=1, le=64)] = 1


class _Spool(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    stop_below_mb: Annotated[int, Meta(ge=8, le=1_000_000)] = 200
    reserve_mb: Annotated[int, Meta(ge=4, le=4096)] = 16
    jpeg_quality: Annotated[int, Meta(ge=40, le=100)] = 88


class _Screen(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8477


class _Source(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    stream: str = ""
    usb: str = ""
    video: str = ""
    folder: str = ""
    password_file: str = ""
    frames_per_s: Annotated[float, Meta(gt=0, le=120)] = 10.0
    direction: Literal["approaching", "receding"] | None = None
    heading_deg: Annotated[float, Meta(ge=0, lt=360)] | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None
    started_at: datetime | None = None
    captured: Literal["file", "now"] = "file"
    after: Literal["leave", "move", "delete"] = "leave"
    done: str = ""


class _File(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    unit: _Unit
    recognition: _Recognition = _Recognition()
    spool: _Spool = _Spool()
    screen: _Screen = _Screen()
    source: list[_Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """One camera, video or folder: exactly one of `stream`, `usb`, `video`, `folder` says where it is."""

    name: str
    kind: Literal["stream", "usb", "video", "folder"]
    place: str
    frames_per_s: float
    direction: Literal["approaching", "receding"] | None = None
    heading_deg: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    started_at: datetime | None = None
    captured: Literal["file", "now"] = "file"
    after: Literal["leave", "move", "delete"] = "leave"
    done: Path | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is the unit's own to say; what the agency decides comes with the configuration."""

    server: str
    data: Path
    key_file: Path
    sources: tuple[SourceSettings, ...]
    ca_file: Path | None = None
    threads: int = 1
    stop_below: int = 200 * _MEGABYTE
    reserve: int = 16 * _MEGABYTE
    jpeg_quality: int = 88
    screen_port: int = 0
    """On the loopback address; 0: this unit has no screen."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check the file. Raises SettingsError."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            told = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise SettingsError(
                f"{path} cannot be read ({told}). Copy packaging/unit.toml there, or name yours with "
                "--settings."
            ) from error
        return cls._of(_checked(path, text), path, text)

    @classmethod
    def _of(cls, file: _File, path: Path, text: str) -> Self:
        where = _Places(path, text)
        where.refuse(_problem_of_server(file.unit.server), "$.unit", "server")
        names = [one.name for one in file.source]
        for number, one in enumerate(file.source):
            at = f"$.source[{number}]"
            where.refuse(_problem_of_source(one), at, "name")
            if names.index(one.name) != number:
                where.refuse(f"two sources are called {one.name!r}: give each its own name", at, "name")
        if not file.source:
            where.refuse("name at least one [[source]]", "$", "source")
        folder = path.parent
        return cls(
            server=file.unit.server.rstrip("/"),
            data=_data_folder(file.unit.data, folder, where),
            key_file=_key_file(file.unit.key_file, folder, where),
            ca_file=folder / file.unit.ca_file if file.unit.ca_file else None,
            sources=tuple(_source(one, folder) for one in file.source),
            threads=file.recognition.threads,
            stop_below=file.spool.stop_below_mb * _MEGABYTE,
            reserve=file.spool.reserve_mb * _MEGABYTE,
            jpeg_quality=file.spool.jpeg_quality,
            screen_port=file.screen.port,
        )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in the text a key stands."""

    path: Path
    text: str

    def refuse(self, problem: str, table: str, key: str) -> None:
        """Raise SettingsError where there is a problem; "" is none."""
        if problem:
            line = line_of(self.text, table, key)
            named = f"{table.removeprefix('$').removeprefix('.')}.{key}".removeprefix(".")
            raise SettingsError(f"{self.path}, line {line}, {named}: {problem}.")


def line_of(text: str, table: str, key: str) -> int:
    """The line, from 1, of a key in a table such as `$.source[1]`; where it is missing, the table's head."""
    names = re.findall(r"([A-Za-z_]+)(?:\[(\d+)\])?", table)
    wanted, count = (names[0][0], int(names[0][1] or 0)) if names else ("", 0)
    seen, inside, head = -1, not wanted, 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([A-Za-z_]+)\s*\]", line):
            seen += header[1] == wanted
            inside = header[1] == wanted and seen == count
            head = number if inside else head
        elif inside and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number
    return head


def _checked(path: Path, text: str) -> _File:
    try:
        return msgspec.convert(tomllib.loads(text), type=_File)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no TOML: {error}.") from error
    except msgspec.ValidationError as error:
        told, _, at = str(error).partition(" - at `")
        table, key = _place(at.rstrip("`"), told)
        _Places(path, text).refuse(told[:1].lower() + told[1:], table, key)
        raise AssertionError from error


def _place(at: str, told: str) -> tuple[str, str]:
    """The table and the key that msgspec complains about."""
    if named := re.search(r"field `([^`]+)`", told):
        return at or "$", named[1]
    table, _, key = at.rpartition(".")
    return table or "$", key


def _problem_of_server(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return "write the server's address, such as https://plateward.city.example"
    if not is_sealed_way(address):
        return "reads and the list would go over the network in clear: write https://"
    return ""


def is_sealed_way(address: str) -> bool:
    """Whether nobody on the way can read along: TLS, or this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK


def _problem_of_source(one: _Source) -> str:
    given = [kind for kind in ("stream", "usb", "video", "folder") if getattr(one, kind)]
    if len(given) != 1:
        named = " and ".join(given) or "nothing"
        return f"source {one.name!r} names {named}: give one of stream, usb, video or folder"
    if (one.latitude is None) != (one.longitude is None):
        return f"source {one.name!r}: give latitude and longitude together"
    if problem := _problem_of_start(one):
        return f"source {one.name!r}: {problem}"
    if problem := _problem_of_done(one):
        return f"source {one.name!r}: {problem}"
    if (
        one.stream
        and "@" in urlsplit(one.stream).netloc
        and ":" in urlsplit(one.stream).netloc.rpartition("@")[0]
    ):
        return f"source {one.name!r}: put the password into a file of its own and name it: password_file"
    return ""


def _problem_of_done(one: _Source) -> str:
    if one.folder and one.done and _is_inside(one.done, one.folder):
        return "done lies in the folder that is watched: name one beside it"
    return 'name the folder to move to: done = "…"' if one.after == "move" and not one.done else ""


def _is_inside(path: str, folder: str) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(os.path.normpath(folder))


def _problem_of_start(one: _Source) -> str:
    if one.video and one.started_at is None and one.captured != "now":
        return (
            "say when the recording begins: started_at = 2026-03-01T08:00:00-08:00; or "
            'captured = "now" for one that is to run as if it were live'
        )
    if one.started_at is not None and one.started_at.tzinfo is None:
        return "started_at needs its UTC offset, such as 2026-03-01T08:00:00-08:00"
    return ""


def _source(one: _Source, folder: Path) -> SourceSettings:
    kind: Literal["stream", "usb", "video", "folder"] = (
        "stream" if one.stream else "usb" if one.usb else "video" if one.video else "folder"
    )
    place: str = getattr(one, kind)
    return SourceSettings(
        name=one.name,
        kind=kind,
        place=str(folder / place) if kind in {"video", "folder"} else place,
        frames_per_s=one.frames_per_s,
        direction=one.direction,
        heading_deg=one.heading_deg,
        latitude=one.latitude,
        longitude=one.longitude,
        started_at=one.started_at,
        captured=one.captured,
        after=one.after,
        done=folder / one.done if one.done else None,
        password_file=folder / one.password_file if one.password_file else None,
    )


def _data_folder(given: str, folder: Path, where: _Places) -> Path:
    """As set, or systemd's StateDirectory."""
    named = given or os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if not named:
        where.refuse('name the folder for the spool: data = "/var/lib/plateward-unit"', "$.unit", "data")
    return folder / named


def _key_file(given: str, folder: Path, where: _Places) -> Path:
    """The credential that systemd gives, else as set."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if credentials and (Path(credentials) / KEY_NAME).exists():
        return Path(credentials) / KEY_NAME
    if not given and not credentials:
        where.refuse(
            'name the file of the spool\'s key, apart from the spool: key_file = "/etc/plateward/unit.key"',
            "$.unit",
            "key_file",
        )
    return folder / given if given else Path(credentials) / KEY_NAME

"""YAML to a checked `Profile`, with errors that name the file, the place and what to do."""

from collections.abc import Hashable, Mapping
from copy import deepcopy
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import yaml

from plateward.policy.checks import problems_of
from plateward.policy.layers import DataSource, Layer
from plateward.policy.profile import (
    SCHEMA,
    Clause,
    LocalDecision,
    Position,
    Profile,
    ProhibitedUse,
    Purpose,
    Title,
)
from plateward.policy.upgrades import SchemaError, schema_of, upgrade

# Sections written as `id: {…}`; the key becomes the part's own `id`.
_KEYED: dict[tuple[str, ...], type] = {
    ("clauses",): Clause,
    ("layers",): Layer,
    ("sources",): DataSource,
    ("titles",): Title,
    ("positions",): Position,
    ("purposes",): Purpose,
    ("decisions",): LocalDecision,
    ("search", "prohibited"): ProhibitedUse,
}


class ProfileError(ValueError):
    """A profile that cannot be used; `problems` holds one line per mistake."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))


class Kept(msgspec.Struct, frozen=True):
    """A profile read from a version on file: its own schema, and the places on which it became silent."""

    profile: Profile
    schema: int
    unasked: tuple[str, ...]

    @property
    def is_upgraded(self) -> bool:
        return self.schema < SCHEMA


class _StrictLoader(yaml.SafeLoader):
    """YAML in which writing a key twice is a mistake and not a quiet replacement."""


class _PlainDumper(yaml.SafeDumper):
    """YAML without anchors, as people write it."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: _PlainDumper, text: str) -> yaml.ScalarNode:
    # YAML counts these as line breaks and would fold them away outside double quotes.
    style = '"' if any(mark in text for mark in "\r\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_PlainDumper.add_representer(str, _text)


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            line = key_node.start_mark.line + 1
            raise yaml.constructor.ConstructorError(None, None, f"`{key}` is written twice (line {line})")
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_profile(yaml_bytes: bytes, *more: bytes, source: str = "profile.yaml") -> Profile:
    """Read a profile written in one or several YAML documents, such as profile.yaml and clauses.yaml.

    The documents' top-level keys are put together; joined by a line `---` they may also come as one
    text. `source` names the file in errors.

    Raises:
        ProfileError: not YAML, a missing or unknown key, a value of the wrong kind, or parts that
            contradict each other. Every line names the place and what to do.
    """
    return _loaded(join_documents(yaml_bytes, *more), source)


@lru_cache(maxsize=64)
def read_kept(text: bytes, source: str = "adopted profile") -> Kept:
    """Read a version on file, in whatever schema it was written; the bytes stay as they are.

    Raises:
        ProfileError: as `load_profile`, except that older schemas are brought to today's.
    """
    raw = _merge(text, source)
    try:
        written = schema_of(raw)
        arranged, unasked = upgrade(raw)
    except SchemaError as error:
        raise ProfileError(source, [f"at `schema`: {error}"]) from None
    return Kept(build_profile(arranged, source=source), written, unasked)


@lru_cache(maxsize=32)
def _loaded(text: bytes, source: str) -> Profile:
    """Reading is pure and a profile frozen: what was read, at a quarter of a second, is kept."""
    return build_profile(_merge(text, source), source=source)


def build_profile(raw: Mapping[str, Any], *, source: str = "profile.yaml") -> Profile:
    """Check plain values, as YAML or JSON gives them, and return them as a profile; `raw` is left alone.

    Raises:
        ProfileError: as `load_profile`.
    """
    _check_schema(raw, source)
    named = deepcopy(dict(raw))
    _name_parts(named)
    try:
        profile = msgspec.convert(named, Profile)
    except msgspec.ValidationError as error:
        raise ProfileError(source, [_locate(named, str(error))]) from None
    if problems := problems_of(profile):
        raise ProfileError(source, problems)
    return profile


def _check_schema(raw: Mapping[str, Any], source: str) -> None:
    """A new text answers what today's schema asks; only versions on file may be older."""
    try:
        written = schema_of(raw)
    except SchemaError as error:
        raise ProfileError(source, [f"at `schema`: {error}"]) from None
    if written != SCHEMA and ("schema" in raw or "version" in raw):
        said = f"the text is written in schema {written}; write schema {SCHEMA} and answer what it asks"
        raise ProfileError(source, [f"at `schema`: {said}; “Propose a version” begins with such a text"])


def dump_profile(profile: Profile) -> bytes:
    """Write a profile as one YAML document that `load_profile` reads back as the same profile."""
    plain = msgspec.to_builtins(profile, builtin_types=(date,))
    text: str = yaml.dump(plain, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=120)
    return text.encode()


def join_documents(*documents: bytes) -> bytes:
    """Join profile.yaml, clauses.yaml … into the one text that is adopted, hashed and kept."""
    return b"\n---\n".join(documents)


def _merge(text: bytes, source: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    try:
        # _StrictLoader is a SafeLoader: it builds plain values only.
        documents = [part for part in yaml.load_all(text, _StrictLoader) if part is not None]
    except yaml.YAMLError as error:
        raise ProfileError(source, [f"not readable as YAML: {error}"]) from None
    for document in documents:
        if not isinstance(document, dict):
            raise ProfileError(source, ["the top level must be keys with values"])
        if twice := sorted(merged.keys() & document.keys()):
            raise ProfileError(source, [f"`{twice[0]}` is given in two documents; keep one"])
        merged |= document
    return merged


def _name_parts(raw: dict[str, Any]) -> None:
    for path in _KEYED:
        section = _at(raw, path)
        for key, part in section.items():
            if isinstance(part, dict):
                part.setdefault("id", key)


def _at(raw: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    found: Any = raw
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _locate(raw: Mapping[str, Any], message: str) -> str:
    """Say which part of a keyed section is wrong; msgspec itself only says `[...]`."""
    for path, kind in _KEYED.items():
        for key, part in _at(raw, path).items():
            try:
                msgspec.convert(part, kind)
            except msgspec.ValidationError as error:
                return _sentence(str(error), ".".join((*path, str(key))))
    return _sentence(message, "")


def _sentence(message: str, prefix: str) -> str:
    text, _, place = message.partition(" - at `")
    where = (prefix + place.rstrip("`").removeprefix("$")).strip(".") or "top level"
    hint = "; remove it or correct its spelling" if "unknown field" in text else ""
    return f"at `{where}`: {text}{hint}"

"""Changing one value of a profile with its ground, as an edit of the YAML would, without writing YAML."""

from collections.abc import Mapping
from datetime import date
from enum import Enum, StrEnum
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.comparison import POSITION_FIELDS, PURPOSE_FIELDS, TITLE_FIELDS
from plateward.policy.loading import build_profile
from plateward.policy.overview import grounds
from plateward.policy.parameters import Basis, Param, Period
from plateward.policy.profile import LocalDecision, Profile


class ValueKind(Enum):
    """What is asked for a parameter's value."""

    NONE = "none"  # a ground alone
    YES_NO = "yes or no"
    NUMBER = "number"
    TEXT = "text"
    PERIOD = "period"
    ONE_OF = "one of"
    SOME_OF = "some of"
    LINES = "lines"
    STRUCTURED = "structured"  # parts with parts of their own: changed in the full text


class Asked(Struct, frozen=True):
    """How a parameter is asked for; `choices` are ids with names for ONE_OF and SOME_OF."""

    kind: ValueKind
    choices: tuple[tuple[str, str], ...] = ()


def parameter(profile: Profile, path: str) -> Basis:
    """Return the parameter at a dotted path; raises KeyError where there is none."""
    return dict(grounds(profile))[path]


def asked(profile: Profile, path: str) -> Asked:
    """Say how the parameter at `path` is asked for; raises KeyError where there is none."""
    kind = _type_at(profile, path)
    if get_origin(kind) is not Param and kind is not Param:
        return Asked(ValueKind.NONE)
    (value,) = get_args(kind)
    name = path.rpartition(".")[2]
    many = get_origin(value) is tuple
    member = get_args(value)[0] if many else value
    choices = _choices(profile, name, member)
    if choices:
        return Asked(ValueKind.SOME_OF if many else ValueKind.ONE_OF, choices)
    if many:
        return Asked(ValueKind.LINES if member is str else ValueKind.STRUCTURED)
    plain = {bool: ValueKind.YES_NO, int: ValueKind.NUMBER, str: ValueKind.TEXT, Period: ValueKind.PERIOD}
    return Asked(plain.get(value, ValueKind.STRUCTURED))


def _choices(profile: Profile, name: str, member: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(member, type) and issubclass(member, StrEnum):
        return tuple((item.value, item.value.replace("_", " ").capitalize()) for item in member)
    if name == "capabilities":
        return tuple((key, capability.does) for key, capability in CAPABILITIES.items())
    named: Mapping[str, Any] = {}
    if name in TITLE_FIELDS:
        named = profile.titles
    elif name in POSITION_FIELDS:
        named = profile.positions
    elif name in PURPOSE_FIELDS:
        named = profile.purposes
    elif name == "prevailing_layer":
        named = profile.layers
    return tuple((key, part.name) for key, part in named.items())


def _type_at(profile: Profile, path: str) -> Any:
    """The declared type of a parameter, by walking profile and declarations side by side."""
    parameter(profile, path)  # so that only what exists is walked
    kind: Any = Profile
    for step in path.split("."):
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            kind = next(field.type for field in msgspec.structs.fields(kind) if field.name == step)
    return kind


def with_value(
    profile: Profile, path: str, ground: Mapping[str, Any], decision: LocalDecision | None = None
) -> Profile:
    """Return the profile with another parameter at `path`, given as YAML gives it: `{clause: …, value: …}`.

    `decision` is entered, or replaces the one of its id; decisions on which nothing rests any more go.

    Raises:
        KeyError: there is no such parameter.
        ProfileError: the profile would contradict itself; each problem names its place.
    """
    parameter(profile, path)
    raw = _plain(profile)
    *parents, last = path.split(".")
    place = raw
    for step in parents:
        place = place[step]
    place[last] = dict(ground)
    decisions = raw["decisions"]
    if decision is not None:
        decisions[decision.id] = msgspec.to_builtins(decision, builtin_types=(date,))
    resting = set(_resting(raw))
    raw["decisions"] = {key: known for key, known in decisions.items() if key in resting}
    return build_profile(raw, source="changed value")


def with_version(profile: Profile, version: str, effective_date: date) -> Profile:
    """Return the profile as another version; raises ProfileError as `with_value`."""
    raw = _plain(profile) | {"version": version, "effective_date": effective_date}
    return build_profile(raw, source="changed version")


def _plain(profile: Profile) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(profile, builtin_types=(date,))
    return plain


def _resting(raw: Any) -> list[str]:
    """Every local decision that some parameter names."""
    if isinstance(raw, dict):
        own = [raw["local_decision"]] if isinstance(raw.get("local_decision"), str) else []
        return own + [found for part in raw.values() for found in _resting(part)]
    return [found for part in raw for found in _resting(part)] if isinstance(raw, list | tuple) else []

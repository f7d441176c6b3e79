"""Every parameter of a profile with its ground, for the policy page and the set-up checklist."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from plateward.policy.parameters import Basis, Param, State
from plateward.policy.profile import DecisionStatus, LocalDecision, Profile

NOT_ADDRESSED = "not addressed by this policy"


class Setting(Struct, frozen=True):
    """One parameter: its place in the profile, state, clause ("" where silent) and value in words.

    `layer` names the document the clause belongs to, "" where silent.
    """

    path: str
    state: State
    clause: str
    text: str
    decision: LocalDecision | None = None
    layer: str = ""

    @property
    def is_open(self) -> bool:
        """True while the agency still has to look at it: silent, delegated, or not yet confirmed."""
        if self.decision is not None:
            return self.decision.status is DecisionStatus.DEFAULT
        return self.state is not State.SPECIFIED


def settings(profile: Profile) -> tuple[Setting, ...]:
    """List every parameter in the profile's own order."""
    return tuple(_setting(profile, path, basis) for path, basis in grounds(profile))


def open_points(profile: Profile) -> tuple[Setting, ...]:
    """List what the set-up checklist must show: nothing silent or undecided stays hidden (R2)."""
    return tuple(setting for setting in settings(profile) if setting.is_open)


def grounds(part: Any, path: str = "") -> Iterator[tuple[str, Basis]]:
    """Yield every ground inside `part` with its dotted path."""
    if isinstance(part, Basis):
        yield path, part
        return
    for name, inner in _inside(part):
        yield from grounds(inner, f"{path}.{name}" if path else name)


def _inside(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, Struct):
        for field in msgspec.structs.fields(part):
            yield field.name, getattr(part, field.name)
    elif isinstance(part, dict):
        yield from part.items()


def _setting(profile: Profile, path: str, basis: Basis) -> Setting:
    decision = profile.decisions[basis.local_decision] if basis.local_decision else None
    layer = profile.layer_of(basis)
    return Setting(
        path, basis.state, profile.citation(basis), in_words(basis), decision, layer.name if layer else ""
    )


def in_words(basis: Basis) -> str:
    """Return a parameter's value as people read it, with its note."""
    return f"{_plainly(basis)} ({basis.note})" if basis.note else _plainly(basis)


def _plainly(basis: Basis) -> str:
    if basis.silent:
        return NOT_ADDRESSED
    if basis.delegated_to:
        return f"set by the {basis.delegated_to}"
    return _words(basis.settled) if isinstance(basis, Param) else "as the clause says"


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.replace("_", " ").lower()
    if isinstance(value, tuple):
        return "; ".join(_words(item) for item in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_words(item)}" for key, item in value.items()) or "none"
    return str(getattr(value, "name", value) if isinstance(value, Struct) else value) or "none"

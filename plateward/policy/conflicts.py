"""Layers that contradict each other about the same data: found and shown, never resolved silently (R4)."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from plateward.policy.parameters import Basis, Param, Period
from plateward.policy.profile import Profile
from plateward.policy.retention import RetentionRule, StageAction


class Limit(Struct, frozen=True):
    """How long one layer says data stay, with the layer's id and the clause ("" where it cites none)."""

    layer: str
    period: Period
    clause: str
    basis: Basis


class Limits(Struct, frozen=True):
    """Every layer's floors and ceilings for one kind of data; the permanent deletion's stage is both."""

    floors: tuple[Limit, ...]
    ceilings: tuple[Limit, ...]


class Conflict(Struct, frozen=True):
    """`first` asks for longer than `second` allows; `settled_by` is the ground that says which counts."""

    rule: str
    first: Limit
    second: Limit
    explanation: str
    settled_by: Param[str] | None = None

    @property
    def is_open(self) -> bool:
        """True while nobody decided which layer counts."""
        return self.settled_by is None


def limits_of(profile: Profile, rule: RetentionRule, on: date | None = None) -> Limits:
    """Gather what the rule and the layers beside it say; `on` leaves out layers not in force that day."""
    final = [
        (stage.after, "") for stage in rule.stages.values() if stage.action is StageAction.PERMANENT_DELETION
    ]
    beside = rule.elsewhere.items()
    floors = [(rule.floor, ""), *final, *((other.floor, layer) for layer, other in beside)]
    ceilings = [(rule.ceiling, ""), *final, *((other.ceiling, layer) for layer, other in beside)]
    return Limits(
        tuple(limit for param, layer in floors for limit in _limit(profile, param, layer, on)),
        tuple(limit for param, layer in ceilings for limit in _limit(profile, param, layer, on)),
    )


def _limit(profile: Profile, param: Param[Period], layer: str, on: date | None) -> Iterator[Limit]:
    if param.settled is None:
        return
    cited = profile.layer_of(param)
    known = profile.layers[layer] if layer else cited
    if known is not None and (on is None or known.in_force(on)):
        yield Limit(known.id, param.settled, profile.citation(param), param)


def conflicts(profile: Profile, on: date | None = None) -> list[Conflict]:
    """List every contradiction in the profile, also settled ones; `on` as for `limits_of`."""
    return [
        conflict
        for key, rule in profile.retention.rules.items()
        for conflict in conflicts_of(profile, key, rule, on)
    ]


def conflicts_of(
    profile: Profile, key: str, rule: RetentionRule, on: date | None = None
) -> Iterator[Conflict]:
    """Yield the contradictions of one retention rule, whose id is `key`."""
    limits = limits_of(profile, rule, on)
    settled_by = None if rule.prevailing_layer.settled is None else rule.prevailing_layer
    for floor in limits.floors:
        for ceiling in limits.ceilings:
            if floor.period.exceeds(ceiling.period):
                least, most = _says(profile, floor, "at least"), _says(profile, ceiling, "at most")
                yield Conflict(key, floor, ceiling, f"{rule.name}: {least}; {most}.", settled_by)


def _says(profile: Profile, limit: Limit, bound: str) -> str:
    return f"{profile.layers[limit.layer].name} says {bound} {limit.period} ({limit.clause})"

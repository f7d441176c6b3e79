"""What a draft changes against the version in force, in plain words; nothing that differs is left out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.labels import NOUNS, label, name_of, part_of, words
from plateward.policy.overview import in_words
from plateward.policy.parameters import Basis, Param, Period
from plateward.policy.profile import Profile

Path = tuple[str, ...]

# Parameters that name titles or positions, by their last part.
TITLE_FIELDS = {"authorized_titles", "required_of", "requesters", "entered_by"}
POSITION_FIELDS = {
    *("account_creators", "permission_assigner", "certifier", "approver", "if_unavailable"),
    *("reviewer", "escalates_to", "opened_by", "designee"),
    *("auditor", "designees", "to", "data_authorizer", "removal_escalates_to"),
}
PURPOSE_FIELDS = {"mandatory_purposes"}


class Kind(StrEnum):
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class Change(Struct, frozen=True):
    """One difference; `clause` is what the new value rests on, of a removed one what it rested on.

    `before` and `after` hold in full what the sentence only names, such as a clause's text.
    """

    path: Path
    kind: Kind
    sentence: str
    clause: str = ""
    before: str = ""
    after: str = ""

    @property
    def part(self) -> str:
        """The heading under which it belongs."""
        return part_of(self.path)


class _Pair(Struct, frozen=True):
    """The two profiles, for names and clauses on either side."""

    before: Profile
    after: Profile


def compare_profiles(before: Profile, after: Profile) -> tuple[Change, ...]:
    """List every difference in the profile's own order; empty if and only if the two are equal."""
    return tuple(_inside(_Pair(before, after), before, after, ()))


def _changes(pair: _Pair, before: Any, after: Any, path: Path) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Basis) and isinstance(after, Basis):
        yield _ground(pair, before, after, path)
    elif _has_ends(before) and _has_ends(after):
        yield from _retention(pair, before, after, path)
    elif isinstance(before, Struct) and isinstance(after, Struct):
        yield from _inside(pair, before, after, path)
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _keyed(pair, before, after, path)
    elif _has_ids(before) and _has_ids(after):
        yield from _listed(pair, before, after, path)
    else:
        yield _leaf(pair, before, after, path)


def _inside(
    pair: _Pair, before: Struct, after: Struct, path: Path, told: Collection[str] = ()
) -> Iterator[Change]:
    for name in before.__struct_fields__:
        if name not in told:
            yield from _changes(pair, getattr(before, name), getattr(after, name), (*path, name))


def _keyed(pair: _Pair, before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        place = (*path, key)
        if key not in after:
            yield _whole(pair.before, before[key], place, Kind.REMOVED)
        elif key not in before:
            yield _whole(pair.after, after[key], place, Kind.ADDED)
        else:
            yield from _changes(pair, before[key], after[key], place)


def _listed(pair: _Pair, before: Sequence[Any], after: Sequence[Any], path: Path) -> Iterator[Change]:
    old, new = ({item.id: item for item in items} for items in (before, after))
    yield from _keyed(pair, old, new, path)
    common = [[key for key in side if key in old and key in new] for side in (old, new)]
    if common[0] != common[1] or (len(old), len(new)) != (len(before), len(after)):
        shown = [", ".join(item.id for item in items) for items in (before, after)]
        sentence = f"{label(pair.after, path)}: the order changes from {shown[0]} to {shown[1]}."
        yield Change(path, Kind.CHANGED, sentence)


def _has_ids(value: Any) -> bool:
    return isinstance(value, tuple) and all(hasattr(item, "id") for item in value)


def _whole(profile: Profile, part: Any, path: Path, kind: Kind) -> Change:
    noun = NOUNS.get(path[:-1], label(profile, path[:-1]))
    said = f"{noun} {name_of(profile, path)} is {kind.lower()}."
    content = "; ".join(_contents(profile, part, path))
    clause = _clause_of(profile, part)
    return Change(path, kind, said, clause, *(("", content) if kind is Kind.ADDED else (content, "")))


def _contents(profile: Profile, part: Any, path: Path) -> Iterator[str]:
    if isinstance(part, Basis):
        yield f"{words(path[-1])}: {_value(profile, part, path)} ({_stands_on(part)})"
    elif isinstance(part, Struct):
        for name in part.__struct_fields__:
            if name != "id":
                yield from _contents(profile, getattr(part, name), (*path, name))
    elif isinstance(part, dict):
        for key, item in part.items():
            yield from _contents(profile, item, (*path, key))
    else:
        yield f"{words(path[-1])}: {_plain(part)}"


def _clause_of(profile: Profile, part: Any) -> str:
    if isinstance(part, Basis):
        return profile.citation(part)
    if isinstance(clause := getattr(part, "clause", ""), str) and clause:
        return clause
    for name in ("basis", "listed", "approver", "floor"):
        if isinstance(ground := getattr(part, name, None), Basis):
            return profile.citation(ground)
    return ""


def _leaf(pair: _Pair, before: Any, after: Any, path: Path) -> Change:
    called, old, new = label(pair.after, path), _plain(before), _plain(after)
    if path[0] == "clauses" and path[-1] == "text":
        said = f"{label(pair.after, path[:-1])} is worded anew."
        return Change(path, Kind.CHANGED, said, path[1], old, new)
    return Change(path, Kind.CHANGED, f"{called} changes from {_quoted(old)} to {_quoted(new)}.")


def _quoted(text: str) -> str:
    return text or "nothing"


def _ground(pair: _Pair, before: Basis, after: Basis, path: Path) -> Change:
    called = label(pair.after, path)
    unsaid = [side.silent or bool(side.delegated_to) for side in (before, after)]
    if any(unsaid) or _settled(before) != _settled(after):
        said = [_moved(pair, before, after, path, called)]
    else:
        said = [f"{called} stays as it is"]
    said += _rests(before, after)
    return Change(path, Kind.CHANGED, f"{'; '.join(said)}.", pair.after.citation(after))


def _settled(basis: Basis) -> Any:
    return basis.settled if isinstance(basis, Param) else None


def _moved(pair: _Pair, before: Basis, after: Basis, path: Path, called: str) -> str:
    old, new = _settled(before), _settled(after)
    if isinstance(old, tuple) and isinstance(new, tuple) and not any(map(_is_part, (*old, *new))):
        return f"{called}: {_members(pair, old, new, path)}"
    shown = [_value(pair.before, before, path), _value(pair.after, after, path)]
    if shown[0] == shown[1] and old != new:
        shown = [_plain(old), _plain(new)]
    if before.silent or after.silent:
        return f"{called}: so far {shown[0]}, now {shown[1]}"
    return f"{called} changes from {shown[0]} to {shown[1]}"


def _members(pair: _Pair, old: Sequence[Any], new: Sequence[Any], path: Path) -> str:
    more = [_named(pair.after, item, path) for item in new if item not in old]
    fewer = [_named(pair.before, item, path) for item in old if item not in new]
    said = [f"now also {', '.join(more)}"] if more else []
    said += [f"no longer {', '.join(fewer)}"] if fewer else []
    ordered = [_named(pair.after, item, path) for item in new]
    return "; ".join(said) or f"in another order: {', '.join(ordered)}"


def _rests(before: Basis, after: Basis, what: str = "it") -> Iterator[str]:
    """What changed about the ground: clause, document, local decision, note."""
    old, new = _stands_on(before), _stands_on(after)
    if _ground_of(before) != _ground_of(after) and not after.silent:
        yield f"{what} rests on {new}" + ("" if before.silent else f" instead of {old}")
    if before.note != after.note:
        yield f"the note changes from {_quoted(before.note)} to {_quoted(after.note)}"


def _ground_of(basis: Basis) -> tuple[object, ...]:
    return basis.clause, basis.delegated_to, basis.silent, basis.local_decision


def _stands_on(basis: Basis) -> str:
    if basis.silent:
        return "not addressed"
    if basis.local_decision:
        return f"the local decision “{basis.local_decision}”"
    return f"{basis.clause}, which names the {basis.delegated_to}" if basis.delegated_to else basis.clause


def _has_ends(part: Any) -> bool:
    return isinstance(part, Struct) and {"floor", "ceiling"} <= set(part.__struct_fields__)


def _retention(pair: _Pair, before: Any, after: Any, path: Path) -> Iterator[Change]:
    """The two ends of a period are one statement: from at least 30 days to at most 21 days."""
    spans = [_span(side.floor, side.ceiling) for side in (before, after)]
    if spans[0] == spans[1]:
        yield from _inside(pair, before, after, path)
        return
    said = [f"{label(pair.after, path)} changes from {spans[0]} to {spans[1]}"]
    said += _rests(before.floor, after.floor, "the least")
    said += _rests(before.ceiling, after.ceiling, "the most")
    ground = after.floor if after.ceiling.settled is None else after.ceiling
    yield Change((*path, "floor"), Kind.CHANGED, f"{'; '.join(said)}.", pair.after.citation(ground))
    yield from _inside(pair, before, after, path, {"floor", "ceiling"})


def _span(floor: Param[Period], ceiling: Param[Period]) -> str:
    said = [f"at least {floor.settled}"] if floor.settled else []
    said += [f"at most {ceiling.settled}"] if ceiling.settled else []
    return " and ".join(said) or "no stated length"


def _value(profile: Profile, basis: Basis, path: Path) -> str:
    value = _settled(basis)
    if value is None or isinstance(value, bool):
        return in_words(basis)
    if isinstance(value, tuple):
        return ", ".join(_named(profile, item, path) for item in value) or "none"
    return _named(profile, value, path)


def _named(profile: Profile, item: Any, path: Path) -> str:
    """A member as people know it: a capability by what it does, titles and positions by name."""
    if path[-1] == "capabilities" and item in CAPABILITIES:
        return CAPABILITIES[item].does
    if path[-1] in TITLE_FIELDS:
        return profile.title_name(item)
    if path[-1] in PURPOSE_FIELDS and item in profile.purposes:
        return profile.purposes[item].name
    return profile.position_name(item) if path[-1] in POSITION_FIELDS else _plain(item)


def _is_part(value: Any) -> bool:
    return isinstance(value, Struct) and not isinstance(value, Period)


def _plain(value: Any) -> str:
    """Any value in full, so that two different ones never read the same."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.replace("_", " ").lower()
    if isinstance(value, tuple | list):
        return _joined(value)
    if isinstance(value, dict):
        return _joined(f"{key}: {_plain(item)}" for key, item in value.items())
    if _is_part(value):
        return f"{getattr(value, 'name', '')} ({_joined(_fields(value))})"
    return str(value)


def _joined(items: Iterable[Any]) -> str:
    return "; ".join(_plain(item) for item in items) or "none"


def _fields(part: Struct) -> Iterator[str]:
    for name in part.__struct_fields__:
        if name != "name":
            yield f"{words(name)} {_plain(getattr(part, name))}"

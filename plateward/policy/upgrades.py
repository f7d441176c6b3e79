"""Profiles of older schemas, brought to today's when they are read; the stored bytes never change.

`schema` in a profile says which questions its writer was asked and how the answers are arranged. One
function per step moves what was renamed or rearranged. What a later schema asks beyond that was never
put to the writer, so the upgraded profile is silent on it: no answer is invented.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from plateward.policy.parameters import Basis
from plateward.policy.profile import SCHEMA, Profile, ReadFault, RefreshOrder

Raw = dict[str, Any]


class SchemaError(ValueError):
    """A schema that this Plateward cannot read; the message says what to do."""


def schema_of(raw: Mapping[str, Any]) -> int:
    """Return the schema a profile was written in; the first two were not yet written down.

    Raises:
        SchemaError: it is no whole number from 1, or one of a later Plateward.
    """
    written = raw.get("schema", 2 if "layers" in raw else 1)
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        raise SchemaError(f"`{written}` is no schema; write {SCHEMA}")
    if written > SCHEMA:
        raise SchemaError(
            f"schema {written} is of a later Plateward, this one reads up to {SCHEMA}; update Plateward"
        )
    return written


def upgrade(raw: Mapping[str, Any]) -> tuple[Raw, tuple[str, ...]]:
    """Return plain values as today's schema arranges them, and the places on which they became silent.

    `raw` is left alone. Raises SchemaError.
    """
    written = schema_of(raw)
    moved = deepcopy(dict(raw))
    for step in range(written, SCHEMA):
        STEPS[step](moved)
    moved["schema"] = SCHEMA
    return moved, tuple(_fill(Profile, moved, "")) if written < SCHEMA else ()


def _from_1(raw: Raw) -> None:
    """Layers, sources and provenance came; a rank's positions became a table; citations were split."""
    raw.setdefault("provenance", {"kind": "ADOPTED_TEXT", "statement": "Written from the policy's own text."})
    policy = {"name": raw.get("policy_title", ""), "kind": "AGENCY_POLICY", "on_file": True}
    raw["layers"] = {"policy": policy | {"effective_date": raw.get("effective_date")}}
    access = raw.get("access", {})
    if isinstance(was := access.pop("captain_is_commander", None), dict):
        carried = {"captain": ["administrative-division-commander"]} if was.get("value") else {}
        access["positions_by_title"] = was | ({"value": carried} if "value" in was else {})
    _sources_of_rules(raw)
    _cited_uses(raw)
    _procedure_of_chains(raw)


def _sources_of_rules(raw: Raw) -> None:
    sources = raw.setdefault("sources", {})
    for key, rule in _at(raw, "retention", "rules").items():
        sources[key] = {"name": rule.get("name", key)}
        rule |= {"source": key, "data_classes": ["READS", "IMAGES"]}


def _cited_uses(raw: Raw) -> None:
    """A clause and a statute are told apart; a statute alone forbids by the clause that demands a purpose."""
    for use in _at(raw, "search", "prohibited").values():
        if "citation" in use:
            first, _, rest = use.pop("citation").partition("; ")
            own = first in _at(raw, "clauses")
            use["clause"] = first if own else _at(raw, "search", "purpose_required").get("clause", "")
            if law := rest if own else first:
                use["law"] = law


def _procedure_of_chains(raw: Raw) -> None:
    """The procedure rests on what its first chain of approval rests on."""
    custom = _at(raw, "hotlists", "custom")
    chain: Raw = next(iter(custom.get("chains", {}).values()), {})
    approver = chain.get("approver", {})
    if ground := {key: approver[key] for key in ("clause", "local_decision") if key in approver}:
        custom.setdefault("procedure", ground)


def _from_2(raw: Raw) -> None:
    """Nothing was renamed: the schema is written down, and further questions are asked."""
    del raw


def _from_3(raw: Raw) -> None:
    """Nothing was renamed: further questions are asked."""
    del raw


def _from_4(raw: Raw) -> None:
    """Nothing was renamed: training is asked for syllabi, titles and refreshers."""
    del raw


def _from_5(raw: Raw) -> None:
    """Who re-confirms was one question, and its answer meant every approver of the chain in any order."""
    custom = _at(raw, "hotlists", "custom")
    was = custom.get("refresh_needs_approver")
    if isinstance(was, dict) and "value" in was:
        custom["refresh_order"] = was | {"value": RefreshOrder.ANY_APPROVER.value}


def _from_6(raw: Raw) -> None:
    """Nothing was renamed: what a review of accounts takes and when disuse is warned of are asked for.

    Who assigns permissions also reviewed accounts where no reviewer was named; now nobody does until it is.
    """
    del raw


def _from_7(raw: Raw) -> None:
    """Nothing was renamed: whether partial plates may stand on a hotlist is asked for.

    Nobody was given the taking in of lists, which no person could do before.
    """
    del raw


def _from_8(raw: Raw) -> None:
    """Nothing was renamed: what takes results out as a file is asked for, and nobody was given it.

    Who sends cars to canvass is asked for too.
    """
    del raw


def _from_9(raw: Raw) -> None:
    """Nothing was renamed: how long a search may be kept for a case is asked for, and none may be before."""
    del raw


def _from_10(raw: Raw) -> None:
    """Nothing was renamed: a measure of accuracy, who corrects reads, and work without network are asked for.

    Dispositions said nothing of the read behind an alert, and stops were not asked about.
    """
    del raw


def _from_11(raw: Raw) -> None:
    """Who types in what was approved is asked for; before, an approval put it on the list, and still does."""
    for chain in _at(raw, "hotlists", "custom", "chains").values():
        approver = chain.get("approver", {})
        if "value" in approver:
            chain["entered_by"] = approver | {"value": []}


def _from_12(raw: Raw) -> None:
    """Nothing was renamed: owner, law and guard of lists of others, and their categories, are asked for.

    Nobody was given the switching of categories, which nobody could do before.
    """
    del raw


def _from_13(raw: Raw) -> None:
    """Misreads say by their finding what they are; when a read is late or unsure is asked for.

    So is whether a confirmation names its record, which it had to before anybody decided so.
    """
    for one in _at(raw, "dispatch", "dispositions").get("value", ()):
        if one.get("id") == "misread":
            one.setdefault("finding", ReadFault.MISREAD.value)


def _from_14(raw: Raw) -> None:
    """Nothing was renamed: what may leave because of an alert is asked for, and nothing did before."""
    del raw


def _from_15(raw: Raw) -> None:
    """Nothing was renamed: how long a dispatch step may wait is asked for, and none was overdue before."""
    del raw


def _from_16(raw: Raw) -> None:
    """Nothing was renamed: what a unit in a car may do without network is asked for; there was none."""
    del raw


def _from_17(raw: Raw) -> None:
    """Nothing was renamed: who signs the schedule, and on whose word data are purged, is asked for."""
    del raw


def _from_18(raw: Raw) -> None:
    """Nothing was renamed: what data are booked on, and when it is told what runs out, is asked for."""
    del raw


def _from_19(raw: Raw) -> None:
    """Who still sees what is deleted logically was free text; now capabilities, which open it, are asked for.

    What the text said opens nothing and stays as a note.
    """
    for rule in _at(raw, "retention", "rules").values():
        for stage in _at(rule, "stages").values():
            was = stage.get("access_meanwhile")
            if isinstance(was, dict) and isinstance(was.get("value"), str):
                note = f"Up to schema 19 it was in words ({_ground_of(was)}): {was['value']}"
                stage["access_meanwhile"] = {"silent": True, "note": note}


def _ground_of(was: Raw) -> str:
    return str(was.get("clause") or was.get("local_decision"))


STEPS: Mapping[int, Callable[[Raw], None]] = {
    1: _from_1,
    2: _from_2,
    3: _from_3,
    4: _from_4,
    5: _from_5,
    6: _from_6,
    7: _from_7,
    8: _from_8,
    9: _from_9,
    10: _from_10,
    11: _from_11,
    12: _from_12,
    13: _from_13,
    14: _from_14,
    15: _from_15,
    16: _from_16,
    17: _from_17,
    18: _from_18,
    19: _from_19,
}
"""What leads from each schema to the next, in place."""


def _at(raw: Mapping[str, Any], *path: str) -> Raw:
    found: Any = raw
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _fill(kind: Any, raw: Any, path: str) -> Iterator[str]:
    """Add silence wherever `kind` asks what `raw` does not answer; yield those places."""
    if not isinstance(raw, dict) or not _is_struct(kind):
        return
    for field in msgspec.structs.fields(kind):
        place = f"{path}.{field.name}" if path else field.name
        asked = _plain_type(field.type)
        if field.required and field.name not in raw and (empty := _unanswered(asked)) is not None:
            raw[field.name] = empty
            if _is_ground(asked):
                yield place
        yield from _fill_inside(asked, raw.get(field.name), place)


def _fill_inside(asked: Any, value: Any, place: str) -> Iterator[str]:
    if _is_ground(asked):
        return
    if get_origin(asked) is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _fill(_plain_type(get_args(asked)[1]), item, f"{place}.{key}")
    else:
        yield from _fill(asked, value, place)


def _unanswered(asked: Any) -> Any:
    """Silence for a parameter, nothing for a list; None where only a person can say it."""
    if _is_ground(asked):
        return {"silent": True}
    return {} if get_origin(asked) is dict or _is_struct(asked) else None


def _plain_type(kind: Any) -> Any:
    """Without the `| None` of an optional part."""
    if get_origin(kind) in {Union, types.UnionType}:
        return next(arg for arg in get_args(kind) if arg is not types.NoneType)
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _is_ground(kind: Any) -> bool:
    base = get_origin(kind) or kind
    return isinstance(base, type) and issubclass(base, Basis)

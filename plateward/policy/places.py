"""Where in its YAML text a place of a profile is written, so that a mistake is found at once."""

import re

import yaml

_PLACE = re.compile(r"^at `([^`]+)`")


def line_of(text: bytes, problem: str) -> int | None:
    """The line, counted from 1, at which a problem's place begins or would belong; None if it names none."""
    named = _PLACE.match(problem)
    if named is None:
        return None
    try:
        # Only composed: nodes with their places in the text, no values are built.
        roots = list(yaml.compose_all(text, yaml.SafeLoader))
    except yaml.YAMLError:
        return None
    return next(filter(None, (_deepest(root, named[1]) for root in roots)), None)


def _deepest(node: yaml.Node, path: str) -> int | None:
    """The line of the innermost part on the way to `path` that is written; keys may hold dots."""
    if isinstance(node, yaml.SequenceNode):
        return _item(node, path)
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, value in node.value:
        if path == key.value or path.startswith(f"{key.value}."):
            inner = _deepest(value, path[len(key.value) + 1 :])
            return inner or key.start_mark.line + 1
    return None


def _item(node: yaml.SequenceNode, path: str) -> int | None:
    head, _, rest = path.partition(".")
    for item in node.value:
        if isinstance(item, yaml.MappingNode) and _id_of(item) == head:
            return _deepest(item, rest) or int(item.start_mark.line) + 1
    return None


def _id_of(node: yaml.MappingNode) -> str:
    return next((str(value.value) for key, value in node.value if key.value == "id"), "")

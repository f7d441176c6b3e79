"""Topic filters of MQTT 3.1.1 (section 4.7): which of them another one covers or meets. No I/O."""

from itertools import zip_longest


def covers(allowed: str, wanted: str) -> bool:
    """Whether every topic that `wanted` takes is taken by `allowed` too."""
    if wanted.startswith("$") != allowed.startswith("$"):  # wildcards at the front leave such topics out
        return False
    for one, other in zip_longest(allowed.split("/"), wanted.split("/")):
        if one == "#":
            return True
        if one is None or other is None or other == "#" or one not in {"+", other}:
            return False
    return True


def meet(one: str, other: str) -> bool:
    """Whether some topic is taken by both."""
    if one.startswith("$") != other.startswith("$"):
        return False
    for mine, theirs in zip_longest(one.split("/"), other.split("/")):
        if "#" in {mine, theirs}:
            return True
        if mine is None or theirs is None or (mine != theirs and "+" not in {mine, theirs}):
            return False
    return True


def is_filter(text: str) -> bool:
    """Whether a broker may be asked for it: # alone and last, + alone within its level."""
    *above, last = text.split("/")
    known = all(level == "+" or not set(level) & set("+#") for level in above)
    return bool(text) and known and (last in {"#", "+"} or not set(last) & set("+#")) and "\0" not in text

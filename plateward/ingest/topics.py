"""Topic filters of MQTT 3.1.1 (section 4.7): which of them another one covers. No I/O."""

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

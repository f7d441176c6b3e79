"""What was committed between two snapshots of one running PostgreSQL server."""

from itertools import pairwise


def committed_between(earlier: str, later: str) -> list[tuple[int, int]]:
    """Which transactions one snapshot sees and an earlier one did not: spans, without both their ends.

    Snapshots as PostgreSQL writes them, "xmin:xmax:running,…": seen is what was begun before xmax and does
    not run. So each that ran at the earlier is one, and what was begun since but for those running now.
    """
    _, end, ran = _parts(earlier)
    _, now, running = _parts(later)
    edges = [end - 1, *sorted(one for one in running if one >= end), now]
    begun = [(after, before) for after, before in pairwise(edges) if before - after > 1]
    return [*((one - 1, one + 1) for one in sorted(ran - running)), *begun]


def _parts(snapshot: str) -> tuple[int, int, frozenset[int]]:
    first, end, running = snapshot.split(":")
    return int(first), int(end), frozenset(map(int, filter(None, running.split(","))))

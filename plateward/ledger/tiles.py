"""Growing the tree in O(new leaves), and keeping of it only what proofs need.

Of the inner nodes only every eighth level is kept: over 256 leaves, 65,536 and so on, 1/255 hash a leaf; any
other node is made of at most 128 kept hashes, and a proof reads at most two groups of 256 of them on each
kept level, three or four levels for ten million leaves. The groups are the tiles of C2SP's tlog-tiles.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plateward.ledger.merkle import EMPTY_ROOT, Nodes, leaf_hash, node_hash

STEP: Final = 8
WIDTH: Final = 1 << STEP
"""Hashes in a tile."""

Tile = Callable[[int, int], Sequence[bytes]]
"""(level, index) → the hashes kept on that level (0, 8, 16…) from index * 256 on, at most 256 of them."""


@dataclass(frozen=True, slots=True)
class Node:
    """A hash to keep: over the 2**level leaves from index * 2**level on."""

    level: int
    index: int
    hash: bytes


def nodes_of(tile: Tile) -> Nodes:
    """Read any complete subtree's hash from tiles; each tile is asked for once."""
    seen: dict[tuple[int, int], Sequence[bytes]] = {}

    def node(level: int, index: int) -> bytes:
        kept, above = level - level % STEP, level % STEP
        first, count = index << above, 1 << above
        place = (kept, first // WIDTH)
        if place not in seen:
            seen[place] = tile(*place)
        hashes = seen[place][first % WIDTH : first % WIDTH + count]
        if len(hashes) != count:
            raise LookupError(f"the tree's hashes on level {kept} from {first} on are not there")
        return complete_root(hashes)

    return node


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Root over a power of two of subtrees' hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def growth(tile: Tile, size: int, leaves: Sequence[bytes]) -> Iterator[Node]:
    """The nodes to keep when leaf hashes are appended to a tree of `size`; `tile` reads the old tree."""
    level, first, hashes = 0, size, leaves
    while hashes:
        filled = first % WIDTH
        begun = [*(tile(level, first // WIDTH)[:filled] if filled else ()), *hashes]
        level, first = level + STEP, first // WIDTH
        hashes = [complete_root(begun[i : i + WIDTH]) for i in range(0, len(begun) - WIDTH + 1, WIDTH)]
        yield from (Node(level, first + offset, made) for offset, made in enumerate(hashes))


class Range:
    """A compact range from leaf 0 on: what of a tree is needed to go on appending and to know its root.

    Holds one hash for each one-bit of the size, so it verifies a journal of any length in little memory.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; amortized two hashings."""
        made, size = leaf, self.size
        while size % 2:
            made = node_hash(self._peaks.pop(), made)
            size //= 2
        self._peaks.append(made)
        self.size += 1

    def append_data(self, data: bytes) -> None:
        """Add one leaf by its bytes."""
        self.append(leaf_hash(data))

    def root(self) -> bytes:
        """Root of the tree so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *others, made = self._peaks
        for peak in reversed(others):
            made = node_hash(peak, made)
        return made

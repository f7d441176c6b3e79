"""The Merkle tree of RFC 6962 § 2.1 (RFC 9162 § 2.1): roots, proofs, and the verification of proofs.

A tree of `size` leaves is read through a `Nodes` function, which gives the hash of any complete subtree; so a
proof reads O(log size) hashes wherever they are kept.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962 § 2.1)."""
HASH_SIZE: Final = 32

Nodes = Callable[[int, int], bytes]
"""(level, index) → hash over the 2**level leaves from index * 2**level on."""


class InvalidProofError(ValueError):
    """A proof does not lead to the root that it should lead to; the message says expected and got."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf's bytes (RFC 6962 § 2.1)."""
    return hashlib.sha256(LEAF_PREFIX + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash over two subtrees (RFC 6962 § 2.1)."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def root(nodes: Nodes, size: int) -> bytes:
    """Root of the tree's first `size` leaves: MTH(D[0:size])."""
    return _range_hash(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]) of RFC 6962 § 2.1.1, the leaf's sibling first; raises IndexError."""
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not in a tree of {size}")
    return _path(nodes, index, 0, size)


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[0:new]) of RFC 6962 § 2.1.2; empty from an empty tree; raises IndexError."""
    if not 0 <= old <= new:
        raise IndexError(f"a tree of {new} does not contain one of {old}")
    return _subproof(nodes, old, 0, new, known=True) if old else []


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """Check that a leaf hash is at `index` of the tree with this root (RFC 9162 § 2.1.3.2).

    Raises InvalidProofError.
    """
    if not 0 <= index < size:
        raise InvalidProofError(f"expected an index below the tree's size {size}, got {index}")
    if len(proof) != (expected := _path_length(index, size)):
        raise InvalidProofError(f"expected an inclusion proof of {expected} hashes, got {len(proof)}")
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if place % 2 or place == last:
            found = node_hash(sibling, found)
            while not place % 2 and place:
                place, last = place // 2, last // 2
        else:
            found = node_hash(found, sibling)
        place, last = place // 2, last // 2
    _expect(found, expected_root)


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `old` leaves is the beginning of the tree of `new` (RFC 9162 § 2.1.4.2).

    Raises InvalidProofError.
    """
    if not 0 <= old <= new:
        raise InvalidProofError(f"expected a tree of at least {old} leaves, got {new}")
    if old in {0, new}:
        if proof:
            raise InvalidProofError(f"expected an empty consistency proof, got {len(proof)} hashes")
        return _expect(old_root, new_root if old else EMPTY_ROOT)
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not hashes:
        raise InvalidProofError("expected a consistency proof, got none")
    found_old, found_new = _climb(hashes, old - 1, new - 1)
    _expect(found_old, old_root)
    return _expect(found_new, new_root)


def _climb(hashes: Sequence[bytes], place: int, last: int) -> tuple[bytes, bytes]:
    """Both roots that a consistency proof's hashes lead to, from the last leaves of both trees up."""
    while place % 2:
        place, last = place // 2, last // 2
    old = new = hashes[0]
    for other in hashes[1:]:
        if not last:
            raise InvalidProofError(f"got a consistency proof with too many hashes ({len(hashes)})")
        if place % 2 or place == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not place % 2 and place:
                place, last = place // 2, last // 2
        else:
            new = node_hash(new, other)
        place, last = place // 2, last // 2
    if last:
        raise InvalidProofError(f"got a consistency proof with too few hashes ({len(hashes)})")
    return old, new


def _expect(found: bytes, expected: bytes) -> None:
    if found != expected:
        raise InvalidProofError(f"expected the root {expected.hex()}, got {found.hex()}")


def _split(count: int) -> int:
    """Largest power of two below `count` (k in RFC 6962 § 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of a range that RFC 6962's splitting makes, so a power of two is a whole subtree."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_hash(nodes, start, middle), _range_hash(nodes, middle, end))


def _path(nodes: Nodes, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(nodes, index, start, middle), _range_hash(nodes, middle, end)]
    return [*_path(nodes, index, middle, end), _range_hash(nodes, start, middle)]


def _subproof(nodes: Nodes, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
    if old == end:
        return [] if known else [_range_hash(nodes, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(nodes, old, start, middle, known=known), _range_hash(nodes, middle, end)]
    return [*_subproof(nodes, old, middle, end, known=False), _range_hash(nodes, start, middle)]


def _path_length(index: int, size: int) -> int:
    """Hashes in an inclusion proof.

    One a level up to where the paths to this leaf and to the last one meet, then one for each left subtree.
    """
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()

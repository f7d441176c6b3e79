"""The tree and its proofs, on the vectors everybody uses and any tree; pymerkle and sigstore see the same."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore.errors import VerificationError

from plateward.ledger import verifier
from plateward.ledger.merkle import (
    EMPTY_ROOT,
    InvalidProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from plateward.ledger.tiles import STEP, WIDTH, Range, growth, nodes_of

# The leaves and hashes of certificate-transparency's own tests of RFC 6962.
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)


class Kept:
    """A tree as the database keeps it: leaf hashes, and every eighth level above them."""

    def __init__(self) -> None:
        self.levels: dict[int, list[bytes]] = {0: []}

    def append(self, leaves: Sequence[bytes]) -> None:
        for node in growth(self.tile, len(self.levels[0]), leaves):
            level = self.levels.setdefault(node.level, [])
            assert node.index == len(level), "nodes are kept without gaps"
            level.append(node.hash)
        self.levels[0].extend(leaves)

    def tile(self, level: int, index: int) -> list[bytes]:
        return self.levels.get(level, [])[index * WIDTH : (index + 1) * WIDTH]

    def root(self, size: int) -> bytes:
        return root(nodes_of(self.tile), size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return inclusion_proof(nodes_of(self.tile), index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(nodes_of(self.tile), old, new)


def tree_of(leaves: Sequence[bytes]) -> Kept:
    kept = Kept()
    kept.append([leaf_hash(leaf) for leaf in leaves])
    return kept


KNOWN = tree_of([bytes.fromhex(leaf) for leaf in LEAVES])


def numbered(size: int) -> Kept:
    return tree_of([str(number).encode() for number in range(size)])


def test_roots_are_those_of_rfc_6962() -> None:
    assert [KNOWN.root(size).hex() for size in range(1, 9)] == ROOTS
    assert KNOWN.root(0).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, ROOTS[3]]), (2, 3, [ROOTS[1]]), (1, 5, None)],
)
def test_inclusion_proofs_are_those_of_rfc_6962(index: int, size: int, proof: list[str] | None) -> None:
    made = KNOWN.inclusion(index, size)
    if proof is not None:
        assert [part.hex() for part in made] == proof
    leaf = leaf_hash(bytes.fromhex(LEAVES[index]))
    verify_inclusion(leaf, index, size, made, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[3]]), (2, 5, [B, D]), (0, 5, [])],
)
def test_consistency_proofs_are_those_of_rfc_6962(old: int, new: int, proof: list[str]) -> None:
    made = KNOWN.consistency(old, new)
    assert [part.hex() for part in made] == proof
    verify_consistency(old, KNOWN.root(old), new, KNOWN.root(new), made)


sizes = st.integers(1, 700)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


WHOLE = numbered(700)


@pytest.mark.parametrize(("index", "claimed"), [(0, 9), (0, 16), (7, 9)])
def test_a_proof_that_leads_to_a_root_is_none_for_a_tree_of_another_size(index: int, claimed: int) -> None:
    leaf, proof, top = leaf_hash(bytes.fromhex(LEAVES[index])), KNOWN.inclusion(index, 8), KNOWN.root(8)
    verify_inclusion(leaf, index, 8, proof, top)
    with pytest.raises(InvalidProofError):
        verify_inclusion(leaf, index, claimed, proof, top)
    with pytest.raises(verifier.Defect, match="too short"):
        verifier.root_of_proof(leaf, index, claimed, proof)


@given(pairs())
def test_every_leaf_of_every_tree_is_proved_and_no_other_is(pair: tuple[int, int]) -> None:
    index, size = pair
    proof, top = WHOLE.inclusion(index, size), WHOLE.root(size)
    leaf = WHOLE.levels[0][index]
    verify_inclusion(leaf, index, size, proof, top)
    for wrong in (
        (leaf_hash(b"forged"), index, size, proof, top),
        (leaf, index + 1, size, proof, top),
        (leaf, index, size, [*proof, top], top),
        (leaf, index, size, proof, leaf_hash(b"other")),
    ):
        with pytest.raises(InvalidProofError, match="expected"):
            verify_inclusion(*wrong)


@given(pairs(), st.data())
def test_every_tree_is_the_beginning_of_every_later_one_and_of_no_other(
    pair: tuple[int, int], data: st.DataObject
) -> None:
    old, new = pair
    proof = WHOLE.consistency(old, new)
    verify_consistency(old, WHOLE.root(old), new, WHOLE.root(new), proof)
    forged = leaf_hash(b"forged")
    with pytest.raises(InvalidProofError):
        verify_consistency(old, forged, new, WHOLE.root(new), proof)
    if old:
        with pytest.raises(InvalidProofError):
            verify_consistency(old, WHOLE.root(old), new, forged, proof)
        place = data.draw(st.integers(0, len(proof) - 1))
        with pytest.raises(InvalidProofError):
            verify_consistency(
                old, WHOLE.root(old), new, WHOLE.root(new), [*proof[:place], forged, *proof[place + 1 :]]
            )


@given(sizes, st.integers(0, 699))
def test_one_changed_leaf_changes_every_root_that_covers_it(size: int, place: int) -> None:
    kept = [str(number).encode() for number in range(size)]
    place %= size
    kept[place] += b"!"
    changed = tree_of(kept)
    assert changed.root(size) != WHOLE.root(size)
    assert changed.root(place) == WHOLE.root(place)


@given(st.lists(st.integers(1, 400), max_size=5))
def test_a_tree_grown_in_any_portions_is_the_same(portions: list[int]) -> None:
    grown, compact, size = Kept(), Range(), 0
    for portion in portions:
        leaves = [leaf_hash(str(size + number).encode()) for number in range(portion)]
        grown.append(leaves)
        for leaf in leaves:
            compact.append(leaf)
        size += portion
    assert grown.levels == numbered(size).levels if size else grown.levels == {0: []}
    assert grown.root(size) == compact.root()


def test_a_tree_of_three_kept_levels_still_proves() -> None:
    kept = numbered(WIDTH * WIDTH + WIDTH + 3)
    assert sorted(kept.levels) == [0, STEP, 2 * STEP]
    size = len(kept.levels[0])
    for index in (0, 255, 256, WIDTH * WIDTH - 1, WIDTH * WIDTH, size - 1):
        verify_inclusion(kept.levels[0][index], index, size, kept.inclusion(index, size), kept.root(size))
    verify_consistency(
        70_000 % size, kept.root(70_000 % size), size, kept.root(size), kept.consistency(70_000 % size, size)
    )


@pytest.mark.parametrize("size", [1, 2, 7, 255, 256, 257, 600])
def test_pymerkle_sees_the_same_root(size: int) -> None:
    other = InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(str(number).encode())
    assert other.get_root() == WHOLE.root(size)


def asked_of_sigstore(data: bytes, index: int, size: int, proof: Sequence[bytes], top: bytes) -> None:
    """Raises VerificationError; an entry of theirs holds much more, of which this reads nothing."""
    told = SimpleNamespace(log_index=index, tree_size=size, hashes=list(proof), root_hash=top)
    entry: Any = SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=told, canonicalized_body=data))
    verify_merkle_inclusion(entry)


@given(pairs())
def test_sigstore_accepts_the_same_inclusion_proofs_and_no_others(pair: tuple[int, int]) -> None:
    index, size = pair
    data, proof, top = str(index).encode(), WHOLE.inclusion(index, size), WHOLE.root(size)
    asked_of_sigstore(data, index, size, proof, top)
    for wrong in (
        (b"edited", index, size, proof, top),
        (data, index, size, [*proof, top], top),
        (data, index, size, proof, leaf_hash(b"another root")),
    ):
        with pytest.raises(VerificationError):
            asked_of_sigstore(*wrong)


def test_what_cannot_be_proved_is_refused() -> None:
    with pytest.raises(IndexError, match="not in a tree of 8"):
        KNOWN.inclusion(8, 8)
    with pytest.raises(IndexError, match="does not contain"):
        KNOWN.consistency(9, 8)
    with pytest.raises(InvalidProofError, match="at least 5"):
        verify_consistency(5, EMPTY_ROOT, 4, EMPTY_ROOT, [])
    with pytest.raises(InvalidProofError, match="too few"):
        verify_consistency(6, KNOWN.root(6), 8, KNOWN.root(8), KNOWN.consistency(6, 8)[:-1])
    with pytest.raises(InvalidProofError, match="too many"):
        verify_consistency(6, KNOWN.root(6), 8, KNOWN.root(8), [*KNOWN.consistency(6, 8), EMPTY_ROOT])
    with pytest.raises(InvalidProofError, match="empty consistency proof"):
        verify_consistency(8, KNOWN.root(8), 8, KNOWN.root(8), [EMPTY_ROOT])
    with pytest.raises(InvalidProofError, match="got none"):
        verify_consistency(3, KNOWN.root(3), 8, KNOWN.root(8), [])


def test_a_tree_whose_kept_hashes_are_gone_proves_nothing() -> None:
    torn = numbered(300)
    torn.levels[STEP] = []
    with pytest.raises(LookupError, match="not there"):
        torn.root(300)

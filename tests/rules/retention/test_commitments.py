"""What commits to a day's reads, and tells nobody a plate."""

from uuid import UUID, uuid4

import pytest

from plateward.ledger.merkle import EMPTY_ROOT, verify_inclusion
from plateward.retention.commitments import FIELDS, Tree, hash_of, new_key, salt_of

READ = dict.fromkeys(FIELDS, "said")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
def test_every_read_is_proved_to_be_in_its_days_root(size: int) -> None:
    tree = Tree([hash_of(new_key(), READ) for _ in range(size)])
    for index in range(size):
        verify_inclusion(tree._levels[0][index], index, size, tree.proof(index), tree.root)


def test_a_day_without_reads_has_the_empty_root() -> None:
    assert Tree([]).root == EMPTY_ROOT


def test_a_salt_tells_nothing_of_anothers_and_the_key_makes_it_again() -> None:
    key, one, other = new_key(), uuid4(), UUID(int=0)
    assert salt_of(key, one) == salt_of(key, one)
    assert len({salt_of(key, one), salt_of(key, other), salt_of(new_key(), one)}) == 3


def test_a_leaf_is_made_of_exactly_what_it_says() -> None:
    with pytest.raises(ValueError, match="a leaf is made of"):
        hash_of(new_key(), READ | {"owner": "said"})
    assert hash_of(b"1" * 32, READ) != hash_of(b"2" * 32, READ)

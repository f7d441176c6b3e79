"""A list of wanted plates in memory: eight bytes a plate, and its partial plates as a PatternSet. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from plateward.plates.pattern_set import PatternSet

LONGEST = 12
"""Characters of the longest key that has a number: 2 · 36¹² is below 2⁶⁴."""


def number_of(key: str) -> int:
    """A key of letters and digits as a number below 2⁶⁴, never that of another; 0 where it is too long."""
    # The leading 1 keeps zeros at the start.
    return int(f"1{key}", 36) if len(key) <= LONGEST else 0


@dataclass(frozen=True, slots=True)
class PlateIndex:
    """The keys of one list: whole ones as sorted numbers, partial and longer ones as patterns.

    It says which keys of the list a plate's key fits, and never forgets one; whether an entry under that key
    is in force is not its to know.
    """

    numbers: NDArray[np.uint64]
    patterns: PatternSet

    @classmethod
    def of(cls, keys: Iterable[str]) -> Self:
        """The index of these keys, in any order and however often each comes."""
        numbers, others = [], set()
        for key in keys:
            if len(key) <= LONGEST and key.isalnum():
                numbers.append(number_of(key))
            else:
                others.add(key)
        return cls(np.unique(np.array(numbers, dtype=np.uint64)), PatternSet(others))

    def fitting(self, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """For each of the plates' keys that fits any: the list's keys it fits."""
        asked = list(dict.fromkeys(keys))
        found: dict[str, tuple[str, ...]] = {key: (key,) for key in self._listed(asked)}
        if len(self.patterns):
            fits = self.patterns.fitting
            for key in asked:
                if patterns := fits(key):
                    found[key] = (*found.get(key, ()), *patterns)
        return found

    def _listed(self, keys: Sequence[str]) -> Iterable[str]:
        if not len(self.numbers):
            return ()
        asked = np.array([number_of(key) for key in keys], dtype=np.uint64)
        places = np.minimum(np.searchsorted(self.numbers, asked), len(self.numbers) - 1)
        return (keys[place] for place in np.flatnonzero(self.numbers[places] == asked).tolist())

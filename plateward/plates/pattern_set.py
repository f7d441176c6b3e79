"""Many partial plates at once: which of them a plate fits, in one pass over its characters."""

from collections.abc import Iterable, Iterator, Sequence

from plateward.plates.pattern import PlatePattern

_ByCharacter = dict[str, int]


class PatternSet:
    """Patterns of known characters, `?` and `*`, each a bit of one number.

    For a plate of so many characters every place knows which patterns allow which character there: those
    up to a pattern's first `*` and from its last one on have their place. The bits of all characters, put
    together by AND, leave the patterns that fit. Only what stands between two `*` has no place: there a pair
    of neighbors (or one character) narrows down, and the pattern itself decides. So the work of one plate
    grows with its length, and hardly with the number of patterns or their kind.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns: tuple[str, ...] = tuple(sorted(set(patterns)))
        self._parts = [pattern.split("*") for pattern in self.patterns]
        self._by_length: dict[int, list[tuple[_ByCharacter, int]]] = {}
        self._inner = {
            number: PlatePattern(pattern)
            for number, (pattern, part) in enumerate(zip(self.patterns, self._parts, strict=True))
            if any(part[1:-1])
        }
        self._inner_bits = _bits(number in self._inner for number in range(len(self.patterns)))
        grams = [_narrowest(part[1:-1]) for part in self._parts]
        self._ungrammed = _bits(not gram for gram in grams)
        self._pairs = _by_gram(gram if len(gram) > 1 else "" for gram in grams)
        self._singles = _by_gram(gram if len(gram) == 1 else "" for gram in grams)

    def __len__(self) -> int:
        return len(self.patterns)

    def fitting(self, plate: str) -> tuple[str, ...]:
        """The patterns that `plate` fits; it and they must be folded alike (both keys, or both not)."""
        places = self._by_length.get(len(plate)) or self._placed(len(plate))
        bits = -1
        for char, (known, others) in zip(plate, places, strict=False):
            bits &= known.get(char, others)
            if not bits:
                return ()
        if plate and bits & self._inner_bits:
            bits &= self._by_grams(plate)
        return tuple(self._fitting(bits, plate)) if plate and bits else ()

    def _by_grams(self, plate: str) -> int:
        found, pairs = self._ungrammed, self._pairs
        for place in range(len(plate) - 1):
            found |= pairs.get(plate[place : place + 2], 0)
        if self._singles:
            for char in plate:
                found |= self._singles.get(char, 0)
        return found

    def _fitting(self, bits: int, plate: str) -> Iterator[str]:
        while bits:
            lowest = bits & -bits
            bits ^= lowest
            number = lowest.bit_length() - 1
            if number not in self._inner or self._inner[number].fits(plate):
                yield self.patterns[number]

    def _placed(self, length: int) -> list[tuple[_ByCharacter, int]]:
        """At each place of a plate this long: the patterns by what they know there, and those that do not."""
        spelled = [(number, _spelled(part, length)) for number, part in enumerate(self._parts)]
        fitting = [(1 << number, spelling) for number, spelling in spelled if spelling is not None]
        places = []
        for place in range(length):
            others = sum(bit for bit, spelling in fitting if spelling[place] == "?")
            known: _ByCharacter = {}
            for bit, spelling in fitting:
                if (char := spelling[place]) != "?":
                    known[char] = known.get(char, others) | bit
            places.append((known, others))
        self._by_length[length] = places
        return places


def _spelled(part: Sequence[str], length: int) -> str | None:
    """A pattern, split at its `*`, written out for plates this long; None if it takes none of them."""
    least = sum(map(len, part))
    if least > length or (len(part) == 1 and least < length):
        return None
    return part[0] if len(part) == 1 else part[0] + "?" * (length - len(part[0]) - len(part[-1])) + part[-1]


def _narrowest(runs: Sequence[str]) -> str:
    """A pair of neighbors that the runs demand, else one character, else nothing."""
    pairs = (run[place : place + 2] for run in runs for place in range(len(run) - 1))
    singles = (char for run in runs for char in run if char != "?")
    return next((pair for pair in pairs if "?" not in pair), "") or next(singles, "")


def _bits(flags: Iterable[bool]) -> int:
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def _by_gram(grams: Iterable[str]) -> _ByCharacter:
    found: _ByCharacter = {}
    for number, gram in enumerate(grams):
        if gram:
            found[gram] = found.get(gram, 0) | 1 << number
    return found

"""Draws the sample of an audit again from its published file: `python -I -S redraw.py A-1-draw.json`.

Uses nothing but Python's standard library. Exit status 0: the same records; 1: others; 2: unreadable.
"""

import hashlib
import json
import sys
from pathlib import Path


def first(seed: str, numbers: list[int], size: int) -> list[int]:
    """The first `size` numbers in the order of the SHA-256 of "seed:number"."""
    return sorted(numbers, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())[:size]


def main(arguments: list[str]) -> int:
    """Say whether the file's sample is the one that its seed draws."""
    try:
        told = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        seed, population, at_risk = told["seed"], told["population"], told["at_risk"]
        listed = "".join(f"{one}\n" for one in population).encode()
        random = first(seed, population, told["random_size"])
        risk = first(seed, sorted(set(at_risk) - set(random)), told["risk_size"])
        wrong = [
            what
            for what, is_so in (
                (
                    "the population has another SHA-256",
                    hashlib.sha256(listed).hexdigest() == told["population_sha256"],
                ),
                ("not all at risk are of the population", set(at_risk) <= set(population)),
                ("other records are drawn at random", random == told["random"]),
                ("other records are drawn at risk", risk == told["risk"]),
            )
            if not is_so
        ]
    except (OSError, IndexError, KeyError, TypeError, ValueError) as problem:
        print(f"This is no file of a draw: {problem}")
        return 2
    print(f"FAIL: {'; '.join(wrong)}." if wrong else f"PASS: {len(random) + len(risk)} records, drawn again.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Files such as an extract of a list of others might be, of any length, with faults that are known. No I/O.

The layout is invented, and every file says so: those of NCIC and CLETS/SVS are not public. Plates begin with
TST.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal

from plateward.hotlists.layouts import Column, Layout, Trailer

NOTE: Final = "SYNTHETIC LAYOUT, INVENTED FOR TESTS, NOT NCIC"
FAULTS: Final = (
    "no plate",
    "impossible plate",
    "no date",
    "ended",
    "not in force yet",
)
"""What is wrong with lines that are left out, in the order in which they come."""
_WIDTHS: Final = {
    "plate": 10,
    "state": 2,
    "plate_type": 2,
    "plate_year": 4,
    "reason_code": 4,
    "entering_ori": 9,
    "source_record_no": 10,
    "agency_case": 12,
    "year": 4,
    "make": 4,
    "model": 3,
    "color": 3,
    "effective_date": 8,
    "expires_date": 8,
    "caution": 20,
}
_LETTERS: Final = "ACEFHJKMNPRTUVWXY3479"
_STATES: Final = ("CA", "CA", "CA", "AZ", "NV", "OR", "TX")
_CODES: Final = ("STOL", "STOL", "PLAT", "WANT", "MISS")
_MAKES: Final = (("HOND", "CIV"), ("FORD", "F15"), ("TOYT", "CAM"), ("CHEV", "SIL"), ("NISS", "ALT"))
_COLORS: Final = ("BLK", "WHI", "SIL", "BLU", "RED")
Kind = Literal["FIXED", "DELIMITED"]


@dataclass(slots=True, kw_only=True)
class Sample:
    """A file of `count` lines with entries, every `fault_every`-th of them faulty (0: none).

    The same seed and day give the same file. Pass over it once; then `faults` says what is wrong with which
    line, numbered as an editor numbers it.
    """

    count: int
    kind: Kind
    day: date
    seed: int = 1
    fault_every: int = 0
    separator: str = "|"
    faults: dict[int, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Header, entries and trailer, each with its end."""
        chance = random.Random(self.seed)  # noqa: S311  invented data, no secret
        yield f"HDR {NOTE}\n"
        for number in range(1, self.count + 1):
            row = self._row(number, chance)
            if self.fault_every and number % self.fault_every == 0:
                self._break(number, row)
            yield self._written(row) + "\n"
        yield f"TRL{self.count:07}\n"

    def layout(self) -> Layout:
        """How such a file is read."""
        columns: list[Column] = []
        start = 0
        for position, (name, width) in enumerate(_WIDTHS.items()):
            if self.kind == "FIXED":
                columns.append(Column(name=name, start=start, length=width))
            else:
                columns.append(Column(name=name, position=position))
            start += width
        return Layout(
            kind=self.kind,
            columns=tuple(columns),
            separator=self.separator,
            skip_lines=1,
            trailer=Trailer(begins="TRL"),
            date_format="%Y%m%d",
            no_dates=("00000000",),
            note=NOTE,
        )

    def _row(self, number: int, chance: random.Random) -> dict[str, str]:
        make, model = chance.choice(_MAKES)
        code = chance.choice(_CODES)
        return {
            "plate": _plate(number),
            "state": chance.choice(_STATES),
            "plate_type": "PC",
            "plate_year": str(self.day.year),
            "reason_code": code,
            "entering_ori": "CA0000000",
            "source_record_no": f"V{number:09}",
            "agency_case": f"{self.day:%y}-{number:07}",
            "year": str(chance.randint(1998, self.day.year)),
            "make": make,
            "model": model,
            "color": chance.choice(_COLORS),
            "effective_date": f"{self.day - timedelta(days=chance.randint(0, 400)):%Y%m%d}",
            "expires_date": "00000000",
            "caution": "ARMED" if code == "WANT" and chance.random() < 0.1 else "",  # noqa: PLR2004  one in ten
        }

    def _break(self, number: int, row: dict[str, str]) -> None:
        fault = FAULTS[(number // self.fault_every - 1) % len(FAULTS)]
        match fault:
            case "no plate":
                row["plate"] = "--"
            case "impossible plate":
                row["plate"] = "?T*"
            case "no date":
                row["expires_date"] = "20269999"
            case "ended":
                row["expires_date"] = f"{self.day - timedelta(days=30):%Y%m%d}"
            case _:
                row["effective_date"] = f"{self.day + timedelta(days=30):%Y%m%d}"
        self.faults[number + 1] = fault

    def _written(self, row: dict[str, str]) -> str:
        if self.kind == "FIXED":
            return "".join(row[name].ljust(width)[:width] for name, width in _WIDTHS.items())
        return self.separator.join(row.values())


def _plate(number: int) -> str:
    """One of four million plates, another for each number."""
    letters = []
    for _ in range(5):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "TST" + "".join(reversed(letters))

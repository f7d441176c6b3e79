"""Files such as an extract of a list of others might be, of any length, with faults that are known. No I/O.

The layout is invented, and every file says so: those of NCIC and CLETS/SVS are not public. Plates begin with
TST. The reason codes are the names of the files of which NCIC's extract for plate readers is made (FBI, CJIS
Link of 4 June 2024), by which the shipped policies know their categories.
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
    "reason_code": 30,
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
_WANTED: Final = "Wanted Person"
FILES: Final = {
    "Vehicle": 40,
    "License Plate": 22,
    _WANTED: 12,
    "Missing Person": 8,
    "Protection Order": 5,
    "Supervised Release": 4,
    "National Sex Offender Registry": 3,
    "Violent Person": 2,
    "Gang": 1,
    "Threat Screening Center": 1,
    "Protective Interest": 1,
    "Extreme Risk Protection Order": 1,
}
"""The files of the extract but for one, by how many of a hundred lines are theirs: numbers made up."""
KEPT_OUT: Final = "Immigration Violator"
"""The file that California keeps out: one line of `_KEPT_OUT_EVERY`."""
_KEPT_OUT_EVERY, _KEPT_OUT_FIRST = 40, 37
_ARMED: Final = 0.1
_MAKES: Final = (("HOND", "CIV"), ("FORD", "F15"), ("TOYT", "CAM"), ("CHEV", "SIL"), ("NISS", "ALT"))
_COLORS: Final = ("BLK", "WHI", "SIL", "BLU", "RED")
Kind = Literal["HEADED", "FIXED", "DELIMITED"]


@dataclass(slots=True, kw_only=True)
class Sample:
    """A file of `count` lines with entries, every `fault_every`-th of them faulty (0: none).

    A HEADED one names its columns in the first line, one more of which says that all is invented; it has no
    trailer. The same seed and day give the same file. Pass over it once; then `faults` says what is wrong
    with which line, numbered as an editor numbers it, and `kept_out` counts the sound lines of KEPT_OUT.
    """

    count: int
    kind: Kind
    day: date
    seed: int = 1
    fault_every: int = 0
    separator: str = "|"
    faults: dict[int, str] = field(default_factory=dict)
    kept_out: int = 0

    def lines(self) -> Iterator[str]:
        """Header, entries and trailer, each with its end."""
        chance = random.Random(self.seed)  # noqa: S311  invented data, no secret
        is_headed = self.kind == "HEADED"
        yield f"{self.separator.join([*_WIDTHS, NOTE])}\n" if is_headed else f"HDR {NOTE}\n"
        for number in range(1, self.count + 1):
            row = self._row(number, chance)
            if self.fault_every and number % self.fault_every == 0:
                self._break(number, row)
            elif row["reason_code"] == KEPT_OUT:
                self.kept_out += 1
            yield self._written(row) + "\n"
        if not is_headed:
            yield f"TRL{self.count:07}\n"

    def layout(self) -> Layout:
        """How such a file is read."""
        if self.kind == "HEADED":
            return Layout(kind="HEADED", note=NOTE)
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
        (code,) = chance.choices(list(FILES), list(FILES.values()))
        if number % _KEPT_OUT_EVERY == _KEPT_OUT_FIRST:
            code = KEPT_OUT
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
            # The day before at the latest: where this runs it may be tomorrow already.
            "effective_date": self._date(-chance.randint(1, 400)),
            "expires_date": "" if self.kind == "HEADED" else "00000000",
            "caution": "ARMED" if code == _WANTED and chance.random() < _ARMED else "",
        }

    def _break(self, number: int, row: dict[str, str]) -> None:
        fault = FAULTS[(number // self.fault_every - 1) % len(FAULTS)]
        match fault:
            case "no plate":
                row["plate"] = "--"
            case "impossible plate":
                row["plate"] = "?T*"
            case "no date":
                row["expires_date"] = "2026-99-99" if self.kind == "HEADED" else "20269999"
            case "ended":
                row["expires_date"] = self._date(-30)
            case _:
                row["effective_date"] = self._date(30)
        self.faults[number + 1] = fault

    def _date(self, days: int) -> str:
        """The day so many days from the file's, as such a file writes it."""
        return f"{self.day + timedelta(days=days):{'%Y-%m-%d' if self.kind == 'HEADED' else '%Y%m%d'}}"

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

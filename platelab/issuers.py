"""Who issues plates and how theirs look in gray: words, levels of sheet and ink, what stands between groups.

American issuers are lines of american.csv: names as printed, words above or below the serial, colors of the
sheet and of the ink (hexadecimal red-green-blue), separators (`_` none, `+` a gap, `.` a dot, `-` a dash, `*`
an emblem). Written from general knowledge of the designs; no photograph was copied.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_EUROPEAN: Final[Mapping[str, str]] = {
    "AT": "A", "BE": "B", "BG": "BG", "CH": "CH", "CZ": "CZ", "DE": "D", "DK": "DK", "EE": "EST",
    "ES": "E", "FI": "FIN", "FR": "F", "GB": "GB", "GR": "GR", "HR": "HR", "HU": "H", "IE": "IRL",
    "IT": "I", "LT": "LT", "LV": "LV", "NL": "NL", "NO": "N", "PL": "PL", "PT": "P", "RO": "RO",
    "SE": "S", "SI": "SLO", "SK": "SK",
}  # fmt: skip
"""Letters in the blue band by ISO 3166-1 code."""

_YELLOW: Final = frozenset({"NL", "GB"})
TERRITORY_MASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "US-PR": ("AAA111",),
    "US-AS": ("1111", "11111"),
    "US-GU": ("AA1111", "AAA1111"),
    "US-MP": ("AAA111",),
    "US-VI": ("AAA111", "1AA111"),
}
"""Serials of the territories, which the product's table of formats does not name."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """How one issuer's plates look; levels run from 0 (black) to 1 (white)."""

    code: str
    names: tuple[str, ...]
    slogans: tuple[str, ...]
    sheets: tuple[float, ...]
    inks: tuple[float, ...]
    separators: str

    @property
    def style(self) -> str:
        """`US`, `BR` or `EU`: the shape of the plate."""
        return self.code[:2] if self.code.startswith(("US-", "BR")) else "EU"


def level(color: str) -> float:
    """Brightness of a hexadecimal color as a gray camera sees it (ITU-R BT.601)."""
    red, green, blue = (int(color[place : place + 2], 16) for place in (0, 2, 4))
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _american() -> Iterator[Issuer]:
    with Path(__file__).with_name("american.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Issuer(
                row["code"],
                tuple(row["names"].split(";")),
                tuple(row["words"].split(";")),
                tuple(map(level, row["sheets"].split())),
                tuple(map(level, row["inks"].split())),
                row["separators"],
            )


def _european(code: str, letters: str) -> Issuer:
    sheets = (level("f2c830"), level("f4f4f4")) if code in _YELLOW else (level("f4f4f4"), level("ececec"))
    return Issuer(code, (letters,), ("",), sheets, (level("101010"), level("202020")), "_+-*.")


BRAZIL: Final = Issuer(
    "BR",
    (
        "SP - SAO PAULO",
        "BA - SALVADOR",
        "PR - CURITIBA",
        "RJ - RIO DE JANEIRO",
        "MG - BELO HORIZONTE",
        "BRASIL",
    ),
    ("",),
    (level("a8acb0"), level("c4c8cc"), level("b0281c"), level("f2f2f2")),
    (level("181818"), level("202020")),
    "-.+",
)

ISSUERS: Final[Mapping[str, Issuer]] = {
    issuer.code: issuer
    for issuer in (
        *_american(),
        *(_european(code, letters) for code, letters in _EUROPEAN.items()),
        BRAZIL,
    )
}

REGIONS: Final[tuple[str, ...]] = tuple(sorted(ISSUERS))
"""What the reader's region head tells apart, in the order of its outputs."""

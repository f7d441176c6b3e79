"""Draw training curves as SVG.

    python -m platelab.curves platelab/trained/curve.csv --out reader.svg --columns loss_text us-dev_strict

One line for each column over the number of pictures learned from; every column is drawn between 0 and its
largest value, or 1 where it never exceeds 1, so that losses and shares fit into one drawing.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

WIDE, TALL = 720, 320
LEFT, TOP, RIGHT, BOTTOM = 48, 16, 190, 36
"""Room around the drawing, in pixels; names stand on the right."""
COLORS: Final = ("#005ea2", "#d54309", "#538200", "#8168b3", "#936f38", "#00687d")
DASHES: Final = ("", "6 3", "2 3", "8 3 2 3", "1 4", "10 4")
"""Lines are told apart without color as well."""


def drawing(rows: Sequence[dict[str, str]], columns: Sequence[str], pictures: str = "crops") -> str:
    """The curve of each column, as an SVG picture."""
    last = max(float(row[pictures]) for row in rows)
    box = f'viewBox="0 0 {WIDE} {TALL}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        f"<title>{escape(', '.join(columns))} over {escape(pictures)}</title>",
        f'<rect width="{WIDE}" height="{TALL}" fill="#fff"/>',
        *_grid(last, pictures),
    ]
    for place, column in enumerate(columns):
        points = [(float(row[pictures]) / last, float(row[column])) for row in rows if row.get(column)]
        parts += _line(place, column, points)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _grid(last: float, pictures: str) -> list[str]:
    parts = []
    for step in range(5):
        y = _y(step / 4)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDE - RIGHT}" stroke="#dfe1e2"/>')
    for step in range(5):
        x = _x(step / 4)
        parts.append(
            f'<text x="{x:.1f}" y="{TALL - BOTTOM + 16}" text-anchor="middle">{last * step / 4:,.0f}</text>'
        )
    parts.append(f'<text x="{_x(0.5):.1f}" y="{TALL - 4}" text-anchor="middle">{escape(pictures)}</text>')
    return parts


def _line(place: int, column: str, points: Sequence[tuple[float, float]]) -> list[str]:
    most = max(1.0, *(value for _, value in points))
    color, dash = COLORS[place % len(COLORS)], DASHES[place % len(DASHES)]
    path = " ".join(f"{_x(at):.1f},{_y(value / most):.1f}" for at, value in points)
    name = escape(f"{column}: {points[-1][1]:g}" + (f" (of {most:g})" if most > 1 else ""))
    y = TOP + 14 + 18 * place
    look = f'fill="none" stroke="{color}" stroke-width="1.8" stroke-dasharray="{dash}"'
    return [
        f'<polyline points="{path}" {look}/>',
        f'<path d="M{WIDE - RIGHT + 8} {y - 4}h18" {look}/>',
        f'<text x="{WIDE - RIGHT + 30}" y="{y}">{name}</text>',
    ]


def _x(share: float) -> float:
    return LEFT + share * (WIDE - LEFT - RIGHT)


def _y(share: float) -> float:
    return TALL - BOTTOM - share * (TALL - TOP - BOTTOM)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the drawing."""
    parser = argparse.ArgumentParser(prog="python -m platelab.curves", description="Draw training curves.")
    parser.add_argument("curve", type=Path, help="curve.csv of a training")
    parser.add_argument("--out", type=Path, required=True, help="SVG file to write")
    parser.add_argument("--columns", nargs="+", required=True, help="columns to draw")
    chosen = parser.parse_args(arguments)
    with chosen.curve.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    unknown = [column for column in chosen.columns if column not in rows[0]]
    if unknown:
        parser.error(f"{chosen.curve} has no column {', '.join(unknown)}; it has {', '.join(rows[0])}")
    chosen.out.write_text(drawing(rows, chosen.columns), encoding="utf-8")


if __name__ == "__main__":
    main()

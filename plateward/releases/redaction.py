"""Taking out of copies for the public what may not leave: pixels are overwritten, text is replaced.

The result is made anew from what is left, so that nothing of what was taken out, nor a picture's metadata or
embedded preview, is in it. No Django.
"""

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from plateward.plates import normalize
from plateward.reads.imaging import FORMATS, NotAPictureError, inspect

FILL = (0, 0, 0)
TAKEN_OUT = "[redacted]"
MOST_LINES = 100_000
FEWEST = 3


class UnredactableError(ValueError):
    """The copy cannot be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright picture, from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.left} {self.top} {self.width} {self.height}"

    @classmethod
    def parse(cls, line: str) -> "Box":
        """Read “left top width height”; raises UnredactableError."""
        parts = line.replace(",", " ").split()
        if len(parts) != len(cls.__slots__) or not all(part.isdecimal() for part in parts):
            raise UnredactableError(f"“{line}” is no box. Give left, top, width and height in pixels.")
        box = cls(*map(int, parts))
        if not box.width or not box.height:
            raise UnredactableError(f"“{line}” covers nothing. Give a width and a height.")
        return box


def _upright(data: bytes) -> Image.Image:
    try:
        inspect(data)
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (NotAPictureError, OSError) as error:
        raise UnredactableError(f"The picture cannot be read: {error}.") from error


def upright_size(data: bytes) -> tuple[int, int]:
    """Width and height of the upright picture; raises UnredactableError."""
    return _upright(data).size


def redacted_picture(data: bytes, boxes: Sequence[Box]) -> bytes:
    """A PNG of the picture, upright, with every box filled; raises UnredactableError.

    A box that lies wholly outside the picture is refused: what it was to cover would still be there.
    """
    if not boxes:
        raise UnredactableError("Nothing is covered. Give at least one box.")
    clean = _anew(data)
    pen = ImageDraw.Draw(clean)
    for box in boxes:
        if box.left >= clean.width or box.top >= clean.height:
            size = f"{clean.width} × {clean.height}"
            raise UnredactableError(f"A box lies outside the picture, which has {size} pixels. Correct it.")
        right, bottom = box.left + box.width - 1, box.top + box.height - 1
        pen.rectangle((box.left, box.top, right, bottom), fill=FILL)
    return _png(clean)


def whole_picture(data: bytes) -> bytes:
    """A PNG of the picture, upright, with nothing filled; raises UnredactableError."""
    return _png(_anew(data))


def _anew(data: bytes) -> Image.Image:
    """The upright picture's pixels in a picture of their own, without anything else of its file."""
    upright = _upright(data)
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    return clean


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def redacted_table(data: bytes, columns: Iterable[str]) -> bytes:
    """A CSV file with every cell of these columns replaced; raises UnredactableError.

    The same letters and digits anywhere else are replaced too, whatever stands between them or their case: a
    plate stands in a note as well as in its column. Texts of fewer than FEWEST are not looked for elsewhere.
    """
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnredactableError(f"This is no CSV file in UTF-8 ({error}). Export it as CSV.") from error
    if not rows or len(rows) > MOST_LINES:
        raise UnredactableError(f"A table has 1 to {MOST_LINES:,} lines. Divide or complete it.")
    wanted = {name.strip().casefold() for name in columns if name.strip()}
    places = [n for n, heading in enumerate(rows[0]) if heading.strip().casefold() in wanted]
    if len(places) < len(wanted) or not wanted:
        raise UnredactableError(f"Name columns of the file: {', '.join(rows[0])}.")
    written = {row[n].strip() for row in rows[1:] for n in places if len(row) > n}
    exact = sorted((text for text in written if text and not normalize(text)), key=len, reverse=True)
    hidden = {normalize(text) for text in written}
    hidden = {text for text in hidden if len(text) >= FEWEST}
    lengths = sorted({len(text) for text in hidden}, reverse=True)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(rows[0])
    for row in rows[1:]:
        sheet.writerow(
            TAKEN_OUT
            if n in places and cell.strip()
            else _without(_exactly_without(cell, exact), hidden, lengths)
            for n, cell in enumerate(row)
        )
    return out.getvalue().encode()


def _exactly_without(cell: str, texts: Iterable[str]) -> str:
    """The cell without texts that hold no letter or digit of a plate, such as names in other scripts."""
    for text in texts:
        cell = cell.replace(text, TAKEN_OUT)
    return cell


def _without(cell: str, hidden: Collection[str], lengths: Sequence[int]) -> str:
    """The cell without any of the hidden texts, found by their letters and digits alone, in one pass."""
    places = [n for n, character in enumerate(cell) if normalize(character)]
    letters = "".join(normalize(cell[n])[:1] for n in places)
    kept, done, at = [], 0, 0
    while at < len(letters):
        length = next((size for size in lengths if letters[at : at + size] in hidden), 0)
        if length:
            kept += [cell[done : places[at]], TAKEN_OUT]
            done = places[at + length - 1] + 1
        at += length or 1
    return "".join([*kept, cell[done:]])

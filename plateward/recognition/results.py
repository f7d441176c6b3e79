"""What recognition answers: frozen values, in pixels of the picture as a person sees it."""

from dataclasses import dataclass
from typing import Any

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlateBox:
    """Where the characters of a plate are.

    Attributes:
        x, y, width, height: the upright box around them, in pixels from the picture's top left corner.
        corners: top left, top right, bottom right, bottom left, as the plate is turned.
    """

    x: int
    y: int
    width: int
    height: int
    corners: tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class CharacterReading:
    """One character and the probability, 0 to 1, that it is right."""

    char: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another text the same plate may carry, and its probability, 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What a general text reader alone makes of the plate, and the probability, 0 to 1, it gives to it."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PlateReading:
    """One plate in one picture.

    Attributes:
        text: A–Z and 0–9 only.
        characters: one for each character of `text`, in order.
        confidence: the probability, 0 to 1, that the whole text is right.
        region: ISO 3166-2 code such as "US-CA" when the state's name was read on the plate, otherwise None.
        region_confidence: 0 to 1; 0 when the region is unknown.
        box: where it is.
        alternatives: other texts, likeliest first.
        second_opinion: where a second reader was asked; it has part in `text` and `confidence` then.
    """

    text: str
    characters: tuple[CharacterReading, ...]
    confidence: float
    region: str | None
    region_confidence: float
    box: PlateBox
    alternatives: tuple[Alternative, ...] = ()
    second_opinion: SecondOpinion | None = None


@dataclass(frozen=True, slots=True)
class PictureResult:
    """All plates of one picture, the most certain first.

    Attributes:
        readings: empty when no plate was found.
        width, height: of the picture, in pixels.
        milliseconds: time spent recognizing, without opening the file.
        model: name and digest of what read it, so that a read can be traced to the model that made it.
    """

    readings: tuple[PlateReading, ...]
    width: int
    height: int
    milliseconds: float
    model: str


def as_json(result: PictureResult) -> dict[str, Any]:
    """The result as plain JSON values; `docs/howto/read-photographs.md` documents the keys."""
    return {
        "width": result.width,
        "height": result.height,
        "milliseconds": round(result.milliseconds, 1),
        "model": result.model,
        "plates": [reading_as_json(reading) for reading in result.readings],
    }


def reading_as_json(reading: PlateReading) -> dict[str, Any]:
    """One plate as plain JSON values."""
    box, second = reading.box, reading.second_opinion
    return {
        "text": reading.text,
        "confidence": round(reading.confidence, 4),
        "characters": [{"char": c.char, "confidence": round(c.confidence, 4)} for c in reading.characters],
        "region": reading.region,
        "region_confidence": round(reading.region_confidence, 4),
        "box": {
            "x": box.x,
            "y": box.y,
            "width": box.width,
            "height": box.height,
            "corners": [list(corner) for corner in box.corners],
        },
        "alternatives": [
            {"text": a.text, "confidence": round(a.confidence, 4)} for a in reading.alternatives
        ],
        "second_opinion": second and {"text": second.text, "confidence": round(second.confidence, 4)},
    }

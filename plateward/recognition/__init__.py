"""Picture to plate text. See `docs/howto/read-photographs.md`."""

from plateward.recognition.interfaces import Detector, Reader
from plateward.recognition.models import ModelProblem
from plateward.recognition.recognizer import QUICK, Recognizer, Tuning
from plateward.recognition.results import (
    Alternative,
    CharacterReading,
    PictureResult,
    PlateBox,
    PlateReading,
    as_json,
    reading_as_json,
)
from plateward.recognition.sightings import Sighting, SightingLog

__all__ = [
    "QUICK",
    "Alternative",
    "CharacterReading",
    "Detector",
    "ModelProblem",
    "PictureResult",
    "PlateBox",
    "PlateReading",
    "Reader",
    "Recognizer",
    "Sighting",
    "SightingLog",
    "Tuning",
    "as_json",
    "reading_as_json",
]

"""Picture to plate text. See `docs/howto/read-photographs.md`."""

from plateward.recognition.following import Follower
from plateward.recognition.interfaces import Detector, Reader
from plateward.recognition.models import ModelProblem
from plateward.recognition.recognizer import ONE_LOOK, OWN, Recognizer, Tuning
from plateward.recognition.results import (
    Alternative,
    CharacterReading,
    PictureResult,
    PlateBox,
    PlateReading,
    as_json,
    reading_as_json,
)
from plateward.recognition.video import Direction, Heading, Rules, Sighting, Tracker

__all__ = [
    "ONE_LOOK",
    "OWN",
    "Alternative",
    "CharacterReading",
    "Detector",
    "Direction",
    "Follower",
    "Heading",
    "ModelProblem",
    "PictureResult",
    "PlateBox",
    "PlateReading",
    "Reader",
    "Recognizer",
    "Rules",
    "Sighting",
    "Tracker",
    "Tuning",
    "as_json",
    "reading_as_json",
]

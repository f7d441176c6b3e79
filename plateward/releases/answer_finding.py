"""Looking for plates in the pictures of answers, so that boxes are offered; done by the worker."""

from datetime import datetime

from plateward.documents.store import FileLost
from plateward.recognition.models import default_threads
from plateward.recognition.pictures import PictureError, decode
from plateward.recognition.plate_finder import OwnDetector
from plateward.releases import answer_actions, answer_store
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.answer_rules import box_around

LOOKED_AT = 1280
"""Pixels at which a picture's longer side is looked at, as `recognition.Tuning` has it."""


def find_waiting(*, now: datetime) -> int:
    """Look for plates in every picture that nobody looked at yet; returns how many there were."""
    waiting = list(AnswerPicture.objects.filter(found__isnull=True, key__isnull=False).order_by("added_at"))
    detector = OwnDetector(default_threads()) if waiting else None
    for picture in waiting:
        assert detector is not None  # noqa: S101  there is something to look at
        answer_actions.note_found(picture=picture, boxes=_boxes(detector, picture), now=now)
    return len(waiting)


def _boxes(detector: OwnDetector, picture: AnswerPicture) -> list[list[int]]:
    """Boxes around the plates found; none in what cannot be decoded, which the person then does by hand."""
    try:
        pixels = decode(answer_store.original(picture))
    except (FileLost, PictureError):
        return []
    height, width = pixels.shape[:2]
    found = []
    for place in detector.find(pixels, LOOKED_AT):
        points = [(float(x), float(y)) for x, y in place.quad.corners]
        if box := box_around(points, width, height):
            found.append(list(box))
    return found

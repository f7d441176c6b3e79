"""Looking for plates in the pictures of answers, so that boxes are offered; done by the worker."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import cache

from plateward.documents.store import FileLost
from plateward.recognition.models import default_threads
from plateward.recognition.pictures import PictureError, decode
from plateward.recognition.plate_finder import OwnDetector
from plateward.releases import answer_actions, answer_store
from plateward.releases.answer_models import AnswerPicture
from plateward.releases.answer_rules import box_around
from plateward.vault.masters import MasterKeyError

LOOKED_AT = 1280
"""Pixels at which a picture's longer side is looked at, as `recognition.Tuning` has it."""

_log = logging.getLogger(__name__)


def find_waiting(*, now: datetime) -> int:
    """Look for plates in every picture that nobody looked at yet; returns in how many it could.

    Where it cannot, for whatever reason, that is kept with the picture, and the next one is looked at.
    """
    waiting = AnswerPicture.objects.filter(found__isnull=True, unsearched="", key__isnull=False)
    detector = cache(lambda: OwnDetector(default_threads()))
    return sum(_look(detector, picture, now) for picture in list(waiting.order_by("added_at")))


def _look(detector: Callable[[], OwnDetector], picture: AnswerPicture, now: datetime) -> bool:
    try:
        boxes = _boxes(detector(), picture)
    except (FileLost, PictureError) as error:
        why = f"The picture cannot be read: {error}."
    except MasterKeyError:
        why = "The key of the original cannot be opened."
    except Exception:  # noqa: BLE001  whatever a network does with one picture, the others are looked at
        _log.exception("No plate could be looked for in the picture %s of an answer", picture.pk)
        why = "The recognizer failed on this picture."
    else:
        answer_actions.note_found(picture=picture, boxes=boxes, now=now)
        return True
    answer_actions.note_unsearched(picture=picture, why=why, now=now)
    return False


def _boxes(detector: OwnDetector, picture: AnswerPicture) -> list[list[int]]:
    pixels = decode(answer_store.original(picture))
    height, width = pixels.shape[:2]
    found = []
    for place in detector.find(pixels, LOOKED_AT):
        points = [(float(x), float(y)) for x, y in place.quad.corners]
        if box := box_around(points, width, height):
            found.append(list(box))
    return found

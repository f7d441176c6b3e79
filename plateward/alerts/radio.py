"""What is said on the radio: spelled plates, directions in words, templates filled in (B-466.9(b)–(e))."""

from dataclasses import dataclass
from types import MappingProxyType

from plateward.alerts.rules import AlertFacts
from plateward.devices.rules import direction_words
from plateward.plates import PlatePattern, normalize
from plateward.policy import DispatchStep, Profile, StepKind, enforces, stop_permitted

# The alphabet of Californian police radio (APCO Project 14).
_WORDS = (
    "Adam Boy Charles David Edward Frank George Henry Ida John King Lincoln Mary Nora Ocean Paul Queen "
    "Robert Sam Tom Union Victor William X-ray Young Zebra"
)
PHONETIC = MappingProxyType(
    {word[0]: word for word in _WORDS.split()} | {"?": "unknown", "*": "any number of unknown"}
)


INFORMATION_ONLY = "Information only: do not stop on this alone."
"""What is said first of an alert whose category the policy has for information only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where and how the vehicle was last seen. `heading_deg` is where it drove, clockwise from north.

    `movement` says how it came there, in words; "" where nobody knows.
    """

    entered_plate: str
    read_plate: str
    vehicle: str
    place: str
    heading_deg: float | None
    movement: str = ""


@enforces("B-466.9(b)", "B-466.9(c)", "B-466.9(d)", "B-466.9(e)")
def radio_text(profile: Profile, step: DispatchStep, sighting: Sighting, facts: AlertFacts) -> str:
    """The step's words, ready to be read out, the unknown said as such; "" when the step has none.

    Until the record is confirmed, whatever describes the vehicle says first that it is not (R72). That an
    alert is for information only is said each time, confirmed or not.
    """
    if not step.radio:
        return ""
    told = step.radio.format(
        plate=spoken_plate(sighting),
        vehicle=sighting.vehicle or "description not known",
        place=sighting.place,
        direction=direction_words(sighting.heading_deg) or "not known",
    )
    moved = sighting.movement if step.kind is StepKind.UPDATE_DIRECTION else ""
    limit = "" if stop_permitted(profile, facts.category) else INFORMATION_ONLY
    return " ".join(filter(None, (limit, _standing(step, facts), told, moved)))


def _standing(step: DispatchStep, facts: AlertFacts) -> str:
    if facts.is_confirmed or step.kind not in {StepKind.DESCRIBE, StepKind.UPDATE_DIRECTION}:
        return ""
    return "ALPR alert, not confirmed by CLETS." if facts.answer else "ALPR alert, unconfirmed."


def retraction(sighting: Sighting) -> str:
    """What units are told who heard "verified" of a record that was withdrawn since."""
    return f"All units, correction: the ALPR alert on plate {spoken_plate(sighting)} is not verified."


def spoken_plate(sighting: Sighting) -> str:
    """The entered plate spelled out, and the plate as read where the two differ, or only part is known."""
    if not PlatePattern(sighting.entered_plate).is_exact:
        read, known = phonetic(sighting.read_plate), phonetic(sighting.entered_plate)
        return f"{read}, which fits a partial plate, {known}; the whole plate is not known"
    wanted = phonetic(sighting.entered_plate)
    if normalize(sighting.entered_plate) == normalize(sighting.read_plate):
        return wanted
    return f"{wanted}, read by the camera as {phonetic(sighting.read_plate)}"


def phonetic(plate: str) -> str:
    """A plate as spelled on the radio: "8BC123" is "8 Boy Charles 1 2 3"; "?" and "*" are said in words."""
    spelled = plate if not PlatePattern(plate).is_exact else normalize(plate)
    return " ".join(PHONETIC.get(character, character) for character in spelled)

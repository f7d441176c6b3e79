from plateward.plates.formats import FORMATS, Era, FormatMatch, PlateFormat, plausible
from plateward.plates.pattern import PatternError, PlatePattern, grams
from plateward.plates.text import (
    LOOK_ALIKES,
    Comparison,
    ComparisonKind,
    compare,
    normalize,
    plate_key,
)

__all__ = [
    "FORMATS",
    "LOOK_ALIKES",
    "Comparison",
    "ComparisonKind",
    "Era",
    "FormatMatch",
    "PatternError",
    "PlateFormat",
    "PlatePattern",
    "compare",
    "grams",
    "normalize",
    "plate_key",
    "plausible",
]

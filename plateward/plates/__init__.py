from plateward.plates.colors import color_spellings, color_word
from plateward.plates.comparison import Comparison, ComparisonKind, compare
from plateward.plates.formats import FORMATS, Era, FormatMatch, PlateFormat, plausible
from plateward.plates.matching import Mark, Marked, Match, Tolerance, explain, near_keys
from plateward.plates.pattern import PatternError, PlatePattern, grams
from plateward.plates.pattern_set import PatternSet
from plateward.plates.text import LOOK_ALIKES, normalize, plate_key

__all__ = [
    "FORMATS",
    "LOOK_ALIKES",
    "Comparison",
    "ComparisonKind",
    "Era",
    "FormatMatch",
    "Mark",
    "Marked",
    "Match",
    "PatternError",
    "PatternSet",
    "PlateFormat",
    "PlatePattern",
    "Tolerance",
    "color_spellings",
    "color_word",
    "compare",
    "explain",
    "grams",
    "near_keys",
    "normalize",
    "plate_key",
    "plausible",
]

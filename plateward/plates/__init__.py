from plateward.plates.certainty import FAIR, SURE, Certainty, certainty
from plateward.plates.colors import color_spellings, color_word
from plateward.plates.comparison import Comparison, ComparisonKind, compare
from plateward.plates.formats import FORMATS, Era, FormatMatch, PlateFormat, exact_formats, plausible
from plateward.plates.matching import Mark, Marked, Match, Tolerance, explain, near_keys
from plateward.plates.pattern import PatternError, PlatePattern, grams
from plateward.plates.pattern_set import PatternSet
from plateward.plates.text import LOOK_ALIKES, normalize, plate_key

__all__ = [
    "FAIR",
    "FORMATS",
    "LOOK_ALIKES",
    "SURE",
    "Certainty",
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
    "certainty",
    "color_spellings",
    "color_word",
    "compare",
    "exact_formats",
    "explain",
    "grams",
    "near_keys",
    "normalize",
    "plate_key",
    "plausible",
]

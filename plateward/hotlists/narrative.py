"""What an entry's narrative may say, and what must not stand in it (B-466.4(e), H-426.3(e), R65).

A narrative is composed of fields, and of nothing else: who approved, vehicle, reason, case, caution. What
somebody types into a field is screened for content that belongs to CLETS, the motor-vehicle records or a
physician. The patterns know words and numbers, not what is meant: they warn, and the profile says whether a
person may overrule them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plateward.policy import Decision, Profile, allow, deny, enforces


class Content(StrEnum):
    """Restricted content that a narrative must not carry."""

    CRIMINAL_HISTORY = "CRIMINAL_HISTORY"
    SOCIAL_SECURITY = "SOCIAL_SECURITY"
    DRIVER_LICENSE = "DRIVER_LICENSE"
    BIRTH_DATE = "BIRTH_DATE"
    MEDICAL = "MEDICAL"

    @property
    def label(self) -> str:
        """The content in words, within a sentence."""
        return _LABELS[self]


_LABELS: Final = {
    Content.CRIMINAL_HISTORY: "criminal history or a CLETS response",
    Content.SOCIAL_SECURITY: "a social security number",
    Content.DRIVER_LICENSE: "a driver license number",
    Content.BIRTH_DATE: "a date of birth",
    Content.MEDICAL: "medical or mental-health information",
}
INSTEAD: Final = {
    Content.CRIMINAL_HISTORY: "Say what makes the vehicle wanted; who needs the record asks CLETS for it.",
    Content.SOCIAL_SECURITY: "Leave the number out; the vehicle is looked for, not the person.",
    Content.DRIVER_LICENSE: "Leave the number out; the vehicle is looked for, not the person.",
    Content.BIRTH_DATE: "Give an approximate age, if at all.",
    Content.MEDICAL: "Say what officers have to heed, such as “at risk” or “approach with care”.",
}
"""What to write instead."""

_DATE: Final = r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]+ \d{1,2},? \d{4})"
_NUMBER: Final = r"\W{0,3}(?:(?:no|number|num|nbr)\b)?\W{0,3}(?=\w*\d)\w{5,}"
_WORDS: Final[Mapping[Content, tuple[str, ...]]] = {
    Content.CRIMINAL_HISTORY: (
        r"criminal (?:history|record)",
        r"arrest (?:history|record)",
        r"rap sheet",
        r"prior (?:arrests?|convictions?|felon(?:y|ies))",
        r"convicted (?:of|for|in)",
        r"(?:on|violated) (?:parole|probation)",
        r"parolee|probationer|ex-?con|ex-?felon",
        r"(?:registered )?sex (?:offender|registrant)",
        r"(?:CII|FBI|SID|PFN)" + _NUMBER,
        r"III (?:hit|record|return|response|check)",
        r"CLETS (?:return|response|reply|print-?out|message)(?:ed|s)?",
    ),
    Content.SOCIAL_SECURITY: (r"\d{3}-\d{2}-\d{4}", r"SSN", r"social security"),
    Content.DRIVER_LICENSE: (
        r"[A-Z]\d{7}",
        r"(?:C?DL|OLN|driver'?s?’?s? licen[cs]e)" + _NUMBER,
    ),
    Content.BIRTH_DATE: (
        r"DOB",
        r"date of birth",
        r"born (?:on )?(?:the )?" + _DATE,
        r"birth ?(?:date|day)",
    ),
    Content.MEDICAL: (
        r"HIV",
        r"hepatitis",
        r"diagnos(?:is|ed|es)",
        r"schizophren\w+",
        r"bipolar",
        r"dementia|alzheimer\w*",
        r"suicidal",
        r"(?:on|off|takes|taking|needs) (?:\w+ )?medications?",
        r"prescri(?:bed|ptions?)",
        r"psychiatric|mental(?:ly)? (?:ill(?:ness)?|health|disorder)",
        r"diabetic|insulin",
        r"5150",
    ),
}
_PATTERNS: Final = {
    content: re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) for content, words in _WORDS.items()
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A place in a text that looks like restricted content."""

    content: Content
    matched: str

    @property
    def told(self) -> str:
        """What it looks like and what to write instead."""
        return f"“{self.matched}” looks like {self.content.label}. {INSTEAD[self.content]}"


@enforces("B-466.4(e)", "H-426.3(e)")
def signs_in(*texts: str) -> tuple[Sign, ...]:
    """The signs of restricted content in what somebody typed, in order, each once."""
    found = (
        Sign(content, match.group().strip())
        for text in texts
        for content, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    )
    return tuple(dict.fromkeys(found))


def may_keep(profile: Profile) -> Decision:
    """Whether somebody may say that what looks like restricted content is none."""
    rule = profile.hotlists.custom.restricted_override
    remedy = "Word it differently, without such content."
    if rule.settled is None:
        said = "Whether words that look like restricted content may be kept is not addressed by this policy."
        return deny(profile, rule, said, remedy)
    if not rule.settled:
        return deny(profile, rule, "Words that look like restricted content are not kept.", remedy)
    return allow(profile, rule, "Whoever writes it may say that it is no restricted content, on record.")


def composed(
    *,
    approval: str,
    reason: str,
    vehicle: str = "",
    case_number: str = "",
    caution: str = "",
    major_crime: str = "",
) -> str:
    """The narrative: who approved, then the fields that were filled in, one on each line."""
    fields = {
        "Vehicle": vehicle,
        "Reason": reason,
        "Major crime": major_crime,
        "Case": case_number,
        "Caution": caution,
    }
    return "\n".join([approval, *(f"{name}: {text}" for name, text in fields.items() if text)])

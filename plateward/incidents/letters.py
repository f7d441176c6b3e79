"""The notice of a breach as a letter (Civil Code 1798.29(d)): its headings, its facts, its PDF."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from plateward.documents.typesetting import typeset

HEADINGS: Final = {
    "happened": "What Happened",
    "information": "What Information Was Involved",
    "doing": "What We Are Doing",
    "can_do": "What You Can Do",
    "more": "For More Information",
}
"""The headings that Civil Code 1798.29(d)(1)(A) demands, in its order, by the field that holds the text."""

TITLE: Final = "Notice of Data Breach"
_TEMPLATE: Final = Path(__file__).resolve().parent / "notice.typ"


def as_pdf(content: Mapping[str, Any], *, created: datetime) -> bytes:
    """The letter as PDF/A-2a and PDF/UA-1, its text of 11 points: at least the 10 that (d)(1)(C) asks."""
    shown = {
        "title": TITLE,
        "agency": content["agency"],
        "contact": content["contact"],
        "facts": [{"label": label, "text": text} for label, text in facts(content)],
        "parts": [{"heading": heading, "text": content[name]} for name, heading in HEADINGS.items()],
    }
    return typeset(_TEMPLATE, shown, created=created, is_archived=True)


def facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The dates, and whether a law enforcement agency had the notice wait ((d)(2)(C) and (D))."""
    since, until = content["breach_from"], content["breach_until"]
    breach = f"{since} to {until}" if since and until and since != until else since or until
    return [
        ("Date of this notice", content["date"]),
        ("Date of the breach", breach or "Not known at the time of this notice"),
        (
            "Delayed by a law enforcement investigation",
            "Yes: a law enforcement agency asked that this notice wait" if content["is_delayed"] else "No",
        ),
    ]

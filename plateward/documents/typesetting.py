"""PDFs that screen readers can follow, set with Typst and checked against their standards."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import typst

Standard = Literal["ua-1", "a-2a"]
_ACCESSIBLE: Final[Standard] = "ua-1"
"""PDF/UA-1: tagged, in reading order."""
_ARCHIVED: Final[Standard] = "a-2a"
"""PDF/A-2a: readable for as long as it is kept."""


def typeset(
    template: Path, content: Mapping[str, object], *, created: datetime, is_archived: bool = False
) -> bytes:
    """Set the content, which the template reads as `sys.inputs.content`; the same bytes on every machine.

    Only the fonts inside the library are used, and the content is data, never markup. Keeps to PDF/UA-1, and
    with `is_archived` to PDF/A-2a too. Raises typst.TypstError when the template breaks a rule of them.
    """
    compiler = typst.Compiler(
        template, root=template.parent, ignore_system_fonts=True, sys_inputs={"content": json.dumps(content)}
    )
    second = created.astimezone(UTC).replace(microsecond=0)  # all that the library takes
    standards = [_ACCESSIBLE, _ARCHIVED] if is_archived else [_ACCESSIBLE]
    written = compiler.compile(format="pdf", pdf_standards=[*standards], timestamp=second)
    if not isinstance(written, bytes):
        raise TypeError("a PDF is one file")
    return written

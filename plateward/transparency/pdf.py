"""A policy as a PDF that screen readers can follow: tagged, checked against PDF/UA-1 as it is made."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import typst

_TEMPLATE = Path(__file__).resolve().parent / "policy.typ"


def made(content: Mapping[str, object], *, created: datetime) -> bytes:
    """Set the content with policy.typ; the same content gives the same bytes on every machine.

    Only the fonts inside the library are used, and the content is data, never markup. Raises
    typst.TypstError when the template breaks a rule of PDF/UA-1.
    """
    compiler = typst.Compiler(
        _TEMPLATE, root=_TEMPLATE.parent, ignore_system_fonts=True, sys_inputs={"policy": json.dumps(content)}
    )
    second = created.astimezone(UTC).replace(microsecond=0)  # all that the library takes
    written = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=second)
    if not isinstance(written, bytes):
        raise TypeError("a PDF is one file")
    return written

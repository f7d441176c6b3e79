"""The profiles that ship: two agencies' adopted texts, and examples after descriptions of others."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from plateward.policy import Profile, join_documents, load_profile

POLICIES = Path(__file__).parents[3] / "policies"
AGENCIES = ("barstow-pd", "huntington-park-pd")
EXAMPLES = ("east-palo-alto-pd", "los-angeles-pd", "minnesota-agency")
ALL_AGENCIES = (*AGENCIES, *EXAMPLES)


@cache
def _text(agency: str) -> bytes:
    folder = POLICIES / agency
    return join_documents(*((folder / name).read_bytes() for name in ("profile.yaml", "clauses.yaml")))


@cache
def profile_of(agency: str) -> Profile:
    return load_profile(_text(agency))


@cache
def raw_profile(agency: str) -> dict[str, Any]:
    """The profile as plain values; copy it before changing anything."""
    merged: dict[str, Any] = {}
    for document in yaml.safe_load_all(_text(agency)):
        merged |= document
    return merged

"""Texts of further versions of the two towns' policies, and proposals of them."""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from plateward.governance import actions
from plateward.governance.models import Adoption, Draft
from plateward.policy import read_kept
from tests.personas import POLICIES, Town

PAST = Path(__file__).parent / "policy/past"
PROPOSERS = {"barstow-pd": "cole", "huntington-park-pd": "hayes"}

REFERENCE_REQUIRED = (
    "reference_required: {silent: true}",
    "reference_required: {clause: B-466.6(b), value: true}",
)
WITHOUT_CRIME_ANALYSIS = ("  crime-analysis: {name: Crime analysis, clause: B-466.3}\n", "")
STEP_LIMITS = (
    "step_limits: {silent: true}",
    "step_limits: {clause: B-466.9(a), value: {confirm: {amount: 5, unit: MINUTES}}}",
)
ENTERED_BY_DISPATCH = (
    "entered_by: {local_decision: officer-entry, value: []}",
    "entered_by: {local_decision: officer-entry, value: [dispatcher]}",
)
"""Changes of Barstow's text: what is written, and what is written instead."""


def policy_text(agency: str, version: str, *changes: tuple[str, str], effective: str = "2026-01-01") -> bytes:
    """The agency's policy as another version, which begins on a day long past unless one is given."""
    text = actions.read_policy(POLICIES / agency).decode()
    fixed = (
        ('version: "2026.2"', f'version: "{version}"'),
        ("\neffective_date: 2026-11-01", f"\neffective_date: {effective}"),
    )
    for old, new in (*fixed, *changes):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text.encode()


def proposed(
    town: Town,
    now: datetime,
    version: str = "2026.3",
    *changes: tuple[str, str],
    effective: str = "2026-01-01",
) -> Draft:
    """A version proposed by the town's Division Commander."""
    agency = town.agency.pk
    return actions.propose(
        profile_bytes=policy_text(agency, version, *changes, effective=effective),
        why="The city council asked for it.",
        by=town.actor(PROPOSERS[agency], now),
        now=now,
    )


def on_file(town: Town, name: str, now: datetime, version: str = "") -> Adoption:
    """A version that an earlier Plateward adopted, from tests/policy/past."""
    return put_on_file(town, (PAST / name).read_bytes(), now, version)


def put_on_file(town: Town, text: bytes, now: datetime, version: str = "") -> Adoption:
    """A version in force from the very instant of the town's own, which it follows."""
    return Adoption.objects.create(
        id=UUID(int=uuid4().int | 0xFFFF << 112),  # after the town's own of the same instant
        agency=town.agency,
        version=version or read_kept(text).profile.version,
        profile=text,
        profile_sha256=hashlib.sha256(text).hexdigest(),
        adopted_by="An earlier Plateward",
        adopted_at=now,
        effective_at=now,
    )

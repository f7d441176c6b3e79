"""Where a profile comes from: the documents it is layered from, and whose data it speaks about."""

from datetime import date
from enum import StrEnum

from plateward.policy.parameters import Param, Part

POLICY_LAYER = "policy"
"""The layer every profile has; a clause that names no other belongs to it."""


class ProvenanceKind(StrEnum):
    """What a profile was written from."""

    ADOPTED_TEXT = "ADOPTED_TEXT"  # the agency's own text, quoted clause by clause
    SECONDARY_SUMMARY = "SECONDARY_SUMMARY"  # descriptions by others; an example, no agency's policy


class Provenance(Part, frozen=True):
    """What the profile was written from; `statement` tells people, on the policy page and at adoption."""

    kind: ProvenanceKind
    statement: str

    @property
    def is_summary(self) -> bool:
        return self.kind is ProvenanceKind.SECONDARY_SUMMARY


class LayerKind(StrEnum):
    """Kinds of documents that govern the same data (requirement R4)."""

    STATUTE = "STATUTE"
    AGENCY_POLICY = "AGENCY_POLICY"
    PROCEDURE = "PROCEDURE"
    VENDOR_CONTRACT = "VENDOR_CONTRACT"
    RECORDS_SCHEDULE = "RECORDS_SCHEDULE"
    STANDARD = "STANDARD"  # such as the CJIS Security Policy


class Layer(Part, frozen=True):
    """One document; clauses name it, so every parameter has its layer.

    `effective_date` is null where it is not known, `until_date` the last day, `on_file` whether the
    document itself was at hand.
    """

    id: str
    name: str
    kind: LayerKind
    effective_date: date | None
    on_file: bool
    until_date: date | None = None

    def in_force(self, on: date) -> bool:
        """Tell whether the layer counts on a day; an unknown beginning counts."""
        begun = self.effective_date is None or self.effective_date <= on
        return begun and (self.until_date is None or on <= self.until_date)


class DataSource(Part, frozen=True):
    """Where reads are kept, and who owns, operates and hosts it: these may be different bodies (R13)."""

    id: str
    name: str
    owner: Param[str]
    operator: Param[str]
    host: Param[str]

"""Does a policy say what SB 34 asks of it? The seven elements for operators and for end-users (R5).

Evidence comes from the profile's parameters and the clauses' own words, never from what another agency
would say. A clause that only announces a procedure is no more than that: the element stays partial.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct

from plateward.policy.enforcement import enforces
from plateward.policy.layers import LayerKind
from plateward.policy.parameters import Basis, State
from plateward.policy.profile import Clause, Profile, TitleCategory


class Found(StrEnum):
    """What the policy says about one demand of an element."""

    SAID = "SAID"
    ANNOUNCED = "ANNOUNCED"  # left to a procedure or document to come
    ABSENT = "ABSENT"


class Status(StrEnum):
    PRESENT = "PRESENT"
    PARTIAL = "PARTIAL"
    MISSING = "MISSING"


class Finding(Struct, frozen=True):
    """One demand of the statute, what was found about it, and the clauses that show it."""

    demand: str
    found: Found
    clauses: tuple[str, ...] = ()
    remark: str = ""


class Element(Struct, frozen=True):
    """One lettered element of the statute, as asked of an operator or an end-user."""

    id: str
    statute: str
    audience: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        found = {finding.found for finding in self.findings}
        if found == {Found.SAID}:
            return Status.PRESENT
        return Status.MISSING if found == {Found.ABSENT} else Status.PARTIAL

    @property
    def gaps(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.found is not Found.SAID)


Check = Callable[[Profile], Iterator[Finding]]

# A clause that begins so lists what somebody shall write, and does not itself say it.
_ANNOUNCES = re.compile(
    r"^(a description of|procedures for|training requirements for|the title\b)", re.IGNORECASE
)


@enforces("CC-1798.90.51", "CC-1798.90.53")
def assess(profile: Profile) -> tuple[Element, ...]:
    """Hold the policy against every element, the operator's first; none outside California."""
    if profile.agency.state != "CA":
        return ()
    return tuple(
        Element(
            f"{section}(b)(2)({letter})",
            f"Civ. Code § {section}(b)(2)({letter})",
            audience,
            title,
            tuple(check(profile)),
        )
        for section, audience, title_of in _AUDIENCES
        for letter, title, check in title_of
    )


def _said(profile: Profile, demand: str, basis: Basis, remark: str = "") -> Finding:
    clause = (basis.clause,) if basis.clause else ()
    layer = profile.layer_of(basis)
    if layer is not None and layer.kind is not LayerKind.AGENCY_POLICY and basis.state is State.SPECIFIED:
        return Finding(demand, Found.ANNOUNCED, clause, f"Said in {layer.name}, not in the policy itself.")
    match basis.state:
        case State.SPECIFIED:
            return Finding(demand, Found.SAID, clause)
        case State.DELEGATED:
            return Finding(demand, Found.ANNOUNCED, clause, f"Left to the {basis.delegated_to}.")
        case State.LOCAL:
            decision = profile.decisions[basis.local_decision]
            remark = f"The text does not say it; the agency's local decision does: {decision.decision}"
            return Finding(demand, Found.ABSENT, (decision.clause,), remark)
    return Finding(demand, Found.ABSENT, (), remark or "Not addressed by this policy.")


def _worded(profile: Profile, demand: str, pattern: str) -> Finding:
    """Look for a demand in the clauses' own words."""
    expression = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    hits = [clause for clause in _of_the_policy(profile) if expression.search(clause.text)]
    telling = tuple(clause.id for clause in hits if not _ANNOUNCES.search(clause.text))
    if telling:
        return Finding(demand, Found.SAID, telling)
    if hits:
        remark = "The policy says that this shall be written, not what it is."
        return Finding(demand, Found.ANNOUNCED, tuple(clause.id for clause in hits), remark)
    return Finding(demand, Found.ABSENT, (), "Not addressed by this policy.")


def _of_the_policy(profile: Profile) -> Iterator[Clause]:
    """The statute asks what the policy itself says, not what other documents beside it do."""
    for clause in profile.clauses.values():
        if profile.layers[clause.layer].kind is LayerKind.AGENCY_POLICY:
            yield clause


def _purposes(profile: Profile) -> Iterator[Finding]:
    clauses = tuple(dict.fromkeys(purpose.clause for purpose in profile.purposes.values()))
    found = Found.SAID if clauses else Found.ABSENT
    yield Finding("The authorized purposes", found, clauses)


def _titles(profile: Profile) -> Iterator[Finding]:
    yield _said(profile, "Job titles of the employees who are authorized", profile.access.authorized_titles)
    contractors = [t for t in profile.titles.values() if t.category is TitleCategory.CONTRACTOR]
    demand = "The independent contractors who are authorized"
    if contractors:
        yield _said(profile, demand, contractors[0].listed)
    else:
        yield Finding(demand, Found.ABSENT, (), "No contractor is named, nor that there is none.")
    yield _said(profile, "The training that is required", profile.training.required_before_use)


def _monitoring(profile: Profile) -> Iterator[Finding]:
    demand = "How the system is monitored for security and compliance with privacy laws"
    yield _worded(profile, demand, r"\bmonitor(ed|ing|s)?\b.{0,200}privacy laws")


def _monitoring_and_audits(profile: Profile) -> Iterator[Finding]:
    yield from _monitoring(profile)
    yield _worded(
        profile,
        "A process for periodic system audits",
        r"\baudits?\b.{0,80}\bbasis\b|\bbasis\b.{0,80}\baudits?\b",
    )
    interval = r"\baudits\b.{0,120}\b(daily|weekly|monthly|quarterly|annual|annually|yearly|every \w+)\b"
    yield _worded(profile, "How often audits are made", interval)


def _sharing(profile: Profile) -> Iterator[Finding]:
    procedure = profile.releases.procedure
    yield _said(profile, "The process for sharing or transfer", procedure)
    yield _worded(profile, "The purposes of sharing or transfer", r"\bshared\b.{0,120}\bpurposes?\b")
    yield _worded(
        profile,
        "The restrictions on sharing or transfer",
        r"\bshared only\b|\b(not|never)\b.{0,40}\bshared?\b",
    )


def _custodian(profile: Profile) -> Iterator[Finding]:
    """The title that answers for the system, not the promise to name a designee."""
    held = {position.name.lower(): position.basis for position in profile.positions.values()}
    for name, basis in held.items():
        clause = profile.clauses.get(basis.clause)
        if clause and _manages(clause, name):
            yield Finding("The title of the official custodian or owner", Found.SAID, (clause.id,))
            return
    yield Finding(
        "The title of the official custodian or owner", Found.ABSENT, (), "Not addressed by this policy."
    )


def _manages(clause: Clause, position: str) -> bool:
    text = clause.text.lower()
    return position in text and bool(re.search(r"\b(managed by|responsible for|custodian|administer)", text))


def _accuracy(profile: Profile) -> Iterator[Finding]:
    yield _worded(profile, "Reasonable measures to ensure accuracy", r"\baccura(te|cy|tely)\b")
    correction = (
        r"\bcorrect(s|ed|ing|ion|ions)?\b.{0,60}\berrors?\b|\berrors?\b.{0,60}\bcorrect(s|ed|ing|ion|ions)?\b"
    )
    yield _worded(profile, "How data errors are corrected", correction)


def _retention(profile: Profile) -> Iterator[Finding]:
    for rule in profile.retention.rules.values():
        name = rule.name[:1].lower() + rule.name[1:]
        yield _said(profile, f"How long {name} stays", rule.floor if rule.ceiling.silent else rule.ceiling)
        if rule.ceiling.silent:
            remark = "Only a least time is given; nothing says when the data end."
            end = rule.schedule if not rule.schedule.silent else rule.ceiling
            yield _said(profile, f"When {name} ends", end, remark)
    if not profile.retention.rules:
        yield Finding("The length of retention", Found.ABSENT, (), "Not addressed by this policy.")
    destroy = r"\b(purged?|destroy(ed)?|deleted?)\b.{0,200}\b(unless|after|until|upon|when)\b"
    yield _worded(profile, "How it is decided if and when to destroy", destroy)


_COMMON: tuple[tuple[str, str, Check], ...] = (
    ("D", "Purposes, process and restrictions of sale, sharing or transfer", _sharing),
    ("E", "Title of the official custodian or owner responsible", _custodian),
    ("F", "Measures for accuracy and correcting errors", _accuracy),
    ("G", "Length of retention and the process of destruction", _retention),
)
_AUDIENCES: tuple[tuple[str, str, tuple[tuple[str, str, Check], ...]], ...] = (
    (
        "1798.90.51",
        "operator",
        (
            ("A", "Authorized purposes for using the system and collecting information", _purposes),
            ("B", "Job titles, contractors and their training", _titles),
            ("C", "Monitoring for security and privacy compliance", _monitoring),
            *_COMMON,
        ),
    ),
    (
        "1798.90.53",
        "end-user",
        (
            ("A", "Authorized purposes for accessing and using information", _purposes),
            ("B", "Job titles, contractors and their training", _titles),
            ("C", "Monitoring for compliance, and periodic system audits", _monitoring_and_audits),
            *_COMMON,
        ),
    ),
)

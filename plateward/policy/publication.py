"""What the public is told: the usage and privacy policy by the elements of Civil Code 1798.90.51 and .53.

Said by the text, left to a document, decided beside the text, or not addressed: each statement says which.
Words that flag a search's reason stay inside; everything else of the policy is public.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from plateward.policy.comparison import Change, compare_profiles
from plateward.policy.enforcement import enforces
from plateward.policy.layers import LayerKind
from plateward.policy.overview import in_words
from plateward.policy.parameters import Basis, Param, State
from plateward.policy.profile import Clause, Profile, Strength, Title, TitleCategory
from plateward.policy.sb34 import Found, assess

_INTERNAL = {"terms", "vague_reasons"}
"""What would only tell how to word a reason that is not noticed."""


class Statement(Struct, frozen=True):
    """One thing the public is told. `items` are listed under `text`; a silent one has none."""

    label: str
    text: str
    state: State
    clauses: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        return self.state is State.SILENT

    @property
    def beside(self) -> str:
        """Why this is not the policy's own word, "" where it is."""
        return _BESIDE.get(self.state, "")


_NOT_ADDRESSED = "Not addressed by this policy."
_BESIDE = {
    State.LOCAL: "Not said by the policy's text. The agency decided it beside the text:",
    State.DELEGATED: "The policy leaves this to another document:",
}


class Section(Struct, frozen=True):
    """One element of the statute."""

    id: str
    title: str
    statute: str
    statements: tuple[Statement, ...]


class Publication(Struct, frozen=True):
    """Everything that the public page of one version says, besides the version's own dates."""

    sections: tuple[Section, ...]
    clauses: tuple[Clause, ...]


Builder = Callable[[Profile, Mapping[str, str]], Iterator[Statement]]


@enforces("B-466.3.1(a)", "B-466.3.1(c)", "B-466.3.1(e)", "H-426.2.1(a)", "H-426.2.1(c)", "H-426.2.1(e)")
def publication(profile: Profile, holders: Mapping[str, str]) -> Publication:
    """Tell a version to the public; `holders` are names by position, used only where the policy asks."""
    sections = tuple(
        Section(key, title, _statute(profile, letter), tuple(build(profile, holders)))
        for key, letter, title, build in _SECTIONS
    )
    policy = LayerKind.AGENCY_POLICY
    own = (clause for clause in profile.clauses.values() if profile.layers[clause.layer].kind is policy)
    return Publication(sections, tuple(own))


def public_changes(before: Profile, after: Profile) -> tuple[Change, ...]:
    """What a version changed, without what stays inside."""
    return tuple(change for change in compare_profiles(before, after) if not _INTERNAL & set(change.path))


def _statute(profile: Profile, letter: str) -> str:
    if profile.agency.state != "CA":
        return ""
    return f"Civ. Code § 1798.90.51(b)(2)({letter}), § 1798.90.53(b)(2)({letter})"


def _silent(label: str) -> Statement:
    return Statement(label, _NOT_ADDRESSED, State.SILENT)


def _stated(
    profile: Profile, label: str, basis: Basis, items: Iterable[str] = (), text: str = ""
) -> Statement:
    """A parameter with its ground; what somebody decided beside the text is told as exactly that."""
    listed = tuple(items)
    said = "" if listed else text or _sentence(in_words(basis))
    clause = profile.citation(basis)
    return Statement(label, said, basis.state, (clause,) if clause else (), listed)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _evidence(profile: Profile, letter: str) -> Iterator[Statement]:
    """What the clauses themselves say about an element, as the completeness check found it."""
    told: set[str] = set()
    for element in assess(profile):
        if element.id.endswith(f"({letter})"):
            for finding in element.findings:
                if finding.demand not in told:
                    told.add(finding.demand)
                    yield _found(profile, finding.demand, finding.found, finding.clauses)


def _found(profile: Profile, demand: str, found: Found, clauses: tuple[str, ...]) -> Statement:
    if found is Found.ABSENT:
        return _silent(demand)
    texts = tuple(profile.clauses[clause].text for clause in clauses)
    if found is Found.ANNOUNCED:
        announced = "The policy says that this shall be written, not what it is:"
        return Statement(demand, announced, State.DELEGATED, clauses, texts)
    return Statement(demand, "", State.SPECIFIED, clauses, texts)


def _purposes(profile: Profile, _: Mapping[str, str]) -> Iterator[Statement]:
    purposes = profile.purposes.values()
    clauses = tuple(dict.fromkeys(purpose.clause for purpose in purposes))
    names = tuple(purpose.name for purpose in purposes)
    if names:
        yield Statement("The system may be used for", "", State.SPECIFIED, clauses, names)
    else:
        yield _silent("The system may be used for")
    yield _stated(profile, "Any other purpose is refused", profile.search.purposes_closed)
    for use in profile.search.prohibited.values():
        yield Statement(
            f"Never: {use.name}", f"{use.explanation} ({use.citation})", State.SPECIFIED, (use.clause,)
        )


def _people(profile: Profile, _: Mapping[str, str]) -> Iterator[Statement]:
    authorized = profile.access.authorized_titles
    titles = [profile.titles[key] for key in authorized.settled or () if key in profile.titles]
    employed = [_title(t) for t in titles if t.category is not TitleCategory.CONTRACTOR]
    yield _stated(profile, "Employees who may use it, by title", authorized, employed)
    hired = [title for title in titles if title.category is TitleCategory.CONTRACTOR]
    if hired:
        yield _stated(profile, "Independent contractors who may use it", hired[0].listed, map(_title, hired))
    else:
        yield _silent("Independent contractors who may use it")
    yield _stated(profile, "Security clearance is required", profile.access.clearance_required)
    training = profile.training
    yield _stated(profile, "Training is required before any use", training.required_before_use)
    yield _stated(
        profile, "Training is required of", training.required_of, _names(profile, training.required_of)
    )
    for course in training.courses.values():
        yield _stated(profile, f"Topics of “{course.name}”", course.topics, course.topics.settled or ())
        yield _stated(profile, f"“{course.name}” is valid for", course.validity)
    yield _stated(
        profile, "Training is certified by", training.certifier, _position(profile, training.certifier)
    )


def _title(title: Title) -> str:
    return f"{title.name} ({title.category.lower()}, {title.access.lower()} access)"


def _names(profile: Profile, param: Param[tuple[str, ...]]) -> Iterator[str]:
    return map(profile.title_name, param.settled or ())


def _position(profile: Profile, *params: Param[str]) -> list[str]:
    return [profile.position_name(param.settled) for param in params if param.settled]


def _monitoring(profile: Profile, _: Mapping[str, str]) -> Iterator[Statement]:
    yield from _evidence(profile, "C")
    records, audit = profile.records, profile.audit
    documented = records.access_documented_by
    yield _stated(profile, "Every access is recorded by", documented, documented.settled or ())
    yield _stated(profile, "The agency audits itself every", audit.every)
    yield _stated(profile, "Audits are made by", audit.auditor, _position(profile, audit.auditor))
    yield _stated(profile, "Somebody independent audits every", audit.independent_every)
    reviewer = profile.accounts.reviewer
    yield _stated(profile, "User accounts are reviewed by", reviewer, _position(profile, reviewer))
    yield _stated(profile, "A user who breaks the policy is notified", profile.sanctions.user_notified)


def _sharing(profile: Profile, _: Mapping[str, str]) -> Iterator[Statement]:
    rules = profile.releases
    classes = rules.partner_classes
    bodies = [item.replace("_", " ").capitalize() for item in classes.settled or ()]
    yield _stated(profile, "Data may be shared with these kinds of bodies", classes, bodies)
    yield from (s for s in _evidence(profile, "D") if "process" not in s.label)
    yield _stated(profile, "A written request is required", rules.written_request)
    yield _stated(profile, "A request names", rules.request_contents, rules.request_contents.settled or ())
    deciding = [
        *_position(profile, rules.approver),
        *map(profile.position_name, rules.designees.settled or ()),
    ]
    yield _stated(profile, "A request is reviewed and approved by", rules.approver, deciding)
    yield _stated(profile, "The approved request is kept on file", rules.request_kept)
    yield _stated(profile, "Requests of anybody else", rules.other_requests)


def _custodian(profile: Profile, holders: Mapping[str, str]) -> Iterator[Statement]:
    rules = profile.public
    label = "The official custodian or owner responsible for the system"
    position = rules.designee.settled
    if position is None:
        yield _silent(label)
    else:
        nobody = "nobody in service holds this position now"
        name = holders.get(position, nobody) if rules.designee_named.settled else ""
        title = profile.position_name(position)
        yield _stated(profile, label, rules.designee, [f"{title}: {name}" if name else title])
    for source in profile.sources.values():
        for what in ("owner", "operator", "host"):
            yield _stated(profile, f"{source.name}: {what}", getattr(source, what))


def _accuracy(profile: Profile, _: Mapping[str, str]) -> Iterator[Statement]:
    yield from _evidence(profile, "F")
    yield _stated(profile, "Measure to ensure that reads are accurate", profile.accuracy.measure)
    correctors = tuple(profile.title_name(one) for one in profile.accuracy.corrected_by.settled or ())
    yield _stated(profile, "Who corrects a read", profile.accuracy.corrected_by, correctors)
    rule = profile.verification.before_enforcement
    how = {Strength.SHALL: "Always.", Strength.SHOULD_IF_PRACTICABLE: "If practicable."}
    said = how.get(rule.settled, "") if rule.settled else ""
    yield _stated(profile, "A hit is verified before enforcement action", rule, text=said)
    refresh = profile.hotlists.custom.refresh_within
    yield _stated(profile, "An entry of the agency's own hotlist ends unless confirmed again within", refresh)


def _retention(profile: Profile, _: Mapping[str, str]) -> Iterator[Statement]:
    for rule in profile.retention.rules.values():
        basis = f" ({rule.legal_basis})" if rule.legal_basis else ""
        yield _stated(profile, f"{rule.name}: kept at least{basis}", rule.floor)
        yield _stated(profile, f"{rule.name}: kept at most", rule.ceiling)
        yield _stated(profile, f"{rule.name}: schedule", rule.schedule)
        yield _stated(profile, f"{rule.name}: destroyed by", rule.purged_by)
    reasons = profile.retention.holds.reasons
    named = [reason.replace("_", " ").capitalize() for reason in reasons.settled or ()]
    yield _stated(profile, "Data are kept beyond that only as", reasons, named)
    yield from (s for s in _evidence(profile, "G") if s.label.startswith("How it is decided"))


_SECTIONS: tuple[tuple[str, str, str, Builder], ...] = (
    ("purposes", "A", "What the system may be used for", _purposes),
    ("people", "B", "Who may use it, and their training", _people),
    ("monitoring", "C", "How its use is monitored and audited", _monitoring),
    ("sharing", "D", "Sale, sharing and transfer", _sharing),
    ("custodian", "E", "Who is responsible", _custodian),
    ("accuracy", "F", "Accuracy and correction of errors", _accuracy),
    ("retention", "G", "How long data are kept, and how they are destroyed", _retention),
)

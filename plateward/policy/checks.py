"""What one part of a profile says about another must hold; each problem names its place and the remedy."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from string import Formatter
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.layer_checks import layer_problems
from plateward.policy.overview import grounds
from plateward.policy.profile import (
    AccessLevel,
    Chain,
    LocalDecision,
    Position,
    Profile,
    ProhibitedUse,
    Purpose,
    StepKind,
    Title,
)

BY_NAME = frozenset({"accounts.manage", "governance.adopt", "hotlists.approve", "training.certify"})
"""Capabilities whose acts also ask for the position itself, so that a delegate could not use them."""

MOST_IN_A_FILE: Final = 10_000
"""Reads that a file taken out may hold, whatever a profile says: it is put together in memory, on no disc."""

RADIO_FIELDS = frozenset({"plate", "vehicle", "direction", "place"})


def problems_of(profile: Profile) -> list[str]:
    """Return one sentence per contradiction; empty when the profile holds together."""
    checks = (
        *(_agency, _clauses, _decisions, _capabilities, _titles, _positions),
        *(_organization, _training, _chains, _dispatch, _searches, _exports, _lists, layer_problems),
    )
    return [problem for check in checks for problem in check(profile)]


def _agency(profile: Profile) -> Iterator[str]:
    try:
        ZoneInfo(profile.agency.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = profile.agency.time_zone
        yield f"at `agency.time_zone`: `{zone}` is no time zone; write one such as America/Los_Angeles"


def _unknown(path: str, used: Iterable[str], known: Collection[str], what: str) -> Iterator[str]:
    for missing in sorted(set(used) - set(known)):
        yield f"at `{path}`: there is no {what} `{missing}`; correct it or add it under `{what}s`"


def _clauses(profile: Profile) -> Iterator[str]:
    for path, basis in grounds(profile):
        yield from _unknown(f"{path}.clause", filter(None, [basis.clause]), profile.clauses, "clause")
    sections: tuple[tuple[str, Mapping[str, Purpose | ProhibitedUse | LocalDecision]], ...] = (
        ("purposes", profile.purposes),
        ("search.prohibited", profile.search.prohibited),
        ("decisions", profile.decisions),
    )
    for section, parts in sections:
        for key, part in parts.items():
            yield from _unknown(f"{section}.{key}.clause", [part.clause], profile.clauses, "clause")
    for step in profile.dispatch.steps:
        yield from _unknown(f"dispatch.steps.{step.id}.clause", [step.clause], profile.clauses, "clause")


def _decisions(profile: Profile) -> Iterator[str]:
    used = [(path, basis.local_decision) for path, basis in grounds(profile) if basis.local_decision]
    for path, decision in used:
        yield from _unknown(f"{path}.local_decision", [decision], profile.decisions, "decision")
    for idle in sorted(set(profile.decisions) - {decision for _, decision in used}):
        yield f"at `decisions.{idle}`: nothing rests on this decision; remove it or cite it"


def _capabilities(profile: Profile) -> Iterator[str]:
    for path, part in _holders(profile):
        held = part.capabilities.settled or ()
        yield from _unknown(f"{path}.capabilities", held, CAPABILITIES, "capability")
        if isinstance(part, Title) and part.access is AccessLevel.MAINTENANCE:
            for capability in held:
                if capability in CAPABILITIES and CAPABILITIES[capability].plate_data:
                    yield f"at `{path}`: maintenance access shows no plate data; remove `{capability}`"


def _holders(profile: Profile) -> Iterator[tuple[str, Title | Position]]:
    yield from ((f"titles.{key}", title) for key, title in profile.titles.items())
    yield from ((f"positions.{key}", position) for key, position in profile.positions.items())


def _titles(profile: Profile) -> Iterator[str]:
    authorized = set(profile.access.authorized_titles.settled or ())
    yield from _unknown("access.authorized_titles", authorized, profile.titles, "title")
    for idle in sorted(set(profile.titles) - authorized):
        yield f"at `titles.{idle}`: not among `access.authorized_titles`; add it there or remove it"
    required = profile.training.required_of.settled or ()
    yield from _unknown("training.required_of", required, profile.titles, "title")


def _positions(profile: Profile) -> Iterator[str]:
    singles = (
        ("access.permission_assigner", profile.access.permission_assigner.settled),
        ("training.certifier", profile.training.certifier.settled),
    )
    for path, position in singles:
        yield from _unknown(path, filter(None, [position]), profile.positions, "position")
    for title, carried in (profile.access.positions_by_title.settled or {}).items():
        yield from _unknown("access.positions_by_title", [title], profile.titles, "title")
        yield from _unknown(f"access.positions_by_title.{title}", carried, profile.positions, "position")
    creators = profile.access.account_creators.settled or ()
    yield from _unknown("access.account_creators", creators, profile.positions, "position")
    yield from _lacking(profile, "access.account_creators", creators, "accounts.manage")
    signers = profile.retention.agreed_by.settled or ()
    yield from _unknown("retention.agreed_by", signers, profile.positions, "position")
    yield from _lacking(profile, "retention.agreed_by", signers, "retention.agree")
    releasers = (profile.releases.approver.settled, *(profile.releases.designees.settled or ()))
    yield from _unknown("releases.approver", filter(None, releasers), profile.positions, "position")


def _lacking(profile: Profile, path: str, positions: Iterable[str], capability: str) -> Iterator[str]:
    for key in positions:
        position = profile.positions.get(key)
        if position and capability not in (position.capabilities.settled or ()):
            yield f"at `{path}`: position `{key}` lacks `{capability}`; grant it under `positions.{key}`"


def _organization(profile: Profile) -> Iterator[str]:
    """Who appoints, delegates and authorizes exists; what positions have by name is reserved."""
    rules = profile.organization
    yield from _unknown("organization.appointers", rules.appointers.settled or (), profile.titles, "title")
    named = {
        "organization.delegators": rules.delegators.settled or (),
        "organization.data_authorizer": filter(None, [rules.data_authorizer.settled]),
    }
    for path, positions in named.items():
        yield from _unknown(path, positions, profile.positions, "position")
    reserved = rules.reserved.settled or ()
    yield from _unknown("organization.reserved", reserved, CAPABILITIES, "capability")
    for capability in sorted(BY_NAME - set(reserved)) if rules.delegators.settled else ():
        yield f"at `organization.reserved`: add `{capability}`; it is a position's by name, and not delegated"


def _training(profile: Profile) -> Iterator[str]:
    """Training that is required of nobody or in nothing would let everybody in."""
    rules = profile.training
    if rules.required_before_use.settled and rules.required_of.settled is None:
        yield "at `training.required_of`: training is required, but not of whom; record a local decision"
    if rules.required_before_use.settled and not rules.courses:
        yield "at `training.courses`: training is required, but no course is named; name one"
    yield from _unknown("training.operators", rules.operators.settled or (), profile.titles, "title")
    for key, course in rules.courses.items():
        path = f"training.courses.{key}"
        named = (("required_of", course.required_of), ("validity_by_title", course.validity_by_title))
        for field, titles in named:
            yield from _unknown(f"{path}.{field}", titles.settled or (), profile.titles, "title")
        if course.operator_topics.settled and rules.operators.settled is None:
            yield f"at `{path}.operator_topics`: nobody is said to operate; name titles in training.operators"


def _chains(profile: Profile) -> Iterator[str]:
    chains = profile.hotlists.custom.chains
    if profile.hotlists.custom.self_approval.settled:
        yield "at `hotlists.custom.self_approval`: nobody ever approves their own entry here; set it to false"
    if not chains and not profile.hotlists.custom.procedure.silent:
        yield "at `hotlists.custom.chains`: give at least one chain of approval, or a silent `procedure`"
    if chains and profile.hotlists.custom.procedure.silent:
        yield "at `hotlists.custom.procedure`: a silent procedure has no chains; cite what they rest on"
    yield from _times_of_entries(profile)
    for key, chain in chains.items():
        yield from _chain(profile, f"hotlists.custom.chains.{key}", chain)
    requesters = Counter(title for chain in chains.values() for title in chain.requesters.settled or ())
    for title, times in requesters.items():
        if times > 1:
            yield f"at `hotlists.custom.chains`: `{title}` requests under {times} chains; keep one"
    may_request = {key for key, title in profile.titles.items() if _requests(title)}
    for title in sorted(may_request ^ set(requesters)):
        yield (
            f"at `titles.{title}`: the capability `hotlists.request` and the requesters in "
            "`hotlists.custom.chains` disagree; give both or neither"
        )


def _times_of_entries(profile: Profile) -> Iterator[str]:
    """Reminders come while there is time; whoever is told of an overdue removal exists."""
    rules, path = profile.hotlists.custom, "hotlists.custom"
    within, first, last = (
        rule.settled for rule in (rules.refresh_within, rules.first_reminder, rules.last_reminder)
    )
    if within and first and not within.exceeds(first):
        yield f"at `{path}.first_reminder`: {first} is no less than the {within} an entry stays; shorten it"
    if first and last and not first.exceeds(last):
        yield f"at `{path}.last_reminder`: the last reminder comes after the first; give less than {first}"
    told = rules.removal_escalates_to.settled or ()
    yield from _unknown(f"{path}.removal_escalates_to", told, profile.positions, "position")
    if told and rules.removal_within.settled is None:
        yield f"at `{path}.removal_within`: somebody is told of overdue removals, but not when; give a time"
    entered_for = profile.hotlists.mandatory_purposes.settled or ()
    yield from _unknown("hotlists.mandatory_purposes", entered_for, profile.purposes, "purpose")


def _requests(title: Title) -> bool:
    return "hotlists.request" in (title.capabilities.settled or ())


def _chain(profile: Profile, path: str, chain: Chain) -> Iterator[str]:
    yield from _unknown(f"{path}.requesters", chain.requesters.settled or (), profile.titles, "title")
    if chain.approver.settled is None:
        yield f"at `{path}.approver`: somebody must approve; record a local decision"
        return
    others = chain.if_unavailable.settled or ()
    yield from _unknown(path, (chain.approver.settled, *others), profile.positions, "position")
    yield from _lacking(profile, path, (chain.approver.settled, *others), "hotlists.approve")
    yield from _unknown(f"{path}.entered_by", chain.entered_by.settled or (), profile.titles, "title")
    if chain.approver.settled in others:
        yield f"at `{path}.if_unavailable`: `{chain.approver.settled}` cannot stand in for itself; remove it"


def _dispatch(profile: Profile) -> Iterator[str]:
    steps = profile.dispatch.steps
    if profile.dispatch.procedure.silent == bool(steps):
        yield "at `dispatch`: a silent procedure has no steps and any other has some; correct one of them"
    asked = False
    for step in steps:
        asked = asked or step.kind is StepKind.ASK_CONFIRMATION
        path = f"dispatch.steps.{step.id}"
        if step.kind is StepKind.ADVISE_VERIFIED and not step.requires_confirmation:
            yield f"at `{path}`: “verified” needs a confirmation first; add `requires_confirmation: true`"
        if step.requires_confirmation and not asked:
            yield f"at `{path}`: a confirmation is required before any step asks for it; put that step first"
        yield from _radio(f"{path}.radio", step.radio)

    yield from _alerting(profile)


def _alerting(profile: Profile) -> Iterator[str]:
    below = profile.dispatch.unsure_below.settled
    if below is not None and not 0 < below <= 100:  # noqa: PLR2004  percent
        yield "at `dispatch.unsure_below`: write a confidence in percent, from 1 to 100"
    limited = profile.dispatch.step_limits.settled or {}
    yield from _unknown("dispatch.step_limits", limited, [one.id for one in profile.dispatch.steps], "step")
    room = profile.field.thin_pictures_below.settled
    if room is not None and room <= 0:
        yield "at `field.thin_pictures_below`: write megabytes of room, at least 1"
    told = profile.verification.overdue_to.settled
    yield from _unknown("verification.overdue_to", [told] if told else [], profile.positions, "position")


def _radio(path: str, template: str) -> Iterator[str]:
    try:
        fields = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
    except ValueError as error:
        yield f"at `{path}`: {error}; write a placeholder as {{plate}}"
        return
    for field in sorted(fields - RADIO_FIELDS):
        yield f"at `{path}`: `{{{field}}}` is not known; use {', '.join(sorted(RADIO_FIELDS))}"


def _searches(profile: Profile) -> Iterator[str]:
    senders = profile.search.canvass_sent_by.settled or ()
    yield from _unknown("search.canvass_sent_by", senders, profile.titles, "title")
    correctors = profile.accuracy.corrected_by.settled or ()
    yield from _unknown("accuracy.corrected_by", correctors, profile.titles, "title")


def _exports(profile: Profile) -> Iterator[str]:
    most = profile.exports.most_reads.settled
    if most is not None and most < 1:
        yield "at `exports.most_reads`: a file holds at least one read; for none, grant no `search.export`"
    if most is not None and most > MOST_IN_A_FILE:
        yield f"at `exports.most_reads`: a file holds {MOST_IN_A_FILE:,} reads at most; narrow searches down"


def _lists(profile: Profile) -> Iterator[str]:
    lists = (
        ("dispatch.steps", profile.dispatch.steps),
        ("dispatch.dispositions", profile.dispatch.dispositions.settled or ()),
        ("verification.channels", profile.verification.channels.settled or ()),
    )
    for path, parts in lists:
        for key, times in Counter(part.id for part in parts).items():
            if times > 1:
                yield f"at `{path}`: `{key}` is there {times} times; ids are unique"

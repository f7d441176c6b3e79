"""Checks of layers, retention and oversight, beside those in checks.py; each problem says what to do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.categories import category_problems
from plateward.policy.exceptions import ADMINISTRATIVE
from plateward.policy.layers import POLICY_LAYER, LayerKind
from plateward.policy.parameters import Basis, Param
from plateward.policy.profile import Profile
from plateward.policy.retention import (
    SHORTEST_CEILING,
    DataClass,
    RetentionRule,
    Stage,
    StageAction,
    is_short_ceiling,
)


def layer_problems(profile: Profile) -> Iterator[str]:
    """Yield one sentence per contradiction among the parts this module looks at."""
    for check in (
        *(_keys, _provenance, _layers, _rules, _short, _pictures, _stages, _elsewhere),
        _people,
        _oversight,
        _emergency,
    ):
        yield from check(profile)


def _keys(profile: Profile) -> Iterator[str]:
    sections: dict[str, Mapping[str, Any]] = {
        "clauses": profile.clauses,
        "layers": profile.layers,
        "sources": profile.sources,
        "titles": profile.titles,
        "positions": profile.positions,
        "purposes": profile.purposes,
        "decisions": profile.decisions,
    }
    for section, parts in sections.items():
        for key, part in parts.items():
            if part.id != key:
                yield f"at `{section}.{key}`: its `id` is `{part.id}`; leave `id` out or write `{key}`"


def _provenance(profile: Profile) -> Iterator[str]:
    if not profile.provenance.statement.strip():
        yield "at `provenance.statement`: say in a sentence what the profile was written from"
    for clause in profile.clauses.values():
        if profile.provenance.is_summary and clause.quoted:
            yield (
                f"at `clauses.{clause.id}`: a profile written from summaries quotes nothing; "
                "add `quoted: false`"
            )
        elif not clause.quoted and clause.layer == POLICY_LAYER and not profile.provenance.is_summary:
            yield f"at `clauses.{clause.id}`: quote the policy's own text, or correct `provenance.kind`"


def _layers(profile: Profile) -> Iterator[str]:
    policy = profile.layers.get(POLICY_LAYER)
    if policy is None or policy.kind is not LayerKind.AGENCY_POLICY:
        yield f"at `layers.{POLICY_LAYER}`: give the agency's policy under this key, kind AGENCY_POLICY"
    for layer in profile.layers.values():
        if layer.on_file and layer.effective_date is None:
            yield f"at `layers.{layer.id}.effective_date`: on file, so say since when it is in force"
        if layer.effective_date and layer.until_date and layer.until_date < layer.effective_date:
            yield f"at `layers.{layer.id}.until_date`: it ends before it begins; correct one of the dates"
    for clause in profile.clauses.values():
        if clause.layer not in profile.layers:
            yield f"at `clauses.{clause.id}.layer`: there is no layer `{clause.layer}`; add it under `layers`"


def _rules(profile: Profile) -> Iterator[str]:
    covered: Counter[tuple[str, str]] = Counter()
    for key, rule in profile.retention.rules.items():
        path = f"retention.rules.{key}"
        if rule.source not in profile.sources:
            yield f"at `{path}.source`: there is no source `{rule.source}`; add it under `sources`"
        if not rule.data_classes:
            yield f"at `{path}.data_classes`: name the data the rule is about"
        covered.update((rule.source, data_class) for data_class in rule.data_classes)
    for (source, data_class), times in covered.items():
        if times > 1:
            yield f"at `retention.rules`: {times} entries cover {data_class} of `{source}`; keep one"


def _short(profile: Profile) -> Iterator[str]:
    """Nobody can approve by hand, each minute, what is to be gone within the hour."""
    for key, rule in profile.retention.rules.items():
        if not {DataClass.READS, DataClass.IMAGES} & set(rule.data_classes):
            continue
        own = ((f"retention.rules.{key}.ceiling", rule.ceiling),)
        others = (
            (f"retention.rules.{key}.elsewhere.{layer}.ceiling", limits.ceiling)
            for layer, limits in rule.elsewhere.items()
        )
        for path, ceiling in (*own, *others):
            length = ceiling.settled
            if length and SHORTEST_CEILING.exceeds(length):
                yield f"at `{path}`: purges run each minute, so {length} cannot be kept to; 3 minutes can"
            elif length and is_short_ceiling(length) and not profile.retention.standing_authority.settled:
                yield (
                    f"at `{path}`: purges for {length} run by themselves, day and night; say so in "
                    "`retention.standing_authority`, with its ground"
                )


def _pictures(profile: Profile) -> Iterator[str]:
    """Pictures never outlive their reads; before them they go by whole days."""
    rules = profile.retention.rules.values()
    of_reads = {rule.source: rule for rule in rules if DataClass.READS in rule.data_classes}
    for key, rule in profile.retention.rules.items():
        if DataClass.IMAGES not in rule.data_classes or DataClass.READS in rule.data_classes:
            continue
        floor, ceiling = rule.floor.settled, rule.ceiling.settled
        reads = of_reads.get(rule.source)
        latest = reads.ceiling.settled if reads else None
        if ceiling and is_short_ceiling(ceiling):
            yield f"at `retention.rules.{key}.ceiling`: pictures alone go by whole days; give 3 days at least"
        if floor and latest and floor.exceeds(latest):
            yield (
                f"at `retention.rules.{key}.floor`: pictures go with their reads, which stay {latest} at "
                "most; shorten one of them"
            )


def _stages(profile: Profile) -> Iterator[str]:
    for key, rule in profile.retention.rules.items():
        path = f"retention.rules.{key}.stages"
        actions = [stage.action for stage in rule.stages.values()]
        if actions not in ([], list(StageAction), [StageAction.PERMANENT_DELETION]):
            yield f"at `{path}`: stages are LOGICAL_DELETION, then PERMANENT_DELETION, or the latter alone"
        lengths = [stage.after.settled for stage in rule.stages.values()]
        for name, stage in rule.stages.items():
            yield from _meanwhile(f"{path}.{name}.access_meanwhile", stage)
        for earlier, later in pairwise(lengths):
            if earlier and later and not later.exceeds(earlier):
                yield f"at `{path}`: a later stage comes later; correct one of the lengths"


def _meanwhile(path: str, stage: Stage) -> Iterator[str]:
    named = stage.access_meanwhile.settled or ()
    if named and stage.action is StageAction.PERMANENT_DELETION:
        yield f"at `{path}`: nobody sees what is deleted permanently; write an empty list"
    for capability in named:
        if capability not in CAPABILITIES:
            yield f"at `{path}`: there is no capability `{capability}`; name one such as `reads.deleted`"


def _elsewhere(profile: Profile) -> Iterator[str]:
    for key, rule in profile.retention.rules.items():
        path = f"retention.rules.{key}"
        for layer, limits in rule.elsewhere.items():
            if layer not in profile.layers:
                yield f"at `{path}.elsewhere`: there is no layer `{layer}`; add it under `layers`"
            for name, basis in (("floor", limits.floor), ("ceiling", limits.ceiling)):
                yield from _foreign(profile, f"{path}.elsewhere.{layer}.{name}", basis, layer)
        yield from _prevailing(profile, path, rule)


def _foreign(profile: Profile, path: str, basis: Basis, layer: str) -> Iterator[str]:
    clause = profile.clauses.get(basis.clause)
    if clause is not None and clause.layer != layer:
        yield f"at `{path}`: `{clause.id}` belongs to the layer `{clause.layer}`; cite a clause of `{layer}`"


def _prevailing(profile: Profile, path: str, rule: RetentionRule) -> Iterator[str]:
    chosen = rule.prevailing_layer.settled
    own = {profile.clauses[basis.clause].layer for basis in _own(rule) if basis.clause in profile.clauses}
    if chosen is not None and chosen not in own | rule.elsewhere.keys():
        yield f"at `{path}.prevailing_layer`: `{chosen}` sets no limit here; name a layer that does"


def _own(rule: RetentionRule) -> tuple[Basis, ...]:
    return (rule.floor, rule.ceiling, *(stage.after for stage in rule.stages.values()))


def _people(profile: Profile) -> Iterator[str]:
    named: tuple[tuple[str, Iterable[str | None]], ...] = (
        ("audit.auditor", [profile.audit.auditor.settled]),
        ("audit.approver", [profile.audit.approver.settled]),
        ("public.designee", [profile.public.designee.settled]),
        ("monitoring.reviewer", [profile.monitoring.reviewer.settled]),
        ("monitoring.next_in_line", profile.monitoring.next_in_line.settled or ()),
        ("accounts.reviewer", [profile.accounts.reviewer.settled]),
        ("accounts.escalates_to", [profile.accounts.escalates_to.settled]),
        ("vendor_access.opened_by", profile.vendor_access.opened_by.settled or ()),
        ("emergency_access.reviewer", [profile.emergency_access.reviewer.settled]),
        ("releases.approver", [profile.releases.approver.settled]),
        ("releases.designees", profile.releases.designees.settled or ()),
        *((f"reports.{key}.to", [report.to.settled]) for key, report in profile.reports.items()),
    )
    for path, positions in named:
        for position in positions:
            if position is not None and position not in profile.positions:
                yield f"at `{path}`: there is no position `{position}`; add it under `positions`"


def _oversight(profile: Profile) -> Iterator[str]:
    releases, public, program = profile.releases, profile.public, profile.program
    if releases.approver.settled in (releases.designees.settled or ()):
        yield "at `releases.designees`: the approver needs no designation; remove it there"
    if public.use_log_contents.settled is not None and public.use_log.settled is not True:
        yield "at `public.use_log_contents`: contents without a public log of use; correct one"
    if program.proof_of_stop.settled is not None and program.stop_authority.settled is None:
        yield "at `program.proof_of_stop`: nobody may order the stop; name the `stop_authority`"
    if profile.audit.scope.settled == ():
        yield "at `audit.scope`: an audit of nothing is none; name CONFIGURATION, SEARCH_ACTIVITY or both"
    yield from _monitoring(profile)
    yield from category_problems(profile)
    if "custom" in profile.hotlists.sources:
        yield "at `hotlists.sources.custom`: the agency's own entries are under `hotlists.custom`; rename it"
    if not profile.agency.roles:
        yield "at `agency.roles`: say what the agency is: OWNER, OPERATOR, END_USER, HOST"


def _emergency(profile: Profile) -> Iterator[str]:
    """What an emergency gives is known, is no administration, and comes with its length and its reviewer."""
    rules = profile.emergency_access
    for capability in rules.capabilities.settled or ():
        if capability not in CAPABILITIES:
            yield f"at `emergency_access.capabilities`: there is no capability `{capability}`; correct it"
        elif capability.startswith(ADMINISTRATIVE):
            yield f"at `emergency_access.capabilities`: no emergency gives `{capability}`; remove it"
    needed: dict[str, Param[Any]] = {
        "lasts": rules.lasts,
        "reviewer": rules.reviewer,
        "reviewed_within": rules.reviewed_within,
    }
    for name, rule in needed.items():
        if rules.capabilities.settled and rule.settled is None:
            yield f"at `emergency_access.{name}`: without it there is no emergency access; decide it"


def _monitoring(profile: Profile) -> Iterator[str]:
    rules = profile.monitoring
    flags = rules.flags.settled or ()
    for flag, times in Counter(rule.flag for rule in flags).items():
        if times > 1:
            yield f"at `monitoring.flags`: {flag} is listed {times} times; keep one"
    for rule in flags:
        if rule.at_least < 1:
            yield f"at `monitoring.flags`: {rule.flag} needs `at_least` 1; correct it"
    if (rules.sample_size.settled or 0) < 0:
        yield "at `monitoring.sample_size`: write 0 for no sample, or how many records it holds"
    if rules.reviewer.settled in (rules.next_in_line.settled or ()):
        yield "at `monitoring.next_in_line`: the reviewer is not next to themselves; name others"


_CHECKS = (
    _keys,
    _provenance,
    _layers,
    _rules,
    _short,
    _pictures,
    _stages,
    _elsewhere,
    _people,
    _oversight,
    _emergency,
)

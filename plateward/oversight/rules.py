"""Weekly review: what raises a flag and why, who reviews whom, and how an item lives. Pure.

A flag is a question to people, never a finding. Every one explains itself by the facts it rests on.
Sources: CJIS Security Policy v6.0 AU-6, requirements R46 and R120, B-466.3.1(c), H-426.2.1(c).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from statistics import median

from plateward.oversight.reasons import weakness
from plateward.plates.text import plate_key
from plateward.policy import Decision, PersonFact, Profile, allow, deny, enforces
from plateward.policy.monitoring import FlagRule, ReviewFlag

ENOUGH_DAYS = 5
"""Below so many days of use there are no usual hours to compare with."""

TIMES_USUAL = 3
"""So many times one's own weekly past and one's peers is far more than usual."""

USUAL_SHARE = 0.75
"""The share of others' searches of a purpose with a case from which on a case is usual there."""

ENOUGH_OTHERS = 5
BEFORE_SEPARATION = timedelta(days=14)
IN_A_ROW = timedelta(minutes=60)
SHOWN_REASON = 80

_HOURS = 24


class ItemState(StrEnum):
    OPEN = "OPEN"
    ASKED = "ASKED"
    ANSWERED = "ANSWERED"
    IN_POLICY = "IN_POLICY"
    OUT_OF_POLICY = "OUT_OF_POLICY"

    @property
    def is_decided(self) -> bool:
        return self in {ItemState.IN_POLICY, ItemState.OUT_OF_POLICY}

    @property
    def label(self) -> str:
        """The state in words."""
        return {"OPEN": "To review", "ASKED": "Explanation asked"}.get(
            self.value, self.value.replace("_", " ").capitalize()
        )


class ItemAct(StrEnum):
    """What is done with an item."""

    RAISE = "RAISE"
    ASK = "ASK"
    ANSWER = "ANSWER"
    FIND_IN_POLICY = "FIND_IN_POLICY"
    FIND_OUT_OF_POLICY = "FIND_OUT_OF_POLICY"


@dataclass(frozen=True, slots=True)
class Transition:
    """An act takes an item from any of `sources` (none: it does not exist yet) to `target`."""

    act: ItemAct
    sources: tuple[ItemState, ...]
    target: ItemState
    by: str


_UNDECIDED = (ItemState.OPEN, ItemState.ASKED, ItemState.ANSWERED)
TRANSITIONS = (
    Transition(ItemAct.RAISE, (), ItemState.OPEN, "the weekly review"),
    Transition(ItemAct.ASK, (ItemState.OPEN, ItemState.ANSWERED), ItemState.ASKED, "reviewer"),
    Transition(ItemAct.ANSWER, (ItemState.ASKED,), ItemState.ANSWERED, "the person themself"),
    Transition(ItemAct.FIND_IN_POLICY, _UNDECIDED, ItemState.IN_POLICY, "reviewer"),
    Transition(ItemAct.FIND_OUT_OF_POLICY, _UNDECIDED, ItemState.OUT_OF_POLICY, "reviewer"),
)
_OF_ACT = {transition.act: transition for transition in TRANSITIONS}


def target_of(act: ItemAct, state: ItemState) -> ItemState | None:
    """The state an act leads to from another; None when it does not apply there."""
    transition = _OF_ACT[act]
    return transition.target if state in transition.sources else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One search or opened read. `at` is in the agency's zone; `ids` are its access records, pages included.

    `prohibited` are the prohibited uses that its reason was flagged for; `known_plate` says whose plate it
    is, "" for nobody's that is on the list.
    """

    ids: tuple[int, ...]
    at: datetime
    is_search: bool
    plate: str
    purpose: str
    reason: str
    reference: str
    prohibited: tuple[str, ...] = ()
    is_vague: bool = False
    known_plate: str = ""


@dataclass(frozen=True, slots=True)
class RefusalFact:
    """A refusal, by its journal row."""

    id: int
    at: datetime
    clause: str


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which the account was not to be used: suspended, or from separation on (`until_at` None)."""

    what: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWeek:
    """One person's use in the time reviewed, what it was before, and that of others with their title."""

    uses: Sequence[Use]
    past: Sequence[Use] = ()
    past_weeks: float = 0
    peers: Sequence[int] = ()
    refusals: Sequence[RefusalFact] = ()
    absences: Sequence[Absence] = ()
    others: Sequence[Use] = ()
    places: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag with its explanation and the access records and journal rows it is about."""

    flag: ReviewFlag
    explanation: str
    access_ids: tuple[int, ...]
    refusal_ids: tuple[int, ...] = ()


Finder = Callable[[PersonWeek, int], Iterator[Raised]]


def flags_of(week: PersonWeek, rules: Iterable[FlagRule]) -> list[Raised]:
    """Every flag in use that this person's time raises, in the plan's order."""
    return [raised for rule in rules for raised in FINDERS[rule.flag](week, rule.at_least)]


def off_hours(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """Use outside the hours at which the person used the system before, an hour around them allowed."""
    usual = usual_hours(week.past)
    odd = [use for use in week.uses if usual and use.at.hour not in usual]
    if len(odd) >= at_least:
        said = f"{_uses(odd)} between {_hours(use.at.hour for use in odd)}"
        yield _raised(
            ReviewFlag.OFF_HOURS,
            f"{said}. Before, over {week.past_weeks:.0f} weeks, this person used the system between "
            f"{spans(usual)}.",
            odd,
        )


def usual_hours(past: Iterable[Use]) -> frozenset[int]:
    """Hours of the day with use on at least two days, with one hour on either side; empty with too little."""
    days_by_hour: dict[int, set[date]] = defaultdict(set)
    for use in past:
        days_by_hour[use.at.hour].add(use.at.date())
    if len(set().union(*days_by_hour.values())) < ENOUGH_DAYS:
        return frozenset()
    common = [hour for hour, days in days_by_hour.items() if len(days) > 1]
    return frozenset((hour + shift) % _HOURS for hour in common for shift in (-1, 0, 1))


def spans(hours: Iterable[int]) -> str:
    """Hours of the day as spans: "07:00 and 18:59", several joined by "or"."""
    left, found = set(hours), []
    for hour in sorted(left):
        if (hour - 1) % _HOURS in left and len(left) < _HOURS:
            continue
        end = hour
        while (end + 1) % _HOURS in left and (end + 1) % _HOURS != hour:
            end = (end + 1) % _HOURS
        found.append(f"{hour:02}:00 and {end:02}:59")
        if len(left) == _HOURS:
            break
    return " or ".join(found)


def _hours(hours: Iterable[int]) -> str:
    return spans(set(hours))


def volume(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """Far more searches than in the person's own past weeks and than others of the same title made."""
    made = _searches(week.uses)
    if len(made) < at_least:
        return
    own = len(_searches(week.past)) / week.past_weeks if week.past_weeks else 0.0
    among = median(week.peers) if week.peers else 0.0
    if len(made) > TIMES_USUAL * own and len(made) > TIMES_USUAL * among:
        peers = f"others of this title made {among:.0f}" if week.peers else "nobody else has this title"
        yield _raised(
            ReviewFlag.VOLUME,
            f"{len(made)} searches; in the {week.past_weeks:.0f} weeks before it was {own:.1f} a week, and "
            f"{peers}.",
            made,
        )


def repeated_plate(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """One plate looked for again and again without naming a case."""
    by_plate: dict[str, list[Use]] = defaultdict(list)
    for use in _searches(week.uses):
        if use.plate and not use.reference:
            by_plate[plate_key(use.plate)].append(use)
    for uses in by_plate.values():
        if len(uses) >= at_least:
            days = len({use.at.date() for use in uses})
            yield _raised(
                ReviewFlag.REPEATED_PLATE,
                f"{uses[0].plate} was searched {len(uses)} times on {_counted(days, 'day')}, and no case "
                "was named.",
                uses,
            )


def known_plate(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """A plate that the person, or a colleague, has put on the list of employees' own plates."""
    by_whose: dict[str, list[Use]] = defaultdict(list)
    for use in week.uses:
        if use.known_plate:
            by_whose[use.known_plate].append(use)
    for whose, uses in by_whose.items():
        if len(uses) >= at_least:
            yield _raised(
                ReviewFlag.KNOWN_PLATE,
                f"{_uses(uses)} of a plate that {whose} entered as their own or their household’s.",
                uses,
            )


def poor_reason(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """Reasons that say too little about what the search serves (R46)."""
    weak = [
        (use, why)
        for use in _searches(week.uses)
        if (why := "one of the agency’s stock phrases" if use.is_vague else weakness(use.reason, week.places))
    ]
    if len(weak) >= at_least:
        first = {use.reason: why for use, why in weak}
        told = "; ".join(f"“{_short(reason)}” ({why})" for reason, why in first.items())
        yield _raised(
            ReviewFlag.POOR_REASON,
            f"{_counted(len(weak), 'search')} with a reason that says too little: {told}.",
            [use for use, _ in weak],
        )


def pasted_reason(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """The same words for searches of several plates that no one case holds together."""
    by_reason: dict[str, list[Use]] = defaultdict(list)
    for use in _searches(week.uses):
        by_reason[" ".join(use.reason.casefold().split())].append(use)
    for uses in by_reason.values():
        plates, cases = {use.plate for use in uses}, {use.reference for use in uses}
        if len(uses) >= at_least and len(plates) > 1 and (len(cases) > 1 or "" in cases):
            yield _raised(
                ReviewFlag.PASTED_REASON,
                f"“{_short(uses[0].reason)}” was given for {len(uses)} searches of {len(plates)} plates, "
                "and no one case holds them together.",
                uses,
            )


def no_case(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """Searches without a case for a purpose for which others usually name one."""
    without: dict[str, list[Use]] = defaultdict(list)
    for use in _searches(week.uses):
        if not use.reference:
            without[use.purpose].append(use)
    for purpose, uses in without.items():
        others = [use for use in _searches(week.others) if use.purpose == purpose]
        named = sum(bool(use.reference) for use in others)
        enough = len(others) >= ENOUGH_OTHERS and named >= USUAL_SHARE * len(others)
        if enough and len(uses) >= at_least:
            yield _raised(
                ReviewFlag.NO_CASE,
                f"{_counted(len(uses), 'search')} for {purpose.replace('-', ' ')} without a case; others "
                f"named one in {named} of {len(others)}.",
                uses,
            )


def separation(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """Use while suspended, after the account was closed, or shortly before."""
    for absence in week.absences:
        inside = [u for u in week.uses if absence.from_at <= u.at and _before(u.at, absence.until_at)]
        before = [u for u in week.uses if absence.from_at - BEFORE_SEPARATION <= u.at < absence.from_at]
        is_leaving = absence.until_at is None and absence.what == "deactivated"
        uses = [*inside, *(before if is_leaving else ())]
        if len(uses) >= at_least:
            when = "while or after" if inside else f"in the {BEFORE_SEPARATION.days} days before"
            yield _raised(
                ReviewFlag.SEPARATION,
                f"{_uses(uses)} {when} the account was {absence.what} ({absence.from_at:%Y-%m-%d %H:%M}).",
                uses,
            )


def _before(at: datetime, end: datetime | None) -> bool:
    return end is None or at < end


def prohibited_term(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """Searches that went on although their reason was flagged for a prohibited use."""
    uses = [use for use in _searches(week.uses) if use.prohibited]
    if len(uses) >= at_least:
        signs = Counter(sign for use in uses for sign in use.prohibited)
        told = "; ".join(f"{sign} ({count})" for sign, count in sorted(signs.items()))
        yield _raised(
            ReviewFlag.PROHIBITED_TERM,
            f"{_counted(len(uses), 'search')} went on although the reason showed a sign of a prohibited use: "
            f"{told}.",
            uses,
        )


def refusals(week: PersonWeek, at_least: int) -> Iterator[Raised]:
    """One refusal after the other, each within an hour of the one before."""
    for row in _rows(sorted(week.refusals, key=lambda refusal: refusal.at)):
        if len(row) >= at_least:
            clauses = ", ".join(sorted({refusal.clause for refusal in row if refusal.clause}))
            yield Raised(
                ReviewFlag.REFUSALS,
                f"{len(row)} refusals in a row between {row[0].at:%Y-%m-%d %H:%M} and {row[-1].at:%H:%M}, by "
                f"{clauses or 'no clause'}.",
                (),
                tuple(refusal.id for refusal in row),
            )


def _rows(refused: Sequence[RefusalFact]) -> list[list[RefusalFact]]:
    rows = [[refused[0]]] if refused else []
    for earlier, later in pairwise(refused):
        if later.at - earlier.at <= IN_A_ROW:
            rows[-1].append(later)
        else:
            rows.append([later])
    return rows


FINDERS: Mapping[ReviewFlag, Finder] = {
    ReviewFlag.OFF_HOURS: off_hours,
    ReviewFlag.VOLUME: volume,
    ReviewFlag.REPEATED_PLATE: repeated_plate,
    ReviewFlag.KNOWN_PLATE: known_plate,
    ReviewFlag.POOR_REASON: poor_reason,
    ReviewFlag.PASTED_REASON: pasted_reason,
    ReviewFlag.NO_CASE: no_case,
    ReviewFlag.SEPARATION: separation,
    ReviewFlag.PROHIBITED_TERM: prohibited_term,
    ReviewFlag.REFUSALS: refusals,
}

FLAG_NAMES: Mapping[str, str] = {
    ReviewFlag.OFF_HOURS: "Unusual hours",
    ReviewFlag.VOLUME: "Unusually many searches",
    ReviewFlag.REPEATED_PLATE: "One plate again and again",
    ReviewFlag.KNOWN_PLATE: "Own or colleague’s plate",
    ReviewFlag.POOR_REASON: "Reason says too little",
    ReviewFlag.PASTED_REASON: "Same reason many times",
    ReviewFlag.NO_CASE: "No case where others name one",
    ReviewFlag.SEPARATION: "Around separation or suspension",
    ReviewFlag.PROHIBITED_TERM: "Sign of a prohibited use",
    ReviewFlag.REFUSALS: "Refusals in a row",
}


def draw(seed: str, ids: Iterable[int], size: int) -> list[int]:
    """Draw `size` records so that anybody with the seed and the ids draws the same (R118).

    Ids are ordered by SHA-256 of "seed:id" in hexadecimal; the first ones are drawn.
    """
    return sorted(ids, key=lambda one: sha256(f"{seed}:{one}".encode()).hexdigest())[:size]


def line_of(profile: Profile) -> tuple[str, ...]:
    """The positions that review, upwards; empty where the policy names none."""
    reviewer = profile.monitoring.reviewer.settled
    return (reviewer, *(profile.monitoring.next_in_line.settled or ())) if reviewer else ()


def reviewing_position(profile: Profile, held: Collection[str]) -> str:
    """The position that reviews somebody who holds these: the lowest of the line above all of theirs.

    Whoever holds the top of the line is reviewed by its lowest position that they do not hold: nobody is
    above them, and nobody reviews themself. "" where that leaves nobody.
    """
    line = line_of(profile)
    places = [place for place, position in enumerate(line) if position in held]
    above = line[places[-1] + 1 :] if places else line
    free = above or [position for position in line if position not in held]
    return free[0] if free else ""


@enforces("B-466.3.1(c)", "H-426.2.1(c)", "CJIS-AU-6")
def may_review(profile: Profile, *, reviewer: PersonFact, person_id: str, position: str) -> Decision:
    """Tell whether somebody may ask about and decide on an item that waits for `position`.

    Its holder may, and the holders of positions above in the line; nobody on their own accesses.
    """
    rule, line = profile.monitoring.reviewer, line_of(profile)
    if not line:
        remedy = "Record in the profile who reviews, with the ground for it."
        return deny(profile, rule, "This policy does not say who reviews the records of access.", remedy)
    able = line[line.index(position) :] if position in line else line
    names = " or ".join(profile.position_name(one) for one in able)
    if reviewer.id == person_id:
        return deny(profile, rule, "These are your own accesses.", f"The {names} reviews them.")
    if not reviewer.positions & set(able):
        return deny(profile, rule, f"This is for the {names} to review.", f"Ask the {names}.")
    return allow(profile, rule, f"Reviewed by the {names}.")


def may_begin(profile: Profile, reviewer: PersonFact) -> Decision:
    """Tell whether somebody may begin a review before the clock does: whoever is in the line may."""
    rule, line = profile.monitoring.reviewer, line_of(profile)
    if reviewer.positions & set(line):
        return allow(profile, rule, "Holds a reviewing position.")
    names = " or ".join(profile.position_name(one) for one in line)
    if not names:
        reason = "This policy does not say who reviews the records of access."
        return deny(profile, rule, reason, "Record in the profile who reviews, with the ground for it.")
    return deny(profile, rule, f"The {names} begins a review.", f"Ask the {names}.")


def unsettled(profile: Profile) -> list[str]:
    """What the profile must still say before accesses can be reviewed by a plan, in words."""
    plan = profile.monitoring
    asked = (
        (plan.every, "how often accesses are reviewed"),
        (plan.reviewer, "who reviews them"),
        (plan.done_within, "how soon a review is to be finished"),
        (plan.compared_with, "how far back habits are compared"),
        (plan.flags, "which flags are raised, and from when on"),
        (plan.sample_size, "how many records are drawn at random"),
    )
    return [words for rule, words in asked if rule.settled is None]


def _searches(uses: Iterable[Use]) -> list[Use]:
    return [use for use in uses if use.is_search]


def _raised(flag: ReviewFlag, explanation: str, uses: Iterable[Use]) -> Raised:
    return Raised(flag, explanation, tuple(one for use in uses for one in use.ids))


def _uses(uses: Sequence[Use]) -> str:
    searches = len(_searches(uses))
    parts = [(searches, "search"), (len(uses) - searches, "opened read")]
    return " and ".join(_counted(number, what) for number, what in parts if number)


def _counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}{'es' if what.endswith('ch') else 's'}"


def _short(reason: str) -> str:
    return reason if len(reason) <= SHOWN_REASON else f"{reason[:SHOWN_REASON]}…"

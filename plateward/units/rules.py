"""How long codes and sign-ins last, what of a spool is missing, what changed on a list. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from plateward.devices.health import AHEAD_S, Problem, ProblemKind
from plateward.policy import Decision, Period, Profile, allow, deny, enforces
from plateward.unitwire.calls import HealthReport
from plateward.unitwire.documents import ListEntry

CODE_LASTS: Final = timedelta(minutes=15)
WRONG_TRIES: Final = 5
TRIES_COUNT_FOR: Final = timedelta(minutes=15)

SIGN_IN_LASTS: Final = timedelta(minutes=10)
"""Until a person must have confirmed it (RFC 8628, `expires_in`)."""
EXPIRED_KEPT: Final = timedelta(days=30)
"""Sign-ins that nobody confirmed."""
INTERVAL_S: Final = 5
"""Between two questions of the unit whether it is confirmed (RFC 8628, section 3.5)."""

ASK_EVERY_S: Final = 60
HEALTH_EVERY_S: Final = 60
CAPABILITIES: Final = ("reads.view", "alerts.view", "alerts.dispose", "hotlists.view")
"""What a person may do on a unit, of what they may do at all."""
KILOBYTE: Final = 1_000
MEGABYTE: Final = 1_000_000
FASTEST_KB_PER_S: Final = 1_000_000

Range = tuple[int, int]
"""The first and the last number of an unbroken run."""


class SignInState(StrEnum):
    """How a sign-in on a unit stands."""

    WAITING = "WAITING"
    CONFIRMED = "CONFIRMED"
    DENIED = "DENIED"
    GRANTED = "GRANTED"
    ENDED = "ENDED"
    EXPIRED = "EXPIRED"

    @property
    def label(self) -> str:
        """The state in words."""
        return {
            "WAITING": "Waits for its person",
            "CONFIRMED": "Confirmed, not taken up by the unit yet",
            "DENIED": "Turned away",
            "GRANTED": "Signed in",
            "ENDED": "Signed out",
            "EXPIRED": "Nobody confirmed it in time",
        }[self.value]


class Gone(StrEnum):
    """What a unit no longer has under a number of its spool."""

    PICTURES = "PICTURES"
    READ = "READ"
    NUMBER = "NUMBER"

    @property
    def label(self) -> str:
        """What it is in words."""
        return {
            "PICTURES": "Pictures",
            "READ": "The read itself",
            "NUMBER": "Only its number",
        }[self.value]


class AnswerOutcome(StrEnum):
    """What became of what a person did on a unit."""

    DONE = "DONE"
    REFUSED = "REFUSED"


def may_try(tries: int) -> bool:
    """Whether another code may be tried after so many wrong ones within TRIES_COUNT_FOR."""
    return tries < WRONG_TRIES


def joined(ranges: Iterable[Range], numbers: Iterable[int] = ()) -> tuple[Range, ...]:
    """The same numbers in as few ranges as can be, in order, with these numbers among them."""
    found: list[Range] = []
    for first, last in sorted([*ranges, *((one, one) for one in numbers)]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def missing(ranges: Sequence[Range], highest: int) -> tuple[Range, ...]:
    """The ranges from 1 to `highest` that are not among the joined `ranges`."""
    found, expected = [], 1
    for first, last in ranges:
        if first > expected:
            found.append((expected, min(first - 1, highest)))
        expected = last + 1
    if expected <= highest:
        found.append((expected, highest))
    return tuple(one for one in found if one[0] <= one[1])


def count(ranges: Iterable[Range]) -> int:
    """How many numbers the ranges hold."""
    return sum(last - first + 1 for first, last in ranges)


def in_words(one: Range) -> str:
    """A range for people: "4" or "4 to 6"."""
    first, last = one
    return str(first) if first == last else f"{first} to {last}"


def list_changes(
    before: Mapping[str, ListEntry], after: Mapping[str, ListEntry]
) -> tuple[tuple[ListEntry, ...], tuple[str, ...]]:
    """What a unit adds and removes to have the list after instead of before; a changed entry does both."""
    added = tuple(entry for key, entry in after.items() if before.get(key) != entry)
    removed = tuple(key for key, entry in before.items() if after.get(key) != entry)
    return added, removed


def signs_in_until(profile: Profile, now: datetime) -> datetime | None:
    """Until when a sign-in given now lasts; None where the policy does not say."""
    period = profile.field.unit_sign_in_for.settled
    return period.after(now) if period else None


def check_sign_in(profile: Profile, given: Sequence[str], now: datetime) -> Decision:
    """Whether a person with these of CAPABILITIES may sign in on a unit (B-466.6(a), H-426.5(a))."""
    rule = profile.field.unit_sign_in_for
    if signs_in_until(profile, now) is None:
        said = "The policy does not say how long a sign-in on a unit lasts, so nobody can sign in on one."
        return deny(
            profile, rule, said, "Ask the ALPR administrator to have `field.unit_sign_in_for` decided."
        )
    if not given:
        said = "Your title gives you nothing to do on a unit."
        return deny(profile, rule, said, "Let somebody sign in who works alerts.")
    return allow(profile, rule, "May sign in on a unit.")


def seconds_of(period: Period) -> int:
    """A period in seconds, a day as 24 hours."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return int((period.after(start) - start).total_seconds())


def is_sealed_way(pages: str, receiver: str) -> bool:
    """Whether units may send there: by https, or in plain on this machine where the pages are so as well."""
    if urlsplit(receiver).scheme == "https":
        return True
    return all(urlsplit(one).hostname in {"localhost", "127.0.0.1", "::1"} for one in (pages, receiver))


def stamp(now: datetime, per_second: int) -> int:
    """The present as a count since 1970: a number that a restored backup does not give again."""
    return int((now - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1) * per_second)


def tried_from(address: str) -> str:
    """Whose wrong tries count together: an address's; of IPv6 those of its network of 64 bits."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return str(found if isinstance(found, IPv4Address) else found.ipv4_mapped)
    return str(ip_network((int(found), 64), strict=False))


def acted_at(
    told: datetime, offset_s: float | None, enrolled_at: datetime, now: datetime
) -> tuple[datetime, bool]:
    """When something was done by our clock, and whether that is in doubt.

    It is in doubt where the unit's clock was never compared, and where what comes out lies before the unit
    was enrolled or in the future: then it was by `now` at the latest.
    """
    try:
        at = told + timedelta(seconds=offset_s or 0)
    except OverflowError:
        return now, True
    is_possible = enrolled_at <= at <= now
    return (at if is_possible else now), offset_s is None or not is_possible


CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""Between a unit's clock and ours, put right by the last comparison."""


def clock_in_words(offset_s: float) -> str:
    """How a unit's clock stands by ours; positive is behind."""
    if round(abs(offset_s), 1) == 0:
        return "in step with ours"
    return f"{abs(offset_s):,.1f} s {'behind' if offset_s > 0 else 'ahead of'} ours"


def shown(detail: Mapping[str, object]) -> int:
    """How many reads or alerts a unit says that it showed; one where it does not say."""
    count = detail.get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWatch:
    """What a unit said of itself last, and when; `told` is None before it said anything.

    `warn_after` is no policy's: the installation says after how long a silent unit, or reads that wait on
    one, are worth a look.
    """

    warn_after: timedelta
    enrolled_at: datetime
    told_at: datetime | None
    told: HealthReport | None
    clock_offset_s: float | None


@enforces("B-466.5", "H-426.4", "B-466.11¶3")
def problems(watch: UnitWatch, profile: Profile, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with a unit at `now`; of one that is not heard of nothing else can be told."""
    heard = watch.told_at or watch.enrolled_at
    if now - heard >= watch.warn_after:
        said = (
            f"The unit has not been heard of for more than {_hours(watch)}: it is switched off, or has no "
            "network."
        )
        return (Problem(ProblemKind.UNHEARD, said),)
    if watch.told is None:
        return ()
    found = (
        _clock(watch),
        _spool(watch, watch.told, now),
        _list(watch.told, profile, now),
        _sources(watch.told),
    )
    return tuple(one for one in found if one is not None)


def _clock(watch: UnitWatch) -> Problem | None:
    offset = watch.clock_offset_s
    if offset is None or abs(offset) < AHEAD_S:
        return None
    said = f"Its clock is {clock_in_words(offset)}. Set it by network time (NTP) or GPS."
    return Problem(ProblemKind.CLOCK, said)


def _hours(watch: UnitWatch) -> str:
    return f"{watch.warn_after / timedelta(hours=1):.0f} hours"


def _spool(watch: UnitWatch, told: HealthReport, now: datetime) -> Problem | None:
    oldest = told.spool.oldest_at
    if oldest is None or now - oldest < watch.warn_after:
        return None
    return Problem(
        ProblemKind.SPOOL,
        f"{told.spool.waiting:,} of its reads wait to be sent, the oldest for more than {_hours(watch)}; "
        f"{told.spool.room_bytes // MEGABYTE:,} MB of room are left. Look at its network.",
    )


def _list(told: HealthReport, profile: Profile, now: datetime) -> Problem | None:
    rule = profile.hotlists.custom.refresh_within
    if told.list_as_of is None:
        return Problem(ProblemKind.LIST, "It has no hotlist and matches nothing.")
    if rule.settled is None or now < rule.settled.after(told.list_as_of):
        return None
    said = f"Its hotlist is older than {rule.settled} ({profile.citation(rule)}). Bring it into a network."
    return Problem(ProblemKind.LIST, said)


def _sources(told: HealthReport) -> Problem | None:
    failed = [one.name for one in told.sources if one.state == "FAILED"]
    if not failed:
        return None
    said = f"No pictures come from {', '.join(failed)}. Look at the camera and its cable."
    return Problem(ProblemKind.SOURCE, said)

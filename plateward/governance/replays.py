"""Dry runs: what people asked in the past, decided again by another version of the policy.

Subjects above that keep what people asked register how to decide it again, in `AppConfig.ready`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plateward.policy import Decision, Profile

SHOWN = 200
"""Refusals listed one by one; the counts hold all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something a person asked at an instant; `decide` answers it by a profile. It holds no plate."""

    at: datetime
    person: str
    what: str
    reason: str
    decide: Callable[[Profile], Decision]


class Recall(Protocol):
    """Give what people of an agency asked from an instant on, newest first."""

    def __call__(self, agency: str, since: datetime) -> Iterable[Asked]: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a draft would refuse; `already` when the version in force would refuse it today as well."""

    asked: Asked
    decision: Decision
    already: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """What a draft would have done to one kind of asking; `refusals` holds the newest of `refused`."""

    kind: str
    asked: int
    refused: int
    already: int
    reasons: tuple[tuple[str, str, int], ...]
    refusals: tuple[Refusal, ...]


_recalls: dict[str, Recall] = {}


def register(kind: str, recall: Recall) -> None:
    """Add a kind of asking, named in the plural: "searches"; registering it again replaces it."""
    _recalls[kind] = recall


def replay(agency: str, *, in_force: Profile, draft: Profile, since: datetime) -> list[Replay]:
    """Decide everything asked since an instant again, by the draft and by the version in force."""
    return [
        _replay(kind, recall(agency, since), in_force, draft) for kind, recall in sorted(_recalls.items())
    ]


def _replay(kind: str, asked: Iterable[Asked], in_force: Profile, draft: Profile) -> Replay:
    reasons: Counter[tuple[str, str]] = Counter()
    shown: list[Refusal] = []
    total = already = 0
    for refusal in _decided(asked, in_force, draft):
        total += 1
        if refusal is not None:
            reasons[refusal.decision.clause, refusal.decision.reason] += 1
            already += refusal.already
            shown += [refusal] if len(shown) < SHOWN else []
    counted = tuple((clause, reason, times) for (clause, reason), times in reasons.most_common())
    return Replay(kind, total, reasons.total(), already, counted, tuple(shown))


def _decided(asked: Iterable[Asked], in_force: Profile, draft: Profile) -> Iterator[Refusal | None]:
    for one in asked:
        decision = one.decide(draft)
        yield None if decision else Refusal(one, decision, not one.decide(in_force))

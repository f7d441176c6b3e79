"""The unit's regular talk with the server: how it is, what it should do, what it must tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from plateward.edge.alerts import Alerts
from plateward.edge.answers import Answers
from plateward.edge.belief import Belief
from plateward.edge.clock import Clock
from plateward.edge.identity import Identity
from plateward.edge.journal import Journal
from plateward.edge.link import NOT_MODIFIED, Away, Link, Unwilling
from plateward.edge.listing import ListError, Listing
from plateward.edge.people import People
from plateward.edge.spool import Spool
from plateward.edge.state import State
from plateward.edge.store import Store
from plateward.unitwire.calls import (
    ENTRIES_AT_ONCE,
    Acknowledged,
    Done,
    Given,
    Greeting,
    HealthReport,
    JournalPortion,
    Merged,
    Outcomes,
    SignOut,
    Thinned,
    TransferReport,
)
from plateward.unitwire.calls import (
    Answers as AnswersTold,
)
from plateward.unitwire.documents import Assignments, Configuration, Document, HotList, ListChanges

CONFIGURATION: Final = "configuration"
ASSIGNMENTS: Final = "assignments"
_GONE, _CONFLICT = 404, 409
_PARTS_AT_ONCE: Final = 1000
_GIVEN: Final[Mapping[str, Given]] = {"read": "read", "number": "number"}
"""What a line of the log of deletions is to the server; any other is of a picture."""
_THINNED: Final = "unit.pictures_thinned"
_VERBS: Final = {"read": "unit.read_lost", "number": "unit.reads_renumbered", "scene": _THINNED}


class Talk:
    """One round of talk after the other, by one thread.

    Every method raises Away, Revoked, Unwilling or DocumentError.
    """

    def __init__(
        self,
        *,
        store: Store,
        spool: Spool,
        listing: Listing,
        alerts: Alerts,
        journal: Journal,
        answers: Answers,
        people: People,
        belief: Belief,
        link: Link,
        clock: Clock,
        state: State,
        report: Callable[[], HealthReport],
    ) -> None:
        self._store, self._spool, self._listing, self._alerts = store, spool, listing, alerts
        self._journal, self._answers, self._people, self._belief = journal, answers, people, belief
        self._link, self._clock, self._state, self._report = link, clock, state, report
        self._etag = ""
        self._told_to = ("", -1)

    def health(self, who: Identity) -> None:
        """Say how the unit is, and hear what time it is."""
        report, sent = self._report(), self._clock.steady()
        answer = self._link.post("health", who, report)
        self._clock.heard(answer.as_(Greeting).server_time, sent, self._clock.steady())
        self._state.tell(clock_offset_s=self._clock.offset_s())

    def steps(self) -> tuple[Callable[[Identity], None], ...]:
        """What is asked and told in a round, each for itself: one that fails keeps no other back."""
        return (
            self._configuration,
            self._list,
            self._assignments,
            self._transfers,
            self._portions,
            self._answer,
            self._sign_outs,
        )

    def _configuration(self, who: Identity) -> None:
        answer = self._link.get(CONFIGURATION, who, etag=self._etag)
        if answer.status == NOT_MODIFIED:
            return
        found = self._belief.opened(answer, who, Configuration, CONFIGURATION)
        with self._store.transaction():
            self._store.keep(CONFIGURATION, found)
            self._belief.took(CONFIGURATION, found)
        self._etag = answer.headers.get("ETag", "")
        self._state.tell(configuration=found)

    def _list(self, who: Identity) -> None:
        for _ in range(_PARTS_AT_ONCE):
            query = self._list_query()
            try:
                answer = self._link.get("list", who, query)
            except Unwilling as refusal:
                if refusal.status != _GONE or "part" not in query:
                    raise Away(str(refusal)) from refusal
                self._listing.abandon()
                continue
            if answer.status == NOT_MODIFIED:
                return
            found = self._belief.opened(answer, who, Document, "list")
            with self._store.transaction():
                self._belief.took("list", found)
                is_whole = self._take_list(found)
                if is_whole:
                    self._alerts.compare(self._listing, self._clock.true_now())
            if is_whole:
                return

    def _list_query(self) -> dict[str, str | int]:
        missing, head = self._listing.missing_part(), self._listing.head
        if missing is not None:
            return {"version": missing[0], "part": missing[1]}
        return {"since": head.version} if head is not None and head.is_whole else {}

    def _take_list(self, found: Document) -> bool:
        """Put in force what came; whether nothing is missing now."""
        if isinstance(found, ListChanges):
            try:
                self._listing.change(found)
            except ListError as error:
                raise Away(str(error)) from error
            return True
        if isinstance(found, HotList):
            return self._listing.put(found)
        raise Away("The server answered with another document than a list.")

    def _assignments(self, who: Identity) -> None:
        answer = self._link.get(ASSIGNMENTS, who)
        found = self._belief.opened(answer, who, Assignments, ASSIGNMENTS)
        with self._store.transaction():
            self._store.keep(ASSIGNMENTS, found)
            self._belief.took(ASSIGNMENTS, found)
            self._people.keep_only(found.sessions, found.issued_at)
        self._state.tell(assignments=found.assignments)

    def _transfers(self, who: Identity) -> None:
        """How far the spool goes, what was thinned; then the journal says so too."""
        highest, thinned = self._spool.last(), self._spool.untold_thinning(ENTRIES_AT_ONCE)
        if thinned or (who.device_id, highest) != self._told_to:
            told = tuple(
                Thinned(
                    sequence=one.sequence,
                    what=_GIVEN.get(one.what, "pictures"),
                    why=f"{one.what}: {one.why}",
                    at=one.at,
                )
                for one in thinned
            )
            spool = thinned[0].spool if thinned else self._spool.id
            if spool != self._spool.id:
                highest = max(one.sequence for one in thinned)
            report = TransferReport(spool=spool, highest_sequence=highest, thinned=told)
            self._link.post("transfers", who, report)
            self._told_to = (who.device_id, highest)
        for verb in _VERBS.values():
            if some := [one for one in thinned if _VERBS.get(one.what, _THINNED) == verb]:
                numbers = [one.sequence for one in some]
                self._write(verb, some[0].spool, numbers, [one.n for one in some])
        if cleared := self._spool.unwritten_clearing():
            numbers = [sequence for _, _, sequence in cleared]
            self._write("unit.copy_cleared", cleared[0][1], numbers, [n for n, _, _ in cleared])

    def _write(self, verb: str, spool: UUID, numbers: list[int], lines: list[int]) -> None:
        with self._store.transaction():
            detail = {"count": len(numbers), "first": min(numbers), "last": max(numbers)}
            self._journal.write(verb, f"spool:{spool}", detail)
            self._spool.told(lines)

    def _portions(self, who: Identity) -> None:
        while entries := self._journal.unmerged():
            portion = JournalPortion(journal=self._journal.name, entries=entries)
            try:
                merged = self._link.post("journal", who, portion).as_(Merged).merged_to
            except Unwilling as refusal:
                merged_to = refusal.document.get("merged_to")
                is_ours = str(refusal.document.get("type", "")).endswith("chain-broken")
                if refusal.status != _CONFLICT or not is_ours or not isinstance(merged_to, int):
                    raise
                self._journal.begin_anew(merged_to)
                raise Away("The server could not join the unit's journal: it begins anew.") from refusal
            if merged < entries[0].n:
                raise Away("The server did not take the journal's next entries.")
            self._journal.merged(merged)

    def _answer(self, who: Identity) -> None:
        """Tell what people did; what is refused, or whose read can never come, is written down and goes."""
        if not (waiting := self._answers.waiting()):
            return
        outcomes = self._link.post("answers", who, AnswersTold(answers=waiting)).as_(Outcomes).outcomes
        never = {one.id for one in waiting if not self._may_come(one)}
        with self._store.transaction():
            for one in outcomes:
                if one.outcome == "LATER" and one.id not in never:
                    continue
                self._answers.forget(one.id)
                told = "" if one.outcome == "DONE" else one.told or "Its read can never come."
                if told:
                    self._journal.write("unit.refused", f"answer:{one.id}", {"told": told[:500]})
                self._state.tell(refused=told)

    def _may_come(self, answer: Done) -> bool:
        """Whether what the answer is about may still reach the server, or has."""
        return isinstance(answer, Acknowledged) or self._spool.is_known(answer.event_id)

    def _sign_outs(self, who: Identity) -> None:
        """Sign-ins that ended here while the server was away."""
        for session in self._people.signed_out():
            self._link.post("sign-out", who, SignOut(session=session))
            self._people.told(session)

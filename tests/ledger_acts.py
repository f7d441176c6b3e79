"""Acts on the journal itself, for the test that walks every act (tests/db/test_every_act.py)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit import local, local_actions, pruning_actions, reading_actions, sealing_actions
from plateward.audit.exporting import Part
from plateward.audit.models import Pruning
from plateward.audit.sealing import signing_key
from plateward.ledger.notes import SigningKey
from tests.stage import Act, Stage


def order(s: Stage, username: str = "cole") -> dict[str, Any]:
    """What every act of a person on an agency's journal takes."""
    who = s.actor(username).who
    return {"by": who, "agency": "barstow-pd", "profile_version": "2026.2", "now": s.now}


def ordered(s: Stage) -> Pruning:
    """A proposed pruning of an access of two years ago."""
    with transaction.atomic():
        audit.record_access(
            by=s.actor("ortiz").who,
            agency="barstow-pd",
            elements={"plate": "7ABC123"},
            purpose="stolen-plate",
            reason="Taken on Main Street",
            reference="26-1",
            result_count=1,
            subject="",
            profile_version="2026.2",
            now=s.now - timedelta(days=800),
        )
    sealing_actions.seal(now=s.now)
    return pruning_actions.propose_pruning(
        **order(s), until_at=s.now - timedelta(days=400), period="1 year", reason="Over."
    )


def propose_pruning(s: Stage) -> Act:
    made = ordered(s)
    decide(s, made, approve=False)
    asked = {"until_at": made.until_at, "period": "1 year", "reason": "Over."}
    return lambda: pruning_actions.propose_pruning(**order(s), **asked)


def decide(s: Stage, made: Pruning, *, approve: bool) -> Pruning:
    return pruning_actions.decide_pruning(
        **order(s, "chen"), pruning_id=made.pk, approve=approve, prunable_until=made.until_at
    )


def decide_pruning(s: Stage) -> Act:
    made = ordered(s)
    return lambda: decide(s, made, approve=True)


def prune(s: Stage) -> Act:
    decide(s, ordered(s), approve=True)
    return lambda: pruning_actions.prune(now=s.now)


def rotate_key(s: Stage) -> Act:
    sealing_actions.seal(now=s.now)
    old = signing_key()
    new = SigningKey.from_seed(old.name, b"\5" * 32)
    return lambda: sealing_actions.rotate_key(
        by=s.actor("cole").who, old=old, new=new, reason="ROUTINE", now=s.now
    )


def send_journal(s: Stage) -> Act:
    sealing_actions.seal(now=s.now)
    return lambda: reading_actions.send_journal(**order(s), part=Part())


def merge(s: Stage) -> Act:
    local.record(
        verb="alerts.alert.raised",
        by=s.actor("dunn").who,
        agency="barstow-pd",
        subject="",
        now=s.now - timedelta(minutes=3),
    )
    return lambda: local_actions.merge(now=s.now)


LEDGER_ACTS: dict[str, Callable[[Stage], Act]] = {
    "audit.decide_pruning": decide_pruning,
    "audit.merge": merge,
    "audit.propose_pruning": propose_pruning,
    "audit.prune": prune,
    "audit.rotate_key": rotate_key,
    "audit.send_journal": send_journal,
}

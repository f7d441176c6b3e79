"""What every page's frame says of the journal itself, to those who must know (R135)."""

from typing import Any, Protocol

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from plateward.audit import alarms, ledger

TOLD = ("audit.view", "accounts.manage")
"""Capabilities of those who are told on every page."""


class HoldsCapabilities(Protocol):
    """What is asked of `request.actor`; governance's Actor fits."""

    def may(self, capability: str) -> bool: ...


def journal_alarm(request: HttpRequest) -> dict[str, Any]:
    """Give templates `journal_alarms` and `journal_late`, looked up only where the frame is shown."""
    actor: HoldsCapabilities | None = getattr(request, "actor", None)
    if actor is None or not any(actor.may(capability) for capability in TOLD):
        return {}
    return {
        "journal_alarms": SimpleLazyObject(alarms.open_alarms),
        "journal_late": SimpleLazyObject(lambda: ledger.is_late(timezone.now())),
        "sees_journal": actor.may("audit.view"),
    }

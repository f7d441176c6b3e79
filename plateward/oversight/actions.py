"""Asking the record is an act: it is on record itself before anything is shown."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from plateward.audit import actions as audit
from plateward.audit.models import AccessRecord
from plateward.governance.actor import Actor
from plateward.oversight import queries
from plateward.oversight.inquiry import QUESTIONS, Inquiry, Subject
from plateward.oversight.queries import Entry
from plateward.policy import enforces

PAGE, FILE = "page", "file"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record holds, newest first; `is_cut` when a page shows the newest part only."""

    entries: list[Entry]
    is_cut: bool
    access: AccessRecord


@enforces("CC-1798.90.52", "B-466.3.1(d)", "H-426.2.1(d)", "B-466.6(a)", "H-426.5(a)")
@transaction.atomic(durable=True)
def answer_inquiry(*, by: Actor, inquiry: Inquiry, now: datetime, as_file: bool = False) -> Answer:
    """Answer who looked at a plate or at a case, or what a person looked at; raises Refused.

    The asking is an access with its own purpose, and therefore found by whoever asks next. A file holds every
    entry, a page the newest.
    """
    by.require("audit.view")
    if as_file:
        found, is_cut = list(queries.entries(by.agency, inquiry)), False
    else:
        found, is_cut = queries.newest(by.agency, inquiry)
    access = audit.record_access(
        by=by.who,
        agency=by.agency,
        elements=inquiry.elements(FILE if as_file else PAGE),
        purpose=inquiry.purpose,
        reason=inquiry.reason,
        reference=inquiry.wanted if inquiry.subject is Subject.CASE else "",
        result_count=len(found),
        is_count_bounded=is_cut,
        subject=f"oversight.Inquiry:{inquiry.subject.value}",
        profile_version=by.profile.version,
        now=now,
    )
    audit.record(
        verb="oversight.inquiry.answered",
        by=by.who,
        agency=by.agency,
        subject=f"audit.AccessRecord:{access.pk}",
        detail={
            "question": QUESTIONS[inquiry.subject].lower(),
            "found": len(found),
            "answered_as": FILE if as_file else PAGE,
        },
        profile_version=by.profile.version,
        now=now,
    )
    return Answer(found, is_cut, access)


@transaction.atomic(durable=True)
def view_own_record(*, by: Actor, now: datetime) -> tuple[list[Entry], bool]:
    """What is on record about oneself, newest first, and whether there is more; the looking is journaled."""
    own = Inquiry(subject=Subject.PERSON, wanted=by.username, purpose="", reason="")
    found, is_cut = queries.newest(by.agency, own)
    audit.record(
        verb="oversight.record.viewed",
        by=by.who,
        agency=by.agency,
        subject=f"accounts.User:{by.user_id}",
        detail={"shown": len(found)},
        profile_version=by.profile.version,
        now=now,
    )
    return found, is_cut

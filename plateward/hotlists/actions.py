"""Requesting, deciding, re-confirming and ending custom hotlist entries (B-466.11).

Each act asks the rules, changes the row under a lock, journals and publishes, all in one transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from plateward.audit import actions as audit
from plateward.audit.who import Who
from plateward.governance.actions import journal_refusal
from plateward.governance.actor import Actor
from plateward.hotlists import lists, narrative, queries, rules, timing
from plateward.hotlists.models import Entry, EntryState, Hotlist, HotlistKind, Unavailability
from plateward.hotlists.narrative import Sign
from plateward.hotlists.rules import Act, EntryFacts
from plateward.hotlists.watching import Watch
from plateward.live import actions as live
from plateward.notices import actions as notices
from plateward.notices.rules import Addressee, to_person
from plateward.plates import PlatePattern
from plateward.policy import Decision, Profile, screen_reason

CUSTOM_HOTLIST = "Custom hotlist"


@transaction.atomic
def request_entry(
    *,
    plate: str,
    region: str,
    vehicle_description: str,
    purpose: str,
    reason: str,
    by: Actor,
    now: datetime,
    case_number: str = "",
    caution: str = "",
    is_unrestricted: bool = False,
    watch: Watch | None = None,
    despite: Sequence[str] = (),
) -> Entry:
    """Ask for a plate to be put on the agency's custom hotlist; nothing matches before it is approved.

    A partial plate takes a `watch`. `is_unrestricted` says that what looks like restricted content is none;
    `despite` names what stands or waits already under the same plate, as the requester was told. Raises
    Refused (title, training, purpose, or a policy silent about custom hotlists) and ValidationError (no
    plate, an impossible plate, a partial one where the policy allows none or for no major crime, restricted
    content, a missing reason, or a missing case number where the policy asks for one).
    """
    by.require("hotlists.request")
    decision = rules.may_request(by.profile, by.person, purpose).require()
    hotlist, _ = Hotlist.objects.get_or_create(
        agency_id=by.agency, name=CUSTOM_HOTLIST, defaults={"kind": HotlistKind.CUSTOM}
    )
    spelled, key = lists.spelled(plate)
    watched = _watched(by.profile, spelled, watch)
    if problem := rules.case_number_problem(by.profile, case_number.strip()):
        raise ValidationError({"case_number": problem})
    signs = screened(by.profile, vehicle_description, reason, case_number, caution, is_kept=is_unrestricted)
    entry = Entry(
        agency_id=by.agency,
        hotlist=hotlist,
        plate=spelled,
        plate_key=key,
        region=region,
        vehicle_description=vehicle_description.strip(),
        purpose=purpose,
        reason=reason.strip(),
        case_number=case_number.strip(),
        caution=caution.strip(),
        **watched,
        requested_by_id=by.user_id,
        requested_as=by.title,
        requested_at=now,
        profile_version=by.profile.version,
    )
    entry.full_clean()
    entry.save(force_insert=True)
    detail = _asked(entry) | {
        "flags": [flag.use for flag in screen_reason(by.profile, entry.reason)],
        "kept": _kept(signs),
        "despite": list(despite),
    }
    journal(Act.REQUEST, entry, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail)
    return entry


def _watched(profile: Profile, plate: str, watch: Watch | None) -> dict[str, Any]:
    """What a request holds beside a partial plate. Raises ValidationError."""
    if PlatePattern(plate).is_exact:
        return {}
    if not (partial := rules.may_be_partial(profile)):
        raise ValidationError({"plate": f"{partial.reason} {partial.remedy} ({partial.clause})"})
    if watch is None:
        raise ValidationError({"plate": "Only part of this plate is known. Request a watch pattern instead."})
    if problem := rules.major_crime_problem(profile, watch.major_crime):
        raise ValidationError({"major_crime": problem})
    return watch.as_fields()


def screened(profile: Profile, *texts: str, is_kept: bool) -> tuple[Sign, ...]:
    """What looks like restricted content in words that go into a narrative, and is kept nevertheless.

    Raises ValidationError where nobody said that it is none, or the profile does not let them.
    """
    signs = narrative.signs_in(*texts)
    keeping = narrative.may_keep(profile)
    if signs and not (is_kept and keeping):
        told = [sign.told for sign in signs]
        if not keeping:
            told.append(f"{keeping.reason} {keeping.remedy}")
        raise ValidationError({"is_unrestricted": told})
    return signs


def _kept(signs: Sequence[Sign]) -> list[str]:
    """The kinds of signs that were kept; the journal does not repeat the words."""
    return sorted({sign.content.value for sign in signs})


@transaction.atomic
def assert_unavailable(
    *, entry: Entry, position: str, reason: str, by: Actor, now: datetime
) -> Unavailability:
    """Record that the approver of the chain is unavailable, so that an alternative may decide (B-466.11).

    Raises Refused, and ValidationError without a reason.
    """
    locked, _, decision = _decided(Act.ASSERT_UNAVAILABLE, entry, by=by, now=now, position=position)
    assertion = Unavailability(
        entry=locked, position=position, reason=reason.strip(), asserted_by_id=by.user_id, asserted_at=now
    )
    assertion.full_clean()
    assertion.save(force_insert=True)
    detail = {"position": position, "reason": assertion.reason}
    journal(
        Act.ASSERT_UNAVAILABLE,
        locked,
        by=by.who,
        profile=by.profile,
        clause=decision.clause,
        now=now,
        detail=detail,
    )
    return assertion


@transaction.atomic
def approve(
    *, entry: Entry, by: Actor, now: datetime, note: str = "", is_unrestricted: bool = False
) -> Entry:
    """Approve a request; its narrative names the approver, and its time runs from now on.

    It is active from then on, or waits to be typed in by whom the policy lets. Raises Refused, and
    ValidationError for a note with restricted content.
    """
    locked, facts, decision = _decided(Act.APPROVE, entry, by=by, now=now)
    signs = screened(by.profile, note, is_kept=is_unrestricted)
    position = rules.acting_position(by.profile, facts, by.person)
    line = _line("Approved", by, position, decision.clause, now)
    titles = rules.entered_by(by.profile, locked.requested_as)
    locked.state = EntryState.APPROVED if titles else EntryState.ACTIVE
    locked.decided_by_id, locked.decided_as, locked.decided_at = by.user_id, position, now
    locked.decision_note = note.strip()
    locked.expires_at = rules.active_until(by.profile, now)
    locked.narrative = narrative.composed(
        approval=line,
        vehicle=locked.vehicle_description,
        reason=locked.reason,
        major_crime=locked.major_crime,
        case_number=locked.case_number,
        caution=locked.caution,
    )
    locked.full_clean()
    locked.save()
    detail: dict[str, Any] = {"as": position, "expires_at": locked.expires_at.isoformat()}
    detail |= {"note": locked.decision_note, "kept": _kept(signs), "entered_by": list(titles)}
    detail |= rules.stood_in_for(by.profile, facts, position)
    journal(
        Act.APPROVE, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail
    )
    for person in queries.who_enter(locked, titles, now):
        tell(locked, TO_ENTER, to_person(person.pk, person.full_name), by=by.who, now=now)
    return locked


@transaction.atomic
def enter(*, entry: Entry, by: Actor, now: datetime, note: str = "", is_unrestricted: bool = False) -> Entry:
    """Type in what was approved, where the policy keeps that apart; it is active from then on.

    Its time has run since the approval. Raises Refused, and ValidationError for a note with restricted
    content.
    """
    locked, _, decision = _decided(Act.ENTER, entry, by=by, now=now)
    signs = screened(by.profile, note, is_kept=is_unrestricted)
    locked.state = EntryState.ACTIVE
    locked.entered_by_id, locked.entered_at = by.user_id, now
    locked.narrative = f"{locked.narrative}\n{_line('Entered', by, '', decision.clause, now)}"
    locked.full_clean()
    locked.save()
    detail = {"note": note.strip(), "kept": _kept(signs)}
    journal(Act.ENTER, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail)
    settle(locked, by=by.who, now=now, kinds=[TO_ENTER])
    return locked


@transaction.atomic
def refuse(*, entry: Entry, note: str, by: Actor, now: datetime) -> Entry:
    """Decide against a request, with a reason for the requester.

    Raises Refused, and ValidationError without a reason.
    """
    locked, facts, decision = _decided(Act.REFUSE, entry, by=by, now=now)
    locked.state = EntryState.REFUSED
    locked.decided_by_id, locked.decided_at = by.user_id, now
    locked.decided_as = rules.acting_position(by.profile, facts, by.person)
    locked.decision_note = _reason(note, "note")
    locked.full_clean()
    locked.save()
    detail = {"as": locked.decided_as, "note": locked.decision_note}
    detail |= rules.stood_in_for(by.profile, facts, locked.decided_as)
    journal(Act.REFUSE, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail)
    return locked


@transaction.atomic
def withdraw(*, entry: Entry, by: Actor, now: datetime, note: str = "") -> Entry:
    """Take back one's own request before anybody decides. Raises Refused."""
    locked, _, decision = _decided(Act.WITHDRAW, entry, by=by, now=now)
    return _end(Act.WITHDRAW, locked, note=note.strip(), by=by, clause=decision.clause, now=now)


@transaction.atomic
def refresh(
    *, entry: Entry, source: str, note: str, by: Actor, now: datetime, is_unrestricted: bool = False
) -> Entry:
    """Re-confirm an active entry against its ground, so that it stays for a further period from `now`.

    `source` says against what it was checked, `note` how and what was found: moving a clock is no refresh
    (R57). Raises Refused, and ValidationError without either or with restricted content.
    """
    locked, facts, decision = _decided(Act.REFRESH, entry, by=by, now=now)
    checked, confirmed = _reason(source, "source"), _reason(note, "note")
    signs = screened(by.profile, checked, confirmed, is_kept=is_unrestricted)
    position = rules.acting_position(by.profile, facts, by.person)
    line = _line("Re-confirmed", by, position, decision.clause, now)
    locked.refreshed_at, locked.expires_at = now, rules.active_until(by.profile, now)
    locked.reminder = ""
    locked.narrative = f"{locked.narrative}\n{line} Checked against {checked}: {confirmed}"
    locked.full_clean()
    locked.save()
    detail = {"as": position, "source": checked, "confirmed": confirmed, "kept": _kept(signs)}
    detail |= {"expires_at": locked.expires_at.isoformat()}
    journal(
        Act.REFRESH, locked, by=by.who, profile=by.profile, clause=decision.clause, now=now, detail=detail
    )
    settle(locked, by=by.who, now=now, kinds=[EXPIRES])
    return locked


@transaction.atomic
def report_recovered(*, entry: Entry, by: Actor, now: datetime) -> Entry | None:
    """Put on record that an entry's vehicle was recovered, and ask its finder to have it removed (R80).

    The finder is who closes the alert. Where they may not remove it themselves, the requester is asked too.
    None where there is nothing to remove: an entry of a list of others, one that ended, or one recovered
    before.
    """
    mine = Entry.objects.select_for_update(of=("self",)).select_related("hotlist", "requested_by")
    locked = mine.get(pk=entry.pk, agency_id=by.agency)
    if locked.hotlist.kind != HotlistKind.CUSTOM or not locked.is_in_force(now) or locked.recovered_at:
        return None
    locked.found_by_id, locked.recovered_at = by.user_id, now
    locked.save(update_fields=["found_by", "recovered_at"])
    basis = by.profile.hotlists.custom.finder_removes_on_recovery
    clause, due_at = by.profile.citation(basis), timing.removal_due_at(by.profile, now)
    detail = {"due_at": due_at.isoformat() if due_at else ""}
    journal(Act.RECOVER, locked, by=by.who, profile=by.profile, clause=clause, now=now, detail=detail)
    asked = {by.user_id: by.name}
    if not by.may("hotlists.remove"):
        asked[locked.requested_by_id] = locked.requested_by.full_name
    for user_id, name in asked.items():
        tell(locked, REMOVAL, to_person(user_id, name), by=by.who, now=now, due_at=due_at)
    return locked


@transaction.atomic
def remove(*, entry: Entry, note: str, by: Actor, now: datetime) -> Entry:
    """Take an entry off the list, as on recovery by whoever located the vehicle (B-466.11).

    Raises Refused, and ValidationError without a reason.
    """
    locked, _, decision = _decided(Act.REMOVE, entry, by=by, now=now)
    return _end(Act.REMOVE, locked, note=_reason(note, "note"), by=by, clause=decision.clause, now=now)


def journal_withheld(*, entry: Entry, decision: Decision, by: Actor, now: datetime) -> None:
    """Record that somebody opened an entry of whose data they were shown the plate alone (B-466.4(e))."""
    journal_refusal(actor=by, decision=decision, attempted=subject_of(entry), now=now)


def _decided(
    act: Act, entry: Entry, *, by: Actor, now: datetime, position: str = ""
) -> tuple[Entry, EntryFacts, Decision]:
    """Lock the entry and let the rules decide on it as it is now; raises Refused, Entry.DoesNotExist."""
    by.require("hotlists.view")
    locked = Entry.objects.select_for_update().get(pk=entry.pk, agency_id=by.agency)
    facts = queries.facts_of([locked], profile=by.profile, now=now)[locked.pk]
    decision = rules.decide(act, by.profile, facts, by.person, now=now, position=position)
    return locked, facts, decision.require()


def _end(act: Act, entry: Entry, *, note: str, by: Actor, clause: str, now: datetime) -> Entry:
    entry.state = rules.transition_of(act).target
    entry.ended_by_id, entry.ended_at, entry.ended_note = by.user_id, now, note
    entry.full_clean()
    entry.save()
    who = by.acting("hotlists.remove") if act is Act.REMOVE else by.who
    journal(act, entry, by=who, profile=by.profile, clause=clause, now=now, detail={"note": note})
    settle(entry, by=who, now=now)
    return entry


EXPIRES, TO_ENTER, REMOVAL = "entry-expires", "entry-to-enter", "entry-removal"
UNENTERED = "The approval of an entry runs out soon: it was never entered, and matches nothing."
TEXTS = {
    EXPIRES: "An entry of the custom hotlist expires soon: have it re-confirmed, or removed.",
    TO_ENTER: "An entry of the custom hotlist was approved: enter it, so that it matches.",
    REMOVAL: "A vehicle on the custom hotlist was recovered: have its entry removed.",
}


def tell(
    entry: Entry, kind: str, to: Addressee, *, by: Who, now: datetime, due_at: datetime | None = None
) -> None:
    """Leave somebody a task about an entry; it names no plate and ends with `settle`."""
    addressee = to.user_id or to.position
    notices.raise_notice(
        agency=entry.agency_id,
        key=f"{kind}:{entry.pk}:{entry.expires_at:%Y%m%d%H%M%S}:{entry.reminder}:{addressee}",
        kind=kind,
        to=to,
        text=UNENTERED if kind == EXPIRES and entry.state == EntryState.APPROVED else TEXTS[kind],
        by=by,
        now=now,
        link=reverse("hotlists:entry", args=[entry.pk]),
        subject=subject_of(entry),
        due_at=due_at,
        is_task=True,
    )


def settle(entry: Entry, *, by: Who, now: datetime, kinds: Sequence[str] = (*TEXTS,)) -> None:
    """End what waits for anybody about an entry: what was asked was done, or there is nothing left to do."""
    for kind in kinds:
        notices.settle_about(agency=entry.agency_id, subject=subject_of(entry), kind=kind, by=by, now=now)


def subject_of(entry: Entry) -> str:
    """What journal and notices call an entry."""
    return f"hotlists.Entry:{entry.pk}"


def _reason(text: str, field: str) -> str:
    if not text.strip():
        raise ValidationError({field: "Give the reason; it goes on record."})
    return text.strip()


def _line(act: str, by: Actor, position: str, clause: str, now: datetime) -> str:
    return rules.narrative_line(
        act,
        name=by.name,
        title=by.title,
        position=position,
        clause=clause,
        profile=by.profile,
        local_at=now.astimezone(ZoneInfo(by.profile.agency.time_zone)),
    )


def _asked(entry: Entry) -> dict[str, Any]:
    return {
        "plate": entry.plate,
        "region": entry.region,
        "vehicle": entry.vehicle_description,
        "purpose": entry.purpose,
        "reason": entry.reason,
        "case_number": entry.case_number,
        "caution": entry.caution,
        **({} if not entry.is_partial else _watch_asked(entry)),
    }


def _watch_asked(entry: Entry) -> dict[str, Any]:
    known = {"plates": entry.known_plates, "days": entry.known_days}
    return {"major_crime": entry.major_crime, "watched": entry.watched.words, "known": known}


def journal(
    act: Act,
    entry: Entry,
    *,
    by: Who,
    profile: Profile | None,
    clause: str,
    now: datetime,
    detail: Mapping[str, Any],
) -> None:
    """Record an act on an entry, and say live that it changed."""
    audit.record(
        verb=rules.transition_of(act).verb,
        by=by,
        agency=entry.agency_id,
        subject=subject_of(entry),
        detail={**detail, "clause": clause},
        profile_version=profile.version if profile else entry.profile_version,
        now=now,
    )
    live.publish(agency=entry.agency_id, topic="entries", id=str(entry.pk))

"""When somebody is reminded of an entry's end, and told that a recovered vehicle's entry still stands."""

from datetime import datetime
from enum import StrEnum

from plateward.policy import Profile, Reminded, enforces


class Reminder(StrEnum):
    """The reminders before an entry expires, in their order."""

    FIRST = "FIRST"
    LAST = "LAST"


@enforces("B-466.11¶3")
def reminder_due(profile: Profile, expires_at: datetime, now: datetime) -> Reminder | None:
    """Which reminder of an entry's end has come; None before the first and where none is set."""
    rules = profile.hotlists.custom
    if expires_at <= now or not rules.reminded.settled:
        return None
    for reminder, rule in ((Reminder.LAST, rules.last_reminder), (Reminder.FIRST, rules.first_reminder)):
        if rule.settled and rule.settled.after(now) >= expires_at:
            return reminder
    return None


def reminded(profile: Profile) -> tuple[Reminded, ...]:
    """Who is reminded; nobody where the policy does not say."""
    return profile.hotlists.custom.reminded.settled or ()


def removal_due_at(profile: Profile, recovered_at: datetime) -> datetime | None:
    """By when a recovered vehicle's entry is to be removed; None where the policy gives no time."""
    within = profile.hotlists.custom.removal_within.settled
    return within.after(recovered_at) if within else None


@enforces("B-466.11¶3-recovery")
def told_of_removal(profile: Profile, recovered_at: datetime, now: datetime) -> tuple[str, ...]:
    """The positions that are to know by `now` that an entry still stands: one more with each period."""
    rules, told, at = profile.hotlists.custom, [], recovered_at
    for position in rules.removal_escalates_to.settled or ():
        if rules.removal_within.settled is None or (at := rules.removal_within.settled.after(at)) > now:
            break
        told.append(position)
    return tuple(told)


def reminders_in_words(profile: Profile) -> str:
    """When and whom the reminders before an entry's end reach, in a sentence."""
    rules = profile.hotlists.custom
    periods = [str(rule.settled) for rule in (rules.first_reminder, rules.last_reminder) if rule.settled]
    if not periods or not rules.reminded.settled:
        return "Reminders before it expires are not addressed by this policy."
    names = {
        Reminded.REQUESTER: "the requester",
        Reminded.ENTERED_BY: "whoever entered it",
        Reminded.APPROVER: "the approver",
    }
    people = ", ".join(names[one] for one in rules.reminded.settled)
    return f"{' and '.join(periods)} before it expires: {people}."


def removal_in_words(profile: Profile) -> str:
    """By when a recovered vehicle's entry is removed and who is told if not, in a sentence."""
    rules = profile.hotlists.custom
    if rules.removal_within.settled is None:
        return "By when an entry is removed after the recovery is not addressed by this policy."
    told = ", then the ".join(map(profile.position_name, rules.removal_escalates_to.settled or ()))
    late = f" Later the {told} is told as well." if told else ""
    return f"Within {rules.removal_within.settled} of the recovery.{late}"

"""Last days: of collecting a package in the portal, and of what runs out. No Django, no clock."""

from datetime import date
from typing import Final

from plateward.policy import Decision, Profile

STATUTE = "Civil Code § 1798.90.55(b)"
OVER: Final = -1
"""The reminder of the day after the last one: that something ran out is told whatever a policy says."""


def may_collect(last_day: date, today: date) -> Decision:
    """Whether it can still be collected; the last day counts."""
    if today <= last_day:
        return Decision(True, "", f"It is collected through {last_day:%b %-d, %Y}.")
    reason = f"This package was to be collected by {last_day:%b %-d, %Y}."
    return Decision(False, STATUTE, reason, "Ask the agency to leave it until a later day, or ask anew.")


def last_day_problem(last_day: date, today: date, destroy_by: date | None) -> str:
    """What is wrong with a last day chosen today, "" for nothing."""
    if last_day < today:
        return "The last day is today at the earliest: choose a later one."
    if destroy_by and last_day > destroy_by:
        return (
            f"The recipient destroys the data by {destroy_by:%b %-d, %Y}: choose that day or an earlier one."
        )
    return ""


def step_of(last_day: date, today: date, profile: Profile) -> int | None:
    """The reminder that is due: the smallest number of days reached; None before the first.

    The policy names the days before (`releases.reminders`); where it is silent nobody is told before.
    """
    left = (last_day - today).days
    days = {OVER, *(profile.releases.reminders.settled or ())}
    return next((one for one in sorted(days) if left <= one), None)

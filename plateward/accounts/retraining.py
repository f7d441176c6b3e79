"""What else happens when a suspension demands retraining.

Subjects above register it, as they register menu items; it is done in the suspension's own transaction.
"""

from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError

from plateward.accounts import rules
from plateward.accounts.http import ActingPerson
from plateward.accounts.models import User
from plateward.policy import required_courses


class Follower(Protocol):
    """An action to take when somebody must be retrained in `course` before their account opens again."""

    def __call__(self, *, user: User, course: str, note: str, by: ActingPerson, now: datetime) -> object: ...


_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Have this done too; registering the same one again changes nothing."""
    if follower not in _followers:
        _followers.append(follower)


def course_of(user: User, chosen: str, by: ActingPerson) -> str:
    """The course to be retrained in: the chosen one, else the first that the title needs, "" if none is.

    Raises ValidationError for one that the title does not need.
    """
    course = chosen or next(iter(required_courses(by.profile, user.title)), "")
    if course and (problem := rules.retraining_problem(by.profile, course, user.title)):
        field, message = problem
        raise ValidationError({field: message})
    return course


def demand(*, user: User, course: str, note: str, by: ActingPerson, now: datetime) -> None:
    """Do everything that was registered."""
    for follower in _followers:
        follower(user=user, course=course, note=note, by=by, now=now)

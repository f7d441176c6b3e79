"""What a training session must cover before anybody's completion is certified (B-466.8; R38, R40)."""

from collections.abc import Collection
from enum import StrEnum

from plateward.policy.decisions import Decision, allow, deny
from plateward.policy.enforcement import enforces
from plateward.policy.parameters import Param
from plateward.policy.profile import Course, Profile


class Syllabus(StrEnum):
    """Whom a syllabus is for: who operates the system, or who uses it (Civil Code 1798.90.51, .53)."""

    OPERATOR = "OPERATOR"
    END_USER = "END_USER"

    @property
    def label(self) -> str:
        """The syllabus in words."""
        return "operators" if self is Syllabus.OPERATOR else "end-users"


def syllabus_of(profile: Profile, title: str) -> Syllabus:
    """Which syllabus holders of `title` are taught; nobody is an operator unless the profile says so."""
    operators = profile.training.operators.settled or ()
    return Syllabus.OPERATOR if title in operators else Syllabus.END_USER


def further_topics(course: Course, syllabus: Syllabus) -> Param[tuple[str, ...]]:
    """What a syllabus adds to the topics of everybody."""
    return course.operator_topics if syllabus is Syllabus.OPERATOR else course.end_user_topics


def topics_for(profile: Profile, course_id: str, title: str) -> tuple[str, ...]:
    """Every topic that holders of `title` must be taught; empty where the policy names none.

    Raises:
        KeyError: the course is not one of the profile's.
    """
    course = profile.training.courses[course_id]
    further = further_topics(course, syllabus_of(profile, title))
    return tuple(dict.fromkeys((*(course.topics.settled or ()), *(further.settled or ()))))


def all_topics(course: Course) -> tuple[str, ...]:
    """The topics of everybody, of operators and of end-users, each once."""
    parts = (course.topics, course.operator_topics, course.end_user_topics)
    return tuple(dict.fromkeys(topic for part in parts for topic in part.settled or ()))


@enforces("B-466.8-content")
def content_covered(profile: Profile, course_id: str, title: str, covered: Collection[str]) -> Decision:
    """Accept a completion only if every topic of the person's syllabus was covered.

    Raises:
        KeyError: the course is not one of the profile's.
    """
    course = profile.training.courses[course_id]
    further = further_topics(course, syllabus_of(profile, title))
    for rule in (course.topics, further):
        missing = [topic for topic in rule.settled or () if topic not in covered]
        if missing:
            reason = f"“{course.name}” leaves out: {', '.join(missing)}."
            return deny(profile, rule, reason, "Cover what is missing, then certify the completion.")
    if course.topics.settled is None:
        return allow(profile, course.topics, "This policy does not say what the training covers.")
    return allow(profile, course.topics, "Every topic that the policy names was covered.")

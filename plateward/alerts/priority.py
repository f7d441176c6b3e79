"""Which open alert comes first, where the policy says so of the category that the entry belongs to."""

from django.db.models import Case, IntegerField, Value, When

from plateward.policy import CategoryPriority, Profile

UNSAID = CategoryPriority.NORMAL
"""Where an entry has no category, or the policy gives it no priority, time alone decides among the normal."""


def priorities(profile: Profile) -> dict[str, CategoryPriority]:
    """The priority of each category for which the policy settles one."""
    said = {key: category.priority.settled for key, category in profile.hotlists.categories.items()}
    return {key: priority for key, priority in said.items() if priority is not None}


def rank(profile: Profile) -> Case:
    """An alert's place on the scale, as an expression over its entry's category."""
    cases = [When(entry__category=key, then=Value(one.rank)) for key, one in priorities(profile).items()]
    return Case(*cases, default=Value(UNSAID.rank), output_field=IntegerField())

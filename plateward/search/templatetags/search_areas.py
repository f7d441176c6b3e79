"""Template tags of searches: `{% load search_areas %}`."""

from django import template

from plateward.search.areas import length_words

register = template.Library()


@register.filter
def distance(meters: float) -> str:
    """A distance in words: "450 m (0.28 mi)"."""
    return length_words(meters)

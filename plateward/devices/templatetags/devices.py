"""Directions in words: `{% load devices %}`."""

from django import template

from plateward.devices.rules import compass_word, direction_words

register = template.Library()
register.filter("compass", compass_word)
register.filter("bound", direction_words)


@register.filter
def share(part: float) -> str:
    """0.0734 is "7.3 %"."""
    return f"{part:.1%}".replace("%", "\N{NO-BREAK SPACE}%")

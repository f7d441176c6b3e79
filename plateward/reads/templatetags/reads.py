"""Words for a read's figures: `{% load reads %}`."""

from django import template

from plateward.reads.models import Read

register = template.Library()

STEADY_S = 5.0
"""Less than this between capture and receipt is transmission, not a wrong clock."""


@register.filter
def percent(probability: float) -> str:
    """0.934 is "93 %"."""
    return f"{probability:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


@register.filter
def clock_words(skew_s: float) -> str:
    """What the difference between a device's time of capture and our time of receipt may mean."""
    if abs(skew_s) < STEADY_S:
        return f"In step ({abs(skew_s):.1f} s between capture and receipt)"
    if skew_s > 0:
        return f"The device's clock was {_length(skew_s)} ahead of ours"
    return f"Received {_length(-skew_s)} after capture: sent late, or the device's clock was behind"


@register.filter
def apart_from(other: Read, read: Read) -> str:
    """How long before or after one read the same camera made another."""
    seconds = (other.captured_at - read.captured_at).total_seconds()
    return f"{abs(seconds):.1f} s {'after' if seconds >= 0 else 'before'}, by the same camera"


def _length(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004  two minutes
        return f"{seconds:.0f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"

"""How long ago, in the words of `web/src/ages.ts`; both are tested against `web/tests/ages.json`."""

MINUTE, HOUR, DAY = 60, 3600, 86400


def age_text(seconds: float) -> str:
    """Words for a span: "45 s", "12 min", "3 h 12 min" up to two days, then "5 d 3 h"; never below zero."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < 2 * DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"

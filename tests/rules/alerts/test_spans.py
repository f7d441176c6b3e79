"""How long steps took, of those alerts in which somebody worked them."""

from datetime import UTC, datetime, timedelta

from plateward.alerts.spans import Worked, spans
from tests.rules.policy.shipped import profile_of

AT = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def worked(*, confirmed_after_s: int | None, answered_after_s: int | None = None) -> Worked:
    def after(seconds: int) -> datetime:
        return AT + timedelta(seconds=seconds)

    return Worked(
        raised_at=AT,
        acknowledged_at=None,
        answered_at=None if answered_after_s is None else after(answered_after_s),
        closed_at=None,
        first={} if confirmed_after_s is None else {"confirm": after(confirmed_after_s)},
    )


def test_medians_count_only_what_was_done_and_never_below_zero() -> None:
    alerts = [
        worked(confirmed_after_s=30, answered_after_s=-5),
        worked(confirmed_after_s=50),
        worked(confirmed_after_s=None),
    ]
    by_name = {span.name: span for span in spans(profile_of("barstow-pd"), alerts)}
    asked = by_name["Confirm the status in CLETS"]
    assert (asked.count, asked.median, asked.longest) == (2, timedelta(seconds=40), timedelta(seconds=50))
    assert by_name["First answer from CLETS"].median == timedelta()
    nothing = by_name["Acknowledged"]
    assert (nothing.count, nothing.median, nothing.longest) == (0, None, None)

"""What a unit tells the server of how it is."""

from plateward.edge.clock import Clock
from plateward.edge.state import Snapshot
from plateward.unitwire.calls import HealthReport, Recognition, Source, Spool, Verdicts

_LONGEST: int = 100
_SOURCES: int = 16


def report_of(shown: Snapshot, clock: Clock, version: str, model: str) -> HealthReport:
    """The report of this moment."""
    spool, milliseconds = shown.spool, shown.recognition_ms
    verdicts = [alert.verdict for alert in shown.alerts]
    return HealthReport(
        at=clock.now(),
        sent_monotonic=clock.steady(),
        version=version[:_LONGEST],
        model=model[:_LONGEST],
        list_version=shown.listed.version,
        list_as_of=shown.listed.as_of,
        spool=Spool(
            waiting=spool.waiting + spool.refused if spool else 0,
            oldest_at=spool.oldest_at if spool else None,
            bytes=spool.size if spool else 0,
            room_bytes=spool.room if spool else 0,
        ),
        sources=tuple(
            Source(
                name=source.name,
                state=source.state.value,
                frames_per_s=min(source.frames_per_s, 10_000.0),
                reads_last_hour=source.reads_last_hour,
                last_frame_at=source.last_frame_at,
            )
            for source in shown.sources[:_SOURCES]
        ),
        recognition=Recognition(ms_p50=milliseconds[0], ms_p95=milliseconds[1]) if milliseconds else None,
        checked=Verdicts(right=verdicts.count("CONFIRMED"), wrong=verdicts.count("MISREAD")),
    )

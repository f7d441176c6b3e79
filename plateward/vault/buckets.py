"""Which bucket of which S3-compatible server; loaded at every start, so it imports nothing."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket and how to reach it."""

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)

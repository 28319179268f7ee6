"""What time it is, and how both APIs write times. Callers say `clock.now()`, so that a test can stop the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def iso_time(moment: datetime) -> str:
    """`2014-05-16T09:47:11.703Z`: such texts compare as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

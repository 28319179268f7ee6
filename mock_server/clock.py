"""What time it is in a session, and how both APIs write times. Whoever needs the time is given a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def real_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Goes with the server's time, ahead of it by so much (behind, if that is negative), or stands still at a moment."""

    server: Now = real_now
    ahead: timedelta = timedelta()
    stands_at: datetime | None = None

    def now(self) -> datetime:
        """What it shows, in UTC."""
        return self.stands_at or self.server() + self.ahead

    def before(self, seconds: float) -> datetime:
        """What it showed so many seconds ago."""
        return self.stands_at or self.now() - timedelta(seconds=seconds)

    def set(self, moment: datetime, *, frozen: bool) -> Clock:
        """One that shows the moment, and stands still there or goes on."""
        return Clock(self.server, stands_at=moment) if frozen else Clock(self.server, ahead=moment - self.server())

    def advance(self, by: timedelta) -> Clock:
        """One that is so much later, or earlier, and stands still if this one does."""
        if self.stands_at is not None:
            return replace(self, stands_at=self.stands_at + by)
        return replace(self, ahead=self.ahead + by)


def iso_time(moment: datetime) -> str:
    """`2014-05-16T09:47:11.703Z`: such texts compare as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

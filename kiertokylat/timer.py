"""The time that is left for a step of a workshop."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# What a step is given at first; an assumption of this project.
USUAL = timedelta(minutes=10)


@dataclass(frozen=True)
class Timer:
    """A timer that stands or runs down.

    Parameters
    ----------
    left
        What was left when it was started or stopped last.
    since
        When it was started, UTC; None: it stands.
    """

    left: timedelta = USUAL
    since: datetime | None = None

    def remaining(self, now: datetime) -> timedelta:
        """What is left now; never less than nothing."""
        gone = now - self.since if self.since else timedelta()
        return max(self.left - gone, timedelta())

    def started(self, now: datetime) -> "Timer":
        """The same, running; a run-down one starts anew."""
        return Timer(self.remaining(now) or USUAL, now)

    def stopped(self, now: datetime) -> "Timer":
        """The same, standing."""
        return Timer(self.remaining(now))

    def extended(self, more: timedelta, now: datetime) -> "Timer":
        """The same with more time, running if it ran."""
        return Timer(self.remaining(now) + more, now if self.since else None)


def clock(left: timedelta) -> str:
    """Time left as minutes and seconds, `9:05`. A second that has begun counts whole."""
    seconds = -int(-left.total_seconds() // 1)
    return f"{seconds // 60}:{seconds % 60:02}"

"""Clocks that begin when a test wants them to."""

import time
from datetime import datetime, timedelta


class RunningClock:
    """A clock that was set to a time and runs on."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began = start, time.monotonic()

    def now(self) -> datetime:
        """Return the time now."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)

"""Digests on time: once a reader's hour comes and something waits, a row of the outbox, one per reader and date."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from services.bot.alerts.digest_due import DigestDue
from services.bot.alerts.kindness import DEFAULTS, Defaults, digest_due, local_day
from services.bot.preferences import Preferences, PreferencesStore
from shared.clock import Clock

log = structlog.get_logger(__name__)

#: How often digests that are due are looked for, in seconds.
LOOK_EVERY = 2.0
#: A reader whose time cannot be worked out is looked at again after so long.
LOOK_AGAIN = timedelta(days=1)


class DigestTimes(Protocol):
    """When the digests are due of those for whom something waits."""

    async def due(self, now: datetime) -> Sequence[DigestDue]:
        """Return those that are due or have no time yet."""

    async def plan(self, due: DigestDue, at: datetime) -> bool:
        """Set the next time of a digest. False when somebody else changed it meanwhile."""


class DigestRows(Protocol):
    """The rows of digests in the outbox."""

    async def enqueue_digest(self, who: str, day: date, at: datetime) -> bool:
        """Add and announce the row of a reader's digest of a date, which is not due any more then.

        False when there is one already.
        """


class Digests:
    """Starts digests. Any number of processes may do so: a date has one row, and a time is changed once."""

    def __init__(
        self,
        *,
        times: DigestTimes,
        rows: DigestRows,
        preferences: PreferencesStore,
        clock: Clock,
        defaults: Defaults = DEFAULTS,
    ) -> None:
        self._times, self._rows = times, rows
        self._preferences = preferences
        self._clock = clock
        self._defaults = defaults

    async def keep_starting(self) -> None:
        """Start what is due, until cancelled. Raises what the stores raise."""
        while True:
            if not await self.start_due():
                await asyncio.sleep(LOOK_EVERY)

    async def start_due(self) -> int:
        """Start the digests that are due, and work out when those are that have no time yet. Return how many."""
        found = await self._times.due(self._clock.now())
        chosen = await self._preferences.among([due.who for due in found])
        for due in found:
            await self._deal_with(due, chosen.get(due.who, Preferences()))
        return len(found)

    async def _deal_with(self, due: DigestDue, preferences: Preferences) -> None:
        now = self._clock.now()
        # The date of the hour that was planned, so that a process that comes late starts the same digest.
        day = local_day(preferences, due.at, self._defaults) if due.at is not None else None
        if day is not None and await self._rows.enqueue_digest(due.who, day, now):
            log.info("digest due", day=day.isoformat())
        else:
            # No time yet, or the hour was changed after this date's digest.
            await self._times.plan(due, self._next(preferences, now))

    def _next(self, preferences: Preferences, now: datetime) -> datetime:
        try:
            return digest_due(preferences, now, self._defaults)
        except Exception:
            # Whatever a reader's choices are, they must not hold up everybody else's digests.
            log.exception("no time for a digest")
            return now + LOOK_AGAIN

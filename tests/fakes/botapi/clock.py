"""The time of the fake world: it can run faster than ours, stand still, and be set forward."""

import asyncio
import time


class WorldClock:
    """Seconds since 1970. At ``rate`` 10 a minute of the world passes in six seconds; at 0 it moves only by hand."""

    def __init__(self, rate: float = 1.0, *, at: float | None = None) -> None:
        self._rate = rate
        self._world = time.time() if at is None else at
        self._real = time.monotonic()
        self._sleeping: set[asyncio.Event] = set()

    def now(self) -> float:
        """Return the time of the world."""
        return self._world + (time.monotonic() - self._real) * self._rate

    @property
    def rate(self) -> float:
        """How many seconds of the world pass in one of ours."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        self._world, self._real, self._rate = self.now(), time.monotonic(), rate
        self._wake()

    def advance(self, seconds: float) -> None:
        """Set the clock forward; who sleeps till then wakes."""
        self._world += seconds
        self._wake()

    def _wake(self) -> None:
        for event in self._sleeping:
            event.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep for some seconds of the world."""
        await self.within(seconds, asyncio.Event())

    async def within(self, seconds: float, event: asyncio.Event) -> bool:
        """Wait for an event for at most some seconds of the world; return whether it came.

        A change of the clock is waited through: ``event`` is woken for it and looked at again.
        """
        end, woken = self.now() + seconds, asyncio.Event()
        self._sleeping.add(woken)
        asked = asyncio.ensure_future(event.wait())
        moved = asyncio.ensure_future(woken.wait())
        try:
            while not event.is_set() and (left := end - self.now()) > 0:
                real = left / self._rate if self._rate else None
                await asyncio.wait({asked, moved}, timeout=real, return_when=asyncio.FIRST_COMPLETED)
                if moved.done():
                    woken.clear()
                    moved = asyncio.ensure_future(woken.wait())
            return event.is_set()
        finally:
            self._sleeping.discard(woken)
            for task in (asked, moved):
                task.cancel()
            await asyncio.gather(asked, moved, return_exceptions=True)

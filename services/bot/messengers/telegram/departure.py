"""The last moment before an answer leaves: noted then and not earlier, so that a kill almost never falls in between.

Noted too early, a kill before the send loses an answer; noted after it, a kill doubles one. The HTTP client
tells when it has a connection and is about to write a request: that is the moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from services.bot.messengers.telegram.queue import Turn, UpdateQueue

#: What puts something new on a screen. An edit may be repeated, and so may everything else.
_SENDS = frozenset({"sendMessage", "sendPhoto"})


class NotOurs(Exception):  # noqa: N818 - a state of the world
    """The turn is in other hands, or an answer to it has left before: nothing may be sent."""


class Departure:
    """The answer of one turn, on its way out of one worker."""

    def __init__(self, queue: UpdateQueue, turn: Turn) -> None:
        self._queue, self._turn = queue, turn
        self.noted = False
        """Whether the answer may have left."""
        self.refused = False
        """Whether it may not leave."""

    async def note(self) -> None:
        """Note that the answer leaves now. Raises ``NotOurs``."""
        if self.noted:
            return
        if not await self._queue.leaving(self._turn):
            self.refused = True
            raise NotOurs
        self.noted = True

    async def back(self) -> None:
        """Take that back: it surely has not left."""
        if self.noted:
            await self._queue.stays(self._turn)
            self.noted = False


_departure: ContextVar[Departure | None] = ContextVar("departure", default=None)


@contextmanager
def departing(departure: Departure) -> Iterator[None]:
    """Within this block, a send of this task first notes the departure."""
    before = _departure.set(departure)
    try:
        yield
    finally:
        _departure.reset(before)


async def note_departure(method: str) -> None:
    """Note that the answer of this task leaves, if that is what the request does. Raises ``NotOurs``."""
    departure = _departure.get()
    if departure is not None and method in _SENDS:
        await departure.note()

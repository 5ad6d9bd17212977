"""The workers: each takes turns from the queue, answers many chats side by side, and takes over from the dead."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from services.bot.messengers.telegram.departure import Departure
from services.bot.messengers.telegram.poller import pause, unless
from services.bot.messengers.telegram.queue import RECOVERED_AFTER, Turn, UpdateQueue
from shared.leases import Lease, new_consumer_name
from shared.supervision import end
from shared.topology import UPDATES, ensure_groups

log = structlog.get_logger(__name__)

#: Chats that one worker answers side by side.
CHATS_AT_ONCE = 32
#: How long a worker waits for a store that does not answer, in seconds.
_AGAIN = 1.0

#: Answers a turn. Returns the ids of the message and of its answer, if that may be edited later.
Answer = Callable[[Turn, Departure], Awaitable[tuple[int, str] | None]]


class Worker:
    """One process's worker. ``lease_seconds``: how long one that died is still taken for alive.

    ``on_lost`` is called for each answer that a dead worker may or may not have sent, and that is not sent again.
    """

    def __init__(
        self,
        queue: UpdateQueue,
        answer: Answer,
        *,
        redis: Redis,
        lease_seconds: float,
        on_lost: Callable[[], None],
    ) -> None:
        self.name = new_consumer_name()
        self.trouble = ""
        """Why it cannot work at the moment; empty while it can."""
        self._queue = queue
        self._answer = answer
        self._redis = redis
        self._on_lost = on_lost
        self._lease = Lease(redis, self.name, seconds=lease_seconds)
        self._sweep_seconds = min(2.0, lease_seconds / 3)
        self._recover_after = min(RECOVERED_AFTER, lease_seconds)
        self._busy: set[asyncio.Task[None]] = set()
        self._in_hand: set[str] = set()
        self._enrolled = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stopped; what has been taken is finished before this returns."""
        self._enrolled = False
        keeping = asyncio.create_task(self._lease.keep())
        sweeping = asyncio.create_task(self._repeat(stop, self._sweep))
        try:
            await self._repeat(stop, self._read)
            while self._busy:
                await asyncio.wait(self._busy)
        finally:
            # Whatever is cut short here stays unfinished in the queue, and another worker takes it over.
            await end(keeping, sweeping, *self._busy)
            await self._give_up()

    async def _repeat(self, stop: asyncio.Event, step: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        while not stop.is_set():
            try:
                await step(stop)
                self.trouble = ""
            except RedisError as error:
                self.trouble = f"the store does not answer: {error}"
                log.warning("updates not read", error=str(error))
                await pause(stop, _AGAIN)
                if isinstance(error, ResponseError) and str(error).startswith("NOGROUP"):
                    await self._mend()

    async def _mend(self) -> None:
        """Make the group again: the store has lost everything."""
        try:
            await ensure_groups(self._redis, (UPDATES,))
        except RedisError as error:
            log.warning("group not made", error=str(error))

    async def _read(self, stop: asyncio.Event) -> None:
        free = CHATS_AT_ONCE - len(self._busy)
        if free <= 0:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
            return
        if not self._enrolled:
            # Nobody may take this worker for dead between its first read and its first lease.
            await self._lease.renew()
            # Redis 7.0 lists a consumer only once it has read something; an idle one must be seen too.
            await self._redis.xgroup_createconsumer(UPDATES.name, UPDATES.groups[0], self.name)
            self._enrolled = True
        self._start(await unless(stop, self._queue.turns(self.name, free)) or ())

    async def _sweep(self, stop: asyncio.Event) -> None:
        await pause(stop, self._sweep_seconds)
        if not stop.is_set() and (free := CHATS_AT_ONCE - len(self._busy)) > 0:
            self._start(await self._queue.take_over(self.name, free))
            self._start(await self._queue.recover(self.name, list(self._in_hand), after=self._recover_after))

    def _start(self, turns: Sequence[Turn]) -> None:
        for turn in turns:
            task = asyncio.create_task(self._serve(turn))
            self._in_hand.add(turn.entry)
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _serve(self, turn: Turn) -> None:
        try:
            await self._finish(turn)
        finally:
            self._in_hand.discard(turn.entry)

    async def _finish(self, turn: Turn) -> None:
        departure = Departure(self._queue, turn)
        answer = None
        while True:
            try:
                if not turn.left and not departure.noted:
                    answer = await self._answer(turn, departure)
                if await self._queue.finish(turn, answer) and turn.left:
                    self._on_lost()
                    log.warning("an answer may be lost: its worker died while it left", entry=turn.entry)
            except RedisError as error:
                # It may only be answered again as long as its answer has not left.
                log.warning("turn not finished", entry=turn.entry, error=str(error))
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def _give_up(self) -> None:
        """Say that this worker is gone, so that nobody waits for its lease to run out."""
        try:
            await self._lease.give_up()
        except RedisError as error:
            log.warning("worker not signed off", error=str(error))

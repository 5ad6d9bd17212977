"""A fake Telegram with a bot of ours on it: an echo for a conversation, and front ends as many as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Person, World
from fakes.stories import NOON
from services.bot.conversation.messages import Button, Incoming, Reply, block
from services.bot.messengers.telegram.client import telegram_bot
from services.bot.messengers.telegram.departure import note_departure
from services.bot.messengers.telegram.front_end import Surroundings, TelegramFrontEnd
from services.bot.messengers.telegram.queue import MOST_WAITING, seen_key
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.clock import FixedClock
from shared.observe import Metrics
from shared.topology import UPDATES, ensure_groups

COMMANDS = (("latest", "the newest stories"), ("follow", "hear of new stories"), ("help", "what you can ask"))


class Echo:
    """A conversation that says back what it heard, with buttons; some words do something else."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.answers: dict[str, Reply] = {"/expired": Reply(toast="This list has expired: /latest KZ")}

    async def handle(self, incoming: Incoming) -> Reply:
        self.heard.append(incoming)
        await self.gate.wait()
        if incoming.text == "boom":
            raise RuntimeError("secret trace")
        if incoming.text in self.answers:
            return self.answers[incoming.text]
        if incoming.pressed:
            return Reply((block(f"page of {incoming.text}"),), replaces=True, toast="done")
        rows = ((Button("More", "/more"), Button("Old", "/expired")),)
        return Reply((block(f"you said {incoming.text}"),), buttons=rows)

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.heard]


class Pace:
    """A pacing that lets everything through, and notes what it is told."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.admitted: list[tuple[str, str]] = []
        self.refusals: list[tuple[str, float]] = []

    async def admit(self, who: str, lane: str, at: datetime) -> float:
        if self.waits:
            return self.waits.pop(0)
        self.admitted.append((who, lane))
        return 0.0

    async def refused(self, who: str, retry_after: float, at: datetime) -> None:
        self.refusals.append((who, retry_after))


class Desk:
    """What a test of the front end needs at hand."""

    def __init__(self, api: FakeBotApi, redis: Redis) -> None:
        self.api, self.redis, self.echo, self.pace = api, redis, Echo(), Pace()
        self.world: World = api.world
        self.bot_id = str(self.world.me["id"])
        self.anna: Person = api.world.person("Anna", language="ru")
        self.suspensions = RedisSuspensions(redis)
        self.subscriptions = RedisSubscriptions(redis)
        self.metrics = Metrics()
        self.moved: list[tuple[str, str]] = []

    async def move(self, old: str, new: str) -> int:
        self.moved.append((old, new))
        return await self.subscriptions.move(old, new)

    def around(self, lease_seconds: float = 10.0, most_waiting: int = MOST_WAITING) -> Surroundings:
        return Surroundings(
            redis=self.redis, suspensions=self.suspensions, move=self.move, pacing=self.pace,
            clock=FixedClock(NOON), metrics=self.metrics, lease_seconds=lease_seconds,
            most_waiting=most_waiting,
        )  # fmt: skip

    def front_end(
        self,
        *,
        token: str | None = None,
        lease_seconds: float = 10.0,
        most_waiting: int = MOST_WAITING,
        conversation: Any = None,
        **more: Any,
    ) -> TelegramFrontEnd:
        bot = telegram_bot(token or self.world.token, self.api.url, leaving=note_departure)
        around = self.around(lease_seconds, most_waiting)
        return TelegramFrontEnd(bot, conversation or self.echo, around, commands=COMMANDS, **more)

    @asynccontextmanager
    async def running(self, **more: Any) -> AsyncIterator[TelegramFrontEnd]:
        front, stop = self.front_end(**more), asyncio.Event()
        task = asyncio.create_task(front.run(stop))
        try:
            yield front
        finally:
            stop.set()
            await task

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """Wait for something that the fake server cannot tell of."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0)

    async def handled(self, update_id: int) -> None:
        """Wait until an update has been taken in and everything that was is answered."""
        async with asyncio.timeout(10):
            while not await self.redis.exists(seen_key(self.bot_id, update_id)):
                await asyncio.sleep(0)
            while await self.waiting():
                await asyncio.sleep(0)

    async def waiting(self) -> int:
        """How many chats wait for an answer."""
        (group,) = await self.redis.xinfo_groups(UPDATES.name)
        return int(group["lag"] or 0) + int(group["pending"])


@asynccontextmanager
async def opened_desk(redis: Redis) -> AsyncIterator[Desk]:
    """Open a desk; the stream's group is there, as in any process of ours."""
    await ensure_groups(redis, (UPDATES,))
    async with FakeBotApi() as api:
        yield Desk(api, redis)

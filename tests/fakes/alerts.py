"""Alerts in tests: rows made as the fan-out makes them, turns taken as senders take them."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis

from fakes.stories import NOON, enriched_story
from services.bot.alerts.fanout import FanOut
from services.bot.alerts.kindness import Defaults
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.outbox_scripts import DELAYED_KEY
from services.bot.alerts.port import Alert, ChatDue, Result, Turn
from services.bot.alerts.sender import AlertSender
from services.bot.conversation.messages import Reply, block
from services.bot.messengers.pacing_store import RedisPacing
from services.bot.messengers.port import Messenger, Outcome, Sent
from services.bot.preferences import Preferences
from services.bot.preferences_local import LocalPreferences
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.clock import Clock, FixedClock
from shared.events import EnrichedStory
from shared.topology import OUTBOX


def news(story_id: str = "s1", **changes: object) -> EnrichedStory:
    return enriched_story(story_id, **({"published_at": NOON} | changes))  # type: ignore[arg-type]  # any fields


def fan_out(
    redis: Redis, *, page: int = 500, outbox: RedisOutbox | None = None, clock: Clock | None = None
) -> FanOut:
    return FanOut(
        subscriptions=RedisSubscriptions(redis),
        outbox=outbox or RedisOutbox(redis),
        suspensions=RedisSuspensions(redis),
        clock=clock or FixedClock(NOON),
        page=page,
    )


async def follow(redis: Redis, *recipients: str, target: str = "country:KZ") -> None:
    for who in recipients:
        await RedisSubscriptions(redis).follow(who, target, "subject", NOON)


async def entries(redis: Redis) -> list[ChatDue]:
    """The turns that were announced, the oldest first."""
    rows = await redis.xrange(OUTBOX.name)
    return [ChatDue.model_validate_json(fields[b"__data__"]) for _id, fields in rows]


async def taken(outbox: RedisOutbox, due: ChatDue, at: datetime = NOON) -> Turn:
    """Take a turn that must have rows."""
    turn = await outbox.claim(due, at)
    assert isinstance(turn, Turn)
    assert turn.rows
    return turn


async def one_due(redis: Redis) -> ChatDue:
    """Let one recipient have one alert that is due."""
    await follow(redis, "telegram:1")
    await fan_out(redis).spread(news())
    (due,) = await entries(redis)
    return due


def clusters_of(turn: Turn) -> list[str]:
    return [row.due.cluster for row in turn.rows]


async def begun(outbox: RedisOutbox, turn: Turn, at: datetime = NOON) -> bool:
    return await outbox.begin(turn, clusters_of(turn), at)


async def finished(outbox: RedisOutbox, turn: Turn, result: Result, at: datetime = NOON) -> bool:
    """Write one result for all rows of a turn."""
    return await outbox.settle(turn, dict.fromkeys(clusters_of(turn), result), at, at.date())


class Headlines:
    """A writer of headlines alone, a line each."""

    async def write(self, alerts: Sequence[Alert], preferences: Preferences) -> Reply:
        return Reply((block(*(alert.story.headline for alert in alerts)),))


class WrittenDigest:
    def __init__(self, reply: Reply, clusters: Sequence[str]) -> None:
        self.reply, self.clusters = reply, clusters


class Digests:
    """A writer of digests that tells of the clusters it is given."""

    def __init__(self, *clusters: str) -> None:
        self.clusters = clusters

    async def write(self, who: str, preferences: Preferences) -> WrittenDigest | None:
        if not self.clusters:
            return None
        return WrittenDigest(Reply((block("digest of", *self.clusters),)), self.clusters)


class Scripted:
    """A messenger that answers as told, then with success, and remembers what it was given."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.given: list[tuple[str, str, bool]] = []
        self.paid: list[bool] = []

    async def deliver(self, who: str, message: Reply, *, silent: bool = False, paid: bool = False) -> Outcome:
        self.given.append((who, message.plain, silent))
        self.paid.append(paid)
        return self.outcomes.pop(0) if self.outcomes else Sent(str(len(self.given)))

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:
        raise AssertionError("senders edit nothing")

    @property
    def texts(self) -> list[str]:
        return [text for _who, text, _silent in self.given]


class Open:
    """A pacing with room for everybody, but for the waits that it is told to ask for."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.refusals: list[tuple[str, float]] = []
        self.late_ones = 0
        self.budget = 0

    async def admit(self, who: str, lane: str, at: datetime) -> float:
        if lane == "paid":
            self.budget -= 1
            return 0.0 if self.budget >= 0 else 1.0
        return self.waits.pop(0) if self.waits else 0.0

    async def refused(self, who: str, retry_after: float, at: datetime) -> None:
        self.refusals.append((who, retry_after))

    async def late(self, at: datetime) -> None:
        self.late_ones += 1


class Tally:
    """A messenger that takes everything and counts for each chat how often, in little memory."""

    def __init__(self, chats: int) -> None:
        self.counts = bytearray(chats)

    async def deliver(self, who: str, message: Reply, *, silent: bool = False, paid: bool = False) -> Outcome:
        self.counts[int(who.partition(":")[2])] += 1
        return Sent("1")

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:
        raise AssertionError("senders edit nothing")


class Simulation:
    """A sender and its pace on a clock that moves only when it must be waited for."""

    def __init__(self, redis: Redis, messenger: Messenger, *, daily_cap: int = 10**9) -> None:
        self.clock = FixedClock(NOON)
        self.outbox = RedisOutbox(redis)
        self.records = RedisRecords(redis)
        self.seen: Counter[str] = Counter()
        self._redis = redis
        self._sender = AlertSender(
            outbox=self.outbox,
            records=self.records,
            messenger=messenger,
            writer=Headlines(),
            digests=Digests(),
            preferences=LocalPreferences(),
            pacing=RedisPacing(redis, server_time=False),
            suspensions=RedisSuspensions(redis),
            move=RedisSubscriptions(redis).move,
            clock=self.clock,
            defaults=Defaults(daily_cap=daily_cap),
            observe=lambda _transport, state: self.seen.update([state]),
            in_flight=1,
            pause=self._pass,
        )

    async def _pass(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @property
    def seconds(self) -> float:
        """How long it has taken, by its own clock."""
        return (self.clock.now() - NOON).total_seconds()

    async def spread(self, story_id: str, country: str = "KZ") -> int:
        spread = fan_out(self._redis, outbox=self.outbox, clock=self.clock)
        return await spread.spread(news(story_id, subjects=(country,)))

    async def send_all(self, watch: Callable[[], None] = lambda: None) -> None:
        """Send until nothing is due any more, neither now nor later."""
        while True:
            batch = await self._redis.xrange(OUTBOX.name, count=100)
            for _id, fields in batch:
                await self._sender.send(ChatDue.model_validate_json(fields[b"__data__"]))
            watch()
            if batch:
                await self._redis.xdel(OUTBOX.name, *(entry_id for entry_id, _fields in batch))
            elif soonest := await self._redis.zrange(DELAYED_KEY, 0, 0, withscores=True):
                wait = soonest[0][1] / 1000 - self.clock.now().timestamp()
                await self._pass(max(0.0, wait) + 0.001)
                await self.outbox.release_due(self.clock.now())
            else:
                return

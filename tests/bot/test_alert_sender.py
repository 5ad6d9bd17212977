"""From a row to a person: what each outcome of a transport means for the row."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from fakes.stories import NOON, enriched_story
from services.bot.alerts.fanout import FanOut
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Policy, Result
from services.bot.alerts.sender import AlertSender, result_of
from services.bot.conversation.messages import Reply, block
from services.bot.messengers.port import Gone, Moved, NotSent, Outcome, Refused, Sent, Uncertain
from services.bot.messengers.routing import RoutingMessenger
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.clock import FixedClock
from shared.topology import OUTBOX


class Scripted:
    """A messenger that answers as told, then with success, and remembers what it was given."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.given: list[tuple[str, str, bool]] = []

    async def deliver(self, who: str, message: Reply, *, silent: bool = False) -> Outcome:
        self.given.append((who, message.plain, silent))
        await asyncio.sleep(0)
        return self.outcomes.pop(0) if self.outcomes else Sent(str(len(self.given)))


class Desk:
    """A sender with everything around it."""

    def __init__(self, redis: Redis, messenger: Scripted, policy: Policy = "resend") -> None:
        self.redis, self.messenger = redis, messenger
        self.clock = FixedClock(NOON)
        self.outbox = RedisOutbox(redis, policy=policy)
        self.subscriptions = RedisSubscriptions(redis)
        self.suspensions = RedisSuspensions(redis)
        self.seen: list[tuple[str, str]] = []
        self.sender = AlertSender(
            outbox=self.outbox,
            messenger=messenger,
            compose=lambda alert: Reply((block(alert.story.headline),)),
            suspensions=self.suspensions,
            move=self.subscriptions.move,
            clock=self.clock,
            policy=policy,
            observe=lambda transport, state: self.seen.append((transport, state)),
            in_flight=3,
        )

    async def publish(self, *recipients: str, story_id: str = "s1") -> None:
        for who in recipients:
            await self.subscriptions.follow(who, "country:KZ", "subject", NOON)
        spread = FanOut(
            subscriptions=self.subscriptions,
            outbox=self.outbox,
            suspensions=self.suspensions,
            clock=self.clock,
        )
        await spread.spread(enriched_story(story_id, published_at=NOON))

    async def due(self) -> list[AlertDue]:
        rows = await self.redis.xrange(OUTBOX.name)
        return [AlertDue.model_validate_json(fields[b"__data__"]) for _id, fields in rows]

    async def send_everything(self) -> None:
        """Work off the stream as senders do, with every entry delivered twice."""
        done = 0
        while len(batch := await self.due()) > done:
            await self.sender.send_all([*batch[done:], *batch[done:]])
            done = len(batch)

    async def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        await self.outbox.release_due(self.clock.now())
        await self.send_everything()


@pytest.fixture
async def desk(redis: Redis) -> AsyncIterator[Desk]:
    yield Desk(redis, Scripted())


def alert(*, attempt: int = 1, repeats: int = 0) -> Alert:
    due = AlertDue(who="telegram:1", cluster="s1", story_id="s1")
    return Alert(due, AlertStory.of(enriched_story()), {"country:KZ": "subject"}, attempt, repeats)


@pytest.mark.parametrize(
    ("outcome", "row", "policy", "result"),
    [
        (Sent("9"), alert(), "resend", Result("sent", "9")),
        (NotSent(38, "flood"), alert(), "resend", Result("ready", "flood", delay=38)),
        (NotSent(2, "away"), alert(attempt=4), "resend", Result("ready", "away", delay=16)),
        (NotSent(2, "away"), alert(attempt=500), "resend", Result("ready", "away", delay=60)),
        (
            NotSent(10_000, "flood"),
            alert(repeats=1),
            "resend",
            Result("ready", "flood", delay=10_000, repeats=1),
        ),
        (Uncertain("lost"), alert(), "resend", Result("ready", "lost", delay=5, repeats=1)),
        (Uncertain("lost"), alert(repeats=1), "resend", Result("uncertain", "lost", repeats=1)),
        (Uncertain("lost"), alert(), "skip", Result("uncertain", "lost")),
        (Gone("blocked"), alert(), "resend", Result("dead", "blocked")),
        (Refused("too long"), alert(), "resend", Result("dead", "too long")),
        (Moved("telegram:-2"), alert(), "resend", Result("dropped", "moved to telegram:-2")),
    ],
)
def test_what_an_outcome_means_for_the_row(
    outcome: Outcome, row: Alert, policy: Policy, result: Result
) -> None:
    assert result_of(outcome, row, policy) == result


async def test_everybody_gets_one_alert_though_every_entry_comes_twice(desk: Desk) -> None:
    people = [f"console:{number}" for number in range(20)]
    await desk.publish(*people)
    await desk.send_everything()
    assert sorted(who for who, _text, _silent in desk.messenger.given) == sorted(people)
    assert desk.seen.count(("console", "sent")) == 40


async def test_flood_waits_for_one_chat_lose_nothing_and_delay_nobody_else(redis: Redis) -> None:
    desk = Desk(redis, Scripted(NotSent(10_000, "flood")))
    await desk.publish("telegram:1", "telegram:2", "telegram:3")
    await desk.send_everything()
    assert len({who for who, _text, _silent in desk.messenger.given}) == 3
    assert len(desk.messenger.given) == 3
    await desk.wait(9_999)
    assert len(desk.messenger.given) == 3
    await desk.wait(1)
    assert [silent for _who, _text, silent in desk.messenger.given] == [False] * 4


async def test_a_transport_that_is_away_for_long_gets_everything_afterwards(redis: Redis) -> None:
    desk = Desk(redis, Scripted(*[NotSent(2, "refused")] * 12))
    await desk.publish("telegram:1")
    await desk.send_everything()
    for _ in range(12):
        await desk.wait(61)
    assert len(desk.messenger.given) == 13
    assert await desk.outbox.state("telegram:1", "s1") == "sent"


@pytest.mark.parametrize(("policy", "sends", "state"), [("resend", 2, "uncertain"), ("skip", 1, "uncertain")])
async def test_a_lost_answer_is_repeated_once_silently_or_never(
    redis: Redis, policy: Policy, sends: int, state: str
) -> None:
    desk = Desk(redis, Scripted(*[Uncertain("no answer")] * 9), policy)
    await desk.publish("telegram:1")
    await desk.send_everything()
    for _ in range(3):
        await desk.wait(60)
    assert [silent for _who, _text, silent in desk.messenger.given] == [False, True][:sends]
    assert await desk.outbox.state("telegram:1", "s1") == state


async def test_who_is_gone_gets_nothing_more_and_keeps_its_follows(redis: Redis) -> None:
    desk = Desk(redis, Scripted(Gone("Forbidden: bot was blocked by the user")))
    await desk.publish("telegram:1")
    await desk.send_everything()
    await desk.publish(story_id="s2")
    await desk.send_everything()
    assert len(desk.messenger.given) == 1
    assert len(await desk.subscriptions.following("telegram:1")) == 1
    await desk.suspensions.resume("telegram:1")
    await desk.publish(story_id="s3")
    await desk.send_everything()
    assert len(desk.messenger.given) == 2


async def test_a_message_that_is_refused_does_not_suspend_its_reader(redis: Redis) -> None:
    desk = Desk(redis, Scripted(Refused("Bad Request: message is too long")))
    await desk.publish("telegram:1")
    await desk.send_everything()
    assert await desk.outbox.state("telegram:1", "s1") == "dead"
    assert await desk.suspensions.among(["telegram:1"]) == frozenset()


async def test_a_group_that_moved_gets_its_alert_at_the_new_address(redis: Redis) -> None:
    desk = Desk(redis, Scripted(Moved("telegram:-2")))
    await desk.publish("telegram:-1")
    await desk.send_everything()
    assert [who for who, _text, _silent in desk.messenger.given] == ["telegram:-1", "telegram:-2"]
    assert [follow.target for follow in await desk.subscriptions.following("telegram:-2")] == ["country:KZ"]


async def test_what_was_sent_while_the_store_was_away_is_written_down_later_and_not_sent_again(
    redis: Redis,
) -> None:
    desk = Desk(redis, Scripted())
    await desk.publish("telegram:1", "telegram:2")
    settle, away = desk.outbox.settle, True

    async def unreachable(*args: object) -> bool:
        if away:
            raise RedisConnectionError("away")
        return await settle(*args)  # type: ignore[arg-type]  # as given

    desk.outbox.settle = unreachable  # type: ignore[method-assign]  # the server is away between two steps
    batch = await desk.due()
    for _ in range(2):
        with pytest.raises(RedisConnectionError):
            await desk.sender.send_all(batch)
    away = False
    await desk.sender.send_all(batch)
    assert sorted(who for who, _text, _silent in desk.messenger.given) == ["telegram:1", "telegram:2"]
    assert await desk.outbox.state("telegram:2", "s1") == "sent"


async def test_an_alert_for_a_transport_that_is_not_configured_waits(redis: Redis) -> None:
    console = Scripted()
    outcome = await RoutingMessenger({"console": console}).deliver("telegram:1", Reply())
    assert isinstance(outcome, NotSent)
    await RoutingMessenger({"console": console}).deliver("console:me", Reply((block("hello"),)), silent=True)
    assert console.given == [("console:me", "hello", True)]

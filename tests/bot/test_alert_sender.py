"""From a row to a person: what each outcome of a transport means for the row."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from fakes.alerts import Digests, Headlines, Open, Scripted, entries, fan_out
from fakes.stories import NOON, enriched_story
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.outcomes import result_of
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Policy, Result, RowState
from services.bot.alerts.sender import AlertSender
from services.bot.conversation.messages import Reply, block
from services.bot.messengers.port import Gone, Moved, NotSent, Outcome, Refused, Sent, Uncertain
from services.bot.messengers.routing import RoutingMessenger
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences, QuietHours
from services.bot.preferences_local import LocalPreferences
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.clock import FixedClock


class Desk:
    """A sender with everything around it."""

    def __init__(
        self,
        redis: Redis,
        messenger: Scripted,
        policy: Policy = "resend",
        *,
        digests: Digests | None = None,
        paid: bool = False,
    ) -> None:
        self.redis, self.messenger = redis, messenger
        self.clock = FixedClock(NOON)
        self.outbox = RedisOutbox(redis, policy=policy)
        self.records = RedisRecords(redis)
        self.subscriptions = RedisSubscriptions(redis)
        self.suspensions = RedisSuspensions(redis)
        self.preferences = LocalPreferences()
        self.pacing = Open()
        self.seen: list[tuple[str, str]] = []
        self.sender = AlertSender(
            outbox=self.outbox,
            records=self.records,
            messenger=messenger,
            writer=Headlines(),
            digests=digests or Digests(),
            preferences=self.preferences,
            pacing=self.pacing,
            suspensions=self.suspensions,
            move=self.subscriptions.move,
            clock=self.clock,
            policy=policy,
            paid=paid,
            observe=lambda transport, state: self.seen.append((transport, state)),
            in_flight=3,
        )

    async def publish(self, *recipients: str, story_id: str = "s1") -> None:
        for who in recipients:
            await self.subscriptions.follow(who, "country:KZ", "subject", NOON)
        spread = fan_out(self.redis, outbox=self.outbox, clock=self.clock)
        await spread.spread(enriched_story(story_id, published_at=NOON))

    async def send_everything(self) -> None:
        """Work off the stream as senders do, with every entry delivered twice."""
        done = 0
        while len(batch := await entries(self.redis)) > done:
            await self.sender.send_all([*batch[done:], *batch[done:]])
            done = len(batch)

    async def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        await self.outbox.release_due(self.clock.now())
        await self.send_everything()

    async def state(self, who: str = "telegram:1", cluster: str = "s1") -> RowState | None:
        return await self.records.state(who, cluster)


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
    assert desk.seen.count(("console", "sent")) == 20


@pytest.mark.parametrize(("seconds", "sends", "state"), [(7000, 4, "sent"), (10_000, 3, "digest")])
async def test_flood_waits_for_one_chat_lose_nothing_and_delay_nobody_else(
    redis: Redis, seconds: int, sends: int, state: str
) -> None:
    desk = Desk(redis, Scripted(NotSent(seconds, "flood")))
    await desk.publish("telegram:1", "telegram:2", "telegram:3")
    await desk.send_everything()
    assert len({who for who, _text, _silent in desk.messenger.given}) == 3
    assert len(desk.messenger.given) == 3
    await desk.wait(seconds - 1)
    assert len(desk.messenger.given) == 3
    await desk.wait(1)
    assert [silent for _who, _text, silent in desk.messenger.given] == [False] * sends
    states = {await desk.state(f"telegram:{number}") for number in (1, 2, 3)}
    assert states == {"sent", state}


async def test_a_transport_that_is_away_for_long_gets_everything_afterwards(redis: Redis) -> None:
    desk = Desk(redis, Scripted(*[NotSent(2, "refused")] * 12))
    await desk.publish("telegram:1")
    await desk.send_everything()
    for _ in range(12):
        await desk.wait(61)
    assert ("telegram", "digest") not in desk.seen
    assert len(desk.messenger.given) == 13
    assert await desk.state() == "sent"


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
    assert await desk.state() == state


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
    assert await desk.state() == "dead"
    assert await desk.suspensions.among(["telegram:1"]) == frozenset()


async def test_a_group_that_moved_gets_its_alert_at_the_new_address(redis: Redis) -> None:
    desk = Desk(redis, Scripted(Moved("telegram:-2")))
    await desk.publish("telegram:-1")
    await desk.send_everything()
    await desk.wait(0)
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
    batch = await entries(redis)
    for _ in range(2):
        with pytest.raises(RedisConnectionError):
            await desk.sender.send_all(batch)
    away = False
    await desk.sender.send_all(batch)
    assert sorted(who for who, _text, _silent in desk.messenger.given) == ["telegram:1", "telegram:2"]
    assert await desk.state("telegram:2") == "sent"


async def test_an_alert_for_a_transport_that_is_not_configured_waits(redis: Redis) -> None:
    console = Scripted()
    outcome = await RoutingMessenger({"console": console}).deliver("telegram:1", Reply())
    assert isinstance(outcome, NotSent)
    await RoutingMessenger({"console": console}).deliver("console:me", Reply((block("hello"),)), silent=True)
    assert console.given == [("console:me", "hello", True)]


# --- what a turn asks first --------------------------------------------------------------------------------------


async def test_an_alert_leaves_with_the_sound_that_the_reader_wants(desk: Desk) -> None:
    quiet = QuietHours(time(9), time(15))
    await desk.preferences.change("telegram:2", Preferences(quiet=quiet))
    await desk.preferences.change(
        "telegram:3", Preferences(muted={EVERYTHING: datetime.max.replace(tzinfo=UTC)})
    )
    await desk.preferences.change("telegram:4", Preferences(quiet=QuietHours(time(9), time(15), hold=True)))
    await desk.preferences.change("telegram:5", Preferences(digest=DigestPlan("day", time(8))))
    await desk.preferences.change("telegram:6", Preferences(stopped=True))
    await desk.publish(*(f"telegram:{number}" for number in range(1, 7)))
    await desk.send_everything()
    assert sorted((who, silent) for who, _text, silent in desk.messenger.given) == [
        ("telegram:1", False),
        ("telegram:2", True),
    ]
    states = [await desk.state(f"telegram:{number}") for number in range(3, 7)]
    assert states == ["digest", "held", "digest", "dropped"]
    desk.messenger.given.clear()
    await desk.wait(3 * 3600)
    assert desk.messenger.given == [("telegram:4", "Something happened (s1)", False)]


async def test_above_the_cap_of_the_day_alerts_wait_for_the_digest(desk: Desk) -> None:
    await desk.preferences.change("telegram:1", Preferences(daily_cap=2))
    for story_id in ("s1", "s2", "s3"):
        await desk.publish("telegram:1", story_id=story_id)
        await desk.send_everything()
    assert [await desk.state(cluster=cluster) for cluster in ("s1", "s2", "s3")] == ["sent", "sent", "digest"]
    assert await desk.records.sent_today("telegram:1", date(2026, 3, 1)) == {"country:KZ": 2}


async def test_a_digest_leaves_like_an_alert_and_ends_its_rows(redis: Redis) -> None:
    desk = Desk(redis, Scripted(NotSent(2, "away")), digests=Digests("s1"))
    await desk.preferences.change("telegram:1", Preferences(digest=DigestPlan("day", time(8))))
    await desk.publish("telegram:1")
    await desk.send_everything()
    await desk.outbox.enqueue_digest("telegram:1", NOON.date(), NOON)
    await desk.send_everything()
    assert await desk.state() == "digest"
    await desk.wait(5)
    assert desk.messenger.texts == ["digest of\ns1", "digest of\ns1"]
    assert [await desk.state(cluster=cluster) for cluster in ("s1", "digest:2026-03-01")] == ["sent", "sent"]


async def test_an_alert_that_cannot_be_written_is_given_up_and_the_next_one_leaves(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_writer: Headlines, alerts: Sequence[Alert], _preferences: Preferences) -> Reply:
        if alerts[0].story.story_id == "s1":
            raise KeyError("a fault of ours")
        return Reply((block("written"),))

    monkeypatch.setattr(Headlines, "write", failing)
    desk = Desk(redis, Scripted())
    for story_id in ("s1", "s2"):
        await desk.publish("telegram:1", story_id=story_id)
    await desk.send_everything()
    for _ in range(5):
        await desk.wait(60)
    assert [await desk.state(cluster=cluster) for cluster in ("s1", "s2")] == ["dead", "sent"]
    assert desk.messenger.texts == ["written"]


async def test_an_empty_digest_is_not_sent(desk: Desk) -> None:
    await desk.outbox.enqueue_digest("telegram:1", NOON.date(), NOON)
    await desk.send_everything()
    assert desk.messenger.given == []
    assert await desk.state(cluster="digest:2026-03-01") == "dropped"


# --- the pace ----------------------------------------------------------------------------------------------------


async def test_who_must_wait_for_room_comes_back_with_its_sound_and_without_having_tried(desk: Desk) -> None:
    desk.pacing.waits = [1.1]
    await desk.publish("telegram:1")
    await desk.send_everything()
    assert desk.messenger.given == []
    assert desk.seen.count(("telegram", "paced")) == 1
    desk.messenger.outcomes = [NotSent(1, "away")]
    await desk.wait(1.1)
    await desk.wait(1.9)
    assert len(desk.messenger.given) == 1, "it is the first failure that is waited for, two seconds"
    await desk.wait(0.1)
    assert [silent for _who, _text, silent in desk.messenger.given] == [False, False]


async def test_a_place_in_the_common_pace_is_waited_for(desk: Desk) -> None:
    desk.pacing.waits = [0.001, 0.002]
    await desk.publish("telegram:1")
    await desk.send_everything()
    assert len(desk.messenger.given) == 1


async def test_the_pace_hears_of_floods_and_of_nothing_else(redis: Redis) -> None:
    desk = Desk(redis, Scripted(NotSent(38, "flood", flood=True), NotSent(3, "away")))
    await desk.publish("telegram:1", "telegram:2")
    await desk.send_everything()
    assert [seconds for _who, seconds in desk.pacing.refusals] == [38]


async def test_what_has_no_room_leaves_for_money_while_the_budget_lasts(redis: Redis) -> None:
    desk = Desk(redis, Scripted(), paid=True)
    desk.pacing.waits, desk.pacing.budget = [5.0] * 3, 2
    await desk.publish("telegram:1", "telegram:2", "telegram:3", "telegram:4")
    await desk.send_everything()
    assert sorted(desk.messenger.paid) == [False, True, True]
    desk.pacing.waits, desk.pacing.budget = [5.0], 2
    free = Desk(redis, Scripted())
    free.pacing = desk.pacing
    await desk.wait(5)
    assert len(desk.messenger.given) == 4


async def test_one_hanging_connection_does_not_hold_up_the_others(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.bot.alerts.sender.UNTIL_SLOW", 0.01)
    monkeypatch.setattr("services.bot.alerts.sender.LATE", 0.01)
    answered = asyncio.Event()

    class Hanging(Scripted):
        async def deliver(self, who: str, *args: object, **more: object) -> Outcome:
            if who == "telegram:1":
                await answered.wait()
            return await super().deliver(who, *args, **more)  # type: ignore[arg-type]  # as given

    desk = Desk(redis, Hanging())
    await desk.publish("telegram:1", "telegram:2")
    await desk.send_everything()
    await desk.publish("telegram:3", story_id="s2")
    await desk.send_everything()
    assert await desk.state() == "sending"
    assert [await desk.state(f"telegram:{number}", "s2") for number in (2, 3)] == ["sent", "sent"]
    answered.set()
    await desk.sender.finish()
    assert await desk.state() == "sent"
    assert desk.pacing.late_ones >= 1, "the pace hears of it"


@pytest.mark.parametrize("step", ["sent_today", "begin"])
async def test_a_turn_that_was_taken_when_the_store_went_away_goes_on_when_it_is_back(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Nobody must wait until the trust in this sender has run out, or get it without its sound."""
    desk = Desk(redis, Scripted())
    await desk.publish("telegram:1")
    store = desk.records if step == "sent_today" else desk.outbox
    ask = getattr(store, step)

    async def answer_lost(*args: object) -> object:
        monkeypatch.setattr(store, step, ask)
        await ask(*args)
        raise RedisConnectionError("away")

    monkeypatch.setattr(store, step, answer_lost)
    batch = await entries(redis)
    with pytest.raises(RedisConnectionError):
        await desk.sender.send_all(batch)
    await desk.sender.send_all([*batch, *batch])
    assert [silent for _who, _text, silent in desk.messenger.given] == [False]
    assert await desk.state() == "sent"


async def test_what_took_long_is_written_down_though_the_store_was_away_when_it_came_back(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody gives its entry again: unwritten, it would be taken for lost and sent once more."""
    monkeypatch.setattr("services.bot.alerts.sender.UNTIL_SLOW", 0.01)
    monkeypatch.setattr("services.bot.alerts.sender.AGAIN", 0.01)
    answered, tries = asyncio.Event(), []

    class Slow(Scripted):
        async def deliver(self, *args: object, **more: object) -> Outcome:
            await answered.wait()
            return await super().deliver(*args, **more)  # type: ignore[arg-type]  # as given

    desk = Desk(redis, Slow())
    await desk.publish("telegram:1")
    settle = desk.outbox.settle

    async def away_at_first(*args: object) -> bool:
        tries.append(args)
        if len(tries) < 4:
            raise RedisConnectionError("away")
        return await settle(*args)  # type: ignore[arg-type]  # as given

    desk.outbox.settle = away_at_first  # type: ignore[method-assign]  # the server is away for a while
    await desk.sender.send_all(await entries(redis))
    answered.set()
    await desk.sender.finish()
    assert await desk.state() == "sent"
    assert len(desk.messenger.given) == 1


# --- order and bursts --------------------------------------------------------------------------------------------


async def test_alerts_of_one_chat_leave_in_order_whatever_happens_to_them(redis: Redis) -> None:
    flood = NotSent(38, "flood", flood=True)
    desk = Desk(redis, Scripted(Sent("1"), flood, Sent("2"), Uncertain("lost"), flood))
    desk.outbox = desk.sender._outbox = RedisOutbox(redis, together=(99, 99))
    for number in range(6):
        await desk.publish("telegram:1", story_id=f"s{number}")
    await desk.send_everything()
    for _ in range(4):
        await desk.wait(38)
    order = [text.removeprefix("Something happened (s").rstrip(")") for text in desk.messenger.texts]
    assert order == ["0", "1", "1", "2", "2", "2", "3", "4", "5"]
    assert [silent for _who, _text, silent in desk.messenger.given] == [False] * 4 + [True] * 2 + [False] * 3


async def test_alerts_that_wait_for_one_chat_leave_in_one_message_and_each_row_is_settled(
    redis: Redis,
) -> None:
    desk = Desk(redis, Scripted())
    for number in range(14):
        await desk.publish("telegram:1", story_id=f"s{number}")
    await desk.publish("telegram:2", story_id="t0")
    await desk.send_everything()
    texts = [text for who, text, _silent in desk.messenger.given if who == "telegram:1"]
    assert [text.count("\n") + 1 for text in texts] == [10, 5]
    assert texts[0].startswith("Something happened (s0)\nSomething happened (s1)\n")
    assert {await desk.state(cluster=f"s{number}") for number in range(14)} == {"sent"}
    shared = await desk.records.sent_message("telegram:1", "s3")
    assert shared is not None
    assert [alert.due.cluster for alert in shared.alerts] == [f"s{number}" for number in range(10)]
    alone = await desk.records.sent_message("telegram:2", "t0")
    assert alone is not None
    assert len(alone.alerts) == 1


async def test_a_burst_that_may_have_arrived_is_repeated_as_it_was(redis: Redis) -> None:
    desk = Desk(redis, Scripted(Uncertain("lost")))
    for number in range(3):
        await desk.publish("telegram:1", story_id=f"s{number}")
    await desk.send_everything()
    await desk.publish(story_id="s3")
    await desk.wait(5)
    first, second, third = desk.messenger.given
    assert (second[1], second[2], first[2]) == (first[1], True, False)
    assert third[1:] == ("Something happened (s3)", False)
    assert desk.seen.count(("telegram", "repeated")) == 3


async def test_a_big_story_does_not_delay_a_small_one(redis: Redis) -> None:
    desk = Desk(redis, Scripted())
    await desk.publish(*(f"telegram:{number}" for number in range(600)))
    for who in ("telegram:a", "telegram:b", "telegram:c"):
        await desk.subscriptions.follow(who, "country:TJ", "subject", NOON)
    small = enriched_story("small", subjects=("TJ",), published_at=NOON)
    await fan_out(redis, outbox=desk.outbox).spread(small)
    assert len(await entries(redis)) == 48, "few turns are announced at a time"
    await desk.send_everything()
    order = [who for who, _text, _silent in desk.messenger.given]
    assert len(order) == 603
    assert max(order.index(f"telegram:{name}") for name in "abc") < 60

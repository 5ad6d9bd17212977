"""The pace of sending on a real server, with the time in the test's hands."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest
from redis.asyncio import Redis

from fakes.botapi.clock import WorldClock
from fakes.botapi.limits import FloodControl, Limits
from fakes.stories import NOON
from services.bot.messengers.pacing import Lane
from services.bot.messengers.pacing_store import Rates, RedisPacing, log_key

FREE = Rates()


class Pace:
    """A pacing whose time stands still but for ``wait``."""

    def __init__(self, redis: Redis, rates: Rates = FREE) -> None:
        self.pacing = RedisPacing(redis, rates, server_time=False)
        self.now: datetime = NOON

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def admit(self, chat: object, lane: Lane = "alert") -> float:
        return await self.pacing.admit(f"telegram:{chat}", lane, self.now)

    async def refused(self, chat: object, seconds: float) -> None:
        await self.pacing.refused(f"telegram:{chat}", seconds, self.now)

    async def leaving(self, seconds: float, *, first: int = 0, step: float = 0.01) -> int:
        """How many alerts for ever new chats leave in some time."""
        count, chat = 0, first
        for _ in range(round(seconds / step)):
            while not await self.admit(chat):
                count, chat = count + 1, chat + 1
            self.wait(step)
        return count


@pytest.fixture
def pace(redis: Redis) -> Pace:
    return Pace(redis)


async def test_alerts_leave_at_the_steady_rate_and_no_second_sees_more_than_the_limit(redis: Redis) -> None:
    """Many chats, some of them asked for again and again, in three processes, against limits counted as strictly."""
    pacings = [RedisPacing(redis, server_time=False) for _ in range(3)]
    clock = WorldClock(rate=0, at=NOON.timestamp())
    flood, dice, now = FloodControl(clock, Limits()), random.Random(7), NOON
    replies = 0
    for tick in range(1500):
        for _ in range(3):
            chat, lane = (dice.randrange(400), "alert") if tick % 33 else (1000 + dice.randrange(60), "reply")
            if not await dice.choice(pacings).admit(f"telegram:{chat}", lane, now):
                flood.admit("send", chat)
                replies += lane == "reply"
        now += timedelta(milliseconds=10)
        clock.advance(0.01)
    assert flood.refusals == []
    assert 22 * 15 <= len(flood.admitted) <= 30 * 15
    assert replies > 50


async def test_a_reply_never_waits_for_alerts(pace: Pace) -> None:
    assert await pace.leaving(3) >= 60
    waits = [await pace.admit(10_000 + number, "reply") for number in range(60)]
    assert waits == [0.0] * 60
    assert await pace.admit(20_000) > 2, "the alerts wait for them"


async def test_one_chat_gets_three_replies_at_once_and_then_one_a_second(pace: Pace) -> None:
    assert [await pace.admit(1, "reply") for _ in range(3)] == [0.0] * 3
    wait = await pace.admit(1, "reply")
    assert 3 <= wait <= 3.4
    assert await pace.admit(1) >= wait
    assert await pace.admit(2, "reply") == 0.0
    pace.wait(wait)
    assert await pace.admit(1, "reply") == 0.0


async def test_alerts_to_one_chat_keep_their_distance_and_leave_room_for_a_reply(pace: Pace) -> None:
    assert await pace.admit(1) == 0.0
    assert 1 <= await pace.admit(1) <= 1.2
    pace.wait(1.2)
    assert await pace.admit(1) == 0.0
    pace.wait(1.2)
    assert await pace.admit(1) > 0.5
    assert await pace.admit(1, "reply") == 0.0


async def test_a_group_gets_no_more_than_twenty_a_minute_and_its_topics_share_them(pace: Pace) -> None:
    flood = FloodControl(clock := WorldClock(rate=0, at=NOON.timestamp()), Limits(overall=None))
    sent = {"alert": 0, "reply": 0}
    for tick in range(1200):
        lane: Lane = "reply" if tick % 50 == 49 else "alert"
        if not await pace.admit(f"-100/{tick % 4}", lane):
            flood.admit("send", -100)
            sent[lane] += 1
        pace.wait(0.1)
        clock.advance(0.1)
    assert flood.refusals == []
    assert sent["reply"] >= 20
    assert 36 <= sent["alert"] + sent["reply"] <= 40


async def test_other_transports_have_no_limits(redis: Redis) -> None:
    pacing = RedisPacing(redis)
    assert {await pacing.admit("console:me", "alert", NOON) for _ in range(200)} == {0.0}
    assert await redis.keys() == []


async def test_the_servers_clock_is_everybodys_clock(redis: Redis) -> None:
    pacings = [RedisPacing(redis), RedisPacing(redis)]
    skewed = [NOON, NOON + timedelta(hours=3)]
    waits = await asyncio.gather(
        *(pacings[number % 2].admit("telegram:1", "reply", skewed[number % 2]) for number in range(6))
    )
    assert sum(wait == 0 for wait in waits) == 3


async def test_what_arrives_late_makes_what_follows_wait(pace: Pace) -> None:
    assert await pace.leaving(1) >= 20
    pace.wait(1)
    for _ in range(24):
        await pace.pacing.late(pace.now)
    assert 0.8 <= await pace.admit(9000) <= 1.1
    assert await pace.admit(9001, "reply") == 0.0


# --- refusals ----------------------------------------------------------------------------------------------------


async def test_a_refusal_of_one_chat_delays_only_it(pace: Pace) -> None:
    for _ in range(5):
        await pace.refused(1, 10_000)
        pace.wait(0.1)
    assert 9_999 <= await pace.admit(1) <= 10_000
    assert await pace.admit(1, "reply") > 9_000
    assert await pace.leaving(4, first=2) >= 4 * 22
    pace.wait(10_000)
    assert await pace.admit(1) == 0.0


async def test_refusals_of_two_chats_at_once_halt_all_and_halve_the_rate_which_recovers(pace: Pace) -> None:
    await pace.leaving(2)
    await pace.refused(5000, 3)
    pace.wait(0.2)
    await pace.refused(5001, 3)
    await pace.refused(5002, 4)
    assert 2.9 <= await pace.admit(6000, "reply") <= 4
    assert 2.9 <= await pace.admit(6001) <= 4
    pace.wait(4)
    slow = await pace.leaving(10, first=10_000)
    assert 10 * 10 <= slow <= 13 * 10, "half of 24 a second"
    pace.wait(5 * 60)
    assert 15 * 10 <= await pace.leaving(10, first=20_000) <= 19 * 10
    pace.wait(15 * 60)
    assert await pace.leaving(10, first=30_000) >= 22 * 10


async def test_a_rate_is_never_slowed_to_nothing(pace: Pace) -> None:
    for number in range(40):
        await pace.refused(number, 1)
        pace.wait(0.5)
    pace.wait(10)
    assert await pace.leaving(20, first=1000, step=0.1) >= 15


async def test_replies_keep_to_a_slowed_rate_too(pace: Pace) -> None:
    await pace.refused(1, 1)
    await pace.refused(2, 1)
    pace.wait(1)
    waits = [await pace.admit(100 + number, "reply") for number in range(40)]
    assert waits[-1] > 0


# --- money -------------------------------------------------------------------------------------------------------


async def test_money_buys_room_until_the_budget_of_the_day_is_used_up(redis: Redis) -> None:
    pace = Pace(redis, Rates(paid_budget=5))
    await pace.leaving(1)
    bought = [not await pace.admit(1000 + number, "paid") for number in range(8)]
    assert bought == [True] * 5 + [False] * 3
    assert await pace.admit(1000, "paid") > 0.5, "the limits of a chat are not for sale"
    pace.wait(24 * 3600)
    assert await pace.admit(2000, "paid") == 0.0


async def test_without_a_budget_nothing_is_paid_for(pace: Pace) -> None:
    assert await pace.admit(1, "paid") > 0


@pytest.mark.parametrize("rate", [1, 2, 5, 9])
async def test_alerts_leave_at_a_low_rate_too(redis: Redis, rate: int) -> None:
    """The share of the answers must not be all that there is."""
    assert await Pace(redis, Rates(overall=rate)).leaving(20, step=0.05) >= 20 * rate * 0.45


async def test_a_slow_chat_is_counted_for_as_long_as_its_limit_says(redis: Redis) -> None:
    pacing = RedisPacing(redis, Rates(chat=0.01), server_time=False)
    assert not await pacing.admit("telegram:1", "reply", NOON)
    assert await redis.ttl(log_key("1")) > 300


async def test_a_clock_that_is_put_back_stops_nobody(pace: Pace) -> None:
    await pace.leaving(2)
    while not await pace.admit("anna", "reply"):
        pass
    await pace.refused(1, 5)
    await pace.refused(2, 5)
    pace.wait(-3600)
    assert await pace.leaving(10, first=5000) > 60
    pace.wait(4)
    assert not await pace.admit("anna")

"""Telegram says 429, or nothing at all: nothing is lost, nothing comes twice, and only whom it is about must wait."""

import asyncio
import re
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from fakes.alerts import Simulation, Tally, follow
from fakes.botapi.faults import flood
from fakes.botapi.limits import Limits
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World
from fakes.plant import Plant
from fakes.processes import ServiceProcess, stopping
from fakes.stories import enriched_story
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.outbox_scripts import ACTIVE_KEY, DELAYED_KEY
from services.bot.messengers.telegram.client import TelegramMessenger, telegram_bot
from shared.archive.opening import open_archive
from shared.clock import SystemClock
from shared.envelope import wrap_model
from shared.settings import Settings
from shared.topology import ENRICHED

# --- on a clock of their own -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cap", "folded"), [(10**9, 0), (30, 170)])
async def test_two_hundred_alerts_for_one_chat_with_a_flood_wait_at_every_fifth_call(
    redis: Redis, cap: int, folded: int
) -> None:
    async with FakeBotApi() as api:
        anna = api.world.person("Anna")
        who = f"telegram:{anna.chat.id}"
        for number in range(1, 100):
            api.world.faults.add(flood("sendMessage", 38, chat=anna.chat.id, skip=4 * number))
        messenger = TelegramMessenger(telegram_bot(api.world.token, api.url))
        simulation = Simulation(redis, messenger, daily_cap=cap)
        await follow(redis, who)
        for number in range(200):
            await simulation.spread(f"s{number:03}")
        await simulation.send_all()
        await messenger.close()
        told = [name for text in anna.chat.texts for name in re.findall(r"\((s\d+)\)", text)]
        waiting = [row.due.cluster for row in reversed(await RedisRecords(redis).folded(who, 999))]
        assert told + waiting == [f"s{number:03}" for number in range(200)]
        assert len(waiting) == folded
        assert simulation.seen["dead"] == simulation.seen["uncertain"] == 0


async def test_a_story_with_many_followers_leaves_when_the_limit_says_so_and_is_never_held_in_memory(
    redis: Redis,
) -> None:
    followers = 2000
    await follow(redis, *(f"telegram:{number}" for number in range(followers)))
    tally = Tally(followers)
    simulation = Simulation(redis, tally)
    await simulation.spread("warm-up", "TJ")
    tracemalloc.start()
    try:
        assert await simulation.spread("big") == followers
        await simulation.send_all()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert tally.counts.count(1) == followers
    assert simulation.seconds == pytest.approx(followers / 24, rel=0.02)
    assert peak < 4 * 2**20, "a page of followers and a few turns"


# --- as processes ------------------------------------------------------------------------------------------------


@pytest.fixture
async def api(plant: Plant) -> AsyncIterator[FakeBotApi]:
    archive = open_archive(Settings(home=plant.home))
    await archive.setup()
    await archive.close()
    async with FakeBotApi(World(limits=Limits())) as api:
        yield api


def bot(plant: Plant, api: FakeBotApi, number: int = 1) -> ServiceProcess:
    told = {"DATELINE_TELEGRAM_TOKEN": api.world.token, "DATELINE_TELEGRAM_BASE_URL": api.url}
    return plant.service("bot", number, **told)


async def publish(plant: Plant, story_id: str, *, times: int = 1) -> None:
    now = SystemClock().now()
    story = enriched_story(story_id, published_at=now, first_seen_at=now)
    for _ in range(times):
        await plant.redis.xadd(ENRICHED.name, {b"__data__": wrap_model(story)})


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_one_event_published_five_times_to_two_processes_is_one_alert_for_each(
    plant: Plant, api: FakeBotApi
) -> None:
    people = [api.world.person(f"P{number}") for number in range(40)]
    for person in people:
        await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
    first, second = bot(plant, api, 1), bot(plant, api, 2)
    with stopping(first, second):
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in (first, second)))
        await publish(plant, "s1", times=5)
        await publish(plant, "s2")
        await api.world.until(lambda: all("s2" in "".join(p.chat.texts) for p in people), seconds=90)
    for person in people:
        assert "".join(person.chat.texts).count("(s1)") == 1
    assert api.world.flood.refusals == []


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_wait_of_hours_for_one_chat_delays_only_that_chat(plant: Plant, api: FakeBotApi) -> None:
    people = [api.world.person(f"P{number}") for number in range(20)]
    banned, others = people[0], people[1:]
    for person in people:
        await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
    api.world.flood.ban(10_000, banned.chat.id)
    process = bot(plant, api)
    with stopping(process):
        await asyncio.to_thread(process.start)
        for story_id in ("s1", "s2"):
            await publish(plant, story_id)
            await api.world.until(
                lambda mark=story_id: all(f"({mark})" in "".join(p.chat.texts) for p in others), seconds=60
            )
        who = f"telegram:{banned.chat.id}"
        assert banned.chat.texts == []
        assert [await RedisRecords(plant.redis).state(who, name) for name in ("s1", "s2")] == ["ready"] * 2
        due = await plant.redis.zscore(DELAYED_KEY, who)
        assert due is not None
        assert due / 1000 - SystemClock().now().timestamp() > 9_000
    assert len(api.world.flood.refusals) == 1, "nobody asks again before the time"


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_while_telegram_is_away_alerts_wait_and_leave_at_their_pace_when_it_is_back(
    plant: Plant, api: FakeBotApi
) -> None:
    people = [api.world.person(f"P{number}") for number in range(60)]
    for person in people:
        await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
    process = bot(plant, api)
    with stopping(process):
        await asyncio.to_thread(process.start)
        await api.stop()
        for number in range(3):
            await publish(plant, f"s{number}")
        # Everybody has been tried in vain before it is back.
        async with asyncio.timeout(60):
            while await plant.redis.zcard(DELAYED_KEY) + await plant.redis.zcard(ACTIVE_KEY) < len(people):
                await asyncio.sleep(0.05)
        assert process.running
        await api.start()
        await api.world.until(
            lambda: all("".join(p.chat.texts).count("Something happened") >= 3 for p in people), seconds=180
        )
    for person in people:
        told = re.findall(r"\((s\d)\)", "".join(person.chat.texts))
        assert told == ["s0", "s1", "s2"]
    assert api.world.flood.refusals == []
    assert api.world.flood.peak() <= 30

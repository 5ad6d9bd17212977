"""The bot is killed while it sends digests: everybody gets theirs, once but for what was on its way."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fakes.alerts import news
from fakes.botapi.faults import Fault
from fakes.botapi.server import FakeBotApi
from fakes.office import Office
from fakes.plant import Plant
from fakes.processes import stopping
from services.bot.alerts.digest_due import DIGESTS_DUE_KEY
from services.bot.alerts.outbox_records import RedisRecords
from shared.archive.opening import open_archive
from shared.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
#: How often the bot is killed.
KILLS = int(os.environ.get("DATELINE_TEST_KILLS", "4"))


@pytest.fixture
async def api(plant: Plant) -> AsyncIterator[FakeBotApi]:
    archive = open_archive(plant.settings)
    await archive.setup()
    await archive.close()
    async with FakeBotApi() as api:
        yield api


async def test_kills_while_digests_leave_lose_none_and_repeat_silently_at_most_once(
    plant: Plant, api: FakeBotApi
) -> None:
    people = [api.world.person(f"P{number}") for number in range(12 * KILLS + 12)]
    office = Office(plant.redis, daily_cap=0)  # every alert waits for the digest
    for person in people:
        await office.follow(f"telegram:{person.chat.id}", "country:KZ")
    await office.tell(news("s1"), news("s2"))
    due = int((SystemClock().now() - timedelta(hours=1)).timestamp()) * 1000
    await plant.redis.zadd(DIGESTS_DUE_KEY, {f"telegram:{person.chat.id}": due for person in people}, xx=True)
    for number in range(3, len(people), 4):
        api.world.faults.add(Fault("sendMessage", "hang_after", chat=people[number].chat.id))
    process = plant.service(
        "bot",
        DATELINE_TELEGRAM_TOKEN=api.world.token,
        DATELINE_TELEGRAM_BASE_URL=api.url,
        DATELINE_ALERT_TRUST_SECONDS="1",
    )
    with stopping(process):
        for kill in range(1, KILLS + 1):
            await asyncio.to_thread(process.start)
            await api.world.until(
                lambda kill=kill: sum(bool(p.chat.texts) for p in people) >= 12 * kill, seconds=60
            )
            await asyncio.to_thread(process.kill)
        api.world.faults.clear()
        await asyncio.to_thread(process.start)
        await api.world.until(lambda: all(person.chat.texts for person in people), seconds=60)
        await all_told(plant, [f"telegram:{person.chat.id}" for person in people])
    for person in people:
        assert len(person.chat.texts) in {1, 2}
        assert all(text.startswith("🗞") and "2 stories" in text for text in person.chat.texts)
        assert all(person.chat.notifications[1:]), "a repeat makes no sound"
    assert await plant.redis.zcard(DIGESTS_DUE_KEY) == 0


async def all_told(plant: Plant, recipients: list[str]) -> None:
    """Wait until nothing waits for anybody's digest any more."""
    records = RedisRecords(plant.redis)
    async with asyncio.timeout(60):
        for who in recipients:
            while await records.folded(who):
                await asyncio.sleep(0.1)

"""The server that holds the outbox is killed and comes back while alerts leave: everybody gets theirs, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from fakes.botapi.server import FakeBotApi
from fakes.plant import Plant
from fakes.processes import stopping
from fakes.stories import enriched_story
from services.bot.alerts.outbox_records import RedisRecords
from shared.archive.opening import open_archive
from shared.clock import SystemClock
from shared.embedded import EmbeddedServer
from shared.envelope import wrap_model
from shared.topology import ENRICHED, ensure_groups

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path / "server")
    await server.start()
    yield server
    await server.stop()


async def killed(server: EmbeddedServer) -> None:
    assert server.process is not None
    server.process.kill()
    await asyncio.to_thread(server.process.wait)


async def publish(redis: Redis, story_id: str) -> None:
    now = SystemClock().now()
    story = enriched_story(story_id, published_at=now, first_seen_at=now)
    await redis.xadd(ENRICHED.name, {b"__data__": wrap_model(story)})


async def test_a_server_that_is_killed_and_comes_back_costs_nobody_an_alert_and_gives_nobody_two(
    server: EmbeddedServer, make_plant: Callable[[Redis, str], Plant]
) -> None:
    async with Redis.from_url(server.url) as redis, FakeBotApi() as api:
        await ensure_groups(redis)
        plant = make_plant(redis, server.url)
        archive = open_archive(plant.settings)
        await archive.setup()
        await archive.close()
        people = [api.world.person(f"P{number}") for number in range(100)]
        for person in people:
            await plant.follow(f"telegram:{person.chat.id}", "country:KZ")
        process = plant.service(
            "bot", DATELINE_TELEGRAM_TOKEN=api.world.token, DATELINE_TELEGRAM_BASE_URL=api.url
        )
        with stopping(process):
            await asyncio.to_thread(process.start)
            await publish(redis, "s1")
            await api.world.until(lambda: sum(bool(p.chat.texts) for p in people) >= 40, seconds=60)
            await killed(server)
            await server.start()
            await api.world.until(lambda: all(person.chat.texts for person in people), seconds=90)
            records = RedisRecords(redis)
            async with asyncio.timeout(30):
                for person in people:
                    while await records.state(f"telegram:{person.chat.id}", "s1") != "sent":
                        await asyncio.sleep(0.05)
    assert Counter(len(person.chat.texts) for person in people) == {1: 100}
    assert not any(silent for person in people for silent in person.chat.notifications)

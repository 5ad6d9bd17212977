"""The duplicate index on a server: its speed, its memory, and workers that race for it."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.stories import varied
from services.enrich.cluster_store import RedisClusters
from services.enrich.signatures import sign
from shared.embedded import EmbeddedServer
from shared.events import Cluster, EnrichedStory

_BEGIN = datetime(2025, 3, 14, tzinfo=UTC)


def numbered(start: int, count: int) -> list[EnrichedStory]:
    """Made-up stories, no two alike, all of one time."""
    return [
        EnrichedStory.model_construct(**dict(raw), headline="", cluster=Cluster(id=raw.story_id))
        for raw in map(varied, range(start, start + count))
    ]


async def server_step(stories: Sequence[EnrichedStory], count: int, batch: int) -> None:
    async with fresh_server() as url, Redis.from_url(url) as redis:
        print("as they were published:")
        await measure_server(redis, stories, batch)
    async with fresh_server() as url:
        async with Redis.from_url(url) as redis:
            print("all within two days, so that every one may match every other:")
            await measure_server(redis, list(squeezed(stories)), batch)
        await races(url)
    async with fresh_server() as url, Redis.from_url(url) as redis:
        await measure_memory(redis, count)


def squeezed(stories: Sequence[EnrichedStory]) -> Iterator[EnrichedStory]:
    """The same stories, published one after the other within two days."""
    for number, story in enumerate(stories):
        moment = _BEGIN + number * timedelta(days=2) / len(stories)
        yield story.model_copy(update={"published_at": moment, "first_seen_at": moment})


@asynccontextmanager
async def fresh_server() -> AsyncIterator[str]:
    """A server of its own: what another measurement left behind would be counted too."""
    with tempfile.TemporaryDirectory() as home:
        server = EmbeddedServer(Path(home))
        await server.start()
        yield server.url
        await server.stop()


async def measure_server(redis: Redis, stories: Sequence[EnrichedStory], batch: int) -> None:
    index, count = RedisClusters(redis), len(stories)
    start = time.process_time()
    for story in stories:
        sign(story)
    features = time.process_time() - start
    wall, cpu = time.perf_counter(), time.process_time()
    first = await in_batches(index, stories, batch)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"  server step, one worker, batches of {batch}: {count / wall:,.0f} stories/s with features, "
        f"{count / max(1e-9, wall - features):,.0f} without ({count / cpu:,.0f} and "
        f"{count / max(1e-9, cpu - features):,.0f} per CPU-second of the worker)"
    )
    again = await in_batches(index, stories, batch) + await in_batches(index, stories, batch)
    print(
        f"  redelivered {len(again):,}: {sum(a != b for a, b in zip(first * 2, again, strict=True))} answers changed"
    )


async def measure_memory(redis: Redis, count: int) -> None:
    """What the index takes on the server, and what a million stories would, each like the last ones measured."""
    index, empty = RedisClusters(redis), await used(redis)
    taken = []
    for start in (0, count // 2):
        for at in range(start, start + count // 2, 1_000):
            await in_batches(index, numbered(at, min(1_000, start + count // 2 - at)), 100)
        taken.append(await used(redis) - empty)
    more = (taken[1] - taken[0]) / (count - count // 2)
    million = (taken[1] + (1_000_000 - count) * more) / 1e9
    print(
        f"index of {count:,} made-up stories: {taken[1] / count:,.0f} bytes a story, {more:,.0f} for each more; "
        f"{million:.2f} GB for a million"
    )


async def used(redis: Redis) -> int:
    return int((await redis.info("memory"))["used_memory"])


async def in_batches(index: RedisClusters, stories: Sequence[EnrichedStory], size: int) -> list[Cluster]:
    answers = []
    for start in range(0, len(stories), size):
        answers += await index.assign_many(stories[start : start + size])
    return answers


async def races(url: str, rounds: int = 600) -> None:
    clients = [Redis.from_url(url) for _ in range(4)]
    indexes = [RedisClusters(client) for client in clients]
    split = 0
    for number, story in enumerate(numbered(0, rounds)):
        copies = [story.model_copy(update={"story_id": f"race-{number}-{worker}"}) for worker in range(4)]
        answers = await asyncio.gather(
            *(index.assign(copy) for index, copy in zip(indexes, copies, strict=True))
        )
        split += len({answer.id for answer in answers}) > 1
    print(f"{rounds} times four simultaneous copies at four workers: {split} splits")
    for client in clients:
        await client.aclose()

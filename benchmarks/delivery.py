"""What the batch fast path costs, against FastStream's one-message handler, in one run on one server.

Both read the same stories from one stream, validate them, publish them to the next stream and acknowledge.
The figure that counts is stories per CPU-second of the consuming process: wall time depends on what else runs.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from redis.asyncio import Redis

from benchmarks.stories import varied
from shared.consumers import Consumers
from shared.embedded import EmbeddedServer
from shared.envelope import wrap_model
from shared.events import RawStory
from shared.observe import Metrics, configure_logging
from shared.settings import Settings
from shared.stages import Forward, Outcome, Stage
from shared.topology import ENRICHED, RAW, ensure_groups


async def fill(redis: Redis, count: int) -> None:
    await redis.flushall()
    await ensure_groups(redis)
    for start in range(0, count, 500):
        async with redis.pipeline(transaction=False) as pipe:
            for number in range(start, min(count, start + 500)):
                pipe.xadd(RAW.name, {b"__data__": wrap_model(varied(number)), b"admitted": b"1"})
            await pipe.execute()


async def until_passed_on(redis: Redis, count: int) -> None:
    while await redis.xlen(ENRICHED.name) < count:
        await asyncio.sleep(0.05)


async def timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - wall, time.process_time() - cpu


async def ours(url: str, redis: Redis, count: int) -> tuple[float, float]:
    async def handle(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        return [Forward(wrap_model(each, story_id=each.story_id)) for each in stories]

    stage = Stage(
        name="enrich", stream=RAW, group="enrich", model=RawStory, handle=handle,
        identify=lambda each: f"{each.story_id}:{each.revision}", source=lambda each: each.source.id,
        counted=True, next=ENRICHED,
    )  # fmt: skip
    await fill(redis, count)
    consumers = Consumers(url, redis, [stage], settings=Settings(), metrics=Metrics())

    async def work() -> None:
        await consumers.start()
        await until_passed_on(redis, count)

    measured = await timed(work)
    await consumers.stop()
    return measured


async def one_by_one(url: str, redis: Redis, count: int) -> tuple[float, float]:
    await fill(redis, count)
    broker = RedisBroker(url, logger=None)
    options: Any = StreamSub(RAW.name, group="enrich", consumer="one", max_records=100, polling_interval=500)

    @broker.subscriber(stream=options, ack_policy=AckPolicy.NACK_ON_ERROR)
    @broker.publisher(stream=ENRICHED.name)
    async def handle(each: RawStory) -> RawStory:
        return each

    async def work() -> None:
        await broker.start()
        await until_passed_on(redis, count)

    measured = await timed(work)
    await broker.stop()
    return measured


async def compare(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        await server.start()
        async with Redis.from_url(server.url) as redis:
            best: dict[str, float] = {}
            for _ in range(rounds):
                for name, run in (("one message at a time", one_by_one), ("Dateline's fast path", ours)):
                    wall, cpu = await run(server.url, redis, count)
                    best[name] = max(best.get(name, 0), count / cpu)
                    print(f"{name:24} {count / wall:8,.0f} stories/s {count / cpu:8,.0f} per CPU-second")
        await server.stop()
    ratio = best["Dateline's fast path"] / best["one message at a time"]
    print(f"ratio per CPU-second (best of {rounds}): {ratio:.1f} (must be at least 5)")
    if ratio < 5:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    configure_logging("WARNING")
    asyncio.run(compare(args.stories, args.rounds))


if __name__ == "__main__":
    main()

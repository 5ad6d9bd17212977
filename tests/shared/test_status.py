"""The status: exact at any instant, also while stories move."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from redis.asyncio import Redis

from fakes.stories import raw_story
from services.ingest.admission import Door
from shared.envelope import wrap_model
from shared.events import RawStory
from shared.observe import Metrics
from shared.service import Service, running
from shared.settings import Settings
from shared.stages import Forward, Outcome, Stage
from shared.status import read_status, show_in_metrics
from shared.topology import ENRICHED, RAW, ensure_groups


async def test_an_empty_server_is_balanced(redis: Redis) -> None:
    status = await read_status(redis)

    assert status.balanced
    assert [stage.waiting for stage in status.stages] == [0, 0, 0, 0, 0]


async def test_the_counts_add_up_at_every_instant(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    async def pass_on(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        await asyncio.sleep(0)
        return [Forward(wrap_model(story)) for story in stories]

    stage = Stage(
        name="enrich", stream=RAW, group="enrich", model=RawStory, handle=pass_on,
        identify=lambda story: story.story_id, source=lambda story: story.source.id,
        counted=True, next=ENRICHED, batch=7,
    )  # fmt: skip
    settings, seen = Settings(home=tmp_path), []

    async def watch() -> None:
        while len(seen) < 3 or seen[-1].stages[0].waiting:
            seen.append(await read_status(redis))

    service = Service("enrich", stages=[stage])
    async with running(
        [service], url=redis_url, redis=redis, settings=settings, metrics=Metrics(), serve=False
    ):
        door = Door(redis, high_water=10**6)
        publishing = [door([(raw_story(f"s{i}-{j}"), "f") for j in range(20)]) for i in range(20)]
        await asyncio.gather(watch(), *publishing)

    assert all(status.balanced for status in seen)
    assert any(status.stages[0].waiting > 0 for status in seen)
    assert seen[-1].in_flight == 400


async def test_the_gauges_show_what_was_read(redis: Redis) -> None:
    await ensure_groups(redis)
    await Door(redis, high_water=10)([(raw_story(), "f"), (raw_story(), "f")])
    metrics = Metrics()

    show_in_metrics(await read_status(redis), metrics)

    value = metrics.registry.get_sample_value
    assert value("dateline_stream_lag", {"stream": "stories.raw", "group": "enrich"}) == 1
    assert value("dateline_stories", {"source": "wire", "outcome": "duplicate"}) == 1
    assert value("dateline_stories", {"source": "wire", "outcome": "in_flight"}) == 1


async def test_a_full_server_still_tells_its_status(redis: Redis) -> None:
    await ensure_groups(redis)
    await Door(redis, high_water=10)([(raw_story(), "f")])
    await redis.config_set("maxmemory", "1mb")
    try:
        status = await read_status(redis)
    finally:
        await redis.config_set("maxmemory", "0")

    assert (status.in_flight, status.balanced) == (1, True)

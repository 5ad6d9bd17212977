"""The keeper trims only what every group has finished with, and never a consumer that holds something."""

from typing import Any

import pytest
from redis.asyncio import Redis

from shared.delivery_scripts import remove_idle_consumers_script
from shared.keeper import trim
from shared.topology import ENRICHED, ensure_groups


@pytest.fixture(autouse=True)
async def entries(redis: Redis) -> None:
    await ensure_groups(redis)
    for number in range(10):
        await redis.xadd(ENRICHED.name, {"n": number}, id=f"{1000 + number}-0")


async def handle(redis: Redis, group: str, read: int, acknowledge: int) -> None:
    answer: Any = await redis.xreadgroup(group, "c", {ENRICHED.name: ">"}, count=read)
    ids = [entry_id for entry_id, _ in answer[0][1]][:acknowledge]
    if ids:
        await redis.xack(ENRICHED.name, group, *ids)


async def left(redis: Redis) -> int:
    return int(await redis.xlen(ENRICHED.name))


async def test_what_a_group_has_not_read_stays(redis: Redis) -> None:
    await handle(redis, "index", 10, 10)

    assert await trim(redis, ENRICHED, keep_seconds=0) == 0
    assert await left(redis) == 10


async def test_what_every_group_acknowledged_goes_and_what_one_holds_stays(redis: Redis) -> None:
    await handle(redis, "index", 10, 10)
    await handle(redis, "alerts", 8, 6)

    assert await trim(redis, ENRICHED, keep_seconds=0) == 6
    assert await left(redis) == 4


async def test_a_tail_of_handled_entries_is_kept_for_a_while(redis: Redis) -> None:
    await handle(redis, "index", 10, 10)
    await handle(redis, "alerts", 10, 10)
    await redis.xadd(ENRICHED.name, {"n": "just now"})
    await handle(redis, "index", 1, 1)
    await handle(redis, "alerts", 1, 1)

    await trim(redis, ENRICHED, keep_seconds=3600)

    assert await left(redis) == 1


async def test_without_one_of_its_groups_nothing_is_trimmed(redis: Redis) -> None:
    await handle(redis, "index", 10, 10)
    await redis.xgroup_destroy(ENRICHED.name, "alerts")

    assert await trim(redis, ENRICHED, keep_seconds=0) == 0


async def test_idle_consumers_go_unless_they_hold_something(redis: Redis) -> None:
    await redis.xreadgroup("index", "idle", {ENRICHED.name: ">"}, count=1)
    await redis.xack(ENRICHED.name, "index", "1000-0")
    await redis.xreadgroup("index", "holding", {ENRICHED.name: ">"}, count=1)

    removed = await remove_idle_consumers_script(redis)(keys=[ENRICHED.name], args=["index", -1])

    names = [row["name"] for row in await redis.xinfo_consumers(ENRICHED.name, "index")]
    assert (removed, names) == (1, [b"holding"])

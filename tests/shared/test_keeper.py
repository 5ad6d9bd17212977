"""The keeper trims only what every group has finished with, and never a consumer that holds something."""

from typing import Any

import pytest
from redis.asyncio import Redis

from shared.delivery_scripts import remove_idle_consumers_script
from shared.keeper import right_counters, trim
from shared.status import read_status
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


async def lag(redis: Redis, group: str) -> int | None:
    rows: Any = await redis.xinfo_groups(ENRICHED.name)
    return next(row["lag"] for row in rows if row["name"].decode() == group)


async def forget_what_was_read(redis: Redis, group: str) -> None:
    """What a restart of Redis 7.0 leaves: the group goes on where it was, and the server has not counted it."""
    rows: Any = await redis.xinfo_groups(ENRICHED.name)
    last = next(row["last-delivered-id"] for row in rows if row["name"].decode() == group)
    await redis.execute_command("XGROUP", "SETID", ENRICHED.name, group, last, "ENTRIESREAD", 1)


async def test_a_counter_that_a_restart_broke_is_righted(redis: Redis) -> None:
    for group, read in (("index", 10), ("alerts", 7)):
        await handle(redis, group, read, 2)
        await forget_what_was_read(redis, group)
    assert [await lag(redis, "index"), await lag(redis, "alerts")] == [9, 9]

    assert await right_counters(redis, ENRICHED) == 2

    assert [await lag(redis, "index"), await lag(redis, "alerts")] == [0, 3]
    assert await right_counters(redis, ENRICHED) == 0
    status = await read_status(redis)
    assert [stage.pending for stage in status.stages if stage.stream == ENRICHED.name] == [8, 5]


async def test_right_counters_stay_right_after_a_trim(redis: Redis) -> None:
    await handle(redis, "index", 10, 10)
    await handle(redis, "alerts", 8, 8)
    await trim(redis, ENRICHED, keep_seconds=0)

    assert await right_counters(redis, ENRICHED) == 0
    assert [await lag(redis, "index"), await lag(redis, "alerts")] == [0, 2]


async def test_a_group_that_has_read_the_last_entry_lags_behind_nothing(redis: Redis) -> None:
    await handle(redis, "index", 10, 10)
    await forget_what_was_read(redis, "index")

    status = await read_status(redis)

    assert {stage.stage: stage.lag for stage in status.stages}["index"] == 0

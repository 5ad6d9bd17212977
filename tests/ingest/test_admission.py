"""The door of the pipeline on a real server: new, duplicate, revised, and the counts."""

import asyncio
import json
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.stories import raw_story
from services.ingest.admission import REMEMBER_TEXTS, Door, seen_key
from services.ingest.ports import UnavailableError
from shared.envelope import unwrap
from shared.status import read_status
from shared.topology import RAW, ensure_groups


@pytest.fixture
async def door(redis: Redis) -> Door:
    await ensure_groups(redis)
    return Door(redis, high_water=1000)


async def published(redis: Redis) -> list[tuple[str, int]]:
    rows: Any = await redis.xrange(RAW.name)
    bodies = [json.loads(unwrap(fields)) for _id, fields in rows]
    return [(body["story_id"], body["revision"]) for body in bodies]


async def test_a_story_is_accepted_once_and_then_a_duplicate(redis: Redis, door: Door) -> None:
    answers = await door([(raw_story("a"), "f1"), (raw_story("a"), "f1"), (raw_story("b"), "f1")])

    assert [answer.status for answer in answers] == ["accepted", "duplicate", "accepted"]
    assert await published(redis) == [("a", 0), ("b", 0)]
    counts = (await read_status(redis)).sources["wire"]
    assert (counts.fetched, counts.duplicate, counts.in_flight) == (3, 1, 2)


async def test_other_text_is_a_revision_and_flipping_back_is_a_duplicate(redis: Redis, door: Door) -> None:
    seen = [(await door([(raw_story("a"), text)]))[0] for text in ("f1", "f2", "f1", "f3")]

    assert [(answer.status, answer.revision) for answer in seen] == [
        ("accepted", 0),
        ("revised", 1),
        ("duplicate", 0),
        ("revised", 2),
    ]
    assert await published(redis) == [("a", 0), ("a", 1), ("a", 2)]


async def test_simultaneous_copies_are_accepted_once(redis: Redis, door: Door) -> None:
    answers = await asyncio.gather(*(door([(raw_story("a"), "f1")]) for _ in range(20)))

    assert sorted(answer[0].status for answer in answers) == ["accepted"] + ["duplicate"] * 19
    assert await published(redis) == [("a", 0)]


async def test_a_story_with_other_words_at_every_look_is_remembered_in_bounds(
    redis: Redis, door: Door
) -> None:
    looks = REMEMBER_TEXTS * 2 + 10
    for look in range(looks):
        (last,) = await door([(raw_story("a"), f"f{look}")])

    assert (last.status, last.revision) == ("revised", looks - 1)
    assert await redis.hlen(seen_key("a")) <= REMEMBER_TEXTS + 1
    assert (await door([(raw_story("a"), f"f{looks - 1}")]))[0].status == "duplicate"


async def test_above_the_high_water_mark_nothing_is_admitted(redis: Redis) -> None:
    await ensure_groups(redis)
    door = Door(redis, high_water=2)
    await door([(raw_story(f"s{i}"), "f") for i in range(3)])

    with pytest.raises(UnavailableError, match="high-water"):
        await door([(raw_story("one-too-many"), "f")])

    assert len(await published(redis)) == 3


async def test_a_full_server_is_told_apart_from_one_that_is_away(redis: Redis) -> None:
    await ensure_groups(redis)
    door = Door(redis, high_water=2)
    await redis.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(UnavailableError, match="full"):
            await door([(raw_story("a"), "f")])
        with pytest.raises(UnavailableError, match="full"):
            await door.reject("wire", "empty_text")
    finally:
        await redis.config_set("maxmemory", "0")


async def test_a_backlog_that_only_the_server_believes_in_shuts_no_door(redis: Redis) -> None:
    await ensure_groups(redis)
    door = Door(redis, high_water=2)
    await door([(raw_story(f"s{i}"), "f") for i in range(3)])
    await redis.xreadgroup("enrich", "c", {RAW.name: ">"})
    last = (await redis.xinfo_groups(RAW.name))[0]["last-delivered-id"]
    await redis.execute_command("XGROUP", "SETID", RAW.name, "enrich", last, "ENTRIESREAD", 0)

    (admission,) = await door([(raw_story("another"), "f")])

    assert admission.status == "accepted"


async def test_what_is_turned_away_is_counted_with_its_reason(redis: Redis, door: Door) -> None:
    await door.reject("wire", "empty_text")

    counts = (await read_status(redis)).sources["wire"]
    assert (counts.fetched, dict(counts.rejected), counts.in_flight) == (1, {"empty_text": 1}, 0)

"""The two paths of delivery, on a real server: nothing lost, nothing passed on twice, poison buried alone."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.stories import raw_story
from shared.dead_letters import DeadLetters, original_body
from shared.delivery import StageConsumer
from shared.envelope import unwrap, wrap, wrap_model
from shared.events import RawStory
from shared.leases import Lease
from shared.observe import Metrics
from shared.stages import Dead, Done, Forward, Limits, Outcome, Stage, Transient
from shared.status import read_status
from shared.topology import DEAD, ENRICHED, RAW, ensure_groups

SOON = Limits(max_tries=3, retry_seconds=0.0, sweep_seconds=0.01, pause_seconds=0.02)


async def pass_on(stories: Sequence[RawStory]) -> Sequence[Outcome]:
    return [Forward(wrap_model(story)) for story in stories]


def consumer_of(
    redis: Redis, handle: Any = pass_on, name: str = "c1", limits: Limits = SOON
) -> StageConsumer[Any]:
    stage = Stage(
        name="enrich",
        stream=RAW,
        group="enrich",
        model=RawStory,
        handle=handle,
        identify=lambda story: f"{story.story_id}:{story.revision}",
        source=lambda story: story.source.id,
        counted=True,
        next=ENRICHED,
    )
    return StageConsumer(redis, stage, name, limits=limits, metrics=Metrics(), stopping=asyncio.Event())


async def publish(redis: Redis, *bodies: bytes) -> None:
    for body in bodies:
        await redis.xadd(RAW.name, {b"__data__": wrap(body), b"admitted": b"1"})


def body_of(story: RawStory) -> bytes:
    return story.model_dump_json().encode()


async def read(redis: Redis, name: str = "c1", count: int = 100) -> list[tuple[bytes, dict[bytes, bytes]]]:
    answer: Any = await redis.xreadgroup("enrich", name, {RAW.name: ">"}, count=count)
    return [row for _stream, rows in answer for row in rows]


async def forwarded(redis: Redis) -> list[str]:
    rows: Any = await redis.xrange(ENRICHED.name)
    return [json.loads(unwrap(fields))["story_id"] for _id, fields in rows]


async def pending(redis: Redis) -> int:
    return int((await redis.xpending(RAW.name, "enrich"))["pending"])


@pytest.fixture(autouse=True)
async def groups(redis: Redis) -> None:
    await ensure_groups(redis)


async def test_a_batch_is_passed_on_and_acknowledged_together(redis: Redis) -> None:
    await publish(redis, *(body_of(raw_story(f"s{i}")) for i in range(5)))

    await consumer_of(redis).take(await read(redis))

    assert await forwarded(redis) == [f"s{i}" for i in range(5)]
    assert await pending(redis) == 0


async def test_groups_are_made_at_the_beginning_of_the_stream(redis: Redis) -> None:
    await redis.flushall()
    await publish(redis, body_of(raw_story("early")))
    await ensure_groups(redis)
    await ensure_groups(redis)

    assert len(await read(redis)) == 1


async def test_an_entry_settled_by_another_has_no_second_effect(redis: Redis) -> None:
    await publish(redis, body_of(raw_story()))
    rows = await read(redis)

    await consumer_of(redis).take(rows)
    await consumer_of(redis, name="c2").take(rows)

    assert await forwarded(redis) == ["s1"]


async def test_the_same_story_published_twice_is_passed_on_once_and_counted(redis: Redis) -> None:
    await publish(redis, body_of(raw_story()), body_of(raw_story()))

    await consumer_of(redis).take(await read(redis))

    assert await forwarded(redis) == ["s1"]
    assert await pending(redis) == 0
    assert (await read_status(redis)).sources["wire"].duplicate == 1


async def test_another_revision_of_a_story_is_passed_on(redis: Redis) -> None:
    await publish(redis, body_of(raw_story()), body_of(raw_story(revision=1)))

    await consumer_of(redis).take(await read(redis))

    assert await forwarded(redis) == ["s1", "s1"]


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        (b"{not json", "JSON"),
        (b'"\xff\xfe not utf-8"', "JSON"),
        (b'{"story_id": "x"}', "source"),
        (body_of(raw_story()).replace(b'"text":"Something', b'"words":"Something'), "text"),
        (b'{"data": "a legacy envelope?", "headers": {}}', "story_id"),
    ],
)
async def test_poison_is_buried_at_once_with_its_reason_and_harms_no_other(
    redis: Redis, poison: bytes, reason: str
) -> None:
    await publish(redis, body_of(raw_story("before")), poison, body_of(raw_story("after")))

    await consumer_of(redis).take(await read(redis))

    (letter,) = [filed.letter async for filed in DeadLetters(redis).list()]
    assert await forwarded(redis) == ["before", "after"]
    assert await pending(redis) == 0
    assert reason in letter.reason
    assert original_body(letter) == poison
    assert letter.stage == "enrich"


async def test_raw_json_without_an_envelope_is_taken_as_it_is(redis: Redis) -> None:
    await redis.xadd(RAW.name, {b"__data__": body_of(raw_story("bare"))})
    await redis.xadd(RAW.name, {b"other": b"field"})

    await consumer_of(redis).take(await read(redis))

    assert await forwarded(redis) == ["bare"]
    assert await redis.xlen(DEAD.name) == 1
    counts = (await read_status(redis)).sources
    assert (counts["wire"].fetched, counts["unattributed"].fetched, counts["unattributed"].dead) == (1, 1, 1)


async def test_one_failing_story_leaves_its_batch_alone_and_is_buried_after_its_tries(redis: Redis) -> None:
    async def handle(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        if any(story.story_id == "bad" for story in stories):
            raise KeyError("no such thing")
        return await pass_on(stories)

    await publish(redis, body_of(raw_story("good")), body_of(raw_story("bad")))
    consumer = consumer_of(redis, handle)
    await consumer.take(await read(redis))
    assert (await forwarded(redis), await pending(redis)) == (["good"], 1)

    tried = [await consumer.sweep() for _ in range(4)]

    (letter,) = [filed.letter async for filed in DeadLetters(redis).list()]
    assert tried == [1, 1, 0, 0]
    assert letter.deliveries == 3
    assert "KeyError" in letter.reason
    assert (await read_status(redis)).sources["wire"].dead == 1


async def test_entries_of_a_dead_consumer_are_taken_over_and_of_a_living_one_are_not(redis: Redis) -> None:
    await publish(redis, body_of(raw_story("a")), body_of(raw_story("b")))
    await read(redis, "dead", 1)
    await read(redis, "living", 1)
    await Lease(redis, "living", seconds=60).renew()

    while not await consumer_of(redis).sweep():
        await asyncio.sleep(0.001)

    assert await forwarded(redis) == ["a"]
    assert await pending(redis) == 1


async def test_an_entry_that_kills_its_consumers_is_buried_without_another_try(redis: Redis) -> None:
    handled = []

    async def handle(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        handled.extend(stories)
        return await pass_on(stories)

    await publish(redis, body_of(raw_story("killer")))
    ((entry_id, _fields),) = await read(redis, "victim1")
    for victim in ("victim2", "victim3"):
        await redis.xclaim(RAW.name, "enrich", victim, 0, [entry_id])

    while not await consumer_of(redis, handle).sweep():
        await asyncio.sleep(0.001)

    (letter,) = [filed.letter async for filed in DeadLetters(redis).list()]
    assert handled == []
    assert "no consumer lived" in letter.reason


async def test_what_is_unreachable_pauses_the_stage_and_burns_no_try(redis: Redis) -> None:
    attempts = 0

    async def handle(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        nonlocal attempts
        attempts += 1
        if attempts < 8:
            raise Transient("the archive is away")
        return [Done("stored") for _ in stories]

    await publish(redis, body_of(raw_story()))

    await consumer_of(redis, handle).take(await read(redis))

    assert attempts == 8
    assert await redis.xlen(DEAD.name) == 0
    assert (await read_status(redis)).sources["wire"].stored == 1


async def test_a_stop_while_waiting_leaves_the_entry_for_the_next_with_its_tries(redis: Redis) -> None:
    async def never(_stories: Sequence[RawStory]) -> Sequence[Outcome]:
        raise Transient("away")

    await publish(redis, body_of(raw_story()))
    await read(redis, "gone")
    consumer = consumer_of(redis, never)
    sweep = asyncio.create_task(consumer.sweep())
    await asyncio.sleep(0.05)
    consumer.stopping.set()
    await sweep

    (row,) = await redis.xpending_range(RAW.name, "enrich", "-", "+", 10)
    assert row["times_delivered"] == 1


async def test_a_dead_letter_can_be_replayed_and_dropped(redis: Redis) -> None:
    async def refuse(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        return [Dead("not today") for _ in stories]

    await publish(redis, body_of(raw_story("a")), body_of(raw_story("b")))
    await consumer_of(redis, refuse).take(await read(redis))
    letters = DeadLetters(redis)
    first, second = [filed async for filed in letters.list()]

    assert await letters.replay(first) is True
    assert await letters.replay(first) is False
    assert await letters.drop(second) is True
    await consumer_of(redis).take(await read(redis))

    counts = (await read_status(redis)).sources["wire"]
    assert await forwarded(redis) == ["a"]
    assert (counts.dead, dict(counts.rejected)) == (0, {"dropped": 1})


async def test_any_number_of_dead_letters_is_listed_in_order(redis: Redis) -> None:
    async def refuse(stories: Sequence[RawStory]) -> Sequence[Outcome]:
        return [Dead("not today") for _ in stories]

    told = [str(number) for number in range(450)]
    await publish(redis, *(body_of(raw_story(story)) for story in told))
    while rows := await read(redis):
        await consumer_of(redis, refuse).take(rows)

    assert [filed.letter.story_id async for filed in DeadLetters(redis).list()] == told


@pytest.mark.parametrize("letter_id", ["nonsense", "", "-", "+", "1", "1-1-1", "1-1"])
async def test_an_id_that_no_dead_letter_has(redis: Redis, letter_id: str) -> None:
    assert await DeadLetters(redis).get(letter_id) is None


async def test_the_counts_add_up_when_what_alerts_could_not_handle_is_replayed(redis: Redis) -> None:
    def reader(group: str, outcome: Outcome, *, counted: bool) -> StageConsumer[Any]:
        async def handle(stories: Sequence[RawStory]) -> Sequence[Outcome]:
            return [outcome for _ in stories]

        stage = Stage(
            name=group,
            stream=ENRICHED,
            group=group,
            model=RawStory,
            handle=handle,
            identify=lambda story: story.story_id,
            source=lambda story: story.source.id,
            counted=counted,
        )
        return StageConsumer(redis, stage, "c1", limits=SOON, metrics=Metrics(), stopping=asyncio.Event())

    async def work(consumer: StageConsumer[Any]) -> None:
        answer: Any = await redis.xreadgroup(consumer.stage.group, "c1", {ENRICHED.name: ">"})
        await consumer.take(answer[0][1])

    index = reader("index", Done("stored"), counted=True)
    await redis.xadd(ENRICHED.name, {b"__data__": wrap_model(raw_story("a"))})
    await work(index)
    await work(reader("alerts", Dead("not today"), counted=False))
    letters = DeadLetters(redis)

    replayed = [await letters.replay(filed) async for filed in letters.list()]
    await work(index)
    await work(reader("alerts", Done(), counted=False))

    status = await read_status(redis)
    counts = status.sources["wire"]
    assert replayed == [True]
    assert (counts.fetched, counts.stored, counts.duplicate, counts.in_flight) == (2, 1, 1, 0)
    assert status.balanced

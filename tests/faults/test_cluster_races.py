"""The duplicate index under workers that race and die."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from fakes.cluster_worker import WORKERS, report
from fakes.told import told
from services.enrich.cluster_store import RedisClusters, bucket_key, record_key
from services.enrich.postings import BUCKET_BYTES, ENTRY, probes, story_key
from services.enrich.signature_codec import decode
from services.enrich.signatures import sign
from shared.embedded import EmbeddedServer

PROGRAM = str(Path(__file__).parent.parent / "fakes" / "cluster_worker.py")


def start_worker(url: str, worker: str, rounds: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, PROGRAM, url, worker, str(rounds)], stdin=subprocess.DEVNULL)


async def assert_no_split(redis: Redis, rounds: int) -> None:
    answers: dict[bytes, bytes] = await redis.hgetall("answers")
    for number in range(rounds):
        homes = {answers[f"round{number}-{worker}".encode()] for worker in range(WORKERS)}
        assert len(homes) == 1, f"round {number}: {homes}"
        assert homes.pop().startswith(f"round{number}-".encode())


async def race_in_processes(redis: Redis, url: str, rounds: int) -> None:
    workers = [start_worker(url, str(worker), rounds) for worker in range(WORKERS)]
    try:
        for worker in workers:
            assert await asyncio.to_thread(worker.wait, 240) == 0
    finally:
        for worker in workers:
            worker.kill()
    await assert_no_split(redis, rounds)


async def test_four_copies_at_once_never_split(redis: Redis, redis_url: str) -> None:
    clients = [Redis.from_url(redis_url) for _ in range(WORKERS)]
    indexes = [RedisClusters(client) for client in clients]
    for number in range(60):
        copies = [told(f"{number}-{worker}", report(number)) for worker in range(WORKERS)]
        answers = await asyncio.gather(
            *(index.assign(story) for index, story in zip(indexes, copies, strict=True))
        )
        assert len({answer.id for answer in answers}) == 1
        assert [answer.relation for answer in answers].count("new") == 1
    for client in clients:
        await client.aclose()


async def test_four_workers_with_the_same_batch_never_split(redis: Redis, redis_url: str) -> None:
    clients = [Redis.from_url(redis_url) for _ in range(WORKERS)]
    batches = [[told(f"{n}-{worker}", report(n)) for n in range(30)] for worker in range(WORKERS)]
    answers = await asyncio.gather(
        *(RedisClusters(client).assign_many(batch) for client, batch in zip(clients, batches, strict=True))
    )
    for copies in zip(*answers, strict=True):
        assert len({answer.id for answer in copies}) == 1
    for client in clients:
        await client.aclose()


async def test_one_story_delivered_to_four_workers_at_once_has_one_answer(
    redis: Redis, redis_url: str
) -> None:
    clients = [Redis.from_url(redis_url) for _ in range(WORKERS)]
    await RedisClusters(redis).assign(told("first", report(1)))
    story = told("again", report(1), hours=1)
    answers = await asyncio.gather(*(RedisClusters(client).assign(story) for client in clients))
    assert len({answer.model_dump_json() for answer in answers}) == 1
    assert answers[0].matched == "first"
    for client in clients:
        await client.aclose()


async def test_worker_processes_never_split(redis: Redis, redis_url: str) -> None:
    await race_in_processes(redis, redis_url, 25)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_worker_processes_never_split_in_600_rounds(redis: Redis, redis_url: str) -> None:
    await race_in_processes(redis, redis_url, 600)


@pytest.mark.slow
async def test_8000_redeliveries_change_nothing(redis: Redis) -> None:
    index = RedisClusters(redis)
    stories = [told(f"{n}-{half}", report(n), hours=n % 48) for n in range(1_000) for half in "abcd"]
    before = await index.assign_many(stories)
    for _ in range(2):
        random.Random(7).shuffle(stories)
        again = {s.story_id: a for s, a in zip(stories, await index.assign_many(stories), strict=True)}
        assert [again[f"{n}-{half}"] for n in range(1_000) for half in "abcd"] == before


def entries_of(bucket: bytes) -> list[bytes]:
    return [bucket[at : at + ENTRY] for at in range(0, len(bucket), ENTRY)]


async def assert_whole(redis: Redis) -> int:
    """Every story is registered whole: its record, and a posting under each of its features. Returns how many."""
    keys = await redis.keys("*:story:*")
    known = set(keys)
    for key in keys:
        record = decode(await redis.get(key))
        assert record is not None
        number = int(record.story_id.split("-")[1])
        own = story_key(record.story_id)
        for probe in probes(sign(told(record.story_id, report(number)))):
            posted = await redis.get(bucket_key(probe.bucket))
            assert probe.tag + own in entries_of(posted) or len(posted) == BUCKET_BYTES
    for bucket in await redis.keys("*:posting:*"):
        for entry in entries_of(await redis.get(bucket)):
            assert record_key(entry[2:]) in known
    return len(keys)


async def killed_while_registering(redis: Redis, url: str, wait: float) -> None:
    worker = start_worker(url, f"w{int(wait * 1000)}", 0)
    while not await redis.get("batches"):
        assert worker.poll() is None
        await asyncio.sleep(0.01)
    await asyncio.sleep(wait)
    worker.send_signal(signal.SIGKILL)
    await asyncio.to_thread(worker.wait)
    await redis.delete("batches")


async def test_a_killed_worker_leaves_nothing_half_registered(redis: Redis, redis_url: str) -> None:
    chance = random.Random(3)
    for _ in range(3):
        await killed_while_registering(redis, redis_url, chance.uniform(0, 0.2))
    assert await assert_whole(redis) > 0


@pytest.mark.slow
async def test_a_killed_server_comes_back_with_whole_stories(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path)
    await server.start()
    worker = start_worker(server.url, "w", 0)
    async with Redis.from_url(server.url) as redis:
        while int(await redis.get("batches") or 0) < 5:
            await asyncio.sleep(0.01)
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    worker.kill()
    await asyncio.to_thread(worker.wait)
    again = EmbeddedServer(tmp_path)
    await again.start()
    async with Redis.from_url(again.url) as redis:
        assert await assert_whole(redis) >= 50
    await again.stop()

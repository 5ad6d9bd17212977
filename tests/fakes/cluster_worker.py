"""A worker of the duplicate index in a process of its own, to race with others and to be killed.

Usage: cluster_worker.py URL WORKER ROUNDS. In each round it waits until all four workers are ready, then offers
its copy of the round's story; with ROUNDS 0 it registers batches of stories until it is killed.
"""

import asyncio
import itertools
import random
import sys
from pathlib import Path

from redis.asyncio import Redis

sys.path.insert(0, str(Path(__file__).parent.parent))

from fakes.told import told
from services.enrich.cluster_store import RedisClusters

WORKERS = 4


def report(number: int) -> str:
    """The wire text of one round, in invented words that no other round uses."""
    chance = random.Random(number)
    syllables = [one + two for one in "bdfgklmnprstvz" for two in "aeiou"]
    words = ["".join(chance.choices(syllables, k=4)) for _ in range(36)]
    one, two = words.pop().title(), words.pop().title()
    return f"{one} said on Tuesday that {' '.join(words[:24])} {two} {' '.join(words[24:])}."


async def _race(index: RedisClusters, redis: Redis, worker: str, rounds: int) -> None:
    for number in range(rounds):
        gate = f"gate:{number}"
        if await redis.incr(f"{gate}:ready") == WORKERS:
            await redis.rpush(gate, *["go"] * WORKERS)
        await redis.blpop([gate], timeout=30)
        story = told(f"round{number}-{worker}", report(number), hours=number % 48)
        await redis.hset("answers", story.story_id, (await index.assign(story)).id)


async def _run(url: str, worker: str, rounds: int) -> None:
    async with Redis.from_url(url) as redis:
        index = RedisClusters(redis)
        if rounds:
            await _race(index, redis, worker, rounds)
            return
        for batch in itertools.count():
            numbers = range(batch * 10, batch * 10 + 10)
            await index.assign_many(
                [told(f"{worker}-{n}-{half}", report(n)) for n in numbers for half in "ab"]
            )
            await redis.incr("batches")


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], sys.argv[2], int(sys.argv[3])))

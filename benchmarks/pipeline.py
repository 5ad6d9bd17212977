"""Stories per second through all stages, the memory of the embedded process, and the time to the first answer.

The baseline of the throughput is the same stories tagged in a plain loop, with no server and no archive: what is
left over is what delivery, clustering and storing cost. With DATELINE_TEST_REDIS and DATELINE_TEST_ELASTICSEARCH
set, the same is measured on those. ``--data FILE.jsonl`` (title?, text) measures with stories of your own instead of
made-up ones, which are harder: each names a dozen people and places.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import psutil
from redis.asyncio import Redis

from benchmarks.stories import varied
from services.enrich.app import build_pipeline
from services.enrich.duplicates import MemoryClusters
from services.ingest.admission import Door
from services.standalone import build_service
from shared.barrier import wait_until_archived
from shared.embedded import EmbeddedServer
from shared.events import RawStory, Source
from shared.observe import Metrics, configure_logging
from shared.service import connect, running
from shared.settings import Settings
from shared.topology import ensure_groups

DATELINE = str(Path(sys.executable).with_name("dateline"))


def plain_loop(stories: list[RawStory]) -> float:
    pipeline = build_pipeline(MemoryClusters())
    pipeline.tag(stories[0])
    start = time.perf_counter()
    tagged = [pipeline.tag(story) for story in stories]
    asyncio.run(pipeline.cluster(tagged))
    return len(stories) / (time.perf_counter() - start)


@contextlib.asynccontextmanager
async def server(home: Path) -> AsyncIterator[str]:
    if url := os.environ.get("DATELINE_TEST_REDIS"):
        yield url
        return
    own = EmbeddedServer(home)
    await own.start()
    yield own.url
    await own.stop()


async def all_stages(stories: list[RawStory], home: Path, elasticsearch: str | None) -> float:
    settings = Settings(home=home, **({"elasticsearch_url": elasticsearch} if elasticsearch else {}))
    async with server(home) as url, connect(url) as redis:
        await redis.flushall()
        await ensure_groups(redis)
        metrics = Metrics()
        services = [
            build_service(name, settings, redis=redis, metrics=metrics) for name in ("enrich", "index")
        ]
        async with running(services, url=url, redis=redis, settings=settings, metrics=metrics, serve=False):
            start = time.perf_counter()
            await publish(redis, stories)
            await wait_until_archived(redis)
            return len(stories) / (time.perf_counter() - start)


async def publish(redis: Redis, stories: list[RawStory]) -> None:
    door = Door(redis, high_water=10**9)
    for first in range(0, len(stories), 200):
        await door([(story, story.text) for story in stories[first : first + 200]])


def stories_of(data: Path | None, count: int) -> list[RawStory]:
    if data is None:
        return [varied(number) for number in range(count)]
    with data.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, count)]
    source, now = Source(id="bench", name="Bench", kind="jsonl"), datetime.now(UTC)
    return [
        RawStory(story_id=f"s{n}", source=source, title=row.get("title"), text=row["text"], first_seen_at=now)
        for n, row in enumerate(rows)
    ]


def throughput(stories: list[RawStory]) -> None:
    base = plain_loop(stories)
    print(f"tagging alone, plain loop:           {base:7,.0f} stories/s (baseline)")
    archives = [("embedded: Valkey, SQLite", None)]
    if url := os.environ.get("DATELINE_TEST_ELASTICSEARCH"):
        archives.append(("Redis, Elasticsearch", url))
    for name, elasticsearch in archives:
        with tempfile.TemporaryDirectory() as folder:
            rate = asyncio.run(all_stages(stories, Path(folder), elasticsearch))
        print(f"ingest to archive, {name:25}: {rate:7,.0f} stories/s ({rate / base:.2f} of the baseline)")


def embedded_process() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "DATELINE_HOME": folder, "DATELINE_HTTP_PORT": "0"}
        env = {name: value for name, value in env.items() if not name.startswith("DATELINE_TEST")}
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import faststream.redis, pydantic"], check=True)
        imports = time.perf_counter() - start
        start = time.perf_counter()
        chat = subprocess.Popen(
            [DATELINE, "up", "--sample"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert chat.stdin is not None
        assert chat.stdout is not None
        chat.stdin.write("latest on Kazakhstan\n")
        chat.stdin.flush()
        chat.stdout.readline()
        first = time.perf_counter() - start
        tree = [psutil.Process(chat.pid), *psutil.Process(chat.pid).children(recursive=True)]
        own, servers = tree[0].memory_info().rss / 1e6, sum(each.memory_info().rss for each in tree[1:]) / 1e6
        chat.stdin.close()
        chat.wait()
    print(
        f"cold start with the sample to the first answer: {first:.1f} s ({first / imports:.1f} x importing FastStream)"
    )
    print(
        f"memory with the sample: {own:.0f} MB, and the server beside it {servers:.0f} MB (at most 250 MB together)"
    )
    if own + servers > 250:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=3_000, help="the most to use")
    parser.add_argument("--data", type=Path, help="JSON lines of stories; made-up ones without it")
    args = parser.parse_args()
    configure_logging("WARNING")
    throughput(stories_of(args.data, args.stories))
    embedded_process()


if __name__ == "__main__":
    main()

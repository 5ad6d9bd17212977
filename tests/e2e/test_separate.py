"""The same code as separate processes on real servers gives the same stories, tags, clusters and alerts as embedded."""

import asyncio
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.plant import Plant
from fakes.processes import DATELINE, ServiceProcess, stopping
from services.bot.subscription_store import RedisSubscriptions
from shared.archive.opening import open_archive
from shared.archive.port import Filter
from shared.settings import Settings
from shared.topology import ensure_groups

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
SAMPLE = Path(__file__).parents[2] / "services" / "ingest" / "sample"
FILES = [str(path) for path in sorted(SAMPLE.iterdir()) if path.name != "sources.toml"]
READER = "script:reader"


def ingest(env: Mapping[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [DATELINE, "ingest", "--json", *FILES], env=dict(env), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])["total"]


async def follow(redis: Redis, plant: Plant) -> None:
    for target in ("country:KZ", "region:central-asia", "actor:emomali-rahmon"):
        await RedisSubscriptions(redis).follow(READER, target, "subject", plant.now)


async def archived(settings: Settings) -> dict[str, dict[str, Any]]:
    """Everything that the archive holds, without the times that differ from run to run."""
    archive = open_archive(settings, read_only=True)
    stories: dict[str, dict[str, Any]] = {}
    cursor = None
    try:
        await archive.refresh()
        while True:
            page = await archive.latest(Filter(), limit=50, cursor=cursor, collapse=False)
            stories |= {each.story_id: each.model_dump(exclude={"first_seen_at"}) for each in page.stories}
            cursor = page.cursor
            if cursor is None:
                return stories
    finally:
        await archive.close()


async def test_separate_processes_tell_what_one_process_tells(plant: Plant, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    env = {name: value for name, value in plant.env.items() if "_URL" not in name} | {
        "DATELINE_HOME": str(alone)
    }
    services = [plant.service(name) for name in ("ingest", "enrich", "index", "bot")]
    one = ServiceProcess("up", "--no-console", env=env, log=tmp_path / "up.log")
    with stopping(one, *services):
        await asyncio.gather(*(asyncio.to_thread(each.start) for each in (one, *services)))
        embedded = Redis.from_url(json.loads((alone / "instance.json").read_text())["redis_url"])
        await ensure_groups(plant.redis)
        await follow(plant.redis, plant)
        await follow(embedded, plant)

        apart = await asyncio.to_thread(ingest, plant.full_env)
        together = await asyncio.to_thread(
            ingest, plant.full_env | env | {"DATELINE_REDIS_URL": "", "DATELINE_ELASTICSEARCH_URL": ""}
        )
        await plant.until_done()
        heard = await plant.alerts(READER)
        async with asyncio.timeout(30):
            while await plant.alerts(READER, embedded) != heard:
                await asyncio.sleep(0.1)
        await embedded.aclose()

        assert apart == together
        assert apart["stored"] == 61
        assert await archived(plant.settings) == await archived(Settings(home=alone))
        assert len(heard) > 3
        assert set(heard.values()) == {1}

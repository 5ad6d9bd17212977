"""An installation of separate processes: its environment, a producer, and the audit at the end."""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis

from fakes.processes import ServiceProcess
from fakes.varied import varied_story
from services.bot.subscription_store import RedisSubscriptions
from services.ingest.admission import Door
from shared.archive.opening import open_archive
from shared.archive.port import Filter
from shared.envelope import unwrap
from shared.settings import Settings
from shared.status import Status, read_status
from shared.topology import ENRICHED

QUICK = {
    "DATELINE_LEASE_SECONDS": "1",
    "DATELINE_SWEEP_SECONDS": "0.3",
    "DATELINE_RETRY_SECONDS": "0.5",
    "DATELINE_INDEX_LINGER_SECONDS": "0.02",
    "DATELINE_LOG_LEVEL": "WARNING",
    "DATELINE_MAX_TRIES": "30",
    # Nobody's alerts wait for the digest only because there are many.
    "DATELINE_ALERTS_PER_FOLLOW_AND_DAY": "100000",
}


@dataclass
class Plant:
    """One installation: its server, its archive, and the processes that run on it."""

    redis: Redis
    url: str
    home: Path
    elasticsearch: str | None = None

    @property
    def env(self) -> dict[str, str]:
        told = {**QUICK, "DATELINE_HOME": str(self.home), "DATELINE_REDIS_URL": self.url}
        return told | ({"DATELINE_ELASTICSEARCH_URL": self.elasticsearch} if self.elasticsearch else {})

    @property
    def full_env(self) -> dict[str, str]:
        """The environment of a verb: this test run's own, without its Dateline settings, and the plant's."""
        return {
            name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")
        } | self.env

    @property
    def now(self) -> datetime:
        return varied_story(0).first_seen_at

    @property
    def settings(self) -> Settings:
        told = {"elasticsearch_url": self.elasticsearch} if self.elasticsearch else {}
        return Settings(home=self.home, **told)

    def service(self, name: str, number: int = 0, **env: str) -> ServiceProcess:
        return ServiceProcess("run", name, env=self.env | env, log=self.home / f"{name}-{number}.log")

    async def publish(self, count: int, *, start: int = 0) -> None:
        """Let stories in at the door, as ingest does."""
        door = Door(self.redis, high_water=10**9)
        stories = [varied_story(number) for number in range(start, start + count)]
        for first in range(0, count, 50):
            await door([(story, story.text) for story in stories[first : first + 50]])
            await asyncio.sleep(0)

    async def follow(self, who: str, target: str) -> None:
        await RedisSubscriptions(self.redis).follow(who, target, "subject", self.now)

    async def until_done(self, seconds: float = 120) -> Status:
        """Wait until every stage has finished; fail with the status when it does not."""
        async with asyncio.timeout(seconds):
            while True:
                status = await read_status(self.redis)
                told = [
                    stage for stage in status.stages if stage.stage in {"enrich", "index"} or stage.consumers
                ]
                if not any(stage.waiting for stage in told):
                    return status
                await asyncio.sleep(0.1)

    async def passed_on(self) -> Counter[str]:
        """How often each story stands in the next stream."""
        rows: Any = await self.redis.xrange(ENRICHED.name)
        return Counter(orjson.loads(unwrap(fields))["story_id"] for _id, fields in rows)

    async def alerts(self, who: str, redis: Redis | None = None) -> Counter[str]:
        """How often each cluster was told to a recipient, here or on another server."""
        rows: Any = await (redis or self.redis).xrange(f"inbox:{who}")
        bodies = [orjson.loads(fields[b"reply"]) for _id, fields in rows]
        told = [body["data"] for body in bodies]
        alerts = [each for data in told for each in data.get("alerts") or [data.get("alert")] if each]
        return Counter(alert["cluster"] for alert in alerts)

    async def stored(self) -> int:
        archive = open_archive(self.settings, read_only=True)
        try:
            await archive.refresh()
            return await archive.total(Filter())
        finally:
            await archive.close()

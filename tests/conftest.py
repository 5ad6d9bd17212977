"""Fixtures for every suite: a real Valkey server, the fakes on the path, and the rule that CI never skips."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from shared.embedded import EmbeddedServer
from shared.topology import ensure_groups

if TYPE_CHECKING:
    from fakes.plant import Plant

sys.path.insert(0, str(Path(__file__).parent))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what speaks to a server, so that CI can run just that on a real Redis too."""
    for item in items:
        if "redis_server_url" in getattr(item, "fixturenames", ()):
            item.add_marker("redis")


@pytest.fixture(scope="session")
def redis_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server for the whole run: DATELINE_TEST_REDIS when given, else the embedded one."""
    if url := os.environ.get("DATELINE_TEST_REDIS"):
        yield url
        return
    server = EmbeddedServer(tmp_path_factory.mktemp("valkey"))
    asyncio.run(server.start())
    yield server.url
    asyncio.run(server.stop())


@pytest.fixture
async def redis(redis_server_url: str) -> AsyncIterator[Redis]:
    """A client of an empty server."""
    async with Redis.from_url(redis_server_url) as client:
        await client.flushall()
        yield client


@pytest.fixture
def redis_url(redis_server_url: str, redis: Redis) -> str:
    """The address of an empty server, for code that makes its own connections."""
    return redis_server_url


@pytest.fixture
async def plant(redis: Redis, redis_url: str, tmp_path: Path) -> AsyncIterator["Plant"]:
    """An installation on the run's server; on Elasticsearch where one is given, else on SQLite."""
    url = os.environ.get("DATELINE_TEST_ELASTICSEARCH")
    if url:
        await _empty(url)
    from fakes.plant import Plant

    await ensure_groups(redis)
    yield Plant(redis, redis_url, tmp_path, url)


async def _empty(url: str) -> None:
    from elasticsearch import AsyncElasticsearch

    async with AsyncElasticsearch(url) as client:
        for index in await client.indices.get(index="stories-*"):
            await client.indices.delete(index=index)


@pytest.fixture
def make_plant(tmp_path: Path) -> Callable[[Redis, str], "Plant"]:
    """An installation on a server of the test's own."""
    from fakes.plant import Plant

    return lambda redis, url: Plant(redis, url, tmp_path)

"""Installations for the fault suites."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from fakes.plant import Plant
from shared.topology import ensure_groups


@pytest.fixture
async def plant(redis: Redis, redis_url: str, tmp_path: Path) -> AsyncIterator[Plant]:
    """An installation on the run's server; on Elasticsearch where one is given, else on SQLite."""
    url = os.environ.get("DATELINE_TEST_ELASTICSEARCH")
    if url:
        await _empty(url)
    await ensure_groups(redis)
    yield Plant(redis, redis_url, tmp_path, url)


async def _empty(url: str) -> None:
    from elasticsearch import AsyncElasticsearch

    async with AsyncElasticsearch(url) as client:
        for index in await client.indices.get(index="stories-v*"):
            await client.indices.delete(index=index)


@pytest.fixture
def make_plant(tmp_path: Path) -> Callable[[Redis, str], Plant]:
    """An installation on a server of the test's own."""
    return lambda redis, url: Plant(redis, url, tmp_path)

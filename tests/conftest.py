"""Fixtures for every suite: a real Valkey server, the fakes on the path, and the rule that CI never skips."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from shared.embedded import EmbeddedServer

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

"""The archives that the contract is checked against: each test runs once for every adapter."""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from elasticsearch import AsyncElasticsearch

from shared.archive.elasticsearch import ElasticsearchArchive
from shared.archive.port import StoryArchive
from shared.archive.sqlite import SqliteArchive

URL = os.environ.get("DATELINE_TEST_ELASTICSEARCH")
REQUIRED = bool(os.environ.get("DATELINE_REQUIRE_SERVERS"))

# Without a server the contract is checked for SQLite alone; test_archive_elasticsearch.py says so, in one line.
ADAPTERS = ["sqlite", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)]
if not URL and not REQUIRED:
    ADAPTERS.pop()


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The real server; a failure where there is none although servers are required."""
    if not URL:
        pytest.fail("no Elasticsearch: export DATELINE_TEST_ELASTICSEARCH=$(.ci/elasticsearch start)")
    return URL


@pytest.fixture(params=ADAPTERS)
async def archive(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoryArchive]:
    """An empty archive."""
    if request.param == "sqlite":
        embedded = SqliteArchive(tmp_path / "archive.db")
        await embedded.setup()
        yield embedded
        await embedded.close()
        return
    url = request.getfixturevalue("elasticsearch_url")
    alias = f"test-{uuid.uuid4().hex}"
    served = ElasticsearchArchive(url, alias=alias)
    await served.setup()
    yield served
    await served.close()
    async with AsyncElasticsearch(url) as client:
        await client.indices.delete(index=[f"{alias}-v1", f"{alias}-history-v1"], ignore_unavailable=True)


@pytest.fixture(params=["sqlite", "elasticsearch"])
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> StoryArchive:
    """An archive that cannot be reached; this one needs no server."""
    if request.param == "sqlite":
        (tmp_path / "file").write_text("in the way")
        return SqliteArchive(tmp_path / "file" / "archive.db")
    return ElasticsearchArchive("http://127.0.0.1:9")

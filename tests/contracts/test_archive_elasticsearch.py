"""What only the Elasticsearch archive does, on a real server."""

import asyncio
import os
import uuid
from datetime import timedelta

import pytest
from elasticsearch import AsyncElasticsearch

from fakes.stories import NOON, enriched_story
from shared.archive import elasticsearch_bulk, elasticsearch_lists
from shared.archive.elasticsearch import ElasticsearchArchive
from shared.archive.elasticsearch_schema import migrate
from shared.archive.port import ArchiveUnavailable, Filter
from shared.events import Cluster

pytestmark = pytest.mark.elasticsearch

# Skipped as a whole, in one line that speaks for the contract tests too; where servers are required, the fixture
# fails instead.
if not any(map(os.environ.get, ("DATELINE_TEST_ELASTICSEARCH", "DATELINE_REQUIRE_SERVERS"))):
    pytest.skip(
        "no Elasticsearch: export DATELINE_TEST_ELASTICSEARCH=$(.ci/elasticsearch start)",
        allow_module_level=True,
    )


@pytest.fixture
async def alias(elasticsearch_url):
    name = f"test-{uuid.uuid4().hex}"
    yield name
    async with AsyncElasticsearch(elasticsearch_url) as client:
        indices = [f"{name}-v1", f"{name}-v1-2", f"{name}-v1-3", f"{name}-history-v1"]
        await client.indices.delete(index=indices, ignore_unavailable=True)


@pytest.fixture
async def served(elasticsearch_url, alias):
    archive = ElasticsearchArchive(elasticsearch_url, alias=alias)
    await archive.setup()
    yield archive
    await archive.close()


async def test_without_the_index_nothing_is_created_and_nothing_acknowledged(elasticsearch_url, alias):
    archive = ElasticsearchArchive(elasticsearch_url, alias=alias)

    with pytest.raises(ArchiveUnavailable):
        await archive.put([enriched_story("a")])
    with pytest.raises(ArchiveUnavailable):
        await archive.get("a")
    health = await archive.health()
    await archive.close()

    assert not health.ok
    async with AsyncElasticsearch(elasticsearch_url) as client:
        assert not await client.indices.exists(index=alias)


async def test_several_processes_may_set_up_at_once(elasticsearch_url, alias):
    archives = [ElasticsearchArchive(elasticsearch_url, alias=alias) for _ in range(4)]

    await asyncio.gather(*(archive.setup() for archive in archives))
    for archive in archives:
        await archive.close()


async def test_an_index_of_another_schema_is_refused(elasticsearch_url, alias):
    async with AsyncElasticsearch(elasticsearch_url) as client:
        await client.indices.create(
            index=f"{alias}-v1", mappings={"_meta": {"schema": 99}}, aliases={alias: {}}
        )
    archive = ElasticsearchArchive(elasticsearch_url, alias=alias)

    with pytest.raises(ArchiveUnavailable, match="schema 99"):
        await archive.setup()
    await archive.close()


async def test_a_story_that_the_server_refuses_is_rejected_alone(served, monkeypatch):
    # A field that the mapping does not know stands for whatever a server may find wrong with one document.
    indexed = elasticsearch_bulk._indexed
    monkeypatch.setattr(
        elasticsearch_bulk,
        "_indexed",
        lambda document: indexed(document) | ({"surprise": 1} if document.story_id == "bad" else {}),
    )

    results = await served.put([enriched_story("a"), enriched_story("bad"), enriched_story("b")])

    assert [result.status for result in results] == ["stored", "rejected", "stored"]
    assert "surprise" in results[1].reason


async def test_searches_see_a_story_within_two_seconds_without_being_asked_to(served):
    await served.put([enriched_story("a")])

    async with asyncio.timeout(2):
        while not await served.total(Filter()):
            await asyncio.sleep(0.05)


async def test_the_move_to_a_new_index_keeps_stories_and_versions(served, elasticsearch_url, alias):
    await served.put([enriched_story("a", revision=5), enriched_story("b")])
    await served.refresh()

    moved = await served.reindex(), await served.reindex()

    async with AsyncElasticsearch(elasticsearch_url) as client:
        behind = list(await client.indices.get_alias(name=alias))
    assert (moved, behind) == ((2, 2), [f"{alias}-v1-3"])
    (result,) = await served.put([enriched_story("a", revision=4)])
    assert result.status == "stale"
    assert await served.total(Filter()) == 2


async def test_what_is_written_during_the_move_is_in_the_new_index_too(served, elasticsearch_url, alias):
    await served.put([enriched_story("a"), enriched_story("b")])
    await served.refresh()
    async with AsyncElasticsearch(elasticsearch_url) as client:
        move_alias = client.indices.update_aliases

        async def late(**actions):
            await served.put([enriched_story("a", revision=1), enriched_story("c")])
            return await move_alias(**actions)

        client.indices.update_aliases = late
        moved = await migrate(client, alias)

    await served.refresh()
    assert moved == 3
    assert (await served.get("a")).revision == 1
    assert await served.total(Filter()) == 3


async def test_an_event_told_a_thousand_times_takes_few_requests(served, monkeypatch):
    tellings = [
        enriched_story(
            f"t{n:04}",
            published_at=NOON + timedelta(seconds=n),
            first_seen_at=NOON + timedelta(days=1),
            cluster=Cluster(id="t0000", relation="same_report") if n else Cluster(id="t0000"),
        )
        for n in range(1000)
    ]
    await served.put(tellings)
    await served.refresh()
    asked, hits_of = [], elasticsearch_lists._hits

    async def counted(*request):
        asked.append(request)
        return await hits_of(*request)

    monkeypatch.setattr(elasticsearch_lists, "_hits", counted)

    assert [each.story_id for each in (await served.latest(Filter(), limit=5)).stories] == ["t0000"]
    assert len(asked) < 20

"""The revisions of stories that a newer one replaced, in an Elasticsearch index of their own.

A revision is kept before the newer one is written, so that a process that dies in between loses none. Every later
revision is kept when it arrives as well, whatever order several writers come in: what is newest by then is known to
whoever reads. Keeping one again is a harmless conflict.
"""

from collections.abc import Sequence

import orjson
from elasticsearch import AsyncElasticsearch, BadRequestError, ConflictError

from shared.archive import elasticsearch_queries as queries
from shared.archive.document import Document
from shared.archive.elasticsearch_schema import history_alias
from shared.archive.port import PutResult
from shared.events import EnrichedStory


async def keep_replaced(client: AsyncElasticsearch, alias: str, arriving: Sequence[Document]) -> None:
    """Keep what the arriving documents are about to replace, and every telling of a story that is revised."""
    revised = {document.story_id for document in arriving if document.revision > 0}
    if revised:
        told = [document for document in arriving if document.story_id in revised]
        for document in [*told, *await _archived(client, alias, told)]:
            await _keep(client, alias, document)


async def keep_late(
    client: AsyncElasticsearch, alias: str, arrived: Sequence[Document], results: Sequence[PutResult]
) -> None:
    """Keep first revisions that arrived after a later one had been stored. The results are those of ``arrived``."""
    stale = [
        document
        for document, result in zip(arrived, results, strict=True)
        if result.status == "stale" and document.revision == 0
    ]
    if stale:
        newest = {document.story_id: document.revision for document in await _archived(client, alias, stale)}
        for document in stale:
            if newest.get(document.story_id, 0) > 0:
                await _keep(client, alias, document)


async def read_history(
    client: AsyncElasticsearch, alias: str, newest: EnrichedStory, limit: int
) -> list[EnrichedStory]:
    """Return the revisions before the newest, newest first."""
    index = history_alias(alias)
    await client.indices.refresh(index=index)
    older = {"range": {"revision": {"lt": newest.revision}}}
    query = {"bool": {"filter": [{"term": {"story_id": newest.story_id}}, older]}}
    found = await client.search(index=index, query=query, sort=[{"revision": "desc"}], size=limit)
    return [queries.story_in(hit["_source"]) for hit in found["hits"]["hits"]]


async def _archived(client: AsyncElasticsearch, alias: str, documents: Sequence[Document]) -> list[Document]:
    """Return what the archive holds of the stories of these documents."""
    ids = sorted({document.story_id for document in documents})
    found = await client.mget(index=alias, ids=ids, source_includes=queries.SHOWN)
    return [Document.of(queries.story_in(row["_source"])) for row in found["docs"] if row.get("found")]


async def _keep(client: AsyncElasticsearch, alias: str, document: Document) -> None:
    fields = {
        "story_id": document.story_id,
        "revision": document.revision,
        "title": document.title,
        "text": document.text,
        "rest": orjson.Fragment(document.rest),
    }
    try:
        await client.index(
            index=history_alias(alias),
            id=f"{document.story_id}:{document.revision}",
            document=fields,
            op_type="create",
            require_alias=True,
        )
    except ConflictError:
        return  # kept before
    except BadRequestError:
        return  # the archive refuses the story itself too, and says so

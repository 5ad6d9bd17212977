"""The archive in Elasticsearch 9: any number of processes write and read.

Every story is stored under its own id with an external version, so that writing it again is a harmless conflict and
an old message that arrives late never replaces a newer one.

What differs from SQLite, within the port's promises: lists, counts and searches see a story about a second after it
was stored (``get`` and ``cluster`` at once); English words are reduced to stems by Elasticsearch's English stemmer;
texts without spaces are found by any run of characters; clusters are counted by
HyperLogLog++ (S. Heule and others, "HyperLogLog in practice", 2013): a thousand exactly, ten thousand to one or two.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, NotFoundError, OrjsonSerializer

from shared.archive import elasticsearch_queries as queries
from shared.archive.cursor import Position, decode_cursor, encode_cursor, question_digest
from shared.archive.document import (
    SNIPPET,
    Document,
    UnfitStory,
    page_size,
    tidy_snippet,
    time_zone,
)
from shared.archive.elasticsearch_bulk import reason_of, write
from shared.archive.elasticsearch_history import keep_late, keep_replaced, read_history
from shared.archive.elasticsearch_lists import Listed, read_page
from shared.archive.elasticsearch_schema import ensure_indices, migrate
from shared.archive.port import (
    PAGE_LIMIT,
    ArchiveUnavailable,
    BadCursor,
    CountBy,
    Filter,
    Health,
    Hit,
    HitPage,
    Page,
    PutResult,
    SearchOrder,
)
from shared.archive.query import parse_query
from shared.events import Cluster, EnrichedStory

#: Seconds that the server may take for one answer.
_TIMEOUT = 15.0


class ElasticsearchArchive:
    """A ``StoryArchive`` in the index behind ``alias``. The URL may hold a user and password."""

    def __init__(self, url: str, *, alias: str = "stories", api_key: str | None = None) -> None:
        self._alias = alias
        # The caller pauses and tries again; a client that repeats a refused batch at once makes overload worse.
        self._client = AsyncElasticsearch(
            url,
            api_key=api_key,
            max_retries=0,
            retry_on_timeout=False,
            request_timeout=_TIMEOUT,
            serializer=OrjsonSerializer(),
        )

    async def setup(self) -> None:
        """Create the indices and their aliases unless they are there."""
        async with _asking():
            await ensure_indices(self._client, self._alias)

    async def put(self, batch: Sequence[EnrichedStory]) -> list[PutResult]:
        """Store a batch. Where part of it is refused for now, the whole batch is to be sent again."""
        refused: dict[int, PutResult] = {}
        documents: list[Document] = []
        for place, story in enumerate(batch):
            try:
                documents.append(Document.of(story))
            except UnfitStory as reason:
                refused[place] = PutResult(story.story_id, "rejected", str(reason))
        async with _asking():
            await keep_replaced(self._client, self._alias, documents)
            results = await write(self._client, self._alias, documents)
            await keep_late(self._client, self._alias, documents, results)
        written = iter(results)
        return [refused.get(place) or next(written) for place in range(len(batch))]

    async def get(self, story_id: str) -> EnrichedStory | None:
        """Return the newest revision of a story, also before the next refresh."""
        async with _asking():
            try:
                found = await self._client.get(index=self._alias, id=story_id, source_includes=queries.SHOWN)
            except NotFoundError as error:
                if _is_missing_index(error):
                    raise
                return None
        return queries.story_in(found["_source"])

    async def history(self, story_id: str) -> list[EnrichedStory]:
        """Return the revisions of a story that a newer one replaced, newest first."""
        newest = await self.get(story_id)
        if newest is None:
            return []
        async with _asking():
            return await read_history(self._client, self._alias, newest, PAGE_LIMIT)

    async def recluster(self, story_id: str, cluster: Cluster) -> bool:
        """Move a story to another cluster, unless a newer version of it arrives in this very moment."""
        story = await self.get(story_id)
        if story is None:
            return False
        document = Document.of(story.model_copy(update={"cluster": cluster}))
        async with _asking():
            await write(self._client, self._alias, [document], version_type="external_gte")
        return True

    async def latest(
        self,
        where: Filter,
        *,
        limit: int = 5,
        cursor: str | None = None,
        before: datetime | None = None,
        collapse: bool = True,
    ) -> Page:
        """Return the newest stories that match."""
        question = question_digest("latest", where, collapse=collapse)
        after = decode_cursor(cursor, question) if cursor else None
        size = page_size(limit)
        hits = await self._page(Listed(queries.listing(where), collapse, before), after, size + 1)
        return Page([queries.story_in(hit["_source"]) for hit in hits[:size]], _next(hits, size, question))

    async def search(
        self,
        text: str,
        where: Filter,
        *,
        order: SearchOrder = "newest",
        limit: int = 5,
        cursor: str | None = None,
        before: datetime | None = None,
        collapse: bool = True,
    ) -> HitPage:
        """Search titles and texts. By relevance there is one page: scores shift as stories arrive."""
        query = parse_query(text)
        if cursor and order == "relevance":
            raise BadCursor("A list by relevance has no further pages.")
        question = question_digest("search", where, text=repr(query), collapse=collapse)
        after = decode_cursor(cursor, question) if cursor else None
        size = page_size(limit)
        listed = Listed(queries.searching(query, where), collapse, before, order, marked=True)
        hits = await self._page(listed, after, size + 1)
        further = None if order == "relevance" else _next(hits, size, question)
        return HitPage([_hit(hit) for hit in hits[:size]], further)

    async def cluster(self, cluster_id: str, *, limit: int = PAGE_LIMIT) -> list[EnrichedStory]:
        """Return the tellings of one event, newest first. Makes what was just stored visible before."""
        await self.refresh()
        hits = await self._search(queries.cluster_page(cluster_id, page_size(limit)))
        return [queries.story_in(hit["_source"]) for hit in hits]

    async def clusters(self, cluster_ids: Sequence[str]) -> dict[str, list[EnrichedStory]]:
        """Return the tellings of several events, each newest first. Makes visible as ``cluster`` does."""
        tellings: dict[str, list[EnrichedStory]] = {each: [] for each in cluster_ids}
        if not tellings:
            return tellings
        await self.refresh()
        for hit in await self._search(queries.cluster_pages(list(tellings), PAGE_LIMIT)):
            (cluster,), inner = hit["fields"]["cluster"], hit["inner_hits"]["tellings"]["hits"]["hits"]
            tellings[cluster] = [queries.story_in(each["_source"]) for each in inner]
        return tellings

    async def counts(
        self, where: Filter, by: CountBy, *, zone: str = "UTC", top: int = 10, collapse: bool = True
    ) -> dict[str, int]:
        """Count stories or clusters by day or tag. Raises ``ValueError`` for an unknown time zone."""
        top = max(top, 1)
        body = queries.counting(where, by, zone=time_zone(zone).key, top=top, collapse=collapse)
        async with _asking():
            found = await self._client.search(index=self._alias, **body)
        counts = {
            str(bucket.get("key_as_string", bucket["key"])): int(
                bucket["clusters"]["value"] if collapse else bucket["doc_count"]
            )
            for bucket in found["aggregations"]["counts"]["buckets"]
        }
        return (
            counts
            if by == "day"
            else dict(sorted(counts.items(), key=lambda count: (-count[1], count[0]))[:top])
        )

    async def total(self, where: Filter, *, collapse: bool = False) -> int:
        """Count the stories that match, or the clusters."""
        async with _asking():
            if collapse:
                found = await self._client.search(index=self._alias, **queries.counting_clusters(where))
                return int(found["aggregations"]["clusters"]["value"])
            return int((await self._client.count(index=self._alias, query=queries.listing(where)))["count"])

    async def reindex(self) -> int:
        """Copy all stories into a new index with today's mapping; return how many it holds. See ``migrate``."""
        async with _asking():
            return await migrate(self._client, self._alias)

    async def refresh(self) -> None:
        """Make what was stored visible to searches, which happens by itself every second."""
        async with _asking():
            await self._client.indices.refresh(index=self._alias)

    async def health(self) -> Health:
        """Say whether the server answers and holds our index."""
        try:
            stories = await self.total(Filter())
            async with _asking():
                version = str((await self._client.info())["version"]["number"])
        except ArchiveUnavailable as error:
            return Health(False, str(error))
        facts = {"version": version, "alias": self._alias}
        return Health(True, f"Elasticsearch {version}, {stories} stories", facts)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _page(self, listed: Listed, after: Position | None, limit: int) -> list[dict[str, Any]]:
        async with _asking():
            return await read_page(self._client, self._alias, listed, after=after, limit=limit)

    async def _search(self, body: queries.Body) -> list[dict[str, Any]]:
        async with _asking():
            found = await self._client.search(index=self._alias, **body)
        return list(found["hits"]["hits"])


@contextlib.asynccontextmanager
async def _asking() -> AsyncIterator[None]:
    """Turn every way in which the server may fail us into ``ArchiveUnavailable``."""
    try:
        yield
    except TransportError as error:
        raise ArchiveUnavailable(
            f"Elasticsearch cannot be reached: {type(error).__name__}: {error}"
        ) from error
    except ApiError as error:
        raise ArchiveUnavailable(f"Elasticsearch answered {error.status_code}: {reason_of(error)}") from error


def _is_missing_index(error: NotFoundError) -> bool:
    return isinstance(error.body, dict) and "error" in error.body


def _hit(hit: dict[str, Any]) -> Hit:
    story, marked = queries.story_in(hit["_source"]), hit.get("highlight", {})
    passages = marked.get("text") or marked.get("title") or [story.text[:SNIPPET]]
    return Hit(story, tidy_snippet(passages[0], story))


def _next(hits: Sequence[dict[str, Any]], size: int, question: bytes) -> str | None:
    if len(hits) <= size:
        return None
    dated_at, story_id = hits[size - 1]["sort"]
    return encode_cursor(Position(dated_at, story_id), question)

"""Lists in Elasticsearch in which every cluster stands once, by the telling that stands for it.

Elasticsearch collapses no list that goes on from a position (``search_after``). So a page is read as it is; which of
its later tellings stand for their clusters is asked in a second request, which only needs the clusters of the page;
and more is read until the page is full. A page without later tellings takes one request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import AsyncElasticsearch

from shared.archive import elasticsearch_queries as queries
from shared.archive.cursor import Position
from shared.archive.port import SearchOrder

Hit = dict[str, Any]

#: Hits asked for at a time, at the most, where many of a page are later tellings of what is on it.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is asked for, apart from where a page of it begins."""

    matching: queries.Body
    collapse: bool
    before: datetime | None
    order: SearchOrder = "newest"
    marked: bool = False
    """Whether the hits show what matched."""


async def read_page(
    client: AsyncElasticsearch, alias: str, listed: Listed, *, after: Position | None, limit: int
) -> list[Hit]:
    """Return the first hits of a list after a position, at most ``limit``. Raises what the client raises."""
    kept: list[Hit] = []
    start = None if after is None else [after.dated_at, after.story_id]
    size = limit + limit // 2 if listed.collapse else limit
    while True:
        body = queries.page(
            listed.matching, order=listed.order, after=start, before=listed.before, limit=size
        )
        hits = await _hits(client, alias, body | (queries.MARKED if listed.marked else {}))
        kept += await _standing(client, alias, listed.matching, hits) if listed.collapse else hits
        if len(kept) >= limit or len(hits) < size:
            return kept[:limit]
        start = hits[-1]["sort"]
        size = max(size, min(2 * size, _MOST))  # so that an event told a thousand times takes few requests


async def _standing(
    client: AsyncElasticsearch, alias: str, matching: queries.Body, hits: Sequence[Hit]
) -> list[Hit]:
    """Return those hits that stand for their clusters: every first telling, and who matches before all others."""
    clusters = {hit["_id"]: hit["_source"]["rest"]["cluster"]["id"] for hit in hits}
    standing = {story_id for story_id, cluster in clusters.items() if story_id == cluster}
    if later := sorted({clusters[hit["_id"]] for hit in hits if hit["_id"] not in standing}):
        standing |= {hit["_id"] for hit in await _hits(client, alias, queries.standing(matching, later))}
    return [hit for hit in hits if hit["_id"] in standing]


async def _hits(client: AsyncElasticsearch, alias: str, body: queries.Body) -> list[Hit]:
    return list((await client.search(index=alias, **body))["hits"]["hits"])

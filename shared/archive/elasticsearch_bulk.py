"""Writing stories to Elasticsearch: bulk requests, and what their answers mean.

A story that the server will never take is rejected. When it cannot take one *now*, ``ArchiveUnavailable`` is raised
for the whole batch, of which nothing may be acknowledged then: sending it again is harmless, as what was stored
already is met by a conflict of versions.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import orjson
from elasticsearch import ApiError, AsyncElasticsearch

from shared.archive.document import Document
from shared.archive.port import ArchiveUnavailable, PutResult

#: A request holds at most so many bytes of stories (or one story). Larger ones are not faster, and the HTTP client
#: warns about bodies over a mebibyte.
MOST_BYTES = 1_000_000

_CONFLICT, _BAD_REQUEST, _TOO_LARGE = 409, 400, 413


async def write(
    client: AsyncElasticsearch,
    alias: str,
    documents: Sequence[Document],
    *,
    version_type: Literal["external", "external_gte"] = "external",
) -> list[PutResult]:
    """Store documents; the results stand in their order. Raises what the client raises, too.

    With ``external_gte`` a document also replaces one of its own version.
    """
    results: list[PutResult] = []
    for portion in _portions([_Operation(document, version_type) for document in documents]):
        results += await _bulk(client, alias, portion)
    return results


async def _bulk(client: AsyncElasticsearch, alias: str, operations: "list[_Operation]") -> list[PutResult]:
    """Send one request; halve one that the server cannot take as a whole."""
    lines = [line for operation in operations for line in operation.lines]
    try:
        reply = await client.bulk(
            index=alias,
            operations=lines,  # type: ignore[arg-type]  # encoded lines are sent as they are
            require_alias=True,
        )
    except ApiError as error:
        if error.status_code not in {_BAD_REQUEST, _TOO_LARGE}:
            raise
        if len(operations) == 1:
            return [PutResult(operations[0].story_id, "rejected", reason_of(error))]
        middle = len(operations) // 2
        first = await _bulk(client, alias, operations[:middle])
        return [*first, *await _bulk(client, alias, operations[middle:])]
    items = [item["index"] for item in reply["items"]]
    return [_result(operation.story_id, item) for operation, item in zip(operations, items, strict=True)]


class _Operation:
    """A story as the two lines of a bulk request."""

    def __init__(self, document: Document, version_type: str) -> None:
        action = {"_id": document.story_id, "version": document.version, "version_type": version_type}
        self.story_id = document.story_id
        self.lines = [orjson.dumps({"index": action}), orjson.dumps(_indexed(document))]

    @property
    def size(self) -> int:
        return sum(map(len, self.lines))


def _indexed(document: Document) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "story_id": document.story_id,
        "dated_at": document.dated_at,
        "cluster": document.cluster,
        "primary": document.primary,
        "highlighted": document.highlighted,
        "title": document.title,
        "text": document.text,
        "rest": orjson.Fragment(document.rest),
    }
    for facet in document.facets:
        fields.setdefault(facet.kind, []).append(facet.value)
        if facet.role:
            fields.setdefault(f"{facet.kind}_{facet.role}", []).append(facet.value)
    return fields


def _portions(operations: "list[_Operation]") -> "Iterator[list[_Operation]]":
    """Yield the operations in parts that fit into one request."""
    portion: list[_Operation] = []
    size = 0
    for operation in operations:
        if portion and size + operation.size > MOST_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(operation)
        size += operation.size
    if portion:
        yield portion


def _result(story_id: str, item: dict[str, Any]) -> PutResult:
    """Read what became of one story: our fault is a rejection, the server's state a reason to wait."""
    status = int(item["status"])
    if status < 300:
        return PutResult(story_id, "stored")
    if status == _CONFLICT:
        return PutResult(story_id, "stale")
    error = item.get("error") or {}
    reason = f"{error.get('type')}: {error.get('reason')}"
    if status in {_BAD_REQUEST, _TOO_LARGE}:
        return PutResult(story_id, "rejected", reason)
    raise ArchiveUnavailable(f"Elasticsearch cannot take stories now ({status} {reason})")


def reason_of(error: ApiError) -> str:
    """Return what the server says went wrong, on one line."""
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("error")
    return f"{detail.get('type')}: {detail.get('reason')}" if isinstance(detail, dict) else str(error.message)

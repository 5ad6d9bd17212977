"""The Elasticsearch index of stories: its mapping, its creation, and the move to a new version of it.

Stories live in one index, ``<alias>-v<N>``, and are read and written through the alias alone. One index, not one a
month: the same story must never exist twice because its date was corrected.
"""

from typing import Any

from elasticsearch import ApiError, AsyncElasticsearch

from shared.archive.document import MAX_TAG
from shared.archive.port import ArchiveUnavailable

SCHEMA_VERSION = 1

_TAG = {"type": "keyword", "ignore_above": MAX_TAG}
#: Words are found in their stemmed form, and (``plain``) as they were written, for prefixes.
_PROSE = {
    "type": "text",
    "analyzer": "story",
    "fields": {"plain": {"type": "text", "analyzer": "plain"}},
}

MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"schema": SCHEMA_VERSION},
    "properties": {
        "story_id": {"type": "keyword"},
        "dated_at": {"type": "date", "format": "epoch_millis"},
        "cluster": {"type": "keyword"},
        "primary": {"type": "boolean"},
        "highlighted": {"type": "boolean"},
        "country": _TAG,
        "country_subject": _TAG,
        "country_mentioned": _TAG,
        "region": _TAG,
        "actor": _TAG,
        "source": _TAG,
        "language": _TAG,
        "title": _PROSE,
        "text": _PROSE,
        # Everything else of the story, kept as it is and not looked into.
        "rest": {"type": "object", "enabled": False},
    },
}

#: The revisions that a newer one replaced: fetched by story, never searched.
HISTORY_MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"schema": SCHEMA_VERSION},
    "properties": {
        "story_id": {"type": "keyword"},
        "revision": {"type": "integer"},
        "title": {"type": "keyword", "index": False, "doc_values": False},
        "text": {"type": "keyword", "index": False, "doc_values": False},
        "rest": {"type": "object", "enabled": False},
    },
}

SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    # Set explicitly: left at the default, an index that nobody searches stops refreshing.
    "refresh_interval": "1s",
    # One node has nowhere to put a replica; a cluster gets one by itself.
    "auto_expand_replicas": "0-1",
    "analysis": {
        "filter": {
            "possessive": {"type": "stemmer", "language": "possessive_english"},
            "english": {"type": "stemmer", "language": "english"},
        },
        "analyzer": {
            # No stop words: "The Who", "US" and "WHO" are things that people look for.
            "story": {
                "type": "custom",
                "tokenizer": "standard",
                "filter": ["possessive", "lowercase", "asciifolding", "english"],
            },
            "plain": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]},
        },
    },
}


def index_name(alias: str, version: int = SCHEMA_VERSION) -> str:
    """Return the name of the index behind an alias."""
    return f"{alias}-v{version}"


def history_alias(alias: str) -> str:
    """Return the alias of the index that keeps replaced revisions."""
    return f"{alias}-history"


async def ensure_indices(client: AsyncElasticsearch, alias: str) -> None:
    """Create the index of stories and that of replaced revisions, with their aliases, where they are absent.

    Raises ``ArchiveUnavailable`` for an index of another schema.
    """
    await _ensure_index(client, alias, MAPPINGS)
    await _ensure_index(client, history_alias(alias), HISTORY_MAPPINGS)


async def _ensure_index(client: AsyncElasticsearch, alias: str, mappings: dict[str, Any]) -> None:
    if not await client.indices.exists_alias(name=alias):
        try:
            await client.indices.create(
                index=index_name(alias), mappings=mappings, settings=SETTINGS, aliases={alias: {}}
            )
        except ApiError as error:
            # Somebody else may have been faster; then the alias is there now.
            if "resource_already_exists_exception" not in str(error):
                raise
    found = await client.indices.get_mapping(index=alias)
    for name, index in found.items():
        schema = index["mappings"].get("_meta", {}).get("schema")
        if schema != SCHEMA_VERSION:
            raise ArchiveUnavailable(
                f"index {name} has schema {schema}, this Dateline reads schema {SCHEMA_VERSION}"
            )


async def migrate(client: AsyncElasticsearch, alias: str, *, into: str) -> int:
    """Copy all stories into a new index with today's mapping and move the alias to it; return how many.

    Stories keep their versions. Those that are written meanwhile go to the old index: replay their stream from
    the start of the move afterwards (what the copy has already is stale, so a replay harms nothing).
    """
    await client.indices.create(index=into, mappings=MAPPINGS, settings=SETTINGS)
    copied = await client.options(request_timeout=3600).reindex(
        source={"index": alias},
        dest={"index": into, "version_type": "external"},
        refresh=True,
        wait_for_completion=True,
    )
    if copied["failures"]:
        raise ArchiveUnavailable(f"copying into {into} failed: {copied['failures'][:3]}")
    await client.indices.update_aliases(
        actions=[
            {"remove": {"index": f"{alias}-v*", "alias": alias}},
            {"add": {"index": into, "alias": alias}},
        ]
    )
    return int(copied["total"])

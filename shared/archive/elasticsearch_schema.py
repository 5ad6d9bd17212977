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


async def migrate(client: AsyncElasticsearch, alias: str, *, into: str | None = None) -> int:
    """Copy all stories into a new index with today's mapping, move the alias to it, and return how many it holds.

    The archive may be read and written all the while. Stories keep their versions, so what is written to the old
    index until the alias moves is fetched by a second, short copy after it; for that moment it is in no list. The
    old index stays, for the operator to delete. Raises ``ArchiveUnavailable`` when copying fails; the alias then
    still points to where it did, or the second copy can be made by migrating again.
    """
    (old,) = await client.indices.get_alias(name=alias)
    new = into or _next_name(alias, old)
    await client.indices.create(index=new, mappings=MAPPINGS, settings=SETTINGS)
    await _copy(client, old, new)
    await client.indices.update_aliases(
        actions=[{"remove": {"index": old, "alias": alias}}, {"add": {"index": new, "alias": alias}}]
    )
    await client.indices.refresh(index=old)
    await _copy(client, old, new)
    return int((await client.count(index=new))["count"])


def _next_name(alias: str, old: str) -> str:
    """Return ``stories-v1-2`` after ``stories-v1``, and so on; a new schema begins anew."""
    name = index_name(alias)
    if not old.startswith(name):
        return name
    turn = old.removeprefix(name).removeprefix("-")
    return f"{name}-{int(turn) + 1 if turn.isdecimal() else 2}"


async def _copy(client: AsyncElasticsearch, old: str, new: str) -> None:
    """Copy what the new index does not have yet, or has in an older version."""
    copied = await client.options(request_timeout=3600).reindex(
        source={"index": old},
        dest={"index": new, "version_type": "external"},
        conflicts="proceed",
        refresh=True,
        wait_for_completion=True,
    )
    if copied["failures"]:
        raise ArchiveUnavailable(f"copying into {new} failed: {copied['failures'][:3]}")

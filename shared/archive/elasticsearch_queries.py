"""The bodies of what is asked of Elasticsearch: filters and full-text questions as plain data.

A user's words only ever stand as values of ``match_phrase``-like clauses on named fields; ``query_string`` and its
kin, which give meaning to what is typed, are not used.
"""

from typing import Any

from shared.archive.cursor import Position
from shared.archive.document import SNIPPET, milliseconds, story_of, wanted
from shared.archive.port import MARK_END, MARK_START, CountBy, Filter, SearchOrder
from shared.archive.query import Atom, Query, Word
from shared.events import EnrichedStory

Body = dict[str, Any]

#: What makes up a story again; everything else is only indexed.
SHOWN = ["title", "text", "rest"]
_NEWEST: list[Body] = [{"dated_at": {"order": "desc"}}, {"story_id": {"order": "desc"}}]


def story_in(source: Body) -> EnrichedStory:
    """Put a story together again from what was asked for with ``SHOWN``."""
    return story_of(source["rest"], source.get("title"), source["text"])


def filters(where: Filter, *, collapse: bool) -> list[Body]:
    """Return the clauses that a story must meet."""
    clauses: list[Body] = []
    for condition in wanted(where):
        name = f"{condition.kind}_{condition.role}" if condition.role else condition.kind
        clauses.append({"terms": {name: list(condition.values)}})
    if where.highlighted is not None:
        clauses.append({"term": {"highlighted": where.highlighted}})
    dates = {"gte": where.since, "lt": where.until}
    bounds = {bound: milliseconds(moment) for bound, moment in dates.items() if moment is not None}
    if bounds:
        clauses.append({"range": {"dated_at": bounds}})
    if collapse:
        clauses.append({"term": {"primary": True}})
    return clauses


def page(clauses: list[Body], *, after: Position | None, limit: int) -> Body:
    """Ask for the newest stories that meet the clauses."""
    return _request({"bool": {"filter": clauses}}, _NEWEST, after, limit)


def cluster_pages(cluster_ids: list[str], limit: int) -> Body:
    """Ask for the newest tellings of each cluster, as the inner hits ``tellings`` of one hit a cluster."""
    tellings = {"name": "tellings", "size": limit, "sort": _NEWEST, "_source": SHOWN}
    return {
        "query": {"terms": {"cluster": cluster_ids}},
        "size": len(cluster_ids),
        "collapse": {"field": "cluster", "inner_hits": tellings},
        "track_total_hits": False,
        "source": False,
    }


def search_page(
    query: Query, clauses: list[Body], *, order: SearchOrder, after: Position | None, limit: int
) -> Body:
    """Ask for the stories that match, with their snippets."""
    matching = {
        "bool": {
            "must": [_any_of([_clause(atom) for atom in group]) for group in query.required],
            "must_not": [_clause(atom) for atom in query.excluded],
            "filter": clauses,
        }
    }
    sort: list[Body] = [{"_score": {"order": "desc"}}, *_NEWEST] if order == "relevance" else _NEWEST
    return _request(matching, sort, after, limit) | {"highlight": _HIGHLIGHT}


def _request(query: Body, sort: list[Body], after: Position | None, limit: int) -> Body:
    body: Body = {"query": query, "sort": sort, "size": limit, "track_total_hits": False, "source": SHOWN}
    return body if after is None else body | {"search_after": [after.dated_at, after.story_id]}


def _any_of(clauses: list[Body]) -> Body:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def _clause(atom: Atom) -> Body:
    """Render a word or phrase. A word may turn out to be several tokens ("al-Assad"): then they stand together."""
    if isinstance(atom, Word) and atom.prefix:
        fields = ["title.plain^3", "text.plain"]
        return {
            "multi_match": {"query": atom.text, "type": "bool_prefix", "operator": "and", "fields": fields}
        }
    return {"multi_match": {"query": atom.text, "type": "phrase", "fields": ["title^3", "text"]}}


_HIGHLIGHT: Body = {
    "type": "unified",
    "pre_tags": [MARK_START],
    "post_tags": [MARK_END],
    "fields": {
        "title": {"matched_fields": ["title", "title.plain"], "number_of_fragments": 0},
        "text": {
            "matched_fields": ["text", "text.plain"],
            "number_of_fragments": 1,
            "fragment_size": SNIPPET,
        },
    },
}


def counting(clauses: list[Body], by: CountBy, *, role: str | None, zone: str, top: int) -> Body:
    """Ask for the number of stories by day or tag, as the aggregation ``counts``."""
    if by == "day":
        days = {"field": "dated_at", "calendar_interval": "day", "time_zone": zone, "min_doc_count": 1}
        aggregation: Body = {"date_histogram": {**days, "format": "yyyy-MM-dd"}}
    else:
        name = f"{by}_{role}" if by == "country" and role else by
        aggregation = {"terms": {"field": name, "size": top}}
    return {"query": {"bool": {"filter": clauses}}, "size": 0, "aggs": {"counts": aggregation}}

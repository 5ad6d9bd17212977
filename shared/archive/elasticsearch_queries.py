"""The bodies of what is asked of Elasticsearch: filters and full-text questions as plain data.

A user's words only ever stand as values of ``match_phrase``-like clauses on named fields; ``query_string`` and its
kin, which give meaning to what is typed, are not used.
"""

from datetime import datetime
from typing import Any

from shared.archive.document import SNIPPET, milliseconds, story_of, unwanted, wanted
from shared.archive.port import MARK_END, MARK_START, CountBy, Filter, SearchOrder
from shared.archive.query import Atom, Query, Word, atoms_of
from shared.events import EnrichedStory

Body = dict[str, Any]

#: What Elasticsearch may take to tell clusters apart: up to about so many it is right to one or two in ten thousand,
#: beyond to one in a hundred. Costs the server some bytes for each of them, in every bucket.
_PRECISE, _PRECISE_IN_BUCKETS = 40_000, 10_000
#: So many tags beyond those asked for have their clusters counted.
_MORE_TAGS = 250
#: What makes up a story again; everything else is only indexed.
SHOWN = ["title", "text", "rest"]
_NEWEST: list[Body] = [{"dated_at": {"order": "desc"}}, {"story_id": {"order": "desc"}}]


def story_in(source: Body) -> EnrichedStory:
    """Put a story together again from what was asked for with ``SHOWN``."""
    return story_of(source["rest"], source.get("title"), source["text"])


def filters(where: Filter) -> list[Body]:
    """Return the clauses that a story must meet."""
    clauses: list[Body] = []
    for condition in wanted(where):
        name = f"{condition.kind}_{condition.role}" if condition.role else condition.kind
        clauses.append({"terms": {name: list(condition.values)}})
    left_out: list[Body] = [{"terms": {each.kind: list(each.values)}} for each in unwanted(where)]
    left_out += [_clause(atom) for atom in atoms_of(where.without_words)]
    if left_out:
        clauses.append({"bool": {"must_not": left_out}})
    if where.highlighted is not None:
        clauses.append({"term": {"highlighted": where.highlighted}})
    dates = {"gte": where.since, "lt": where.until}
    bounds = {bound: milliseconds(moment) for bound, moment in dates.items() if moment is not None}
    if bounds:
        clauses.append({"range": {"dated_at": bounds}})
    return clauses


def listing(where: Filter) -> Body:
    """Return the query of a list: which stories match."""
    return {"bool": {"filter": filters(where)}}


def searching(query: Query, where: Filter) -> Body:
    """Return the query of a search: which stories match, and how well."""
    return {
        "bool": {
            "must": [_any_of([_clause(atom) for atom in group]) for group in query.required],
            "must_not": [_clause(atom) for atom in query.excluded],
            "filter": filters(where),
        }
    }


def page(
    matching: Body, *, order: SearchOrder, after: list[Any] | None, before: datetime | None, limit: int
) -> Body:
    """Ask for a page of the stories that match: what follows ``after`` (where a story sorts), dated ``before``."""
    query: Body = {"bool": {"must": [matching]}}
    if before is not None:
        query["bool"]["filter"] = [{"range": {"dated_at": {"lt": milliseconds(before)}}}]
    sort: list[Body] = [{"_score": {"order": "desc"}}, *_NEWEST] if order == "relevance" else _NEWEST
    body: Body = {"query": query, "sort": sort, "size": limit, "track_total_hits": False, "source": SHOWN}
    return body if after is None else body | {"search_after": after}


def standing(matching: Body, cluster_ids: list[str]) -> Body:
    """Ask for the story that stands for each cluster, as the one hit of that cluster.

    It is the first telling when that matches, else the one that matches and comes first by time and id.
    """
    first: list[Body] = [{"primary": "desc"}, {"dated_at": "asc"}, {"story_id": "asc"}]
    return {
        "query": {"bool": {"filter": [matching, {"terms": {"cluster": cluster_ids}}]}},
        "sort": first,
        "collapse": {"field": "cluster"},
        "size": len(cluster_ids),
        "track_total_hits": False,
        "source": False,
    }


def cluster_page(cluster_id: str, limit: int) -> Body:
    """Ask for the newest tellings of a cluster."""
    told: Body = {"bool": {"filter": [{"term": {"cluster": cluster_id}}]}}
    return page(told, order="newest", after=None, before=None, limit=limit)


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


#: What is asked for beside a page when its hits shall show what matched.
MARKED: Body = {
    "highlight": {
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
}


def counting(where: Filter, by: CountBy, *, zone: str, top: int, collapse: bool) -> Body:
    """Ask for the number of stories (in each bucket also of ``clusters``) by day or tag, as ``counts``.

    Clusters are counted for the tags with the most stories: more tags than ``top``, as their order may be another.
    """
    if by == "day":
        days = {"field": "dated_at", "calendar_interval": "day", "time_zone": zone, "min_doc_count": 1}
        aggregation: Body = {"date_histogram": {**days, "format": "yyyy-MM-dd"}}
    else:
        name = f"{by}_{where.country_role}" if by == "country" and where.country_role else by
        size = top + _MORE_TAGS if collapse else top
        aggregation = {"terms": {"field": name, "size": size, "collect_mode": "breadth_first"}}
    if collapse:
        aggregation["aggs"] = {"clusters": _clusters(_PRECISE_IN_BUCKETS)}
    return {"query": listing(where), "size": 0, "track_total_hits": False, "aggs": {"counts": aggregation}}


def counting_clusters(where: Filter) -> Body:
    """Ask for the number of clusters of which a telling matches, as the aggregation ``clusters``."""
    clusters = {"clusters": _clusters(_PRECISE)}
    return {"query": listing(where), "size": 0, "track_total_hits": False, "aggs": clusters}


def _clusters(precise: int) -> Body:
    # Hashed one by one: ordinals of all clusters would have to be numbered anew after every refresh.
    return {"cardinality": {"field": "cluster", "precision_threshold": precise, "execution_hint": "direct"}}

"""The SQL of the SQLite archive: filters, pages and full-text questions as (statement, parameters).

Only constant text goes into a statement; every value is a parameter. Which telling stands for its cluster is asked
of the tellings themselves, for later tellings alone: nothing about a cluster is kept that a revision or a split could
make wrong.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.archive.cursor import Position
from shared.archive.document import FacetKind, Wanted, milliseconds, unwanted, wanted
from shared.archive.port import Filter, SearchOrder
from shared.archive.query import Atom, Query, atoms_of

#: Buckets of a quarter of an hour: every zone's offset is a multiple of it, so days can be told from them.
BUCKET = 15 * 60 * 1000
#: Up to so many values each get an ordered scan of their own; for more, the list of all stories is filtered.
_MOST_SCANS = 24

_SHOWN = "p.id, p.dated_at, d.title, d.text, d.rest"


class Statement(NamedTuple):
    """SQL and the values for its question marks."""

    sql: str
    values: tuple[object, ...] = ()


def _all_of(conditions: Sequence[Statement]) -> Statement:
    sql = " AND ".join(condition.sql for condition in conditions) or "1"
    return Statement(sql, tuple(value for condition in conditions for value in condition.values))


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _times(where: Filter, column: str) -> list[Statement]:
    times = []
    if where.since is not None:
        times.append(Statement(f"{column} >= ?", (milliseconds(where.since),)))
    if where.until is not None:
        times.append(Statement(f"{column} < ?", (milliseconds(where.until),)))
    return times


def _begins(after: Position | None, before: datetime | None, column: str) -> list[Statement]:
    """Say where in a list a page begins; this concerns what is shown, not what matches."""
    found = [] if before is None else [Statement(f"{column} < ?", (milliseconds(before),))]
    if after is not None:
        # The first half lets the index skip, the second settles stories of the same millisecond.
        sql = f"{column} <= ? AND ({column} < ? OR s.id < ?)"
        found.append(Statement(sql, (after.dated_at, after.dated_at, after.story_id)))
    return found


def _flags(where: Filter, table: str) -> list[Statement]:
    flags = []
    if where.highlighted is not None:
        flags.append(Statement(f"{table}.highlighted" if where.highlighted else f"NOT {table}.highlighted"))
    has = [_has(condition, table) for condition in unwanted(where)]
    flags += [Statement(f"NOT {each.sql}", each.values) for each in has]
    if words := atoms_of(where.without_words):
        sql = f"{table}.rid NOT IN (SELECT rowid FROM story_text WHERE story_text MATCH ?)"  # noqa: S608 - constant text
        flags.append(Statement(sql, (_any_atom(words),)))
    return flags


def _tag(condition: Wanted, table: str) -> Statement:
    sql = f"{table}.kind = ? AND {table}.value IN ({_marks(condition.values)})"
    values: tuple[str, ...] = (condition.kind, *condition.values)
    if condition.role:
        sql, values = f"{sql} AND {table}.role = ?", (*values, condition.role)
    return Statement(sql, values)


def _has(condition: Wanted, table: str) -> Statement:
    tag = _tag(condition, "t")
    return Statement(
        f"EXISTS (SELECT 1 FROM facet t WHERE {tag.sql}"  # noqa: S608 - constant text
        f" AND t.dated_at = {table}.dated_at AND t.rid = {table}.rid)",
        tag.values,
    )


def _stands(where: Filter, *more: Statement) -> Statement:
    """Say whether a story ``s`` that matches stands for its cluster: no telling ``e`` before it matches too.

    The first telling comes before all others, the others by time and id. ``more`` is what matching asks of ``e``
    beside the filter.
    """
    matches = [*_times(where, "e.dated_at"), *_flags(where, "e"), *more]
    matches += [_has(condition, "e") for condition in wanted(where)]
    earlier = _all_of([Statement("(e.id = s.cluster OR (e.dated_at, e.id) < (s.dated_at, s.id))"), *matches])
    return Statement(
        "(s.is_primary OR NOT EXISTS (SELECT 1 FROM story e INDEXED BY story_cluster"  # noqa: S608 - constant text
        f" WHERE e.cluster = s.cluster AND {earlier.sql}))",
        earlier.values,
    )


def _scan(source: str, column: str, conditions: Sequence[Statement], limit: int) -> Statement:
    filters = _all_of(conditions)
    return Statement(
        f"SELECT s.rid, s.id, s.dated_at FROM {source} WHERE {filters.sql}"  # noqa: S608 - constant text
        f" ORDER BY {column} DESC, s.id DESC LIMIT ?",
        (*filters.values, limit),
    )


def page(
    where: Filter, *, after: Position | None, before: datetime | None, limit: int, collapse: bool
) -> Statement:
    """Ask for the newest stories as (id, dated_at, title, text, rest).

    The first condition on a tag leads: each of its values is an ordered stretch of ``facet`` that ends after
    ``limit`` rows, so a page costs the same in a small and in a large archive.
    """
    tags = wanted(where)
    leads = bool(tags) and len(tags[0].values) <= _MOST_SCANS
    column = "f.dated_at" if leads else "s.dated_at"
    conditions = [*_times(where, column), *_begins(after, before, column), *_flags(where, "s")]
    conditions += [_has(condition, "s") for condition in tags[leads:]]
    conditions += [_stands(where)] if collapse else []
    if leads:
        leading = [_tag(tags[0]._replace(values=(value,)), "f") for value in dict.fromkeys(tags[0].values)]
        source = "facet f CROSS JOIN story s ON s.rid = f.rid"
        scans = [_scan(source, column, [tag, *conditions], limit) for tag in leading]
    else:
        scans = [_scan("story s", column, conditions, limit)]
    found = " UNION ".join(f"SELECT * FROM ({scan.sql})" for scan in scans)  # noqa: S608 - constant text
    return Statement(
        f"SELECT {_SHOWN} FROM ({found} ORDER BY dated_at DESC, id DESC LIMIT ?) p"  # noqa: S608 - constant text
        " CROSS JOIN document d ON d.rid = p.rid ORDER BY p.dated_at DESC, p.id DESC",
        (*(value for scan in scans for value in scan.values), limit),
    )


def one(story_id: str) -> Statement:
    """Ask for one story by its id, as ``page``."""
    return Statement(
        f"SELECT {_SHOWN} FROM story p CROSS JOIN document d ON d.rid = p.rid WHERE p.id = ?",  # noqa: S608 - constant text
        (story_id,),
    )


def replaced(story_id: str, limit: int) -> Statement:
    """Ask for the revisions of a story that were replaced, the newest first, in the columns of ``page``."""
    sql = "SELECT story_id, 0, title, text, rest FROM replaced WHERE story_id = ? ORDER BY revision DESC LIMIT ?"
    return Statement(sql, (story_id, limit))


def cluster_page(cluster_id: str, limit: int) -> Statement:
    """Ask for the tellings of one event, newest first, as ``page``."""
    return Statement(
        f"SELECT {_SHOWN} FROM story p CROSS JOIN document d ON d.rid = p.rid"  # noqa: S608 - constant text
        " WHERE p.cluster = ? ORDER BY p.dated_at DESC, p.id DESC LIMIT ?",
        (cluster_id, limit),
    )


def search_page(
    query: Query,
    where: Filter,
    *,
    order: SearchOrder,
    after: Position | None,
    before: datetime | None,
    limit: int,
    collapse: bool,
) -> Statement:
    """Ask for the stories that match, as ``page``."""
    conditions = [*_times(where, "s.dated_at"), *_begins(after, before, "s.dated_at"), *_flags(where, "s")]
    conditions += [_has(condition, "s") for condition in wanted(where)]
    if collapse:
        # The words are looked up once: what they are found in serves both questions.
        conditions.append(_stands(where, Statement("e.rid IN (SELECT rid FROM found)")))
    filters = _all_of(conditions)
    rank = "bm25(story_text, 3.0, 1.0)" if order == "relevance" else "0"
    return Statement(
        f"WITH found AS MATERIALIZED (SELECT rowid AS rid, {rank} AS rank"  # noqa: S608 - constant text
        " FROM story_text WHERE story_text MATCH ?)"
        f" SELECT {_SHOWN} FROM (SELECT s.rid, s.id, s.dated_at, found.rank FROM found CROSS JOIN story s"
        f" ON s.rid = found.rid WHERE {filters.sql} ORDER BY rank, s.dated_at DESC, s.id DESC LIMIT ?) p"
        " CROSS JOIN document d ON d.rid = p.rid ORDER BY p.rank, p.dated_at DESC, p.id DESC",
        (match_expression(query), *filters.values, limit),
    )


def _matching(where: Filter) -> Statement:
    """Ask for (rid, dated_at, cluster) of all stories that match, each once."""
    tags = wanted(where)
    if not tags:
        filters = _all_of([*_times(where, "s.dated_at"), *_flags(where, "s")])
        sql = f"SELECT s.rid, s.dated_at, s.cluster FROM story s WHERE {filters.sql}"  # noqa: S608 - constant text
        return Statement(sql, filters.values)
    leading = _all_of([_tag(tags[0], "f"), *_times(where, "f.dated_at")])
    # A story has a value once, but may have several of the values.
    once = "DISTINCT" if len(tags[0].values) > 1 else ""
    others = _all_of([*_flags(where, "s"), *(_has(condition, "s") for condition in tags[1:])])
    return Statement(
        "SELECT s.rid, s.dated_at, s.cluster"  # noqa: S608 - constant text
        f" FROM (SELECT {once} f.rid FROM facet f WHERE {leading.sql}) m"
        f" CROSS JOIN story s ON s.rid = m.rid WHERE {others.sql}",
        (*leading.values, *others.values),
    )


def _number(*, collapse: bool) -> str:
    return "count(DISTINCT cluster)" if collapse else "count(*)"


def total(where: Filter, *, collapse: bool) -> Statement:
    """Ask how many stories match, or with ``collapse`` how many clusters have one that does."""
    matching = _matching(where)
    return Statement(f"SELECT {_number(collapse=collapse)} FROM ({matching.sql})", matching.values)  # noqa: S608 - constant text


def buckets(where: Filter, *, collapse: bool) -> Statement:
    """Ask for (bucket start in milliseconds, story), ascending; with ``collapse`` a cluster in place of the story.

    A cluster comes once a bucket, and may come again in another one of the same day.
    """
    matching = _matching(where)
    # SQLite's remainder has the sign of the dividend; this one rounds down before 1970 too.
    start = f"dated_at - ((dated_at % {BUCKET}) + {BUCKET}) % {BUCKET}"
    told = "cluster" if collapse else "rid"
    return Statement(
        f"SELECT DISTINCT {start} AS start, {told} FROM ({matching.sql}) ORDER BY start",  # noqa: S608 - constant text
        matching.values,
    )


def tag_counts(where: Filter, kind: FacetKind, *, top: int, collapse: bool) -> Statement:
    """Ask for (tag, stories or clusters), the most frequent first, equal ones by name."""
    matching = _matching(where)
    role = where.country_role if kind == "country" else None
    conditions = [Statement("g.kind = ?", (kind,)), *_times(where, "g.dated_at")]
    conditions += [Statement("g.role = ?", (role,))] if role else []
    filters = _all_of(conditions)
    # The order of the tables is given: joined to what matches, the tags would be gone through once for each story.
    source = "facet g CROSS JOIN story s ON s.rid = g.rid" if collapse else "facet g"
    return Statement(
        f"SELECT g.value, {_number(collapse=collapse)} AS stories FROM {source}"  # noqa: S608 - constant text
        f" WHERE {filters.sql} AND g.rid IN (SELECT rid FROM ({matching.sql}))"
        " GROUP BY g.value ORDER BY stories DESC, g.value LIMIT ?",
        (*filters.values, *matching.values, top),
    )


def match_expression(query: Query) -> str:
    """Render a query for FTS5. Every word is quoted, so none can be taken for syntax."""
    required = " AND ".join(f"({_any_atom(group)})" for group in query.required)
    return f"({required}) NOT ({_any_atom(query.excluded)})" if query.excluded else required


def _any_atom(atoms: Sequence[Atom]) -> str:
    return " OR ".join(_quoted(atom) for atom in atoms)


def _quoted(atom: Atom) -> str:
    text = '"' + atom.text.replace('"', '""') + '"'
    return f"{text} *" if getattr(atom, "prefix", False) else text
